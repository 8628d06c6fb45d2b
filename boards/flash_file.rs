//! For QEMU, whose machine has no flash that can be written: a flash in a file of the computer that QEMU runs on, by semihosting
//! (`-semihosting-config enable=on,target=native,arg=flash,arg=FILE`). Without such arguments there is none.

use cortex_m_semihosting::nr::{GET_CMDLINE, OPEN, READ, SEEK, WRITE, open};
use cortex_m_semihosting::syscall;
use embedded_storage::nor_flash::{ErrorType, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash};

const BYTES: usize = 1 << 20;
const SECTOR: usize = 128 << 10;
const WORD: usize = size_of::<u32>();
/// What stands before the name of the file.
const FLASH: &[u8] = b"flash ";
const ERASED: &[u8] = &[0xff; 4096];
/// Longest list of arguments.
const ARGUMENTS: usize = 512;

/// The file's handle. Words are written one by one: QEMU may be killed between two.
pub struct Flash(usize);

/// The file cannot be read or written there.
#[derive(Clone, Copy, Debug)]
pub struct FlashError;

/// What the board gives away.
pub fn take() -> Option<Flash> {
    Flash::new()
}

impl Flash {
    /// The file that QEMU is told of, if it is.
    fn new() -> Option<Self> {
        let mut bytes = [0; ARGUMENTS];
        let block = [bytes.as_mut_ptr() as usize, bytes.len()];
        // SAFETY: the block has a buffer and its length; the host changes both.
        let failed = unsafe { syscall(GET_CMDLINE, &block) };
        let arguments = bytes.split(|byte| *byte == 0).next().filter(|_| failed == 0)?;
        let name = arguments.strip_prefix(FLASH)?;
        // The zero byte that ends the name is in the buffer.
        let block = [name.as_ptr() as usize, open::RW_BINARY, name.len()];
        // SAFETY: name, mode and length of the name.
        let handle = unsafe { syscall(OPEN, &block) };
        (handle != usize::MAX).then_some(Self(handle))
    }

    fn seek(&mut self, at: u32) -> Result<(), FlashError> {
        // SAFETY: handle and place.
        check(unsafe { syscall(SEEK, &[self.0, at as usize]) } == 0)
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), FlashError> {
        // SAFETY: handle, place in memory, length.
        check(unsafe { syscall(WRITE, &[self.0, bytes.as_ptr() as usize, bytes.len()]) } == 0)
    }
}

fn check(succeeded: bool) -> Result<(), FlashError> {
    if succeeded { Ok(()) } else { Err(FlashError) }
}

impl NorFlashError for FlashError {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

impl ErrorType for Flash {
    type Error = FlashError;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = WORD;

    fn read(&mut self, at: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        self.seek(at)?;
        // SAFETY: handle, a buffer in memory, its length.
        check(unsafe { syscall(READ, &[self.0, bytes.as_mut_ptr() as usize, bytes.len()]) } == 0)
    }

    fn capacity(&self) -> usize {
        BYTES
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = WORD;
    const ERASE_SIZE: usize = SECTOR;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        self.seek(from)?;
        (from..to).step_by(ERASED.len()).try_for_each(|_| self.append(ERASED))
    }

    fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), FlashError> {
        self.seek(at)?;
        bytes.chunks(WORD).try_for_each(|word| self.append(word))
    }
}
