//! A model in flash.

use super::{Anchor, Work, compare_filled};
use crate::core::archive::Archive;
use crate::core::params::flat::window;
use crate::core::params::{Leaf, Params};
use crate::core::setting::Settings;
use crate::kernels::arch::copy;

/// The weights of a model in flash, which take no RAM. Until [`init`](Anchor::init) has named it, it is where the weights are.
pub struct Stored<M: 'static>(Option<&'static M>);

/// Names the model of [`Stored`].
pub struct StoredWeights<M: 'static>(pub &'static M);

// Not derived, which would ask for the same of the model.
impl<M> Clone for StoredWeights<M> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M> Copy for StoredWeights<M> {}

impl<M> Settings for StoredWeights<M> {}

impl<M: Params> Anchor for Stored<M> {
    type Config = StoredWeights<M>;

    const ZERO: Self = Self(None);

    fn init(&mut self, StoredWeights(model): StoredWeights<M>) {
        self.0 = Some(model);
    }

    /// Which model it is stands in the program, not in the archive.
    fn persist(&mut self, _: usize, archive: &mut Archive) {
        archive.part("stored");
    }

    fn compare(&mut self, _: &Leaf, weights: &mut [f32], first: usize, in_blocks: bool, work: Work) {
        let Some(model) = self.0 else { return };
        let mut place = 0;
        model.read(&mut |leaf, stored| {
            if !leaf.trained {
                return;
            }
            if (place..place + stored.len()).contains(&first) {
                let mut next = first - place;
                let mut fill = |anchor: &mut [f32]| {
                    let length = anchor.len();
                    copy(anchor, window(stored, next, length));
                    next += length;
                };
                compare_filled(weights, first, in_blocks, &mut fill, work);
            }
            place += stored.len();
        });
    }
}
