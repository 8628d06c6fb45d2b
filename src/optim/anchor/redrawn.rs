//! The weights that a seed gives.

use core::marker::PhantomData;

use super::{Anchor, Work, compare_filled};
use crate::core::archive::Archive;
use crate::core::params::{Leaf, Params};
use crate::core::rng::{Key, Purpose};
use crate::core::setting::Settings;

/// The weights that a trainer's `init` draws from its seed, drawn again whenever they are needed: they take no RAM. Only for runs that
/// begin with them.
pub struct Redrawn<M> {
    key: Key,
    model: PhantomData<M>,
}

/// The seed of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Seed(pub u64);

impl Settings for Seed {
    fn visit(&mut self, archive: &mut Archive) {
        archive.long(&mut self.0);
    }
}

impl<M: Params> Anchor for Redrawn<M> {
    type Config = Seed;

    const ZERO: Self = Self { key: Key::ZERO, model: PhantomData };

    fn init(&mut self, Seed(seed): Seed) {
        self.key = Key::new(seed, Purpose::Init);
    }

    fn persist(&mut self, _: usize, archive: &mut Archive) {
        archive.part("redrawn");
        self.key.persist(archive);
    }

    fn compare(&mut self, leaf: &Leaf, weights: &mut [f32], first: usize, in_blocks: bool, work: Work) {
        let (ordinal, start) = find::<M>(first);
        let mut stream = self.key.child(ordinal).stream();
        // Every value takes one.
        for _ in start..first {
            stream.bits();
        }
        compare_filled(weights, first, in_blocks, &mut |anchor| leaf.init.draw(anchor, &mut stream), work);
    }
}

/// Number of the leaf among all of the walk, and place of its first value among the trained ones, from the place of any of its
/// values.
fn find<M: Params>(place: usize) -> (u64, usize) {
    let (mut found, mut ordinal, mut start) = ((0, place), 0, 0);
    M::starts(&mut |length, trained| {
        if trained && (start..start + length).contains(&place) {
            found = (ordinal, start);
        }
        ordinal += 1;
        start += if trained { length } else { 0 };
    });
    debug_assert!(place < start, "a model without `Params::starts`");
    found
}
