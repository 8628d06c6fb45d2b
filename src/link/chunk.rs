//! How many values go into a request: fewer on a bad line, where short frames are damaged less often.

use super::error::Error;
use super::sizes::WRITE;

/// How many times a request is sent before the host gives up.
pub const MAX_ATTEMPTS: u32 = 60;
/// The same for one that can be made shorter instead.
const SHORT_ATTEMPTS: u32 = 3;
/// Requests with this many values or fewer are not made shorter.
const MIN_VALUES: usize = 4;

/// Most values of the next request.
pub struct Chunk(usize);

impl Chunk {
    /// As many as a request can have.
    pub const LONGEST: Self = Self(WRITE);

    /// Most values of the next request.
    pub fn most(&self) -> usize {
        self.0
    }

    /// How many times a request with `count` values is sent before it is made shorter, or given up.
    pub fn attempts(count: usize) -> u32 {
        if count > MIN_VALUES { SHORT_ATTEMPTS } else { MAX_ATTEMPTS }
    }

    /// Whether a request with `count` values has succeeded; if not, the next attempt has fewer.
    pub fn adapt<E>(&mut self, count: usize, result: Result<(), Error<E>>) -> Result<bool, Error<E>> {
        match result {
            Ok(()) => {
                self.0 = (self.0 + self.0 / 8 + 1).min(WRITE);
                Ok(true)
            }
            Err(Error::Silent | Error::Noisy) if count > MIN_VALUES => {
                self.0 = (count / 2).max(MIN_VALUES);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}
