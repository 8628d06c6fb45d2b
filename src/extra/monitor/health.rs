//! The verdict.

use super::leaf::LeafRecord;
use super::saturation::Saturation;
use crate::core::archive::Archive;
use crate::core::setting::{Setting, Settings};

/// Whether a network learns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Verdict {
    /// It learns, or more than three epochs have passed.
    Fine,
    /// The loss does not fall, and the first block hardly moves: the gradient does not reach it.
    Vanish,
    /// The loss does not fall although the weights move.
    Plateau,
    /// A loss or a gradient is not finite, or a gradient far too long.
    Explode,
}

/// Epochs within which a network must begin to learn. Later the loss may stop falling: there may be nothing left to learn.
pub const EPOCHS: u32 = 3;

/// The verdict on an epoch, and the figures that it is based on.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Health {
    /// From 1.
    pub epoch: u32,
    /// Whether the network learns.
    pub verdict: Verdict,
    /// Share of the last epoch's loss by which this one's is less; `None` in the first.
    pub improvement: Option<f32>,
    /// RMS of the gradient in the first block over that in the last, each where it is largest.
    pub ratio: Option<f32>,
    /// The matrix of the first block that moves least: its largest change over the learning rate.
    pub movement: Option<f32>,
    /// Place, among all trained values, of the first value of the leaf that causes the verdict; of the one that moves least
    /// if the network is fine. [`visit_path`](super::visit_path) tells its name.
    pub leaf: Option<usize>,
    /// The most saturated layer of GELUs in this epoch; it does not affect the verdict. `None` if none is counted.
    pub saturation: Option<Saturation>,
}

/// Thresholds of the verdicts, each at least 0.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Thresholds {
    /// The loss counts as not falling if it falls by less than this share of itself in an epoch.
    pub improvement: f32,
    /// A leaf hardly moves if the largest change over the learning rate is below this.
    pub movement: f32,
    /// The same as a share of its movement in the first epoch.
    pub relative_movement: f32,
    /// A gradient whose RMS is below this has vanished.
    pub gradient: f32,
    /// So has one whose RMS in the first block is below this share of that in the last.
    pub ratio: f32,
    /// A gradient whose RMS is above this explodes.
    pub explosion: f32,
}

impl Settings for Thresholds {
    fn visit(&mut self, archive: &mut Archive) {
        let Self { improvement, movement, relative_movement, gradient, ratio, explosion } = self;
        for threshold in [improvement, movement, relative_movement, gradient, ratio, explosion] {
            archive.setting(Setting::Threshold, threshold);
        }
    }
}

impl Thresholds {
    /// For optimisers that scale each gradient by its own size, as Adam does: a weight moves by about the learning rate however
    /// small its gradient, until that approaches ε.
    pub const fn adam() -> Self {
        Self { improvement: 0.01, movement: 0.05, relative_movement: 0.0, gradient: 1e-7, ratio: 1e-3, explosion: 1e3 }
    }

    /// For optimisers that follow the gradient: what counts is how far a leaf moved in the first epoch.
    pub const fn sgd() -> Self {
        Self { movement: 0.0, relative_movement: 1e-3, ..Self::adam() }
    }

    pub(super) const ZERO: Self =
        Self { improvement: 0.0, movement: 0.0, relative_movement: 0.0, gradient: 0.0, ratio: 0.0, explosion: 0.0 };

    /// The verdict on an epoch by its loss, that of the epoch before, and the leaves.
    pub(super) fn judge(&self, epoch: u32, loss: f32, before: Option<f32>, leaves: &[LeafRecord]) -> Health {
        let improvement = before.map(|before| (before - loss) / before);
        let ends = Ends::of(leaves);
        let [first_gradient, last_gradient] = [ends.first, ends.last].map(|end| ends.largest_gradient(leaves, end));
        let in_first = || ends.matrices(leaves, ends.first);
        let least = in_first().fold(None, less_moved);
        let ratio = first_gradient.zip(last_gradient).filter(|(_, last)| *last > 0.0).map(|(first, last)| first / last);
        let movement = least.and_then(LeafRecord::averages).map(|(movement, _)| movement);
        let still = in_first().find(|leaf| self.is_still(leaf));
        let exploded = leaves.iter().find(|leaf| self.explodes(leaf));
        let stays = (2..=EPOCHS).contains(&epoch) && improvement.is_some_and(|share| share < self.improvement);
        let starved = ratio.is_some_and(|ratio| ratio < self.ratio);
        let (verdict, leaf) = if !loss.is_finite() || exploded.is_some() {
            (Verdict::Explode, exploded)
        } else if stays && (still.is_some() || starved) {
            (Verdict::Vanish, still.or(least))
        } else if stays {
            (Verdict::Plateau, least)
        } else {
            (Verdict::Fine, least)
        };
        let leaf = leaf.map(|leaf| leaf.first as usize);
        Health { epoch, verdict, improvement, ratio, movement, leaf, saturation: None }
    }

    fn is_still(&self, leaf: &LeafRecord) -> bool {
        leaf.averages().is_some_and(|(movement, gradient)| {
            let relative = self.relative_movement * leaf.at_first;
            movement < self.movement.max(relative) || gradient < self.gradient
        })
    }

    fn explodes(&self, leaf: &LeafRecord) -> bool {
        leaf.averages().is_some_and(|(_, gradient)| !gradient.is_finite() || gradient > self.explosion)
    }
}

/// The first and the last block, or, of a network whose blocks are not known, the first and the last matrix.
struct Ends {
    has_blocks: bool,
    first: Option<u32>,
    last: Option<u32>,
}

impl Ends {
    fn of(leaves: &[LeafRecord]) -> Self {
        let has_blocks = leaves.iter().any(|leaf| leaf.block > 0);
        let ends = Self { has_blocks, first: None, last: None };
        let places = || leaves.iter().filter_map(|leaf| ends.place(leaf));
        Self { first: places().min(), last: places().max(), ..ends }
    }

    fn place(&self, leaf: &LeafRecord) -> Option<u32> {
        let place = if self.has_blocks { u32::from(leaf.block) } else { leaf.first };
        (leaf.is_weight && (leaf.block > 0 || !self.has_blocks)).then_some(place)
    }

    fn matrices<'a>(&self, leaves: &'a [LeafRecord], end: Option<u32>) -> impl Iterator<Item = &'a LeafRecord> {
        leaves.iter().filter(move |leaf| end.is_some() && self.place(leaf) == end)
    }

    fn largest_gradient(&self, leaves: &[LeafRecord], end: Option<u32>) -> Option<f32> {
        self.matrices(leaves, end).filter_map(LeafRecord::averages).map(|(_, gradient)| gradient).reduce(f32::max)
    }
}

fn less_moved<'a>(least: Option<&'a LeafRecord>, leaf: &'a LeafRecord) -> Option<&'a LeafRecord> {
    match (least.and_then(LeafRecord::averages), leaf.averages()) {
        (Some((least_movement, _)), Some((movement, _))) if least_movement <= movement => least,
        (_, None) => least,
        _ => Some(leaf),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A matrix of this block, with what its updates come to.
    fn matrix(first: u32, block: u16, movement: f32, gradient: f32) -> LeafRecord {
        let mut leaf = LeafRecord::ZERO;
        (leaf.first, leaf.block, leaf.is_weight) = (first, block, true);
        leaf.take(movement, gradient);
        leaf
    }

    #[test]
    fn the_loss_stays_by_its_share_whatever_its_size() {
        let leaves = [matrix(0, 1, 1.0, 0.1), matrix(50, 2, 1.0, 0.1)];
        let verdict = |before, loss| Thresholds::adam().judge(2, loss, Some(before), &leaves).verdict;
        assert_eq!(verdict(10.0, 9.95), Verdict::Plateau);
        assert_eq!(verdict(0.01, 0.009), Verdict::Fine);
    }

    /// It moves, but by a gradient of as good as nothing; another moves less, by a good one.
    #[test]
    fn the_leaf_whose_gradient_vanishes_is_named_and_not_the_one_that_moves_least() {
        let leaves = [matrix(0, 1, 0.1, 0.1), matrix(50, 1, 0.2, 1e-9), matrix(90, 2, 1.0, 0.1)];
        let health = Thresholds::adam().judge(2, 0.7, Some(0.7), &leaves);
        assert_eq!((health.verdict, health.leaf), (Verdict::Vanish, Some(50)));
        assert!((health.movement.unwrap() - 0.1).abs() < 1e-6);
    }
}
