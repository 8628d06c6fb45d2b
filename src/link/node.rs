//! The board's end.

use embedded_io::{Read, Write};

use super::frame::{Frame, Receiver, encode, longest};
use super::message::{Answer, Request};
use super::session::{Admission, Session};
use super::values::WORD;
use super::worker::{READ, Room, WRITE, Worker};
use crate::core::budget::Budget;
use crate::networks::Network;

/// Bytes of the longest request: variant, what, offset and length go before the values.
pub const REQUEST: usize = longest(1 + 1 + 5 + 2 + WRITE * WORD);
/// Bytes of the longest answer: variant and length go before the values.
pub const REPLY: usize = longest(1 + 2 + READ * WORD);

/// A trainer with Adam on a serial line. Call [`init`](Self::init) first, then over and over
/// [`receive`](Self::receive), [`carry_out`](Self::carry_out) and [`send`](Self::send).
///
/// Messages lie in the memory of the trainer's activations, which is free while they come and go: the request in front, behind
/// it the last answer for when it is asked for again.
pub struct Node<M: Network> {
    worker: Worker<M>,
    receiver: Receiver,
    /// What came is no frame that can be read.
    damaged: bool,
    session: Session,
    reply_length: usize,
}

/// What is to be sent.
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub enum Reply {
    /// The answer to the last request that was carried out.
    Kept,
    /// Something that leaves that answer in place.
    Passing(Frame<Answer<'static>>),
    /// Nothing: the host no longer waits for it.
    Nothing,
}

impl<M: Network> Node<M> {
    /// All zeros, for a `static` in `.bss`.
    pub const ZERO: Self = {
        assert!(
            M::ACTIVATIONS * WORD >= REQUEST + REPLY,
            "the memory of the activations must have room for the messages: lower WRITE and READ, or take a larger network"
        );
        Self {
            worker: Worker::ZERO,
            receiver: Receiver::EMPTY,
            damaged: false,
            session: Session::NONE,
            reply_length: 0,
        }
    };

    /// RAM by role, in bytes; the total is the size of this type.
    pub const BUDGET: Budget = {
        let link = size_of::<Receiver>() + size_of::<Session>() + size_of::<usize>();
        Worker::<M>::budget(link, size_of::<Self>())
    };

    /// Makes it ready for its first request; `board` is the name it goes by, and `ram` the bytes of all variables of the
    /// program.
    pub fn init(&mut self, board: &'static str, ram: u32) {
        self.worker.init(board, ram);
    }

    /// Waits for a frame.
    ///
    /// # Errors
    /// What the line says.
    pub fn receive<L: Read>(&mut self, line: &mut L) -> Result<(), L::Error> {
        let Self { worker, receiver, damaged, .. } = self;
        let (request, _) = cut(worker.messages());
        *damaged = receiver.receive(line, request)?.is_err();
        Ok(())
    }

    /// Does what the frame that came asks for, unless it did so before.
    pub fn carry_out(&mut self) -> Reply {
        let Self { worker, receiver, damaged, session, reply_length } = self;
        let (request, _) = cut(worker.messages());
        let request = receiver.message::<Request>(request).ok().filter(|_| !*damaged);
        let Some(Frame { session: id, sequence, message }) = request else {
            return Reply::Passing(session.frame(Answer::Damaged));
        };
        // What follows may use the memory that the request lies in, but for the bytes of a request that it has use for.
        let (message, length) = message.without_bytes();
        let request = Frame { session: id, sequence, message };
        match session.admit(&request, |fingerprint| worker.is(fingerprint)) {
            Admission::New => {
                let mut room: Room = [0; READ * WORD];
                let bytes = receiver.end().saturating_sub(length)..receiver.end();
                let message = worker.carry_out(&request.message, bytes, &mut room).unwrap_or_else(Answer::Refused);
                let (_, reply) = cut(worker.messages());
                // Cannot fail: `REPLY` is the longest that there is.
                *reply_length = encode(&session.frame(message), reply).map_or(0, <[u8]>::len);
                Reply::Kept
            }
            Admission::Repeated => Reply::Kept,
            Admission::Old => Reply::Nothing,
            Admission::WrongNetwork => Reply::Passing(request.answer(Answer::Hello(worker.identity()))),
            Admission::Refused(refusal) => Reply::Passing(request.answer(Answer::Refused(refusal))),
        }
    }

    /// Counts time that requests took, in microseconds.
    pub fn add_busy(&mut self, micros: u64) {
        self.worker.add_busy(micros);
    }

    /// Sends what [`carry_out`](Self::carry_out) gave.
    ///
    /// # Errors
    /// What the line says.
    pub fn send<L: Write>(&self, reply: Reply, line: &mut L) -> Result<(), L::Error> {
        let mut short = [0; REPLY];
        let bytes = match &reply {
            Reply::Kept => {
                let behind = self.worker.messages_there().get(REQUEST..).unwrap_or_default();
                behind.get(..self.reply_length).unwrap_or_default()
            }
            Reply::Passing(frame) => encode(frame, &mut short).unwrap_or_default(),
            Reply::Nothing => return Ok(()),
        };
        line.write_all(bytes)?;
        line.flush()
    }
}

/// The memory for messages: a request, and an answer.
fn cut(messages: &mut [u8]) -> (&mut [u8], &mut [u8]) {
    let (request, rest) = messages.split_at_mut_checked(REQUEST).unwrap_or_default();
    (request, rest.get_mut(..REPLY).unwrap_or_default())
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
    use std::vec;
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

    fn node() -> Box<Watch> {
        let mut node = Box::new(Watch::ZERO);
        node.init("desk", 5);
        node
    }

    fn hello(network: u32) -> Request<'static> {
        Request::Hello { version: VERSION, network }
    }

    fn mine() -> u32 {
        fingerprint(&Watch12x1::ZERO)
    }

    /// What the node sends when these bytes come.
    fn bytes(node: &mut Watch, mut bytes: &[u8]) -> Vec<u8> {
        let mut sent = vec![0; 300];
        node.receive(&mut bytes).unwrap();
        let reply = node.carry_out();
        let mut room = &mut sent[..];
        node.send(reply, &mut room).unwrap();
        let left = room.len();
        sent.truncate(sent.len() - left);
        sent
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
    fn a_repeated_request_is_carried_out_once_and_answered_each_time() {
        let mut node = node();
        ask(&mut node, 4, 1, hello(mine()));
        assert!(says(&ask(&mut node, 4, 2, START), Answer::Done));
        let accumulate = Request::Accumulate { class: 1, share: 1.0 };
        let first = ask(&mut node, 4, 3, accumulate);
        assert_eq!(ask(&mut node, 4, 3, accumulate), first);
        // Noise in between takes nothing away.
        assert!(says(&bytes(&mut node, &[9, 9, 0]), Answer::Damaged));
        assert_eq!(ask(&mut node, 4, 3, accumulate), first);
        assert_eq!(samples(&mut node, 4, 4), 1);
        // A request or a greeting that comes late.
        assert!(ask(&mut node, 4, 3, accumulate).is_empty() && ask(&mut node, 4, 1, hello(mine())).is_empty());
        assert_eq!(samples(&mut node, 4, 5), 1);
    }

    #[test]
    fn sequence_numbers_go_round() {
        let mut node = node();
        ask(&mut node, 4, 65_534, hello(mine()));
        assert!(says(&ask(&mut node, 4, 65_535, START), Answer::Done));
        ask(&mut node, 4, 0, Request::Accumulate { class: 1, share: 1.0 });
        assert_eq!(samples(&mut node, 4, 1), 1);
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
            (frame.session, frame.sequence, matches!(frame.message, Answer::Hello(i) if i.board == "desk"))
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
