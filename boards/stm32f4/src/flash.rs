//! The chip's own flash, whose last two sectors of 128 KiB no program takes (build.rs). The processor waits while it is written and
//! erased, since its instructions come from the same flash: 16 µs for a word, 1 to 2 s for a sector (data sheet, 32 bits at a time).

use stm32f4xx_hal::pac::FLASH;
use stm32f4xx_hal::pac::flash::cr::PSIZE;

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};

use crate::board::FLASH as BYTES;

const BASE: *mut u8 = 0x0800_0000 as *mut u8;
/// The sectors from number 5 on.
const SECTOR: usize = 128 << 10;
const FIRST_SECTOR: u32 = 5;
/// What stands before them takes as much as one of them.
const FIRST: u32 = SECTOR as u32;
const WORD: usize = size_of::<u32>();
const KEYS: [u32; 2] = [0x4567_0123, 0xcdef_89ab];
/// Errors: write protection, alignment, parallelism, sequence, and the operation's own. Each is cleared by writing it.
const FAILED: u32 = 0xf2;

/// The flash; waits for each word.
pub struct Flash(FLASH);

/// Why the flash does not do something.
#[derive(Clone, Copy, Debug)]
pub enum FlashError {
    /// Not a place in its large sectors, or no whole words or sectors.
    Place,
    /// It says that it has failed: the bits of its status.
    Failed(u32),
}

/// What the board gives away.
pub fn take() -> Option<Flash> {
    Flash::new()
}

impl Flash {
    /// It is always there.
    fn new() -> Option<Self> {
        // SAFETY: nothing else uses these registers once the clock is set up.
        Some(Self(unsafe { FLASH::steal() }))
    }

    /// Does some work while the flash is unlocked; what it may have in its cache is forgotten afterwards.
    fn work(&mut self, work: impl FnOnce(&mut Self) -> Result<(), FlashError>) -> Result<(), FlashError> {
        for key in KEYS {
            // SAFETY: any value can be written.
            self.0.keyr().write(|w| unsafe { w.bits(key) });
        }
        // SAFETY: clears what was wrong before.
        self.0.sr().write(|w| unsafe { w.bits(FAILED) });
        let result = work(self);
        self.0.cr().write(|w| w.lock().set_bit());
        self.0.acr().modify(|_, w| w.dcen().clear_bit());
        self.0.acr().modify(|_, w| w.dcrst().set_bit());
        self.0.acr().modify(|_, w| w.dcrst().clear_bit().dcen().set_bit());
        result
    }

    fn wait(&mut self) -> Result<(), FlashError> {
        while self.0.sr().read().bsy().bit_is_set() {}
        match self.0.sr().read().bits() & FAILED {
            0 => Ok(()),
            bits => Err(FlashError::Failed(bits)),
        }
    }

    fn erase_sector(&mut self, number: u32) -> Result<(), FlashError> {
        // SAFETY: one of the chip's sectors.
        self.0.cr().write(|w| unsafe { w.psize().variant(PSIZE::Psize32).ser().set_bit().snb().bits(number as u8) });
        self.0.cr().modify(|_, w| w.strt().set_bit());
        self.wait()
    }
}

/// Whether there are `count` bytes from number `at` on, in whole pieces.
fn check(at: u32, count: usize, piece: usize) -> Result<(), FlashError> {
    let is_whole = (at as usize).is_multiple_of(piece) && count.is_multiple_of(piece);
    let is_inside = at >= FIRST && (at as usize).checked_add(count).is_some_and(|end| end <= BYTES);
    if is_whole && is_inside { Ok(()) } else { Err(FlashError::Place) }
}

impl NorFlashError for FlashError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Self::Place => NorFlashErrorKind::OutOfBounds,
            Self::Failed(_) => NorFlashErrorKind::Other,
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
        for (place, word) in (at as usize..).step_by(WORD).zip(bytes.as_chunks_mut().0) {
            // SAFETY: a word of the flash.
            *word = unsafe { BASE.wrapping_add(place).cast::<u32>().read_volatile() }.to_le_bytes();
        }
        Ok(())
    }

    fn capacity(&self) -> usize {
        BYTES
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = SECTOR;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        check(from, to.saturating_sub(from) as usize, SECTOR)?;
        let [first, end] = [from, to].map(|place| FIRST_SECTOR + (place - FIRST) / SECTOR as u32);
        self.work(|flash| (first..end).try_for_each(|number| flash.erase_sector(number)))
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), FlashError> {
        check(at, bytes.len(), WORD)?;
        self.work(|flash| {
            flash.0.cr().write(|w| w.psize().variant(PSIZE::Psize32).pg().set_bit());
            (at as usize..).step_by(WORD).zip(bytes.as_chunks().0).try_for_each(|(place, word)| {
                // SAFETY: a word of the flash that no program takes.
                unsafe { BASE.wrapping_add(place).cast::<u32>().write_volatile(u32::from_le_bytes(*word)) };
                flash.wait()
            })
        })
    }
}
