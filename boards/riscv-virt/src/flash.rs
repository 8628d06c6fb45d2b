//! The machine's second flash, which QEMU keeps in a file (`-drive if=pflash,unit=1,format=raw,file=FILE`) or, without one, in memory:
//! two 16-bit chips side by side with Intel's commands.

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};

const BASE: *mut u8 = 0x2200_0000 as *mut u8;
const BYTES: usize = 32 << 20;
/// Bytes that both chips erase at a time.
const BLOCK: usize = 256 << 10;
const WORD: usize = size_of::<u32>();

/// Commands, to both chips at once.
const READ_ARRAY: u32 = both(0xff);
const CLEAR_STATUS: u32 = both(0x50);
const PROGRAM: u32 = both(0x40);
const ERASE: u32 = both(0x20);
const CONFIRM: u32 = both(0xd0);
/// Bits of the status.
const READY: u32 = both(0x80);
/// It could not erase, could not program, or is locked.
const FAILED: u32 = both(0x32);

const fn both(chip: u32) -> u32 {
    chip << 16 | chip
}

/// The flash; waits for each word.
pub struct Flash(());

/// Why the flash does not do something.
#[derive(Clone, Copy, Debug)]
pub enum FlashError {
    /// Not a place in it, or no whole words or blocks.
    Place,
    /// It says that it has failed.
    Failed,
}

impl Flash {
    /// # Safety
    /// There must be only one.
    pub(crate) unsafe fn new() -> Self {
        Self(())
    }

    fn command(&mut self, at: u32, command: u32) {
        // SAFETY: a place in the flash, whose only user this is.
        unsafe { BASE.wrapping_add(at as usize).cast::<u32>().write_volatile(command) }
    }

    fn read_word(&mut self, at: u32) -> u32 {
        // SAFETY: as above.
        unsafe { BASE.wrapping_add(at as usize).cast::<u32>().read_volatile() }
    }

    /// Waits until both chips have done what they were told.
    fn wait(&mut self, at: u32) -> Result<(), FlashError> {
        loop {
            let status = self.read_word(at);
            if status & READY == READY {
                return if status & FAILED == 0 { Ok(()) } else { Err(FlashError::Failed) };
            }
        }
    }

    /// Does some work that begins with a clear status and ends with the contents in view again.
    fn work(&mut self, at: u32, work: impl FnOnce(&mut Self) -> Result<(), FlashError>) -> Result<(), FlashError> {
        self.command(at, CLEAR_STATUS);
        let result = work(self);
        self.command(at, READ_ARRAY);
        result
    }
}

/// Whether there are `count` bytes from number `at` on, in whole pieces.
fn check(at: u32, count: usize, piece: usize) -> Result<(), FlashError> {
    let is_whole = (at as usize).is_multiple_of(piece) && count.is_multiple_of(piece);
    let is_inside = (at as usize).checked_add(count).is_some_and(|end| end <= BYTES);
    if is_whole && is_inside { Ok(()) } else { Err(FlashError::Place) }
}

impl NorFlashError for FlashError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::Place => NorFlashErrorKind::OutOfBounds,
            Self::Failed => NorFlashErrorKind::Other,
        }
    }
}

impl ErrorType for Flash {
    type Error = FlashError;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = WORD;

    fn read(&mut self, at: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        check(at, bytes.len(), WORD)?;
        for (place, word) in (at..).step_by(WORD).zip(bytes.as_chunks_mut().0) {
            *word = self.read_word(place).to_le_bytes();
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        BYTES
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = BLOCK;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        check(from, to.saturating_sub(from) as usize, BLOCK)?;
        self.work(from, |flash| {
            (from..to).step_by(BLOCK).try_for_each(|block| {
                flash.command(block, ERASE);
                flash.command(block, CONFIRM);
                flash.wait(block)
            })
        })
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), FlashError> {
        check(at, bytes.len(), WORD)?;
        self.work(at, |flash| {
            (at..).step_by(WORD).zip(bytes.as_chunks().0).try_for_each(|(place, word)| {
                flash.command(place, PROGRAM);
                flash.command(place, u32::from_le_bytes(*word));
                flash.wait(place)
            })
        })
    }
}
