//! Requests that are sent until they are answered.

use core::time::Duration;

use embedded_io::{Error as _, ErrorKind, Read, Write};

use super::error::Error;
use super::frame::{Frame, FrameError, Receiver, encode};
use super::line::{LineError, read_byte, write_all};
use super::message::{Answer, Request};
use super::sizes::{REPLY, REQUEST};

/// Timeouts in a row after which the host gives up.
const MAX_TIMEOUTS: u32 = 10;

/// A session on a line.
pub struct Exchange<L> {
    line: L,
    clock: fn(&L) -> Duration,
    /// Longest time for a request.
    pub limit: Duration,
    session: u32,
    sequence: u16,
    receiver: Receiver,
    reply: [u8; REPLY],
    repeats: u64,
    /// Bytes have come since the request was first sent.
    heard: bool,
}

impl<L: Read + Write> Exchange<L> {
    pub fn new(line: L, clock: fn(&L) -> Duration, session: u32, limit: Duration) -> Self {
        Self {
            line,
            clock,
            limit,
            session,
            sequence: 0,
            receiver: Receiver::EMPTY,
            reply: [0; REPLY],
            repeats: 0,
            heard: false,
        }
    }

    /// How many times a request had to be sent again.
    pub fn repeats(&self) -> u64 {
        self.repeats
    }

    /// Sends a request until it is answered, at most `max_retries` times and no longer than the limit.
    pub fn call(&mut self, message: &Request, max_retries: u32) -> Result<Answer<'_>, Error<L::Error>> {
        let sequence = self.sequence.wrapping_add(1);
        self.sequence = sequence;
        let mut room = [0; REQUEST];
        let bytes = encode(&Frame { session: self.session, sequence, message }, &mut room).map_err(Error::Frame)?;
        let deadline = (self.clock)(&self.line).saturating_add(self.limit);
        let mut timeouts = 0;
        self.heard = false;
        for attempt in 0..max_retries {
            self.repeats += u64::from(attempt > 0);
            write_all(&mut self.line, bytes).map_err(Error::Line)?;
            match self.listen(sequence, bytes, deadline)? {
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

    /// Waits for the answer to request number `sequence`, whose bytes are `sent`.
    fn listen(&mut self, sequence: u16, sent: &[u8], deadline: Duration) -> Result<Heard, Error<L::Error>> {
        // What comes next if the frame is an echo.
        let mut echo = Some(sent);
        loop {
            let read = read_byte(&mut self.line);
            self.heard |= read.is_ok();
            if (self.clock)(&self.line) > deadline {
                return Err(if self.heard { Error::Late } else { Error::Silent });
            }
            let byte = match read {
                Ok(byte) => byte,
                Err(LineError::Failed(error)) if error.kind() == ErrorKind::TimedOut => {
                    // What has come of a frame so far is all that will.
                    self.receiver.clear();
                    return Ok(Heard::Nothing);
                }
                Err(error) => return Err(Error::Line(error)),
            };
            echo = echo.and_then(|rest| rest.strip_prefix(&[byte]));
            if echo == Some(&[]) {
                return Err(Error::Echo);
            }
            if byte == 0 {
                echo = Some(sent);
            }
            match self.receiver.take(byte, &mut self.reply) {
                Some(Ok(())) => {}
                // A request may be longer than any answer.
                Some(Err(FrameError::TooLong)) if echo.is_some() => continue,
                Some(Err(_)) => return Ok(Heard::Noise),
                None => continue,
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

#[cfg(test)]
mod tests {
    use super::super::message::{Readable, VERSION, Writable};
    use super::*;
    use embedded_io::ErrorType;
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

    const LIMIT: Duration = Duration::from_secs(30);

    /// Why a request fails, and how long that takes.
    fn failure(line: Fake, message: &Request) -> (Error<ErrorKind>, Duration) {
        let started = line.now;
        let mut exchange = Exchange::new(line, |line| line.now, 4, LIMIT);
        let error = exchange.call(message, 60).unwrap_err();
        (error, exchange.line.now - started)
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
