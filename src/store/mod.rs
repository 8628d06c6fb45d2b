//! Checkpoints in flash, where power may fail at any moment.
//!
//! A [`Store`] takes a stretch of any flash with the traits of embedded-storage and divides it into two slots or more. Each save goes
//! into the slot after the newest, so that all wear evenly and the newest is never touched. A slot counts only once its record is
//! there, which is written last: whenever power fails, the state of the last complete save is found again, never a mixture.
//! What a flash garbles is found by checksums, at the latest when it is read.
//!
//! ```
//! # use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};
//! # struct Flash([u8; 0x4000]);
//! # impl ErrorType for Flash { type Error = core::convert::Infallible; }
//! # impl ReadNorFlash for Flash {
//! #     const READ_SIZE: usize = 1;
//! #     fn read(&mut self, at: u32, bytes: &mut [u8]) -> Result<(), Self::Error> {
//! #         Ok(bytes.copy_from_slice(&self.0[at as usize..][..bytes.len()]))
//! #     }
//! #     fn capacity(&self) -> usize { 0x4000 }
//! # }
//! # impl NorFlash for Flash {
//! #     const WRITE_SIZE: usize = 4;
//! #     const ERASE_SIZE: usize = 0x1000;
//! #     fn erase(&mut self, from: u32, to: u32) -> Result<(), Self::Error> {
//! #         Ok(self.0[from as usize..to as usize].fill(0xff))
//! #     }
//! #     fn write(&mut self, at: u32, bytes: &[u8]) -> Result<(), Self::Error> {
//! #         Ok(self.0[at as usize..][..bytes.len()].copy_from_slice(bytes))
//! #     }
//! # }
//! # let flash = Flash([0xff; 0x4000]);
//! use trainlet::store::Store;
//!
//! // Two slots of 8 KiB. What is kept here is a number; a program shows its trainer instead.
//! let mut store = Store::new(flash, 0..0x4000, 2)?;
//! let mut steps = 7;
//! store.save(&mut |archive| archive.count(&mut steps))?;
//!
//! steps = 0;
//! assert!(store.load(&mut |archive| archive.count(&mut steps))?);
//! assert_eq!((steps, store.saves()), (7, 1));
//! # Ok::<(), trainlet::store::Error<core::convert::Infallible>>(())
//! ```
//!
//! # A slot
//!
//! | bytes | what |
//! |---|---|
//! | 0 to 3 | `TRNS` |
//! | 4 to 7 | version, 1 |
//! | 8 to 11 | number of the save, from 1 |
//! | 12 to 15 | length L of the contents, with what fills up the last word of the flash |
//! | 16 to 19 | CRC-32 of the contents |
//! | 20 to 27 | 0 |
//! | 28 to 31 | CRC-32 of bytes 0 to 27 |
//! | 32 to 31 + L | a [`checkpoint`], then bytes of 0xff up to a whole word |
//!
//! It is our own because a checkpoint is one large value that no RAM has a second copy of: sequential-storage wants an item within a
//! page and in RAM at once, ekv values of at most a kilobyte and 9 KB of RAM; both are async.

mod area;
mod error;
mod medium;
mod record;

pub use error::Error;

use core::ops::Range;

use embedded_storage::nor_flash::NorFlash;

use crate::checkpoint::{self, Keep};
use area::Area;
use medium::{Aligned, Content, Contents, FlashError};
use record::{RECORD, Record};

/// Keeps checkpoints in a flash; see the [module](self).
pub struct Store<F> {
    flash: F,
    area: Area,
    /// The slot of the last complete save.
    newest: Option<(u32, Record)>,
    /// The slot that the next save goes into.
    next: u32,
}

impl<F: NorFlash> Store<F> {
    const CHECKED: () = {
        assert!(
            RECORD.is_multiple_of(F::WRITE_SIZE) && medium::PIECE.is_multiple_of(F::READ_SIZE),
            "the flash writes or reads more than 32 bytes at a time"
        );
        assert!(F::ERASE_SIZE.is_multiple_of(medium::PIECE), "the flash erases less than 64 bytes at a time");
    };

    /// Looks for what has been kept in `range` of the flash: a number of erase blocks for each of `slots` slots, at least 2. Nothing is
    /// written.
    ///
    /// # Errors
    /// The range does not fit the flash, or the flash fails.
    pub fn new(flash: F, range: Range<u32>, slots: u32) -> Result<Self, Error<F::Error>> {
        let () = Self::CHECKED;
        let area = Area::new(range, slots, F::ERASE_SIZE as u32, flash.capacity()).ok_or(Error::Area)?;
        let mut store = Self { flash, area, newest: None, next: 0 };
        store.find_newest()?;
        Ok(store)
    }

    /// The newest slot whose record and contents are whole.
    fn find_newest(&mut self) -> Result<(), Error<F::Error>> {
        let mut newer = None;
        self.newest = None;
        while let Some((slot, record)) = self.newest_before(newer)? {
            if self.is_whole(slot, &record)? {
                self.newest = Some((slot, record));
                self.next = self.area.after(slot);
                return Ok(());
            }
            newer = Some(record.save);
        }
        Ok(())
    }

    /// The slot with the newest record among those that are older than save number `newer`.
    fn newest_before(&mut self, newer: Option<u32>) -> Result<Option<(u32, Record)>, Error<F::Error>> {
        let mut found: Option<(u32, Record)> = None;
        for slot in 0..self.area.slots {
            let mut bytes = Aligned([0; RECORD]);
            self.flash.read(self.area.start(slot), &mut bytes.0).map_err(Error::Flash)?;
            let Some(record) = Record::from_bytes(&bytes.0) else { continue };
            let is_older = newer.is_none_or(|newer| record.save < newer);
            let is_newest = found.is_none_or(|(_, best)| record.save > best.save);
            if record.length <= self.capacity() && is_older && is_newest {
                found = Some((slot, record));
            }
        }
        Ok(found)
    }

    fn is_whole(&mut self, slot: u32, record: &Record) -> Result<bool, Error<F::Error>> {
        let start = self.area.start(slot) + RECORD as u32;
        let checksum = Contents::new(&mut self.flash, start, record.length).checksum();
        checksum.map(|checksum| checksum == record.checksum).map_err(Error::Flash)
    }

    /// Bytes that a slot has room for.
    pub fn capacity(&self) -> u32 {
        self.area.slot - RECORD as u32
    }

    /// Number of saves since the flash was last [cleared](Self::clear). Each slot has been erased once in every as many saves as there are
    /// slots.
    pub fn saves(&self) -> u32 {
        self.newest.map_or(0, |(_, record)| record.save)
    }

    /// Keeps what `keep` shows; gives the bytes that were written. Until it is complete, the last save stays the newest.
    ///
    /// # Errors
    /// A slot is too small, a value cannot be kept, the flash fails, or it has other contents afterwards than were written.
    pub fn save(&mut self, keep: Keep) -> Result<u32, Error<F::Error>> {
        let needed =
            checkpoint::length(keep).map_err(|failure| Error::Checkpoint(checkpoint::Error::Value(failure)))?;
        let needed = needed.next_multiple_of(F::WRITE_SIZE as u32);
        if needed > self.capacity() {
            return Err(Error::TooLarge { needed, capacity: self.capacity() });
        }
        let slot = self.next;
        // If it fails, the slot after it is tried next; with two slots, this one again.
        self.next = self.area.after(slot);
        if self.newest.is_some_and(|(newest, _)| newest == self.next) {
            self.next = self.area.after(self.next);
        }
        self.erase(slot, needed + RECORD as u32)?;
        let start = self.area.start(slot) + RECORD as u32;
        let mut content = Content::new(&mut self.flash, start);
        checkpoint::write(&mut content, keep)?;
        let (length, checksum) = content.finish().map_err(Error::Flash)?;
        let record = Record { save: self.saves() + 1, length, checksum };
        if !self.is_whole(slot, &record)? {
            return Err(Error::Worn);
        }
        self.flash.write(self.area.start(slot), &Aligned(record.to_bytes()).0).map_err(Error::Flash)?;
        self.newest = Some((slot, record));
        self.next = self.area.after(slot);
        Ok(RECORD as u32 + length)
    }

    /// Block by block, that of the record first: what is left of an old save no longer counts then.
    fn erase(&mut self, slot: u32, bytes: u32) -> Result<(), Error<F::Error>> {
        let start = self.area.start(slot);
        for block in (start..start + bytes).step_by(F::ERASE_SIZE) {
            self.flash.erase(block, block + F::ERASE_SIZE as u32).map_err(Error::Flash)?;
        }
        Ok(())
    }

    /// Puts the last complete save in place of what `keep` shows; `false` if there is none.
    ///
    /// # Errors
    /// It is of something else, or the flash fails; nothing has changed then, unless the flash fails while values are put in place.
    pub fn load(&mut self, keep: Keep) -> Result<bool, Error<F::Error>> {
        let Some((slot, record)) = self.newest else { return Ok(false) };
        let start = self.area.start(slot) + RECORD as u32;
        checkpoint::read(&mut Contents::new(&mut self.flash, start, record.length), keep)?;
        Ok(true)
    }

    /// Erases all slots: what a device has learnt is gone.
    ///
    /// # Errors
    /// The flash fails; some slots may be left.
    pub fn clear(&mut self) -> Result<(), Error<F::Error>> {
        for slot in 0..self.area.slots {
            self.erase(slot, self.area.slot)?;
        }
        (self.newest, self.next) = (None, 0);
        Ok(())
    }

    /// Gives the flash back.
    pub fn into_flash(self) -> F {
        self.flash
    }
}

/// Bytes that a save of a checkpoint of `length` bytes writes into a flash with words of `write_size`.
pub const fn bytes_written(length: u32, write_size: u32) -> u32 {
    RECORD as u32 + length.next_multiple_of(write_size)
}
