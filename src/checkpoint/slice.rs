//! Bytes in memory as a medium.

use core::convert::Infallible;

use embedded_io::{ErrorType, Read, ReadExactError, Seek, SeekFrom};

/// A checkpoint in memory, to be [read](super::read).
#[derive(Clone, Debug)]
pub struct Slice<'a> {
    bytes: &'a [u8],
    position: u64,
}

impl<'a> Slice<'a> {
    /// From its start on.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }
}

impl ErrorType for Slice<'_> {
    type Error = Infallible;
}

impl Read for Slice<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Infallible> {
        let position = usize::try_from(self.position).unwrap_or(usize::MAX);
        let rest = self.bytes.get(position..).unwrap_or_default();
        let count = bytes.iter_mut().zip(rest).map(|(byte, there)| *byte = *there).count();
        self.position += count as u64;
        Ok(count)
    }

    /// Without the panic that embedded-io has for readers which give more than they were asked for.
    fn read_exact(&mut self, bytes: &mut [u8]) -> Result<(), ReadExactError<Infallible>> {
        let count = self.read(bytes).map_err(ReadExactError::Other)?;
        if count == bytes.len() { Ok(()) } else { Err(ReadExactError::UnexpectedEof) }
    }
}

impl Seek for Slice<'_> {
    /// To a place beyond either end is to that end.
    fn seek(&mut self, position: SeekFrom) -> Result<u64, Infallible> {
        let length = self.bytes.len() as u64;
        let target = match position {
            SeekFrom::Start(position) => position,
            SeekFrom::End(offset) => length.saturating_add_signed(offset),
            SeekFrom::Current(offset) => self.position.saturating_add_signed(offset),
        };
        self.position = target.min(length);
        Ok(self.position)
    }
}
