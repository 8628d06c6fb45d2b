//! Requests that are sent until they are answered.

use core::fmt;

use embedded_io::{Error as _, ErrorKind, Read, Write};

use super::frame::{Frame, FrameError, Receiver, encode};
use super::message::{Answer, Refusal, Request};
use super::sizes::{REPLY, REQUEST};

/// Timeouts in a row after which the host gives up.
const MAX_TIMEOUTS: u32 = 10;

/// Why a request has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error<E> {
    /// The transport has failed.
    Line(E),
    /// Nothing came back, however often the request was sent.
    Silent,
    /// All that came back was damaged, or the board got nothing but damaged frames.
    Noisy,
    /// The board refuses the request.
    Refused(Refusal),
    /// A frame was received as it was sent, but this program does not know the message.
    Frame(FrameError),
    /// An answer to another request.
    Unexpected,
}

/// A session on a line.
pub struct Exchange<L> {
    line: L,
    session: u32,
    sequence: u16,
    receiver: Receiver,
    reply: [u8; REPLY],
    repeats: u64,
}

impl<L: Read + Write> Exchange<L> {
    pub fn new(line: L, session: u32) -> Self {
        Self { line, session, sequence: 0, receiver: Receiver::EMPTY, reply: [0; REPLY], repeats: 0 }
    }

    /// How many times a request had to be sent again.
    pub fn repeats(&self) -> u64 {
        self.repeats
    }

    /// Sends a request until it is answered, at most `max_retries` times.
    pub fn call(&mut self, message: &Request, max_retries: u32) -> Result<Answer<'_>, Error<L::Error>> {
        let sequence = self.sequence.wrapping_add(1);
        self.sequence = sequence;
        let mut room = [0; REQUEST];
        let bytes = encode(&Frame { session: self.session, sequence, message }, &mut room).map_err(Error::Frame)?;
        let mut timeouts = 0;
        for attempt in 0..max_retries {
            self.repeats += u64::from(attempt > 0);
            self.line.write_all(bytes).map_err(Error::Line)?;
            self.line.flush().map_err(Error::Line)?;
            match self.listen(sequence)? {
                Heard::Answer => return self.answer(),
                Heard::Noise => timeouts = 0,
                Heard::Nothing => timeouts += 1,
            }
            if timeouts == MAX_TIMEOUTS {
                break;
            }
        }
        Err(if timeouts > 0 { Error::Silent } else { Error::Noisy })
    }

    /// Waits for the answer to request number `sequence`.
    fn listen(&mut self, sequence: u16) -> Result<Heard, Error<L::Error>> {
        loop {
            match self.receiver.receive(&mut self.line, &mut self.reply) {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Ok(Heard::Noise),
                Err(error) if error.kind() == ErrorKind::TimedOut => {
                    // What has come of a frame so far is all that will.
                    self.receiver.clear();
                    return Ok(Heard::Nothing);
                }
                Err(error) => return Err(Error::Line(error)),
            }
            let frame: Frame<Answer> = self.receiver.message(&self.reply).map_err(Error::Frame)?;
            match frame.message {
                Answer::Damaged => return Ok(Heard::Noise),
                _ if (frame.session, frame.sequence) == (self.session, sequence) => return Ok(Heard::Answer),
                // The answer to an earlier request, sent twice.
                _ => {}
            }
        }
    }

    fn answer(&self) -> Result<Answer<'_>, Error<L::Error>> {
        match self.receiver.message::<Answer>(&self.reply).map_err(Error::Frame)?.message {
            Answer::Refused(refusal) => Err(Error::Refused(refusal)),
            answer => Ok(answer),
        }
    }
}

/// What followed a request.
enum Heard {
    Answer,
    Noise,
    Nothing,
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(error) => write!(f, "the serial line has failed ({error})"),
            Self::Silent => f.write_str("the board does not answer"),
            Self::Noisy => {
                f.write_str("the line damages every frame; lower its speed, or look at its ground and cable")
            }
            Self::Refused(refusal) => write!(f, "the board says no: {refusal}"),
            Self::Frame(error) => write!(f, "the board has sent {error}; is it of another version?"),
            Self::Unexpected => f.write_str("the board has answered another question; is it of another version?"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for Error<E> {}
