//! How many weights are moved.

use crate::core::archive::Archive;
use crate::core::setting::{Setting, Settings};

/// How many weights are left where they are.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Sparsity(
    /// Their share, 0 to 1. No more are moved than there is room for copies of.
    pub f32,
);

impl Settings for Sparsity {
    fn visit(&mut self, archive: &mut Archive) {
        archive.setting(Setting::Sparsity, &mut self.0);
    }
}

impl Sparsity {
    /// How many of `trained` weights are moved: the length of the copy that they need. A fraction of a weight is left out, but
    /// not what only the rounding of the share to an `f32` has cut off: 0.8 of 10 leaves 2.
    pub const fn moved(self, trained: usize) -> usize {
        // Of a share that is an `f32`, half a unit in the last place may be cut off: up to 2⁻²⁵ of all.
        const ONE: u64 = 1 << 32;
        let stays = (self.0 * ONE as f32) as u64;
        let trained = trained as u64;
        ((ONE.saturating_sub(stays) * trained + (trained << 7)) >> 32) as usize
    }

    pub(super) fn within(self, trained: usize, room: usize) -> u32 {
        self.moved(trained).min(room) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sparsity_is_the_share_of_zeros_within_the_room() {
        assert_eq!([0.0, 0.2, 0.5, 1.0].map(|s| Sparsity(s).moved(203)), [203, 162, 101, 0]);
        assert_eq!(Sparsity(0.5).within(203, 20), 20);
        assert_eq!(
            [(0.8, 10), (0.9, 10), (0.95, 20), (0.7, 10)].map(|(s, count)| Sparsity(s).moved(count)),
            [2, 1, 1, 3]
        );
        // A hundredth of any number is as many as whole hundreds, whatever the share.
        for percent in 0..=100 {
            for hundreds in [1, 2, 7, 31, 1000, 4321] {
                assert_eq!(Sparsity(percent as f32 / 100.0).moved(100 * hundreds), (100 - percent) * hundreds);
            }
        }
    }
}
