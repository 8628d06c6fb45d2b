//! Keeps a program's run in the board's flash, and never stops it: errors are counted.

use core::convert::Infallible;

use embedded_io::ErrorType;
use embedded_storage::nor_flash::NorFlash;
use trainlet::checkpoint::{self, Keep};
use trainlet::core::archive::Archive;
use trainlet::link::message::{Refusal, Saved};
use trainlet::store::{Error, Store};

use crate::board::Board;
use crate::report::{Count, Name, line};

/// What a look for a run has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// This run: it goes on where it was saved.
    Own,
    /// Another one, whose values are in place now.
    Other,
    /// None.
    Nothing,
}

/// A store, if the board has one.
pub struct Saver<F> {
    store: Option<Store<F>>,
    /// Errors since the board was switched on.
    pub errors: u32,
    /// The last of them, for people.
    last: &'static str,
}

impl<F: NorFlash> Saver<F> {
    /// Looks for what the board has kept.
    pub fn new<B: Board<Flash = F>>(board: &mut B) -> Self {
        const {
            let (erase_size, write_size) = (B::SLOTS.erase_size as usize, B::SLOTS.write_size as usize);
            let is_true = erase_size == F::ERASE_SIZE && write_size == F::WRITE_SIZE;
            assert!(B::SLOTS.count == 0 || is_true, "the flash erases or writes other pieces than `SLOTS` says");
        }
        let mut saver = Self { store: None, errors: 0, last: "" };
        let store = board.take_flash().map(|flash| Store::new(flash, B::SLOTS.range(), B::SLOTS.count));
        saver.store = store.and_then(|store| saver.noted(store).ok());
        saver
    }

    /// Whether there is a store.
    pub fn is_there(&self) -> bool {
        self.store.is_some()
    }

    /// Number of the last save; 0 for none.
    pub fn saves(&self) -> u32 {
        self.store.as_ref().map_or(0, Store::saves)
    }

    /// Puts the last save in place of what `keep` shows. `false` if there is none, or one of something else, which is counted.
    pub fn load(&mut self, keep: Keep) -> bool {
        let loaded = self.store.as_mut().map(|store| store.load(keep));
        loaded.and_then(|loaded| self.noted(loaded).ok()).unwrap_or(false)
    }

    /// Puts the last save in place of what `keep` shows, and tells if it is not one of the run `own`. Beside its values a run shows the
    /// number that it is told apart by.
    pub fn resume<B: Board<Flash = F>>(
        &mut self,
        board: &mut B,
        own: u32,
        every: u32,
        keep: &mut dyn FnMut(&mut Archive, &mut u32),
    ) -> Found {
        let mut identity = own;
        if !self.load(&mut |archive| keep(archive, &mut identity)) {
            let none = "store: there is no save to go on from";
            match every {
                0 => line(board, format_args!("{none}")),
                every => line(board, format_args!("{none}; one is made every {} steps", Count(every as usize))),
            }
            return Found::Nothing;
        }
        if identity == own {
            return Found::Own;
        }
        let save = Count(self.saves() as usize);
        line(board, format_args!("store: save {save} is of other settings, data or weights; a new run starts"));
        Found::Other
    }

    /// Keeps what `keep` shows.
    ///
    /// # Errors
    /// There is no store, or the save has failed, which is counted.
    pub fn save(&mut self, keep: Keep) -> Result<Saved, Refusal> {
        let store = self.store.as_mut().ok_or(Refusal::NoStore)?;
        let saved = store.save(keep).map(|bytes| Saved { bytes, number: store.saves() });
        Ok(self.noted(saved)?)
    }

    /// Reports the errors, if there were any.
    pub fn report<B: Board>(&self, board: &mut B) {
        if B::SLOTS.count > 0 && self.errors > 0 {
            let (count, last) = (Count(self.errors as usize), Name(self.last));
            line(board, format_args!("store: {count} errors, the last: {last}"));
        }
    }

    /// Counts an error.
    fn noted<T>(&mut self, result: Result<T, Error<F::Error>>) -> Result<T, Error<F::Error>> {
        result.inspect_err(|error| (self.errors, self.last) = (self.errors.saturating_add(1), what(error)))
    }
}

/// CRC-32 of what a checkpoint of this has.
pub fn checksum(keep: Keep) -> u32 {
    let mut checksum = Checksum([0; 4]);
    let written = checkpoint::write(&mut checksum, keep);
    debug_assert!(written.is_ok(), "nothing here can fail but values that a trainer does not take");
    u32::from_le_bytes(checksum.0)
}

/// Of a checkpoint alone its last four bytes: the CRC-32 of all before.
struct Checksum([u8; 4]);

impl ErrorType for Checksum {
    type Error = Infallible;
}

impl embedded_io::Write for Checksum {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        if let Ok(last) = bytes.try_into() {
            self.0 = last;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// An error by name, without the formatting of `core`.
fn what<E>(error: &Error<E>) -> &'static str {
    match error {
        Error::Area => "the flash is smaller than this program takes it for",
        Error::Flash(_) => "the flash has failed",
        Error::Worn => "the flash may be worn out",
        Error::TooLarge { .. } => "a save does not fit a slot",
        Error::Checkpoint(checkpoint::Error::Network) => "the save in flash is of another network",
        Error::Checkpoint(checkpoint::Error::Kept) => "the save in flash is of another program, optimiser or state",
        Error::Checkpoint(checkpoint::Error::Version(_)) => "the save in flash is of another version",
        Error::Checkpoint(checkpoint::Error::Value(_)) => "a value cannot be saved, or cannot have been",
        Error::Checkpoint(_) => "the save in flash is damaged",
    }
}
