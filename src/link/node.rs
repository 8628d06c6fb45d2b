//! The board's end.

use embedded_io::{Read, Write};

use super::frame::{Frame, Receiver, encode, longest};
use super::message::{Answer, Refusal, Request, VERSION};
use super::values::WORD;
use super::worker::{READ, Room, WRITE, Worker};
use crate::networks::Network;

/// Bytes of the longest request: variant, what, offset and length go before the values.
pub const REQUEST: usize = longest(1 + 1 + 5 + 2 + WRITE * WORD);
/// Bytes of the longest answer: variant and length go before the values.
pub const REPLY: usize = longest(1 + 2 + READ * WORD);

/// A trainer with Adam on a serial line. Call [`init`](Self::init) first, then over and over
/// [`receive`](Self::receive), [`carry_out`](Self::carry_out) and [`send`](Self::send).
///
/// `ARENA` is `M::ARENA`.
pub struct Node<M: Network, const ARENA: usize> {
    worker: Worker<M, ARENA>,
    receiver: Receiver<REQUEST>,
    /// What came is no frame that can be read.
    damaged: bool,
    session: Session,
    /// The last answer, for when it is asked for again.
    reply: [u8; REPLY],
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

impl<M: Network, const ARENA: usize> Node<M, ARENA> {
    /// All zeros, for a `static` in `.bss`.
    pub const ZERO: Self = Self {
        worker: Worker::ZERO,
        receiver: Receiver::EMPTY,
        damaged: false,
        session: Session::NONE,
        reply: [0; REPLY],
        reply_length: 0,
    };

    /// Makes it ready for its first request; `board` is the name it goes by.
    pub fn init(&mut self, board: &'static str) {
        self.worker.init(board);
    }

    /// Waits for a frame.
    ///
    /// # Errors
    /// What the line says.
    pub fn receive<L: Read>(&mut self, line: &mut L) -> Result<(), L::Error> {
        self.damaged = self.receiver.receive(line)?.is_err();
        Ok(())
    }

    /// Does what the frame that came asks for, unless it did so before.
    pub fn carry_out(&mut self) -> Reply {
        let Self { worker, receiver, damaged, session, reply, reply_length } = self;
        let request = receiver.message::<Request>().ok().filter(|_| !*damaged);
        let Some(request) = request else { return Reply::Passing(session.frame(Answer::Damaged)) };
        match session.admit(&request, |fingerprint| worker.is(fingerprint)) {
            Admission::New => {
                let mut room: Room = [0; READ * WORD];
                let message = worker.carry_out(&request.message, &mut room).unwrap_or_else(Answer::Refused);
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
            Reply::Kept => self.reply.get(..self.reply_length).unwrap_or_default(),
            Reply::Passing(frame) => encode(frame, &mut short).unwrap_or_default(),
            Reply::Nothing => return Ok(()),
        };
        line.write_all(bytes)?;
        line.flush()
    }
}

impl Frame<Request<'_>> {
    fn answer<'a>(&self, message: Answer<'a>) -> Frame<Answer<'a>> {
        Frame { session: self.session, sequence: self.sequence, message }
    }
}

/// Who is being talked to, and up to where.
struct Session {
    open: bool,
    id: u32,
    /// Of the last request that was carried out.
    sequence: u16,
}

enum Admission {
    New,
    Repeated,
    Old,
    WrongNetwork,
    Refused(Refusal),
}

impl Session {
    const NONE: Self = Self { open: false, id: 0, sequence: 0 };

    fn admit(&mut self, request: &Frame<Request>, is_mine: impl FnOnce(u32) -> bool) -> Admission {
        let Frame { session: id, sequence, message } = *request;
        if self.open && self.id == id {
            return match sequence.wrapping_sub(self.sequence) {
                0 => Admission::Repeated,
                1..0x8000 => {
                    self.sequence = sequence;
                    Admission::New
                }
                _ => Admission::Old,
            };
        }
        match message {
            Request::Hello { version, .. } if version != VERSION => Admission::Refused(Refusal::Version(VERSION)),
            Request::Hello { network, .. } if !is_mine(network) => Admission::WrongNetwork,
            Request::Hello { .. } => {
                *self = Self { open: true, id, sequence };
                Admission::New
            }
            _ => Admission::Refused(Refusal::NoSession),
        }
    }

    fn frame<'a>(&self, message: Answer<'a>) -> Frame<Answer<'a>> {
        Frame { session: self.id, sequence: self.sequence, message }
    }
}
