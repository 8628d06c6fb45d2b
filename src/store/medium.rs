//! The contents of a slot with the traits of embedded-io, in whole words of the flash.

use core::fmt;

use embedded_io::{ErrorKind, ErrorType, Read, Seek, SeekFrom, Write};
use embedded_storage::nor_flash::{NorFlash, NorFlashError, ReadNorFlash};

use crate::core::checksum::{Digest, digest};

/// Bytes that are staged.
pub const PIECE: usize = 64;

/// Bytes on their way to a flash or from it, on the border of a word: some drivers copy others through a buffer of their own.
#[repr(align(4))]
pub struct Aligned<const N: usize>(pub [u8; N]);

/// An error of the flash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlashError<E>(pub E);

impl<E: fmt::Debug> fmt::Display for FlashError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the flash has failed: {:?}", self.0)
    }
}

impl<E: fmt::Debug> core::error::Error for FlashError<E> {}

impl<E: NorFlashError> embedded_io::Error for FlashError<E> {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

/// Contents that are being written.
pub struct Content<'a, F> {
    flash: &'a mut F,
    start: u32,
    /// Bytes that have been written.
    written: u32,
    staged: Aligned<PIECE>,
    count: usize,
    digest: Digest,
}

impl<'a, F: NorFlash> Content<'a, F> {
    /// From byte number `start` of an erased stretch on.
    pub fn new(flash: &'a mut F, start: u32) -> Self {
        Self { flash, start, written: 0, staged: Aligned([0xff; PIECE]), count: 0, digest: digest() }
    }

    /// Fills up the last word, and gives the number of bytes with their checksum.
    pub fn finish(mut self) -> Result<(u32, u32), F::Error> {
        self.count = self.count.next_multiple_of(F::WRITE_SIZE);
        self.write_staged()?;
        Ok((self.written, self.digest.finalize()))
    }

    fn write_staged(&mut self) -> Result<(), F::Error> {
        let bytes = self.staged.0.get(..self.count).unwrap_or_default();
        self.digest.update(bytes);
        self.flash.write(self.start + self.written, bytes)?;
        self.written += self.count as u32;
        (self.staged, self.count) = (Aligned([0xff; PIECE]), 0);
        Ok(())
    }
}

impl<F: NorFlash> ErrorType for Content<'_, F> {
    type Error = FlashError<F::Error>;
}

impl<F: NorFlash> Write for Content<'_, F> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Self::Error> {
        let room = self.staged.0.iter_mut().skip(self.count);
        let taken = room.zip(bytes).map(|(staged, byte)| *staged = *byte).count();
        self.count += taken;
        if self.count == PIECE {
            self.write_staged().map_err(FlashError)?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

/// Contents that have been written.
pub struct Contents<'a, F> {
    flash: &'a mut F,
    start: u32,
    length: u32,
    position: u32,
    staged: Aligned<PIECE>,
    /// Which piece is staged.
    piece: Option<u32>,
}

impl<'a, F: ReadNorFlash> Contents<'a, F> {
    /// `length` bytes from byte number `start` on.
    pub fn new(flash: &'a mut F, start: u32, length: u32) -> Self {
        Self { flash, start, length, position: 0, staged: Aligned([0; PIECE]), piece: None }
    }

    /// CRC-32 of all of them.
    pub fn checksum(mut self) -> Result<u32, F::Error> {
        let mut digest = digest();
        loop {
            let bytes = self.next()?;
            let count = bytes.len() as u32;
            if count == 0 {
                return Ok(digest.finalize());
            }
            digest.update(bytes);
            self.position += count;
        }
    }

    /// The next bytes, as many as are staged at once; none at the end.
    fn next(&mut self) -> Result<&[u8], F::Error> {
        let (piece, inside) = (self.position / PIECE as u32, self.position as usize % PIECE);
        if self.position < self.length && self.piece != Some(piece) {
            self.piece = None;
            let first = piece * PIECE as u32;
            // Not beyond the end of the flash.
            let count = (self.length - first).next_multiple_of(F::READ_SIZE as u32) as usize;
            let staged = self.staged.0.get_mut(..count.min(PIECE)).unwrap_or_default();
            self.flash.read(self.start + first, staged)?;
            self.piece = Some(piece);
        }
        let count = (PIECE - inside).min((self.length - self.position) as usize);
        Ok(self.staged.0.get(inside..inside + count).unwrap_or_default())
    }
}

impl<F: ReadNorFlash> ErrorType for Contents<'_, F> {
    type Error = FlashError<F::Error>;
}

impl<F: ReadNorFlash> Read for Contents<'_, F> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Self::Error> {
        let there = self.next().map_err(FlashError)?;
        let count = bytes.iter_mut().zip(there).map(|(byte, there)| *byte = *there).count();
        self.position += count as u32;
        Ok(count)
    }
}

impl<F: ReadNorFlash> Seek for Contents<'_, F> {
    /// To a place beyond either end is to that end.
    fn seek(&mut self, position: SeekFrom) -> Result<u64, Self::Error> {
        let length = u64::from(self.length);
        let target = match position {
            SeekFrom::Start(position) => position,
            SeekFrom::End(offset) => length.saturating_add_signed(offset),
            SeekFrom::Current(offset) => u64::from(self.position).saturating_add_signed(offset),
        };
        self.position = target.min(length) as u32;
        Ok(target.min(length))
    }
}
