//! The host's end.

use core::time::Duration;

use embedded_io::{Read, Write};

pub use super::error::Error;

use super::exchange::Exchange;
use super::message::{Answer, Identity, Readable, Refusal, Request, Saved, Settings, Status, VERSION, Writable};
use super::sizes::{READ, WORD, WRITE};
use crate::core::budget::Budget;
use crate::train::StepReport;

/// Longest time for a request with all its retries, unless [`with_limit`](Client::with_limit) gives another.
pub const LIMIT: Duration = Duration::from_secs(30);
/// How many times a request is sent before the host gives up.
const MAX_RETRIES: u32 = 60;
/// The same for a request that can be made shorter instead.
const SHORT_RETRIES: u32 = 3;
/// Requests with this many values or fewer are not made shorter.
const MIN_VALUES: usize = 4;

/// Talks to a [`Node`](super::node::Node) over a line that may lose, change or repeat bytes.
///
/// A read of the line must end with an error of the kind `TimedOut` when nothing has been received for longer than the
/// board takes for any request; then the request is sent again. On a line that never falls silent a request ends after
/// [`LIMIT`].
pub struct Client<L> {
    exchange: Exchange<L>,
    /// How many values go into a request: fewer on a bad line, where short frames are damaged less often.
    chunk: usize,
}

impl<L: Read + Write> Client<L> {
    /// On this line. `clock` says how long ago some moment was, always the same one. `session` should be another number each time,
    /// such as the time.
    pub fn new(line: L, clock: fn(&L) -> Duration, session: u32) -> Self {
        Self { exchange: Exchange::new(line, clock, session, LIMIT), chunk: WRITE }
    }

    /// With another longest time for a request than [`LIMIT`]. It should be several times as long as a read of the line waits.
    pub fn with_limit(mut self, limit: Duration) -> Self {
        self.exchange.limit = limit;
        self
    }

    /// Greets the board: it must speak the same version and have the network with this
    /// [`fingerprint`](super::message::fingerprint); compare it with that in the answer, since a board with another
    /// network answers as well, and then refuses everything else.
    ///
    /// # Errors
    /// [`Error`]
    pub fn hello(&mut self, network: u32) -> Result<Identity<'_>, Error<L::Error>> {
        match self.exchange.call(&Request::Hello { version: VERSION, network }, MAX_RETRIES)? {
            Answer::Hello(identity) => Ok(identity),
            _ => Err(Error::Unexpected),
        }
    }

    /// Progress of the current run.
    ///
    /// # Errors
    /// [`Error`]
    pub fn status(&mut self) -> Result<Status, Error<L::Error>> {
        match self.exchange.call(&Request::Status, MAX_RETRIES)? {
            Answer::Status(status) => Ok(status),
            _ => Err(Error::Unexpected),
        }
    }

    /// RAM of the board's trainer.
    ///
    /// # Errors
    /// [`Error`]
    pub fn budget(&mut self) -> Result<Budget, Error<L::Error>> {
        match self.exchange.call(&Request::Budget, MAX_RETRIES)? {
            Answer::Budget(budget) => Ok(budget),
            _ => Err(Error::Unexpected),
        }
    }

    /// Starts a run with the number `run` (not 0); the previous run's weights and scaler are forgotten.
    ///
    /// # Errors
    /// [`Error`]
    pub fn start(&mut self, run: u32, settings: Settings) -> Result<(), Error<L::Error>> {
        self.exchange.call(&Request::Start { run, settings }, MAX_RETRIES).and_then(done)
    }

    /// Writes all of the sample, of a half of the scaler, or of new weights.
    ///
    /// # Errors
    /// [`Error`]
    pub fn write(&mut self, what: Writable, values: &[f32]) -> Result<(), Error<L::Error>> {
        self.write_from(what, 0, values)
    }

    /// Writes some values from number `offset` on.
    ///
    /// # Errors
    /// [`Error`]
    pub fn write_from(&mut self, what: Writable, offset: usize, values: &[f32]) -> Result<(), Error<L::Error>> {
        let mut room = [[0; WORD]; WRITE];
        let mut rest = values;
        while !rest.is_empty() {
            let count = rest.len().min(self.chunk);
            for (bytes, value) in room.iter_mut().zip(rest) {
                *bytes = value.to_le_bytes();
            }
            let offset = (offset + values.len() - rest.len()) as u32;
            let bytes = room.get(..count).unwrap_or_default().as_flattened();
            let retries = self.max_retries(count);
            let result = self.exchange.call(&Request::Write { what, offset, bytes }, retries).and_then(done);
            if self.succeeded(count, result)? {
                rest = rest.get(count..).unwrap_or_default();
            }
        }
        Ok(())
    }

    /// Reads weights or a half of the scaler, from the first value on.
    ///
    /// # Errors
    /// [`Error`]
    pub fn read(&mut self, what: Readable, values: &mut [f32]) -> Result<(), Error<L::Error>> {
        self.read_parts(values, |offset, count| Request::Read { what, offset, count })
    }

    /// Fills values with the answers to requests for those from an offset on, as many as a count says.
    fn read_parts(
        &mut self,
        values: &mut [f32],
        request: impl Fn(u32, u16) -> Request<'static>,
    ) -> Result<(), Error<L::Error>> {
        let mut next = 0;
        while let Some(rest) = values.get_mut(next..).filter(|rest| !rest.is_empty()) {
            let count = rest.len().min(self.chunk).min(READ);
            let retries = self.max_retries(count);
            let request = request(next as u32, count as u16);
            let result = self.exchange.call(&request, retries).and_then(|answer| fill(rest, answer, count));
            if self.succeeded(count, result)? {
                next += count;
            }
        }
        Ok(())
    }

    /// Replaces the weights by those that were written, which must have this CRC-32.
    ///
    /// # Errors
    /// [`Error`]
    pub fn commit(&mut self, crc32: u32) -> Result<(), Error<L::Error>> {
        self.exchange.call(&Request::Commit { crc32 }, MAX_RETRIES).and_then(done)
    }

    /// Takes the sample that was written into the next step, and gives its loss.
    ///
    /// # Errors
    /// [`Error`]
    pub fn accumulate(&mut self, label: &[f32], weight: f32) -> Result<f32, Error<L::Error>> {
        let mut bytes = [0; WRITE * WORD];
        let label = label_bytes(label, &mut bytes)?;
        match self.exchange.call(&Request::Accumulate { label, weight }, MAX_RETRIES)? {
            Answer::Loss(loss) => Ok(loss),
            _ => Err(Error::Unexpected),
        }
    }

    /// Changes the weights.
    ///
    /// # Errors
    /// [`Error`]
    pub fn step(&mut self) -> Result<StepReport, Error<L::Error>> {
        match self.exchange.call(&Request::Step, MAX_RETRIES)? {
            Answer::Step(report) => Ok(report),
            _ => Err(Error::Unexpected),
        }
    }

    /// The loss of the sample that was written.
    ///
    /// # Errors
    /// [`Error`]
    pub fn evaluate(&mut self, label: &[f32]) -> Result<f32, Error<L::Error>> {
        let mut bytes = [0; WRITE * WORD];
        let label = label_bytes(label, &mut bytes)?;
        match self.exchange.call(&Request::Evaluate { label }, MAX_RETRIES)? {
            Answer::Loss(loss) => Ok(loss),
            _ => Err(Error::Unexpected),
        }
    }

    /// The outputs for the sample that was written.
    ///
    /// # Errors
    /// [`Error`]
    pub fn predict(&mut self, outputs: &mut [f32]) -> Result<(), Error<L::Error>> {
        self.read_parts(outputs, |offset, count| Request::Predict { offset: offset as u16, count })
    }

    /// CRC-32 of the weights.
    ///
    /// # Errors
    /// [`Error`]
    pub fn checksum(&mut self) -> Result<u32, Error<L::Error>> {
        match self.exchange.call(&Request::Checksum, MAX_RETRIES)? {
            Answer::Checksum(crc32) => Ok(crc32),
            _ => Err(Error::Unexpected),
        }
    }

    /// Keeps the run as it is in the board's flash, from which it goes on when the board is switched on again.
    ///
    /// # Errors
    /// [`Error`]
    pub fn save(&mut self) -> Result<Saved, Error<L::Error>> {
        match self.exchange.call(&Request::Save, MAX_RETRIES)? {
            Answer::Saved(saved) => Ok(saved),
            _ => Err(Error::Unexpected),
        }
    }

    /// How many times a request had to be sent again.
    pub fn repeats(&self) -> u64 {
        self.exchange.repeats()
    }

    fn max_retries(&self, count: usize) -> u32 {
        if count > MIN_VALUES { SHORT_RETRIES } else { MAX_RETRIES }
    }

    /// Whether a request with `count` values has succeeded; if not, the next attempt has fewer.
    fn succeeded(&mut self, count: usize, result: Result<(), Error<L::Error>>) -> Result<bool, Error<L::Error>> {
        match result {
            Ok(()) => {
                self.chunk = (self.chunk + self.chunk / 8 + 1).min(WRITE);
                Ok(true)
            }
            Err(Error::Silent | Error::Noisy) if count > MIN_VALUES => {
                self.chunk = (count / 2).max(MIN_VALUES);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

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
