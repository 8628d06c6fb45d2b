//! What stands before and behind the contents.

use crate::core::archive::{Archive, Failure, Shapes};
use crate::core::checksum::digest;

use super::Keep;

/// Version of the format.
pub const VERSION: u32 = 1;
const MAGIC: u32 = u32::from_le_bytes(*b"TRNL");

/// Bytes of a header.
pub const HEADER: usize = 24;
/// Bytes of the checksum at the end.
pub const CHECKSUM: usize = 4;

/// What a checkpoint is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Checksum of the network.
    pub network: u32,
    /// Checksum of what is kept beside it.
    pub others: u32,
    /// Bytes of the contents.
    pub length: u32,
}

/// Why bytes are no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoHeader {
    /// They do not begin as one.
    Foreign,
    /// It is damaged.
    Damaged,
    /// It has another version.
    Version(u32),
}

impl Header {
    /// Of what is about to be written.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn to_write(keep: Keep) -> Result<Self, Failure> {
        let mut shapes = Shapes::new();
        let mut archive = Archive::measure(&mut shapes);
        keep(&mut archive);
        archive.result()?;
        Ok(Self::of(&shapes))
    }

    /// Of what is about to be replaced, whose length may be another.
    ///
    /// # Errors
    /// It cannot be replaced.
    pub fn to_replace(keep: Keep) -> Result<Self, Failure> {
        let mut shapes = Shapes::new();
        let mut archive = Archive::compare(&mut shapes);
        keep(&mut archive);
        archive.result()?;
        Ok(Self::of(&shapes))
    }

    fn of(shapes: &Shapes) -> Self {
        Self { network: shapes.network(), others: shapes.others(), length: shapes.bytes }
    }

    /// Bytes of all of it.
    pub fn file_length(self) -> u32 {
        self.length.saturating_add((HEADER + CHECKSUM) as u32)
    }

    /// As it is written.
    pub fn to_bytes(self) -> [u8; HEADER] {
        let Self { network, others, length } = self;
        let fields = [MAGIC, VERSION, network, others, length];
        let mut bytes = [0; HEADER];
        let (words, _) = bytes.as_chunks_mut::<4>();
        let mut digest = digest();
        for (word, field) in words.iter_mut().zip(fields) {
            *word = field.to_le_bytes();
            digest.update(word);
        }
        if let Some(last) = words.last_mut() {
            *last = digest.finalize().to_le_bytes();
        }
        bytes
    }

    /// From what was written.
    ///
    /// # Errors
    /// They are not what this version writes.
    pub fn from_bytes(bytes: &[u8; HEADER]) -> Result<Self, NoHeader> {
        let mut fields = [0; HEADER / 4];
        let (words, _) = bytes.as_chunks::<4>();
        fields.iter_mut().zip(words).for_each(|(field, word)| *field = u32::from_le_bytes(*word));
        let [magic, version, network, others, length, checksum] = fields;
        let mut digest = digest();
        words.iter().take(fields.len() - 1).for_each(|word| digest.update(word));
        if magic != MAGIC {
            Err(NoHeader::Foreign)
        } else if digest.finalize() != checksum {
            Err(NoHeader::Damaged)
        } else if version != VERSION {
            Err(NoHeader::Version(version))
        } else {
            Ok(Self { network, others, length })
        }
    }
}
