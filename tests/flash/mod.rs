//! A NOR flash in memory that fails as real ones do: power goes at any operation, and leaves a word or a block half done.

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};
use trainlet::core::rng::Stream;

/// `WORD` bytes are written at a time, `BLOCK` bytes erased.
#[derive(Clone)]
pub struct Flash<const WORD: usize, const BLOCK: usize> {
    pub bytes: Vec<u8>,
    /// Words and blocks that can be changed before the power goes.
    pub left: u64,
    /// How what is half done looks.
    pub random: Stream,
}

/// The power is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerCut;

impl NorFlashError for PowerCut {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl<const WORD: usize, const BLOCK: usize> Flash<WORD, BLOCK> {
    /// As it comes from the factory.
    pub fn new(blocks: usize, random: Stream) -> Self {
        Self { bytes: vec![0xff; blocks * BLOCK], left: u64::MAX, random }
    }

    /// Counts an operation; gives whether the power goes in it.
    fn spend(&mut self) -> Result<bool, PowerCut> {
        self.left = self.left.checked_sub(1).ok_or(PowerCut)?;
        Ok(self.left == 0)
    }
}

impl<const WORD: usize, const BLOCK: usize> ErrorType for Flash<WORD, BLOCK> {
    type Error = PowerCut;
}

impl<const WORD: usize, const BLOCK: usize> ReadNorFlash for Flash<WORD, BLOCK> {
    const READ_SIZE: usize = WORD;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), PowerCut> {
        let start = offset as usize;
        assert!(start.is_multiple_of(WORD) && bytes.len().is_multiple_of(WORD), "reads whole words");
        bytes.copy_from_slice(&self.bytes[start..start + bytes.len()]);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl<const WORD: usize, const BLOCK: usize> NorFlash for Flash<WORD, BLOCK> {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = BLOCK;

    /// Where the power goes, bytes are old, erased or anything.
    fn erase(&mut self, from: u32, to: u32) -> Result<(), PowerCut> {
        assert!((from as usize).is_multiple_of(BLOCK) && (to as usize).is_multiple_of(BLOCK), "erases whole blocks");
        for start in (from as usize..to as usize).step_by(BLOCK) {
            let is_cut = self.spend()?;
            let block = &mut self.bytes[start..start + BLOCK];
            if is_cut {
                for byte in block {
                    *byte = [*byte, *byte, 0xff, self.random.bits() as u8][self.random.below(4) as usize];
                }
                return Err(PowerCut);
            }
            block.fill(0xff);
        }
        Ok(())
    }

    /// Where the power goes, some of the bits are written.
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), PowerCut> {
        let start = offset as usize;
        assert!(start.is_multiple_of(WORD) && bytes.len().is_multiple_of(WORD), "writes whole words");
        for (index, word) in bytes.chunks(WORD).enumerate() {
            let there = &self.bytes[start + index * WORD..][..WORD];
            assert!(there.iter().all(|byte| *byte == 0xff), "a word is written once after it was erased");
            let is_cut = self.spend()?;
            let there = &mut self.bytes[start + index * WORD..][..WORD];
            for (there, byte) in there.iter_mut().zip(word) {
                *there = byte | if is_cut { self.random.bits() as u8 } else { 0 };
            }
            if is_cut {
                return Err(PowerCut);
            }
        }
        Ok(())
    }
}
