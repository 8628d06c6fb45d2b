//! The record of a leaf.

use crate::core::archive::Archive;
use crate::core::params::{Leaf, Role};

/// Averages over the updates of an epoch, with more weight on the later ones: enough to tell a leaf that moves from one that does
/// not.
#[derive(Clone, Copy, Debug)]
pub struct LeafRecord {
    /// Place of its first value among all that are trained.
    pub first: u32,
    /// Number of its block from 1; 0 for none.
    pub block: u16,
    /// Whether it is a matrix or kernel.
    pub is_weight: bool,
    /// It belongs to a leaf.
    taken: bool,
    movement: f32,
    gradient: f32,
    /// The same average of the constant 1.
    share: f32,
    /// Movement in the first epoch.
    pub at_first: f32,
}

/// Share of the latest update in an average.
const RATE: f32 = 0.1;

impl LeafRecord {
    /// All-zero bits.
    pub const ZERO: Self = Self {
        first: 0,
        block: 0,
        is_weight: false,
        taken: false,
        movement: 0.0,
        gradient: 0.0,
        share: 0.0,
        at_first: 0.0,
    };

    /// Of a leaf whose first value has this place.
    pub fn of(leaf: &Leaf, first: usize) -> Self {
        let block = leaf.path.block().map_or(0, |block| block as u16 + 1);
        Self { first: first as u32, block, is_weight: leaf.role == Role::Weight, taken: true, ..Self::ZERO }
    }

    /// Shows all of it.
    pub fn persist(&mut self, archive: &mut Archive) {
        archive.count(&mut self.first);
        let mut block = u32::from(self.block);
        archive.count(&mut block);
        archive.flag(&mut self.is_weight);
        archive.flag(&mut self.taken);
        let mut averages = [self.movement, self.gradient, self.share, self.at_first];
        archive.any(&mut averages);
        if archive.replaces() {
            self.block = block as u16;
            [self.movement, self.gradient, self.share, self.at_first] = averages;
        }
    }

    /// Whether it belongs to a leaf; otherwise it is free.
    pub fn is_taken(&self) -> bool {
        self.taken
    }

    /// Adds an update to the averages: the largest change of a weight over the learning rate, and the RMS of the gradient.
    pub fn take(&mut self, movement: f32, gradient: f32) {
        self.movement += RATE * (movement - self.movement);
        self.gradient += RATE * (gradient - self.gradient);
        self.share += RATE * (1.0 - self.share);
    }

    /// Average movement and gradient of this epoch, `None` without an update.
    pub fn averages(&self) -> Option<(f32, f32)> {
        (self.share > 0.0).then(|| (self.movement / self.share, self.gradient / self.share))
    }

    /// Begins the next epoch.
    pub fn end_epoch(&mut self, is_first: bool) {
        if let (true, Some((movement, _))) = (is_first, self.averages()) {
            self.at_first = movement;
        }
        (self.movement, self.gradient, self.share) = (0.0, 0.0, 0.0);
    }
}
