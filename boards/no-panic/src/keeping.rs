//! Checkpoints, and the store.

use core::hint::black_box;

use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashErrorKind, ReadNorFlash};
use trainlet::checkpoint::{self, Keep, Slice};
use trainlet::store::Store;

use crate::Memory;

pub fn keep(memory: &Memory, keep: Keep) {
    let mut bytes: &mut [u8] = memory.value::<[u8; 4096]>();
    black_box(checkpoint::write(&mut bytes, keep).is_ok());
    let bytes = *memory.value::<&[u8]>();
    black_box(checkpoint::read(&mut Slice::new(bytes), keep).is_ok());
    store(memory, keep);
}

/// One copy for all learners.
#[inline(never)]
fn store(memory: &Memory, keep: Keep) {
    let Ok(mut store) = Store::new(Flash, memory.value::<core::ops::Range<u32>>().clone(), *memory.value()) else {
        return;
    };
    black_box(store.save(keep).is_ok());
    black_box(store.load(keep).is_ok());
    black_box(store.clear().is_ok());
    black_box(store.saves());
}

/// One of which nothing is known.
struct Flash;

impl ErrorType for Flash {
    type Error = NorFlashErrorKind;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
        black_box((offset, bytes));
        black_box(Err(NorFlashErrorKind::Other))
    }

    fn capacity(&self) -> usize {
        black_box(0)
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 4096;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
        black_box((from, to));
        black_box(Ok(()))
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Self::Error> {
        black_box((offset, bytes));
        black_box(Ok(()))
    }
}
