//! Where the slots are.

use core::ops::Range;

/// A stretch of a flash in slots of equal length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Area {
    first: u32,
    /// Bytes of a slot.
    pub slot: u32,
    /// How many there are.
    pub slots: u32,
}

impl Area {
    /// Whole erase blocks for each slot; `None` if there is not one for each of at least two, or if the range does not begin and end with
    /// blocks of the flash.
    pub fn new(range: Range<u32>, slots: u32, erase_size: u32, capacity: usize) -> Option<Self> {
        let length = range.end.checked_sub(range.start)?;
        let blocks = (length / erase_size).checked_div(slots)?;
        let is_aligned = range.start.is_multiple_of(erase_size) && range.end.is_multiple_of(erase_size);
        let fits = slots >= 2 && blocks >= 1 && is_aligned && range.end as usize <= capacity;
        fits.then_some(Self { first: range.start, slot: blocks * erase_size, slots })
    }

    /// First byte of a slot.
    pub fn start(&self, slot: u32) -> u32 {
        self.first + slot * self.slot
    }

    /// The slot after this one.
    pub fn after(&self, slot: u32) -> u32 {
        if slot + 1 < self.slots { slot + 1 } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_whole_blocks_within_the_flash() {
        let area = Area::new(0x1000..0x8000, 3, 0x1000, 0x8000).unwrap();
        assert_eq!([0, 1, 2].map(|slot| area.start(slot)), [0x1000, 0x3000, 0x5000]);
        assert_eq!([0, 1, 2].map(|slot| area.after(slot)), [1, 2, 0]);
        for (range, slots) in [
            (0x1000..0x8000, 0),
            (0x1000..0x8000, 1),
            (0x1000..0x8000, 8),
            (0x1000..0x9000, 2),
            (0x1004..0x8000, 2),
            (0x1000..0x7ffc, 2),
            (0x1000..0x1000, 2),
        ] {
            assert_eq!(Area::new(range.clone(), slots, 0x1000, 0x8000), None, "{range:x?} in {slots}");
        }
        assert_eq!(Area::new(Range { start: 0x8000, end: 0x1000 }, 2, 0x1000, 0x8000), None);
    }
}
