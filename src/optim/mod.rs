//! Optimisers, gradient clipping and learning-rate schedules.
//!
//! One update: [`grad_norm`] of the accumulated gradient (not finite: skip this update), [`clip_scale`] of the norm,
//! [`Schedule::lr`] of the number of updates so far, and both into [`Optimizer::step`]. No gradient is rewritten on
//! the way: the optimiser itself multiplies by the clipping factor as it reads.

mod adam;
mod anchor;
mod average;
mod clip;
pub(crate) mod cuts;
mod dog;
mod lion;
mod noise;
mod proximal;
mod schedule;
mod schedule_free;
mod sgd;
mod state;

pub use adam::{Adam, AdamConfig, WeightDecay};
pub use anchor::{Anchor, Copied, Redrawn, Seed, Stored, StoredWeights, Work};
pub use average::{AverageConfig, Averaged};
pub use clip::{clip_scale, grad_norm};
pub use dog::{DogConfig, LayerDog};
pub use lion::{Lion, LionConfig};
pub use noise::{Distribution, Gate, NoiseConfig, NoiseShape, Noisy, Unit};
pub use proximal::{Proximal, ProximalConfig};
pub use schedule::{LrShape, Schedule};
pub use schedule_free::{ScheduleFree, ScheduleFreeConfig};
pub use sgd::{Momentum, MomentumConfig, Sgd, SgdConfig};
pub use state::{Bf16, Block8, SecondOnly, State};

use crate::core::archive::Archive;
use crate::core::params::flat::window;
use crate::core::params::{Leaf, Params};
use crate::core::rng::Key;
use crate::core::setting::Settings;

/// How far and how one update goes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Step {
    /// Learning rate of this update.
    pub lr: f32,
    /// Factor on every gradient before it is used, from [`clip_scale`]; 1 leaves it as it is.
    pub scale: f32,
    /// Random numbers of this update, for states that round and for noise.
    pub key: Key,
    /// Number of this update, from 0.
    pub index: u32,
    /// L2 norm of the whole gradient before clipping, where it is known.
    pub grad_norm: Option<f32>,
}

/// Changes weights by their gradient, with a state of its own for each weight if it needs one.
pub trait Optimizer: Sized {
    /// Hyper-parameters other than the learning rate.
    type Config: Copy + Settings;

    /// All-zero bits, so that a `static` lands in `.bss`; call [`init`](Self::init) before the first step.
    const ZERO: Self;
    /// How many weights it has a state for; `usize::MAX` if it needs none.
    const CAPACITY: usize;
    /// RAM of moments, counters and hyper-parameters in bytes.
    const STATE_BYTES: usize = size_of::<Self>();
    /// How many of them hold a copy of the weights.
    const COPY_BYTES: usize = 0;
    /// Where a leaf can be changed in several calls of [`update`](Self::update) with bit-identical results: at multiples of 32
    /// of the place among all trained weights if the state lies in blocks of 32, otherwise of the place within the leaf.
    const IN_BLOCKS: bool = false;
    /// Whether [`update`](Self::update) must get each leaf as a whole.
    const WHOLE_LEAVES: bool = false;
    /// Whether [`record`](Self::record) does anything.
    const RECORDS: bool = false;

    /// [`IN_BLOCKS`](Self::IN_BLOCKS), where that is known only at run time.
    fn in_blocks(&self) -> bool {
        Self::IN_BLOCKS
    }

    /// Sets the hyper-parameters, which the trainer has [checked](Settings::check), and clears moments and counters.
    fn init(&mut self, config: Self::Config);

    /// Begins an update; [`update`](Self::update) of each leaf follows.
    fn begin(&mut self, step: &Step);

    /// Changes the weights of a leaf, of which the first has the place `first` among all that are trained, by their
    /// gradient. A weight that would not be finite afterwards, or its moments, stays as it is, with them; gives whether
    /// there was none.
    fn update(&mut self, leaf: &Leaf, weights: &mut [f32], first: usize, gradient: &[f32], step: &Step) -> bool;

    /// Called instead of an update when the gradient is not finite.
    fn skip<M: Params>(&mut self, _weights: &mut M, _gradient: &[f32]) {}

    /// Shows settings, counters and the state of the first `trained` weights to `archive`.
    fn persist(&mut self, trained: usize, archive: &mut Archive);

    /// The average of the weights, in the order of the walk, where one is kept and has begun; it is what predicts.
    fn average(&mut self) -> Option<&mut [f32]> {
        None
    }

    /// Sees what goes into an activation in a forward pass of training: the bias of the layer before, the inputs, and the
    /// value below which the activation is flat.
    fn record(&self, _bias: &[f32], _inputs: &[f32], _flat_below: f32) {}

    /// One update of a whole model by its gradient; gives whether every weight took part.
    fn step<M: Params>(&mut self, weights: &mut M, gradient: &[f32], step: &Step) -> bool {
        self.begin(step);
        let mut all = true;
        weights.walk_trained(&mut |leaf, weights, first| {
            all &= self.update(leaf, weights, first, window(gradient, first, weights.len()), step);
        });
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::params::{Init, Role};
    use crate::core::rng::Purpose;
    use crate::nn::layer::Linear;
    use core::cell::Cell;
    use std::vec::Vec;

    /// `N` weights on their own.
    pub struct Point<const N: usize> {
        pub values: [f32; N],
    }
    crate::params! {
        [const N: usize] Point<N> { values: leaf(Role::Weight, [N], Init::Constant(0.0)) }
    }

    /// Runs the three gradients of the reference table from the same start and gives the weights after each.
    pub fn trajectory<O: Optimizer>(config: O::Config, lr: f32) -> [[f32; 3]; 3] {
        let mut optimizer = O::ZERO;
        optimizer.init(config);
        let mut weights = Point { values: [1.0, -1.0, 0.5] };
        [[0.1, -2.0, 1e-8], [0.2, 1.0, 0.0], [-0.3, 0.5, 1e-8]].map(|gradient| {
            optimizer.step(&mut weights, &gradient, &step(lr, 1.0));
            weights.values
        })
    }

    /// A step whose random numbers nobody asks for.
    pub fn step(lr: f32, scale: f32) -> Step {
        Step { lr, scale, key: Key::new(0, Purpose::Rounding), index: 0, grad_norm: None }
    }

    /// A gradient of magnitudes up to the largest there is, and now and then with values that are none.
    pub fn hostile<const N: usize>(seed: u64) -> [f32; N] {
        let mut stream = Key::new(seed, Purpose::Init).stream();
        let most = [1.0, 1e5, 1e18, 2e19, 1e30, 3e38][stream.below(6) as usize];
        let bad = if stream.below(8) == 0 { [f32::NAN, f32::INFINITY][stream.below(2) as usize] } else { most };
        core::array::from_fn(|_| match stream.below(16) {
            0 => bad,
            1 => -bad,
            _ => (2.0 * stream.uniform() - 1.0) * most,
        })
    }

    /// Counts what a wrapper passes on.
    pub struct Probe {
        pub skips: u32,
        pub records: Cell<u32>,
    }

    impl Optimizer for Probe {
        type Config = ();
        const ZERO: Self = Self { skips: 0, records: Cell::new(0) };
        const CAPACITY: usize = usize::MAX;
        const RECORDS: bool = true;

        fn in_blocks(&self) -> bool {
            true
        }

        fn init(&mut self, (): ()) {}

        fn begin(&mut self, _: &Step) {}

        fn update(&mut self, _: &Leaf, _: &mut [f32], _: usize, _: &[f32], _: &Step) -> bool {
            true
        }

        fn persist(&mut self, _: usize, _: &mut Archive) {}

        fn skip<M: Params>(&mut self, _: &mut M, _: &[f32]) {
            self.skips += 1;
        }

        fn record(&self, _: &[f32], _: &[f32], _: f32) {
            self.records.set(self.records.get() + 1);
        }
    }

    /// A wrapper with settings of its own passes on what it does not need itself; gives it back.
    pub fn pass_on<O: Optimizer>(config: O::Config) -> O {
        let mut optimizer = O::ZERO;
        optimizer.init(config);
        optimizer.skip(&mut Point { values: [0.0; 2] }, &[f32::NAN; 2]);
        optimizer.record(&[], &[], 0.0);
        assert!(O::RECORDS && optimizer.in_blocks());
        optimizer
    }

    pub fn assert_near(got: [[f32; 3]; 3], expected: [[f64; 3]; 3], tolerance: f64) {
        for (got, expected) in got.as_flattened().iter().zip(expected.as_flattened()) {
            assert!((f64::from(*got) - expected).abs() <= tolerance, "{got} instead of {expected}");
        }
    }

    type Net = (Linear<3, 2>, [Point<2>; 3], Linear<2, 1>);

    type F32 = [f32; Net::TRAINABLE];

    fn after_one_step<O: Optimizer>(config: O::Config, step: Step) -> Net {
        let mut optimizer = O::ZERO;
        optimizer.init(config);
        let mut weights = Net::ZERO;
        optimizer.step(&mut weights, &[2.0; Net::TRAINABLE], &step);
        weights
    }

    fn length(tree: &Net) -> f32 {
        let mut flat = Vec::new();
        tree.read(&mut |_, values| flat.extend_from_slice(values));
        grad_norm(&flat)
    }

    fn assert_everywhere(weights: &Net, expected: f32) {
        let mut count = 0;
        weights.read(&mut |leaf, values| {
            count += values.len();
            assert!(values.iter().all(|w| (w - expected).abs() < 1e-8), "{} {values:?}", leaf.path);
        });
        assert_eq!(count, Net::COUNT);
    }

    #[test]
    fn a_step_moves_every_leaf_exactly_once() {
        let step = step(0.01, 1.0);
        assert_everywhere(&after_one_step::<Adam<F32>>(AdamConfig::adam(), step), -0.01);
        assert_everywhere(&after_one_step::<Lion<F32>>(LionConfig::new(), step), -0.01);
        type Free = ScheduleFree<Adam<SecondOnly<F32>>, F32>;
        assert_everywhere(&after_one_step::<Free>((AdamConfig::adam(), ScheduleFreeConfig::new()), step), -0.01);
        assert_everywhere(&after_one_step::<Sgd>(SgdConfig::default(), step), -0.02);
        assert_everywhere(&after_one_step::<Momentum<F32>>(MomentumConfig::new(0.9), step), -0.02);
    }

    #[test]
    fn clipping_reaches_the_weights() {
        let gradient = [2.0; Net::TRAINABLE];
        let step = step(1.0, clip_scale(grad_norm(&gradient), 1.0));
        for moved in [
            after_one_step::<Sgd>(SgdConfig::default(), step),
            after_one_step::<Momentum<F32>>(MomentumConfig::new(0.9), step),
        ] {
            assert!((length(&moved) - 1.0).abs() < 1e-6, "the displacement at a rate of 1 is the clipped gradient");
        }
        // Adam's update hardly sees a common factor, unless ε is large beside the gradient.
        let config = AdamConfig { eps: 1e6, ..AdamConfig::adam() };
        let moved = after_one_step::<Adam<F32>>(config, Step { lr: 1e6, ..step });
        assert!((length(&moved) - 1.0).abs() < 1e-5);
    }

    #[test]
    fn warm_up_reaches_the_weights() {
        let schedule = Schedule { lr: 0.1, warmup: 4, shape: LrShape::Constant };
        for (step, lr) in [0.025, 0.05, 0.075, 0.1, 0.1].into_iter().enumerate() {
            let step = super::tests::step(schedule.lr(step as u32), 1.0);
            assert_everywhere(&after_one_step::<Sgd>(SgdConfig::default(), step), -2.0 * lr);
        }
    }

    #[test]
    fn state_is_counted_in_copies_of_the_weights() {
        let copy = size_of::<Net>();
        assert_eq!(copy, 4 * Net::COUNT);
        assert_eq!(Sgd::STATE_BYTES, 4);
        assert_eq!(Momentum::<F32>::STATE_BYTES.div_euclid(copy), 1);
        assert_eq!(Lion::<F32>::STATE_BYTES.div_euclid(copy), 1);
        assert_eq!(Adam::<F32>::STATE_BYTES.div_euclid(copy), 2);
        assert_eq!(Adam::<[Bf16; Net::TRAINABLE]>::STATE_BYTES.div_euclid(copy), 1);
        // 17 weights in a block of 32.
        assert_eq!(size_of::<Adam<[Block8; Net::TRAINABLE.div_ceil(Block8::LEN)]>>() - size_of::<Adam<[f32; 0]>>(), 68);
    }
}
