//! A request that is sent until it is answered: the host's end without a line.

use core::time::Duration;

use super::error::Error;
use super::frame::{Frame, FrameError, Receiver, encode};
use super::message::{Answer, Request};
use super::sizes::{REPLY, REQUEST};

/// Timeouts in a row after which the host gives up.
const MAX_TIMEOUTS: u32 = 10;

/// A session with a [`Node`](super::node::Node), whatever carries the bytes, and with one request at a time. [`begin`](Self::begin)
/// and whatever comes of the line say what is [`Next`].
///
/// `now` is the time since some moment, always the same one. `E` is the error of the line, which does not occur here.
pub struct Exchange {
    session: u32,
    sequence: u16,
    limit: Duration,
    /// The request's frame.
    request: [u8; REQUEST],
    request_length: usize,
    receiver: Receiver,
    reply: [u8; REPLY],
    /// When it is too late for an answer.
    deadline: Duration,
    /// How many times more the request may be sent.
    attempts: u32,
    /// The last ones in a row.
    timeouts: u32,
    /// Bytes have come since the request was first sent.
    heard: bool,
    /// How many bytes have come of what may be the request itself.
    echoed: Option<usize>,
    repeats: u64,
}

/// What a host does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Next {
    /// Sends the [`bytes`](Exchange::bytes) of the request.
    Send,
    /// Waits for a byte: [`on_byte`](Exchange::on_byte) or [`on_timeout`](Exchange::on_timeout).
    Receive,
    /// Reads the [`answer`](Exchange::answer).
    Done,
}

impl Exchange {
    /// `session` should be another number each time, such as the time. A request ends after `limit`, with all its retries.
    pub const fn new(session: u32, limit: Duration) -> Self {
        Self {
            session,
            sequence: 0,
            limit,
            request: [0; REQUEST],
            request_length: 0,
            receiver: Receiver::EMPTY,
            reply: [0; REPLY],
            deadline: Duration::ZERO,
            attempts: 0,
            timeouts: 0,
            heard: false,
            echoed: Some(0),
            repeats: 0,
        }
    }

    /// Begins a request, which is sent at most `attempts` times. Whatever became of the one before, it is over.
    ///
    /// # Errors
    /// [`Error::Frame`]: no board takes a request that long.
    pub fn begin<E>(&mut self, message: &Request, attempts: u32, now: Duration) -> Result<Next, Error<E>> {
        self.sequence = self.sequence.wrapping_add(1);
        let frame = Frame { session: self.session, sequence: self.sequence, message };
        self.request_length = encode(&frame, &mut self.request).map_err(Error::Frame)?.len();
        self.deadline = now.saturating_add(self.limit);
        (self.attempts, self.timeouts) = (attempts.saturating_sub(1), 0);
        (self.heard, self.echoed) = (false, Some(0));
        Ok(Next::Send)
    }

    /// The request as it is sent.
    pub fn bytes(&self) -> &[u8] {
        self.request.get(..self.request_length).unwrap_or_default()
    }

    /// A byte has come.
    ///
    /// # Errors
    /// There will be no answer.
    pub fn on_byte<E>(&mut self, byte: u8, now: Duration) -> Result<Next, Error<E>> {
        self.heard = true;
        self.check_time(now)?;
        self.check_echo(byte)?;
        match self.receiver.take(byte, &mut self.reply) {
            None => Ok(Next::Receive),
            Some(Ok(())) => self.on_frame(),
            // A request may be longer than any answer.
            Some(Err(FrameError::TooLong)) if self.echoed.is_some() => Ok(Next::Receive),
            Some(Err(_)) => self.on_noise(),
        }
    }

    /// Nothing has come for longer than the board takes for any request.
    ///
    /// # Errors
    /// There will be no answer.
    pub fn on_timeout<E>(&mut self, now: Duration) -> Result<Next, Error<E>> {
        self.check_time(now)?;
        // What has come of a frame so far is all that will.
        self.receiver.clear();
        self.timeouts = self.timeouts.saturating_add(1);
        if self.timeouts >= MAX_TIMEOUTS { Err(Error::Silent) } else { self.again(Error::Silent) }
    }

    /// The answer, once it has come.
    ///
    /// # Errors
    /// [`Error::Refused`]
    pub fn answer<E>(&self) -> Result<Answer<'_>, Error<E>> {
        match self.receiver.message::<Answer>(&self.reply).map_err(Error::Frame)?.message {
            Answer::Refused(refusal) => Err(Error::Refused(refusal)),
            answer => Ok(answer),
        }
    }

    /// How many times a request had to be sent again.
    pub fn repeats(&self) -> u64 {
        self.repeats
    }

    /// Longest time for a request with all its retries.
    pub fn set_limit(&mut self, limit: Duration) {
        self.limit = limit;
    }

    fn check_time<E>(&self, now: Duration) -> Result<(), Error<E>> {
        match self.heard {
            _ if now <= self.deadline => Ok(()),
            true => Err(Error::Late),
            false => Err(Error::Silent),
        }
    }

    /// Compares what comes with what was sent.
    fn check_echo<E>(&mut self, byte: u8) -> Result<(), Error<E>> {
        let sent = self.bytes();
        let echoed = self.echoed.filter(|echoed| sent.get(*echoed) == Some(&byte)).map(|echoed| echoed + 1);
        if echoed == Some(sent.len()) {
            return Err(Error::Echo);
        }
        self.echoed = if byte == 0 { Some(0) } else { echoed };
        Ok(())
    }

    fn on_frame<E>(&mut self) -> Result<Next, Error<E>> {
        let frame: Frame<Answer> = self.receiver.message(&self.reply).map_err(Error::Frame)?;
        match frame.message {
            Answer::Damaged => self.on_noise(),
            _ if (frame.session, frame.sequence) == (self.session, self.sequence) => Ok(Next::Done),
            // The answer to an earlier request, sent twice.
            _ => Ok(Next::Receive),
        }
    }

    fn on_noise<E>(&mut self) -> Result<Next, Error<E>> {
        self.timeouts = 0;
        self.again(Error::Noisy)
    }

    /// Sends the request again, or fails if it has been sent often enough.
    fn again<E>(&mut self, error: Error<E>) -> Result<Next, Error<E>> {
        self.attempts = self.attempts.checked_sub(1).ok_or(error)?;
        self.repeats += 1;
        self.echoed = Some(0);
        Ok(Next::Send)
    }
}
