//! The board's end.

use super::frame::{Frame, Receiver, encode};
use super::message::{Answer, Refusal, Request, ResetCause, Saved};
use super::session::{Admission, Session};
use super::values::Values;
use super::worker::Worker;
use crate::checkpoint::Keep;
use crate::core::archive::Archive;
use crate::core::budget::Budget;
use crate::networks::Network;
use crate::optim::State;

pub use super::sizes::{REPLY, REQUEST};

/// A trainer with Adam that a host asks; `S` is how Adam keeps its two numbers per weight. Call [`init`](Self::init) first, then
/// repeatedly [`receive`](Self::receive), [`handle`](Self::handle) and [`send`](Self::send), on a line that waits. What carries the
/// bytes in another way gives each one to [`take`](Self::take), and sends the [`bytes`](Self::bytes) of a reply; `asynchronous` does so
/// on the lines of embedded-io-async (feature `async`).
pub struct Node<M: Network, S: State = <M as Network>::F32> {
    worker: Worker<M, S>,
    receiver: Receiver,
    session: Session,
    /// The request; or, once that has been handled, an answer that is not kept.
    request: [u8; REQUEST],
    /// The last answer, for when its request is repeated.
    reply: [u8; REPLY],
    reply_length: usize,
    received: Received,
}

/// What `request` has.
#[derive(Default)]
enum Received {
    /// No whole frame. First, so that it is all zeros.
    #[default]
    Nothing,
    Frame,
    Damaged,
}

/// Keeps what it is shown, or says why not: [`Refusal::NoStore`] where there is nothing to keep it in.
pub type Save<'a> = &'a mut dyn FnMut(Keep) -> Result<Saved, Refusal>;

/// What is to be sent, before the next byte is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Reply(Source);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// The answer to the last request that was handled.
    Kept,
    /// As many bytes, which do not replace that answer.
    Passing(usize),
    /// The host no longer waits for it.
    Nothing,
}

impl<M: Network, S: State> Node<M, S> {
    /// All zeros, for a `static` in `.bss`.
    pub const ZERO: Self = Self {
        worker: Worker::ZERO,
        receiver: Receiver::EMPTY,
        session: Session::NONE,
        request: [0; REQUEST],
        reply: [0; REPLY],
        reply_length: 0,
        received: Received::Nothing,
    };

    /// RAM by role, in bytes; the total is the size of this type.
    pub const BUDGET: Budget = {
        let buffers = REQUEST + REPLY;
        let link = size_of::<Receiver>() + size_of::<Session>() + size_of::<usize>() + buffers;
        Worker::<M, S>::budget(link, size_of::<Self>())
    };

    /// Makes it ready for its first request; `board` is the name it goes by, `reset` says why it has started, and `ram` is the
    /// bytes of all variables of the program.
    pub fn init(&mut self, board: &'static str, reset: ResetCause, ram: u32) {
        self.worker.init(board, reset, ram);
    }

    /// Shows all that a run needs to go on: trainer, scaler, number of the run, time that was spent. No sample is kept.
    pub fn persist(&mut self, archive: &mut Archive) {
        self.worker.persist(archive);
    }

    /// Saves after each `steps` steps of a run, or only when it is asked to if that is 0. `saves` is the number of the last save so
    /// far, `errors` what came of looking for it; [`Status`](super::message::Status) goes on from there.
    pub fn save_every(&mut self, steps: u32, saves: u32, errors: u32) {
        self.worker.save_every(steps, saves, errors);
    }

    /// Takes a byte from the line; gives whether a frame has ended, which [`handle`](Self::handle) then answers.
    pub fn take(&mut self, byte: u8) -> bool {
        self.received = match self.receiver.take(byte, &mut self.request) {
            None => Received::Nothing,
            Some(Ok(())) => Received::Frame,
            Some(Err(_)) => Received::Damaged,
        };
        !matches!(self.received, Received::Nothing)
    }

    /// Handles the request that was received, unless that has been done before. `save` keeps the run where that is due, before
    /// the host is answered: what it has been told is kept.
    pub fn handle(&mut self, save: Save) -> Reply {
        let Self { worker, receiver, session, request, reply, reply_length, received } = self;
        let frame = match core::mem::take(received) {
            Received::Nothing => return Reply(Source::Nothing),
            Received::Frame => receiver.message::<Request>(request).ok(),
            Received::Damaged => None,
        };
        let Some(frame) = frame else { return Reply::passing(&session.frame(Answer::Damaged), request) };
        match session.admit(&frame, |fingerprint| worker.is(fingerprint)) {
            Admission::New => {
                let mut values = Values::default();
                let answer = worker.handle(&frame.message, &Self::BUDGET, &mut values, save);
                let answer = answer.unwrap_or_else(Answer::Refused);
                let encoded = encode(&session.frame(answer), reply);
                debug_assert!(encoded.is_ok(), "REPLY is too short for {answer:?}");
                *reply_length = encoded.map_or(0, <[u8]>::len);
                Reply(Source::Kept)
            }
            Admission::Repeated => Reply(Source::Kept),
            Admission::Old => Reply(Source::Nothing),
            Admission::WrongNetwork => Reply::passing(&frame.answer(Answer::Hello(worker.identity())), request),
            Admission::Refused(refusal) => Reply::passing(&frame.answer(Answer::Refused(refusal)), request),
        }
    }

    /// The bytes of the reply that [`handle`](Self::handle) returned; none if there is nothing to send.
    pub fn bytes(&self, reply: Reply) -> &[u8] {
        let bytes = match reply.0 {
            Source::Kept => self.reply.get(..self.reply_length),
            Source::Passing(length) => self.request.get(..length),
            Source::Nothing => None,
        };
        bytes.unwrap_or_default()
    }

    /// Counts time that requests took, in microseconds.
    pub fn add_busy(&mut self, micros: u64) {
        self.worker.add_busy(micros);
    }
}

impl Reply {
    /// One that is not kept, in this room.
    fn passing(frame: &Frame<Answer>, room: &mut [u8; REQUEST]) -> Self {
        Self(Source::Passing(encode(frame, room).map_or(0, <[u8]>::len)))
    }
}

impl Frame<Request<'_>> {
    fn answer<'a>(&self, message: Answer<'a>) -> Frame<Answer<'a>> {
        Frame { session: self.session, sequence: self.sequence, message }
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::{Readable, Refusal, Settings, VERSION, Writable, fingerprint};
    use super::*;
    use crate::core::params::Params;
    use crate::core::rng::{Key, Purpose};
    use crate::networks::Watch12x1;
    use crate::nn::layer::{Dropout, StochasticDepth};
    use crate::nn::loss::LossOptions;
    use crate::optim::{AdamConfig, Schedule};
    use std::boxed::Box;
    use std::vec::Vec;

    type Watch = Node<Watch12x1>;

    const START: Request = Request::Start {
        run: 1,
        settings: Settings {
            seed: 1,
            loss: LossOptions { label_smoothing: None, pos_weight: None },
            adam: AdamConfig::adam(),
            schedule: Schedule::constant(1e-3),
            clip: None,
            dropout: Dropout { p: 0.0 },
            stochastic_depth: StochasticDepth { p: 0.0 },
        },
    };

    /// The rest of it is 0.
    const SAMPLE: Request = Request::Write { what: Writable::Sample, offset: 0, bytes: &[0x3e; 8] };

    fn node() -> Box<Watch> {
        let mut node = Box::new(Watch::ZERO);
        node.init("fake", ResetCause::Power, 5);
        node
    }

    fn hello(network: u32) -> Request<'static> {
        Request::Hello { version: VERSION, network }
    }

    fn mine() -> u32 {
        fingerprint(&Watch12x1::ZERO)
    }

    /// What the node sends when these bytes come.
    fn bytes(node: &mut Watch, bytes: &[u8]) -> Vec<u8> {
        let frames = bytes.iter().filter(|byte| node.take(**byte)).count();
        assert_eq!(frames, 1, "{bytes:?}");
        let reply = node.handle(&mut |_| Err(Refusal::NoStore));
        node.bytes(reply).to_vec()
    }

    fn ask(node: &mut Watch, session: u32, sequence: u16, message: Request) -> Vec<u8> {
        bytes(node, encode(&Frame { session, sequence, message }, &mut [0; REQUEST]).unwrap())
    }

    /// Looks at an answer; `None` if nothing came.
    fn answer<R>(bytes: &[u8], look: impl FnOnce(Frame<Answer>) -> R) -> Option<R> {
        if bytes.is_empty() {
            return None;
        }
        let (mut receiver, mut buffer) = (Receiver::EMPTY, [0; REPLY]);
        receiver.receive(&mut &bytes[..], &mut buffer).unwrap().unwrap();
        Some(look(receiver.message(&buffer).unwrap()))
    }

    fn says(bytes: &[u8], expected: Answer) -> bool {
        answer(bytes, |frame| frame.message == expected) == Some(true)
    }

    fn samples(node: &mut Watch, session: u32, sequence: u16) -> u32 {
        let bytes = ask(node, session, sequence, Request::Status);
        answer(&bytes, |frame| if let Answer::Status(status) = frame.message { status.samples } else { 99 }).unwrap()
    }

    #[test]
    fn a_repeated_request_is_handled_once_and_answered_each_time() {
        let mut node = node();
        ask(&mut node, 4, 1, hello(mine()));
        assert!(says(&ask(&mut node, 4, 2, START), Answer::Done));
        ask(&mut node, 4, 3, SAMPLE);
        let accumulate = Request::Accumulate { label: &1_f32.to_le_bytes(), weight: 1.0 };
        let first = ask(&mut node, 4, 4, accumulate);
        assert_eq!(ask(&mut node, 4, 4, accumulate), first);
        // Noise in between takes nothing away.
        assert!(says(&bytes(&mut node, &[9, 9, 0]), Answer::Damaged));
        assert_eq!(ask(&mut node, 4, 4, accumulate), first);
        assert_eq!(samples(&mut node, 4, 5), 1);
        // A request or a greeting that comes late.
        assert!(ask(&mut node, 4, 4, accumulate).is_empty() && ask(&mut node, 4, 1, hello(mine())).is_empty());
        assert_eq!(samples(&mut node, 4, 6), 1);
    }

    #[test]
    fn nothing_is_answered_before_a_frame_has_ended_nor_twice() {
        let mut node = node();
        let frame = Frame { session: 4, sequence: 1, message: hello(mine()) };
        let (mut room, save) = ([0; REQUEST], &mut |_: Keep| Err(Refusal::NoStore));
        let (end, start) = encode(&frame, &mut room).unwrap().split_last().unwrap();
        for byte in start {
            assert!(!node.take(*byte));
            assert_eq!(node.handle(save), Reply(Source::Nothing));
        }
        assert!(node.take(*end));
        assert_eq!([node.handle(save), node.handle(save)].map(|reply| node.bytes(reply).is_empty()), [false, true]);
    }

    #[test]
    fn sequence_numbers_go_round() {
        let mut node = node();
        ask(&mut node, 4, 65_534, hello(mine()));
        assert!(says(&ask(&mut node, 4, 65_535, START), Answer::Done));
        ask(&mut node, 4, 0, SAMPLE);
        ask(&mut node, 4, 1, Request::Accumulate { label: &1_f32.to_le_bytes(), weight: 1.0 });
        assert_eq!(samples(&mut node, 4, 2), 1);
    }

    #[test]
    fn a_greeting_must_have_the_version_and_the_network() {
        let mut node = node();
        let other = Request::Hello { version: VERSION + 1, network: mine() };
        assert!(says(&ask(&mut node, 1, 1, other), Answer::Refused(Refusal::Version(VERSION))));
        assert_eq!(answer(&ask(&mut node, 2, 1, hello(5)), |f| matches!(f.message, Answer::Hello(_))), Some(true));
        for session in [0, 1, 2] {
            let refused = ask(&mut node, session, 2, Request::Step);
            assert!(says(&refused, Answer::Refused(Refusal::NoSession)), "session {session}");
        }
        let greeted = ask(&mut node, 3, 7, hello(mine()));
        let identity = |frame: Frame<Answer>| {
            (frame.session, frame.sequence, matches!(frame.message, Answer::Hello(i) if i.board == "fake"))
        };
        assert_eq!(answer(&greeted, identity), Some((3, 7, true)));
    }

    /// Byte by byte, since [`Request`] cannot even say it: to read number 3 of what can be read, and what comes after.
    #[test]
    fn samples_cannot_be_read() {
        let mut node = node();
        ask(&mut node, 4, 1, hello(mine()));
        let values = [0x5a; 8];
        ask(&mut node, 4, 2, Request::Write { what: Writable::Sample, offset: 0, bytes: &values });
        let known = Request::Read { what: Readable::Weights, offset: 0, count: 2 };
        let mut content = [0; 16];
        let content = postcard::to_slice(&known, &mut content).unwrap();
        assert_eq!(content[1], 2, "the last that can be read");
        for what in 3..=255 {
            let raw = [content[0], what, content[2], content[3]];
            let reply =
                bytes(&mut node, encode(&Frame { session: 4, sequence: 3, message: raw }, &mut [0; 40]).unwrap());
            assert!(says(&reply, Answer::Damaged), "{what}");
        }
        for (sequence, what) in (4..).zip([Readable::Weights, Readable::Mean, Readable::Deviation]) {
            let reply = ask(&mut node, 4, sequence, Request::Read { what, offset: 0, count: 2 });
            let leaks = |f: Frame<Answer>| f.message == Answer::Values(&values) || f.message == Answer::Damaged;
            assert_eq!(answer(&reply, leaks), Some(false), "{what:?}");
        }
    }

    #[test]
    fn nothing_that_comes_can_make_it_panic() {
        let mut node = node();
        let mut stream = Key::new(8, Purpose::Order).stream();
        ask(&mut node, 4, 1, hello(mine()));
        for sequence in 2..20_000 {
            // A well-formed frame around bytes that are nearly a request.
            let mut content = [0; 24];
            content.iter_mut().for_each(|byte| *byte = (stream.bits() >> 24) as u8);
            content[0] %= 12;
            content[1] %= 5;
            let message = &content[..];
            let raw: &[u8; 24] = message.try_into().unwrap();
            let reply = bytes(&mut node, encode(&Frame { session: 4, sequence, message: *raw }, &mut [0; 60]).unwrap());
            answer(&reply, |_| ()).unwrap();
        }
    }
}
