//! The host's end.

use core::time::Duration;

pub use super::error::Error;
pub use super::exchange::{Exchange, Next};

#[cfg(feature = "async")]
use super::asynchronous;
use super::blocking;
use super::chunk::{Chunk, MAX_ATTEMPTS};
use super::message::{Answer, Identity, Readable, Refusal, Request, Saved, Settings, Status, VERSION, Writable};
use super::requests::requests;
use super::sizes::{READ, WORD, WRITE};
use crate::core::budget::Budget;
use crate::train::StepReport;

/// Longest time for a request with all its retries, unless [`with_limit`](Client::with_limit) gives another.
pub const LIMIT: Duration = Duration::from_secs(30);

/// Talks to a [`Node`](super::node::Node) over a line that may lose, change or repeat bytes.
///
/// A read of the line must end with an error of the kind `TimedOut` when nothing has been received for longer than the
/// board takes for any request; then the request is sent again. On a line that never falls silent a request ends after
/// [`LIMIT`].
pub struct Client<L> {
    line: L,
    clock: fn(&L) -> Duration,
    exchange: Exchange,
    /// How many values go into a request.
    chunk: Chunk,
}

requests!(Client over blocking);

/// [`Client`] on a line of embedded-io-async: the same requests, with the same bytes. What waits for an answer may be dropped; the next
/// request is another one.
#[cfg(feature = "async")]
pub struct AsyncClient<L> {
    line: L,
    clock: fn(&L) -> Duration,
    exchange: Exchange,
    /// How many values go into a request.
    chunk: Chunk,
}

#[cfg(feature = "async")]
requests!(AsyncClient over asynchronous with async and await);

/// The bytes of a label, in this room; no board takes a longer one.
fn label_bytes<'b, E>(label: &[f32], room: &'b mut [u8; WRITE * WORD]) -> Result<&'b [u8], Error<E>> {
    let bytes = room.get_mut(..label.len() * WORD).ok_or(Error::Refused(Refusal::InvalidTarget))?;
    for (bytes, value) in bytes.as_chunks_mut().0.iter_mut().zip(label) {
        *bytes = value.to_le_bytes();
    }
    Ok(bytes)
}

fn done<E>(answer: Answer) -> Result<(), Error<E>> {
    if answer == Answer::Done { Ok(()) } else { Err(Error::Unexpected) }
}

/// Copies the `count` values of an answer to the front of `values`.
fn fill<E>(values: &mut [f32], answer: Answer, count: usize) -> Result<(), Error<E>> {
    match answer {
        Answer::Values(bytes) if bytes.len() == count * WORD => {
            for (value, bytes) in values.iter_mut().zip(bytes.as_chunks().0) {
                *value = f32::from_le_bytes(*bytes);
            }
            Ok(())
        }
        _ => Err(Error::Unexpected),
    }
}

#[cfg(test)]
mod tests {
    use super::super::frame::{Frame, encode};
    use super::super::line::LineError;
    use super::super::node::REPLY;
    use super::*;
    use embedded_io::{ErrorKind, ErrorType, Read, Write};
    use std::collections::VecDeque;
    use std::vec::Vec;

    /// What a line brings.
    enum Incoming {
        /// These bytes, over and over.
        Endless(Vec<u8>),
        /// What was sent.
        Echo(VecDeque<u8>),
        Nothing,
        End,
    }

    /// A line on which each read takes its time, and a write takes bytes or none.
    struct Fake {
        incoming: Incoming,
        pace: Duration,
        takes: bool,
        read: usize,
        now: Duration,
    }

    impl Fake {
        fn new(incoming: Incoming, pace: Duration) -> Self {
            Self { incoming, pace, takes: true, read: 0, now: Duration::from_secs(7) }
        }
    }

    impl ErrorType for Fake {
        type Error = ErrorKind;
    }

    impl Read for Fake {
        fn read(&mut self, buffer: &mut [u8]) -> Result<usize, ErrorKind> {
            self.now += self.pace;
            buffer[0] = match &mut self.incoming {
                Incoming::Endless(bytes) => bytes[self.read % bytes.len()],
                Incoming::Echo(bytes) => bytes.pop_front().ok_or(ErrorKind::TimedOut)?,
                Incoming::Nothing => return Err(ErrorKind::TimedOut),
                Incoming::End => return Ok(0),
            };
            self.read += 1;
            Ok(1)
        }
    }

    impl Write for Fake {
        fn write(&mut self, bytes: &[u8]) -> Result<usize, ErrorKind> {
            if let Incoming::Echo(echo) = &mut self.incoming {
                echo.extend(bytes);
            }
            Ok(if self.takes { bytes.len() } else { 0 })
        }

        fn flush(&mut self) -> Result<(), ErrorKind> {
            Ok(())
        }
    }

    /// Why a request fails, and how long that takes.
    fn failure(line: Fake, message: &Request) -> (Error<ErrorKind>, Duration) {
        let started = line.now;
        let mut client = Client::new(line, |line| line.now, 4);
        let error = client.call(message, MAX_ATTEMPTS).unwrap_err();
        (error, client.line.now - started)
    }

    #[test]
    fn a_line_that_is_never_silent_ends_in_an_error_at_the_limit() {
        let other = Frame { session: 9, sequence: 1, message: Answer::Done };
        let other = encode(&other, &mut [0; REPLY]).unwrap().to_vec();
        for bytes in [std::vec![0], std::vec![1], std::vec![0, 1], other] {
            for pace in [1, 100, 1900].map(Duration::from_millis) {
                let line = Fake::new(Incoming::Endless(bytes.clone()), pace);
                let (error, time) = failure(line, &Request::Status);
                // Damage may come often enough for all retries.
                assert!(matches!(error, Error::Late | Error::Noisy), "{bytes:?}: {error:?}");
                assert!(time <= LIMIT + pace, "{bytes:?}: {time:?}");
            }
        }
        let (error, _) =
            failure(Fake::new(Incoming::Endless(std::vec![0]), Duration::from_millis(1)), &Request::Status);
        assert_eq!(error, Error::Late);
    }

    #[test]
    fn silence_is_silence_whatever_the_limit() {
        for pace in [1, 2, 20].map(Duration::from_secs) {
            let (error, time) = failure(Fake::new(Incoming::Nothing, pace), &Request::Status);
            assert!(error == Error::Silent && time <= LIMIT + pace, "{error:?} after {time:?}");
        }
    }

    #[test]
    fn no_byte_is_the_end_of_a_line_and_none_taken_is_an_error() {
        let fast = Duration::from_millis(1);
        assert_eq!(failure(Fake::new(Incoming::End, fast), &Request::Status).0, Error::Line(LineError::Ended));
        let full = Fake { takes: false, ..Fake::new(Incoming::Nothing, fast) };
        assert_eq!(failure(full, &Request::Status).0, Error::Line(LineError::Blocked));
    }

    #[test]
    fn an_echo_is_named_whatever_was_sent() {
        let bytes = &[7; 256][..];
        for message in [
            Request::Hello { version: VERSION, network: 5 },
            Request::Status,
            Request::Budget,
            Request::Step,
            Request::Write { what: Writable::Sample, offset: 0, bytes },
            Request::Read { what: Readable::Mean, offset: 0, count: 4 },
        ] {
            let line = Fake::new(Incoming::Echo(VecDeque::new()), Duration::from_millis(1));
            assert_eq!(failure(line, &message).0, Error::Echo, "{message:?}");
        }
    }
}
