//! Where a board's flash keeps checkpoints.

use core::convert::Infallible;
use core::ops::Range;

use embedded_storage::nor_flash::{ErrorType, NorFlash, ReadNorFlash};

/// A stretch of a flash, in slots of equal length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots {
    /// Number of its first byte, within the flash.
    pub start: u32,
    /// Bytes of a slot: whole erase blocks.
    pub slot: u32,
    /// How many there are, at least 2.
    pub count: u32,
    /// Bytes that are erased at a time.
    pub erase_size: u32,
    /// Bytes that are written at a time.
    pub write_size: u32,
    /// How many times the data sheet lets each byte be erased.
    pub endurance: u32,
}

/// Those of each board, at the end of its flash.
#[allow(missing_docs, reason = "the names say it")]
impl Slots {
    /// Sectors 10 and 11.
    pub const STM32F405: Self = Self::last(1 << 20, 128 << 10, 10_000);
    /// Sectors 6 and 7.
    pub const NUCLEO_F446RE: Self = Self::last(512 << 10, 128 << 10, 10_000);
    /// Pages 192 to 255 of 256; the flash that the board gives away begins with them.
    pub const NRF52840: Self = Self::last(256 << 10, 4 << 10, 10_000);
    /// Of a chip or module with 4 MiB.
    pub const ESP: Self = Self::last(4 << 20, 4 << 10, 100_000);
    /// Of the 2 MiB beside the chip on a Raspberry Pi Pico.
    pub const RP2040: Self = Self { write_size: 1, ..Self::last(2 << 20, 4 << 10, 100_000) };
    /// Of the 4 MiB beside the chip on a Raspberry Pi Pico 2.
    pub const RP2350: Self = Self { write_size: 1, ..Self::last(4 << 20, 4 << 10, 100_000) };
    /// A file of QEMU does not wear out.
    pub const RISCV_VIRT: Self = Self::last(32 << 20, 256 << 10, u32::MAX);
    /// The same, laid out as that of an STM32F405.
    pub const QEMU_MPS2: Self = Self { endurance: u32::MAX, ..Self::STM32F405 };
    /// For a board without a store.
    pub const NONE: Self = Self { start: 0, slot: 0, count: 0, erase_size: 1, write_size: 1, endurance: 0 };

    const fn last(flash: u32, erase_size: u32, endurance: u32) -> Self {
        let slot = if erase_size > Self::SMALLEST { erase_size } else { Self::SMALLEST };
        let count = if 2 * slot > Self::BYTES { 2 } else { Self::BYTES / slot };
        Self { start: flash - count * slot, slot, count, erase_size, write_size: 4, endurance }
    }

    const BYTES: u32 = 256 << 10;
    /// Where blocks are small, there are as many slots as this lets fit.
    const SMALLEST: u32 = 64 << 10;

    /// All of it.
    pub const fn range(&self) -> Range<u32> {
        self.start..self.start + self.slot * self.count
    }

    /// Saves until it is worn out.
    pub const fn saves(&self) -> u64 {
        self.endurance as u64 * self.count as u64
    }
}

/// For a board that keeps nothing: there is no such value, and all code that would use it is left out.
#[derive(Clone, Copy, Debug)]
pub enum NoFlash {}

impl ErrorType for NoFlash {
    type Error = Infallible;
}

impl ReadNorFlash for NoFlash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, _: u32, _: &mut [u8]) -> Result<(), Infallible> {
        match *self {}
    }

    fn capacity(&self) -> usize {
        match *self {}
    }
}

impl NorFlash for NoFlash {
    const WRITE_SIZE: usize = 4;
    const ERASE_SIZE: usize = 4096;

    fn erase(&mut self, _: u32, _: u32) -> Result<(), Infallible> {
        match *self {}
    }

    fn write(&mut self, _: u32, _: &[u8]) -> Result<(), Infallible> {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tables that espflash writes leave the area to checkpoints, and nothing else reaches into it.
    #[test]
    fn the_tables_of_espressifs_chips_have_a_partition_for_their_slots() {
        for table in [
            include_str!("../../esp32/partitions.csv"),
            include_str!("../../esp32c3/partitions.csv"),
            include_str!("../../esp32c6/partitions.csv"),
            include_str!("../../esp32s3/partitions.csv"),
        ] {
            assert_eq!(partition(table), Some(Slots::ESP.range()));
        }
    }

    /// Of the checkpoints, in a table whose partitions are in order.
    fn partition(table: &str) -> Option<Range<u32>> {
        let number = |text: &str| u32::from_str_radix(text.trim().trim_start_matches("0x"), 16).unwrap();
        let (mut end, mut found) = (0, None);
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            let [name, kind, _, offset, size] = line.split(',').collect::<std::vec::Vec<_>>()[..] else {
                panic!("{line}")
            };
            assert!(number(offset) >= end, "{line}");
            end = number(offset) + number(size);
            if (name, kind) == ("trainlet", "data") {
                found = Some(number(offset)..end);
            }
        }
        found
    }

    /// Programs end where they begin.
    #[test]
    fn the_linker_scripts_of_the_picos_leave_their_slots_alone() {
        let kib = |slots: Slots| slots.start >> 10;
        let programs = std::format!("FLASH : ORIGIN = 0x10000000, LENGTH = {}K\n", kib(Slots::RP2350));
        assert!(include_str!("../../rp2350/memory.x").contains(&programs), "{programs}");
        let programs = std::format!("FLASH : ORIGIN = 0x10000100, LENGTH = {}K - 256\n", kib(Slots::RP2040));
        assert!(include_str!("../../rp2040/memory.x").contains(&programs), "{programs}");
    }

    #[test]
    fn slots_are_whole_blocks_at_the_end_of_the_flash() {
        for (slots, flash) in [
            (Slots::STM32F405, 1 << 20),
            (Slots::NUCLEO_F446RE, 512 << 10),
            (Slots::NRF52840, 256 << 10),
            (Slots::ESP, 4 << 20),
            (Slots::RP2040, 2 << 20),
            (Slots::RP2350, 4 << 20),
            (Slots::RISCV_VIRT, 32 << 20),
        ] {
            assert_eq!(slots.range().end, flash);
            assert!(slots.slot.is_multiple_of(slots.erase_size) && slots.start.is_multiple_of(slots.erase_size));
            assert!(slots.count >= 2);
        }
        assert_eq!((Slots::STM32F405.start, Slots::STM32F405.saves()), (0xc_0000, 20_000));
        assert_eq!((Slots::NRF52840.count, Slots::NRF52840.slot), (4, 64 << 10));
    }
}
