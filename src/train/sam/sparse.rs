//! Masks of some weights, which are chosen in three ways.

use super::largest::{Largest, magnitude};
use super::mask::{Bits, Mask};
use super::sparsity::Sparsity;
use crate::core::archive::Archive;
use crate::core::rng::{Key, Stream};
use crate::core::setting::{Setting, Settings};
use crate::kernels::cosine::half_cosine;

impl Settings for DynamicConfig {
    fn visit(&mut self, archive: &mut Archive) {
        self.sparsity.visit(archive);
        archive.count(&mut self.every);
        archive.setting(Setting::Exchange, &mut self.rate);
        archive.count(&mut self.end);
    }
}

/// Moves the weights with the largest gradients of the step.
pub struct TopK<B> {
    bits: B,
    moved: u32,
}

impl<B: Bits> Mask for TopK<B> {
    type Config = Sparsity;

    const ZERO: Self = Self { bits: B::ZERO, moved: 0 };
    const CAPACITY: usize = B::LEN;
    const BYTES: usize = size_of::<B>();
    const WHOLE: bool = false;

    fn init(&mut self, sparsity: Sparsity, trained: usize, room: usize, _: Key) {
        *self = Self { moved: sparsity.within(trained, room), ..Self::ZERO };
    }

    fn prepare(&mut self, gradient: &[f32], _: u32) {
        choose(&mut self.bits, gradient, self.moved as usize);
    }

    fn persist(&mut self, archive: &mut Archive) {
        archive.part("top-k");
        archive.count(&mut self.moved);
        archive.counts(self.bits.words_mut());
    }

    fn has(&self, place: usize) -> bool {
        self.bits.get(place)
    }
}

/// Moves weights that are drawn at random, of which those with the smallest gradients are exchanged for others from time to time
/// (SSAM-D; Mi et al. 2022). Their number stays the same, whatever the sparsity. The new ones are moved in the same step.
pub struct Dynamic<B> {
    bits: B,
    config: DynamicConfig,
    trained: u32,
    moved: u32,
    key: Key,
}

/// Settings of [`Dynamic`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DynamicConfig {
    /// Share of the weights that are not moved.
    pub sparsity: Sparsity,
    /// Steps from one exchange to the next; 0 counts as 1.
    pub every: u32,
    /// Share of the moved weights that is exchanged at first, 0 to 1; it falls to 0 along half a cosine.
    pub rate: f32,
    /// Step at which it is 0.
    pub end: u32,
}

impl<B: Bits> Mask for Dynamic<B> {
    type Config = DynamicConfig;

    const ZERO: Self = Self {
        bits: B::ZERO,
        config: DynamicConfig { sparsity: Sparsity(0.0), every: 0, rate: 0.0, end: 0 },
        trained: 0,
        moved: 0,
        key: Key::ZERO,
    };
    const CAPACITY: usize = B::LEN;
    const BYTES: usize = size_of::<B>();
    const WHOLE: bool = false;

    fn init(&mut self, config: DynamicConfig, trained: usize, room: usize, key: Key) {
        let moved = config.sparsity.within(trained, room);
        *self = Self { config, trained: trained as u32, moved, key, ..Self::ZERO };
        let mut draw = Draw::new(moved, trained as u32, key.child(0));
        for place in 0..trained {
            self.bits.set(place, draw.takes());
        }
    }

    fn prepare(&mut self, gradient: &[f32], step: u32) {
        if step == 0 || !step.is_multiple_of(self.config.every.max(1)) {
            return;
        }
        let share = self.config.rate * half_cosine(step as f32 / self.config.end.max(1) as f32);
        let still = self.trained - self.moved;
        let exchanged = ((share * self.moved as f32) as u32).min(still).min(self.moved);
        let bits = &self.bits;
        let moved = gradient.iter().enumerate().filter(|(place, _)| bits.get(*place));
        let mut stays = Largest::new(moved.map(|(_, g)| magnitude(g)), (self.moved - exchanged) as usize);
        let mut comes = Draw::new(exchanged, still, self.key.child(u64::from(step)));
        for (place, g) in gradient.iter().enumerate() {
            let bit = if self.bits.get(place) { stays.includes(magnitude(g)) } else { comes.takes() };
            self.bits.set(place, bit);
        }
    }

    fn persist(&mut self, archive: &mut Archive) {
        archive.part("dynamic");
        self.config.visit(archive);
        archive.count(&mut self.trained);
        archive.count(&mut self.moved);
        self.key.persist(archive);
        archive.counts(self.bits.words_mut());
    }

    fn has(&self, place: usize) -> bool {
        self.bits.get(place)
    }
}

/// Moves the weights that have the most Fisher information, the sum of the squared gradients of single samples with their true
/// labels (SSAM-F; Mi et al. 2022). Before the first choice none is moved.
pub struct Fisher<B> {
    bits: B,
    moved: u32,
    observed: bool,
}

impl<B: Bits> Mask for Fisher<B> {
    type Config = Sparsity;

    const ZERO: Self = Self { bits: B::ZERO, moved: 0, observed: false };
    const CAPACITY: usize = B::LEN;
    const BYTES: usize = size_of::<B>();
    const WHOLE: bool = true;
    const OBSERVES: bool = true;

    fn init(&mut self, sparsity: Sparsity, trained: usize, room: usize, _: Key) {
        *self = Self { moved: sparsity.within(trained, room), ..Self::ZERO };
    }

    fn prepare(&mut self, _: &[f32], _: u32) {
        // The weights come where the information was.
        self.observed = false;
    }

    /// Adds the squares of a sample's gradient to the information.
    fn observe(&mut self, information: &mut [f32], gradient: &[f32]) {
        if !self.observed {
            information.fill(0.0);
            self.observed = true;
        }
        for (f, g) in information.iter_mut().zip(gradient) {
            *f += g * g;
        }
    }

    /// Chooses by the information, which starts from zero then.
    fn select(&mut self, information: &[f32]) {
        if core::mem::take(&mut self.observed) {
            choose(&mut self.bits, information, self.moved as usize);
        }
    }

    /// The information of samples after which no weights have been chosen is not kept.
    fn persist(&mut self, archive: &mut Archive) {
        archive.refuse_waiting(self.observed);
        archive.part("fisher");
        archive.count(&mut self.moved);
        archive.counts(self.bits.words_mut());
        if archive.replaces() {
            self.observed = false;
        }
    }

    fn has(&self, place: usize) -> bool {
        self.bits.get(place)
    }
}

/// Sets the bits of the `count` largest values.
#[inline(never)]
fn choose(bits: &mut impl Bits, values: &[f32], count: usize) {
    let mut largest = Largest::new(values.iter().map(magnitude), count.min(values.len()));
    for (place, value) in values.iter().enumerate() {
        bits.set(place, largest.includes(magnitude(value)));
    }
}

/// Draws `wanted` of `left` items, each with the same chance, asked one after the other (Knuth's algorithm S).
struct Draw {
    wanted: u32,
    left: u32,
    stream: Stream,
}

impl Draw {
    fn new(wanted: u32, left: u32, key: Key) -> Self {
        Self { wanted, left, stream: key.stream() }
    }

    fn takes(&mut self) -> bool {
        let drawn = (u64::from(self.stream.bits()) * u64::from(self.left)) >> 32;
        let takes = drawn < u64::from(self.wanted);
        self.left = self.left.saturating_sub(1);
        self.wanted -= u32::from(takes);
        takes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::Purpose;
    use std::vec::Vec;

    const P: usize = 203;
    type Words = [u32; P.div_ceil(32)];

    fn places(mask: &impl Mask) -> Vec<usize> {
        (0..P + 40).filter(|place| mask.has(*place)).collect()
    }

    fn key() -> Key {
        Key::new(5, Purpose::Perturbation)
    }

    #[test]
    fn the_largest_gradients_are_moved() {
        let gradient: [f32; P] = core::array::from_fn(|i| if i % 2 == 0 { i as f32 } else { -(i as f32) });
        let mut mask = TopK::<Words>::ZERO;
        mask.init(Sparsity(0.5), P, P, key());
        mask.prepare(&gradient, 0);
        assert_eq!(places(&mask), (P - 101..P).collect::<Vec<_>>());
    }

    /// As many as before are moved, however the counts of the original would come out.
    #[test]
    fn as_many_come_as_go() {
        for sparsity in [0.0, 0.1, 0.2, 0.5, 0.9, 1.0] {
            let mut mask = Dynamic::<Words>::ZERO;
            let config = DynamicConfig { sparsity: Sparsity(sparsity), every: 4, rate: 0.5, end: 100 };
            mask.init(config, P, P, key());
            let moved = places(&mask);
            assert_eq!(moved.len(), Sparsity(sparsity).moved(P));
            // Large gradients of those that are moved and small ones: the former stay.
            let gradient: [f32; P] = core::array::from_fn(|i| i as f32 + 1.0);
            mask.prepare(&gradient, 3);
            assert_eq!(places(&mask), moved, "not yet");
            mask.prepare(&gradient, 4);
            let then = places(&mask);
            assert_eq!(then.len(), moved.len());
            let share = 0.5 * half_cosine(0.04);
            let exchanged = ((share * moved.len() as f32) as usize).min(P - moved.len());
            let gone: Vec<_> = moved.iter().filter(|place| !then.contains(place)).collect();
            assert_eq!(gone, moved[..exchanged].iter().collect::<Vec<_>>(), "{sparsity}");
            mask.prepare(&gradient, 100);
            assert_eq!(places(&mask), then, "none goes in the end");
        }
    }

    #[test]
    fn draws_are_exact_and_even() {
        let mut hits = [0; 20];
        for seed in 0..4000 {
            let mut draw = Draw::new(5, 20, Key::new(seed, Purpose::Perturbation));
            let drawn: Vec<_> = hits.iter_mut().filter(|_| draw.takes()).collect();
            assert_eq!(drawn.len(), 5);
            drawn.into_iter().for_each(|hit| *hit += 1);
        }
        assert!(hits.iter().all(|hit| (900..1100).contains(hit)), "{hits:?}");
    }

    #[test]
    fn fisher_information_is_the_sum_of_squares_and_decides_once() {
        let mut mask = Fisher::<[u32; 1]>::ZERO;
        mask.init(Sparsity(0.5), 4, 4, key());
        let mut information = [9.0; 4];
        mask.select(&information);
        assert!((0..4).all(|place| !mask.has(place)), "nothing observed, nothing moved");
        mask.observe(&mut information, &[1.0, -2.0, 0.5, 0.0]);
        mask.observe(&mut information, &[-1.0, 1.0, 3.0, 0.0]);
        assert_eq!(information, [2.0, 5.0, 9.25, 0.0]);
        mask.select(&information);
        assert_eq!([0, 1, 2, 3].map(|place| mask.has(place)), [false, true, true, false]);
        mask.observe(&mut information, &[1.0, 0.0, 0.0, 0.0]);
        assert_eq!(information, [1.0, 0.0, 0.0, 0.0], "begun anew");
    }
}
