//! The bytes of messages on the line: a header, the message, a CRC-32, all of it COBS-stuffed and ended by a zero.

use core::fmt;

use cobs::{CobsEncoder, DecodeResult, DecoderState};
use postcard::ser_flavors::Flavor;
use serde::{Deserialize, Serialize};

use crate::core::checksum::{self, Digest};

/// A message with its session and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame<T> {
    /// The host's name for the session.
    pub session: u32,
    /// Of the request; an answer has that of its request.
    pub sequence: u16,
    /// The message.
    pub message: T,
}

/// Bytes that a frame takes beside its message: header and CRC-32 at their longest.
pub const OVERHEAD: usize = 5 + 3 + 4;

/// Most bytes of a frame whose message takes `message` bytes: COBS adds one, one more for each 254, and the end.
pub const fn longest(message: usize) -> usize {
    let content = message + OVERHEAD;
    content + 1 + content / 254 + 1
}

/// What is wrong with a frame that was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum FrameError {
    /// It does not fit into the buffer.
    TooLong,
    /// Bytes were lost, added or changed on the way.
    Damaged,
    /// It was received as it was sent, but this end does not know the message.
    Malformed,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "a frame that is too long",
            Self::Damaged => "a frame that was damaged on the way",
            Self::Malformed => "a frame that cannot be understood",
        })
    }
}

impl core::error::Error for FrameError {}

/// Writes a frame into `buffer` and gives its bytes, the zero at the end among them.
///
/// # Errors
/// [`FrameError::TooLong`]
#[inline(never)] // once in a program, not at each answer
pub fn encode<'b, T: Serialize>(frame: &Frame<T>, buffer: &'b mut [u8]) -> Result<&'b [u8], FrameError> {
    let checked = Checked { cobs: CobsEncoder::new(buffer), digest: checksum::digest() };
    let length = postcard::serialize_with_flavor(frame, checked).map_err(|_| FrameError::TooLong)?;
    *buffer.get_mut(length).ok_or(FrameError::TooLong)? = 0;
    buffer.get(..=length).ok_or(FrameError::TooLong)
}

/// Takes what postcard serialises, byte by byte. (postcard's own flavors for this can panic.)
struct Checked<'b> {
    cobs: CobsEncoder<'b>,
    digest: Digest,
}

impl Flavor for Checked<'_> {
    /// Number of bytes, the zero at the end not counted.
    type Output = usize;

    #[inline(never)] // 4 KiB less where answers are written
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.digest.update(&[byte]);
        self.cobs.push(&[byte]).map_err(|_| postcard::Error::SerializeBufferFull)
    }

    fn finalize(mut self) -> postcard::Result<usize> {
        let crc = self.digest.finalize().to_le_bytes();
        self.cobs.push(&crc).map_err(|_| postcard::Error::SerializeBufferFull)?;
        Ok(self.cobs.finalize())
    }
}

/// Collects the content of a frame in a buffer that the caller owns, the same one in each call.
pub struct Receiver {
    cobs: DecoderState,
    /// Bytes so far.
    length: usize,
}

impl Receiver {
    /// Nothing has been received.
    pub const EMPTY: Self = Self { cobs: DecoderState::Idle, length: 0 };

    /// Forgets an incomplete frame.
    pub fn clear(&mut self) {
        self.cobs = DecoderState::Idle;
    }

    /// Takes a byte of a frame which is, with its CRC-32, no longer than `buffer`; returns a result at the last one, `Ok` if it has
    /// come as it was sent: then [`message`](Self::message) reads it. Zeros between frames are ignored.
    pub fn take(&mut self, byte: u8, buffer: &mut [u8]) -> Option<Result<(), FrameError>> {
        if let DecoderState::Idle = self.cobs {
            self.length = 0;
        }
        match self.cobs.feed(byte) {
            Ok(DecodeResult::NoData) => {}
            Ok(DecodeResult::DataContinue(byte)) => {
                match buffer.get_mut(self.length) {
                    Some(place) => *place = byte,
                    None => {
                        self.clear();
                        return Some(Err(FrameError::TooLong));
                    }
                }
                self.length += 1;
            }
            Ok(DecodeResult::DataComplete) => return Some(self.check(buffer)),
            Err(_) => return Some(Err(FrameError::Damaged)),
        }
        None
    }

    fn check(&self, buffer: &[u8]) -> Result<(), FrameError> {
        let (content, crc) = self.content(buffer).ok_or(FrameError::Damaged)?;
        let mut digest = checksum::digest();
        digest.update(content);
        if digest.finalize() == u32::from_le_bytes(*crc) { Ok(()) } else { Err(FrameError::Damaged) }
    }

    fn content<'a>(&self, buffer: &'a [u8]) -> Option<(&'a [u8], &'a [u8; 4])> {
        buffer.get(..self.length)?.split_last_chunk()
    }

    /// The message of the frame that was received.
    ///
    /// # Errors
    /// [`FrameError::Malformed`]
    pub fn message<'a, T: Deserialize<'a>>(&self, buffer: &'a [u8]) -> Result<Frame<T>, FrameError> {
        let (content, _) = self.content(buffer).ok_or(FrameError::Malformed)?;
        match postcard::take_from_bytes(content) {
            Ok((frame, [])) => Ok(frame),
            _ => Err(FrameError::Malformed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::message::Request;
    use super::*;
    use std::vec::Vec;

    type Message<'a> = (u8, &'a [u8]);

    /// Session, sequence and content, or what is wrong.
    type Received = Result<(u32, u16, Vec<u8>), FrameError>;

    /// Everything that comes of the bytes.
    fn received(bytes: &[u8]) -> Vec<Received> {
        let (mut receiver, mut buffer) = (Receiver::EMPTY, [0; 300]);
        let mut results = Vec::new();
        for byte in bytes {
            if let Some(result) = receiver.take(*byte, &mut buffer) {
                results.push(
                    result
                        .and_then(|()| receiver.message::<Message>(&buffer))
                        .map(|frame| (frame.session, frame.sequence, frame.message.1.to_vec())),
                );
            }
        }
        results
    }

    fn sent(content: &[u8]) -> Vec<u8> {
        let frame = Frame { session: 0xdead_beef, sequence: 700, message: (7_u8, content) };
        encode(&frame, &mut [0; 320]).unwrap().to_vec()
    }

    #[test]
    fn frames_arrive_as_they_were_sent() {
        for length in [0, 1, 2, 3, 100, 240, 241, 242, 243, 244, 245, 246, 250, 280] {
            for content in [(0..length).map(|i| i as u8).collect(), std::vec![0; length], std::vec![255; length]] {
                let bytes = sent(&content);
                assert!(bytes.len() <= longest(1 + 2 + length), "{length}");
                assert_eq!(bytes.iter().position(|byte| *byte == 0), Some(bytes.len() - 1));
                let whole = Ok((0xdead_beef, 700, content));
                assert_eq!(received(&[&bytes[..], &[0, 0], &bytes].concat()), [whole.clone(), whole]);
            }
        }
    }

    /// By Python: varints, `zlib.crc32` and COBS written out there.
    #[test]
    fn a_frame_has_these_bytes() {
        let frame = Frame { session: 0xdead_beef, sequence: 700, message: Request::Hello { version: 6, network: 0 } };
        let bytes = [0x08, 0xef, 0xfd, 0xb6, 0xf5, 0x0d, 0xbc, 0x05, 0x02, 0x06, 0x05, 0x66, 0x71, 0x28, 0x6c, 0x00];
        assert_eq!(encode(&frame, &mut [0; 20]), Ok(&bytes[..]));
    }

    /// Each byte once lost, once doubled, and each bit once flipped.
    #[test]
    fn no_damage_goes_unnoticed_and_the_next_frame_is_whole() {
        let (bytes, next) = (sent(&[1, 0, 2, 3, 0, 0, 255, 4]), sent(&[9]));
        let damaged = (0..bytes.len()).flat_map(|place| {
            let (before, after) = (bytes[..place].to_vec(), bytes[place + 1..].to_vec());
            let with = |middle: &[u8]| [&before, middle, &after].concat();
            let flipped: Vec<_> = (0..8).map(|bit| with(&[bytes[place] ^ (1 << bit)])).collect();
            [with(&[]), with(&[bytes[place]; 2])].into_iter().chain(flipped).collect::<Vec<_>>()
        });
        for damaged in damaged {
            let results = received(&[&damaged[..], &[0], &next].concat());
            let whole: Vec<_> = results.iter().flatten().map(|(.., content)| &content[..]).collect();
            // A zero doubled or lost at the end does no harm.
            let harmless = damaged.strip_suffix(&[0]).unwrap_or(&damaged) == &bytes[..bytes.len() - 1]
                || damaged == [&bytes[..], &[0]].concat();
            let expected: &[&[u8]] = if harmless { &[&[1, 0, 2, 3, 0, 0, 255, 4], &[9]] } else { &[&[9]] };
            assert_eq!(whole, expected, "{damaged:?}");
        }
    }

    #[test]
    fn no_bytes_at_all_can_make_it_panic() {
        let mut stream = crate::core::rng::Key::new(3, crate::core::rng::Purpose::Order).stream();
        let noise: Vec<u8> = (0..200_000).map(|_| (stream.bits() >> 27) as u8).collect();
        assert!(received(&noise).iter().all(Result::is_err));
        let endless = [1; 1000];
        assert!(received(&endless).contains(&Err(FrameError::TooLong)));
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let frame = Frame { session: 1, sequence: 2, message: (7_u8, &[1_u8; 20][..]) };
        let needed = encode(&frame, &mut [0; 100]).unwrap().len();
        for size in 0..needed {
            assert_eq!(encode(&frame, &mut [0; 100][..size]), Err(FrameError::TooLong));
        }
    }
}
