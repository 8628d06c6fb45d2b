//! How long messages are.

use super::frame::longest;

/// Bytes of a value.
pub const WORD: usize = size_of::<f32>();
/// Most values in a [`Request::Write`](super::message::Request::Write).
pub const WRITE: usize = 64;
/// Most values in an [`Answer::Values`](super::message::Answer::Values).
pub const READ: usize = 32;
/// Bytes of the longest request: variant, what, offset and length come before the values.
pub const REQUEST: usize = longest(1 + 1 + 5 + 2 + WRITE * WORD);
/// Bytes of the longest answer, in whole words: variant and length come before the values.
pub const REPLY: usize = longest(1 + 2 + READ * WORD).next_multiple_of(WORD);
