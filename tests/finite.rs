//! Samples of any size, and weights that are finite all the same: every learner with every optimiser.

use rand_core::{Rng, SeedableRng};
use rand_xorshift::XorShiftRng;
use trainlet::core::params::Params;
use trainlet::core::tensor::Tensor;
use trainlet::networks::{Mlp42, Watch12x1};
use trainlet::nn::loss::{BceWithLogits, CrossEntropy, Loss, Mse};
use trainlet::nn::net::Model;
use trainlet::optim::{
    Adam, AdamConfig, AverageConfig, Averaged, Bf16, Block8, Copied, DogConfig, LayerDog, Lion, LionConfig, Momentum,
    MomentumConfig, NoiseConfig, Noisy, Optimizer, Proximal, ProximalConfig, Schedule, ScheduleFree,
    ScheduleFreeConfig, SecondOnly, Sgd, SgdConfig, Unit, WeightDecay,
};
use trainlet::train::{Ascent, Config, Learner, Online, Sam, SingleStep, Trainer, train_step};

const STEPS: u32 = 60;

struct Hostile(XorShiftRng);

impl Hostile {
    /// From 0 to 1.
    fn uniform(&mut self) -> f32 {
        (self.0.next_u32() >> 8) as f32 / (1 << 24) as f32
    }

    /// An input of values of a size between 1 and 3e38; in one of four, some are far smaller.
    fn fill(&mut self, input: &mut [f32]) {
        let size = 10_f32.powf(38.47 * self.uniform());
        let least = if self.uniform() < 0.25 { 1e-6 } else { 1.0 };
        for x in input {
            *x = (2.0 * self.uniform() - 1.0) * size * if self.uniform() < 0.5 { least } else { 1.0 };
        }
    }
}

/// Steps of two samples, and after each a look at all weights: those that predict and, at times, those that are trained. These
/// are new then, and in some leaves 0 or almost, so that large inputs give finite losses.
fn learn<M: Params, L: Learner<Input: Tensor>>(
    learner: &mut L,
    seed: u64,
    target: impl Fn(u32) -> L::Target,
    weights: impl Fn(&mut L) -> &mut M,
) -> u32
where
    L::Target: Sized,
    L::Error: core::fmt::Debug,
{
    let mut hostile = Hostile(XorShiftRng::seed_from_u64(seed));
    for step in 0..STEPS {
        if step % 4 == 0 {
            weights(learner).walk(&mut |leaf, values| {
                assert!(values.iter().all(|w| w.is_finite()), "step {step}: {} {values:?}", leaf.path);
                let size = [0.0, 1e-20, 0.1, 0.1, 1.0, 1e5][(hostile.uniform() * 6.0) as usize];
                values.iter_mut().for_each(|w| *w = (2.0 * hostile.uniform() - 1.0) * size);
            });
        }
        let samples = [0, 1].map(|sample| {
            let mut input = L::Input::ZERO;
            hostile.fill(input.flat_mut());
            (input, target(step + sample))
        });
        let before = learner.progress().unwrap().skipped;
        let batch = samples.iter().map(|(input, target)| (input, target));
        let (_, report) = train_step(learner, batch).unwrap();
        let skipped = learner.progress().unwrap().skipped - before;
        assert!(report.applied || skipped > 0, "step {step}: what is not applied is counted");
        learner
            .weights(&mut |leaf, values| {
                assert!(values.iter().all(|w| w.is_finite()), "step {step}: {} {values:?}", leaf.path);
            })
            .unwrap();
    }
    learner.progress().unwrap().skipped
}

/// Every learner with one optimiser. Some samples are too large for any, but not all.
fn check<M, L, O, A, B, K>(loss: L, optimizer: O::Config, seed: u64, target: impl Fn(u32) -> L::Target + Copy)
where
    M: Model<Input: Tensor>,
    L: Loss<M::Output>,
    O: Optimizer,
    A: Tensor,
    B: Tensor,
    K: Tensor,
{
    let config = Config::new(seed, loss, optimizer, Schedule::constant(0.05));
    let mut skipped = Vec::new();
    let mut trainer = Box::new(Trainer::<M, L, O, A>::ZERO);
    trainer.init(config).unwrap();
    skipped.push(learn(&mut *trainer, seed, target, |trainer| &mut trainer.weights));
    trainer.init(config.clipped(1.0)).unwrap();
    skipped.push(learn(&mut *trainer, seed, target, |trainer| &mut trainer.weights));
    let mut online = Box::new(Online::<M, L, O, B>::ZERO);
    online.init(config).unwrap();
    skipped.push(learn(&mut *online, seed, target, |online| &mut online.weights));
    for ascent in [Ascent::sam(0.05), Ascent::asam(0.5)] {
        let mut sam = Box::new(Sam::<M, L, O, A, K>::ZERO);
        sam.init(config, ascent, ()).unwrap();
        skipped.push(learn(&mut *sam, seed, target, |sam| sam.weights_mut()));
        let mut single = Box::new(SingleStep::<M, L, O, A, K>::ZERO);
        single.init(config, ascent).unwrap();
        skipped.push(learn(&mut *single, seed, target, |single| single.weights_mut()));
    }
    assert!(skipped.iter().all(|skipped| *skipped > 0), "{skipped:?}");
}

macro_rules! check_all {
    ($net:ty, $loss:expr, $of:ty, $target:expr) => {
        type M = $net;
        type F32 = [f32; M::TRAINABLE];
        type Half = [Bf16; M::TRAINABLE];
        type Quarter = [Block8; M::TRAINABLE.div_ceil(Block8::LEN)];
        macro_rules! with {
            ($optimizer:ty, $config:expr) => {
                for seed in 0..3 {
                    check::<M, $of, $optimizer, [f32; M::ARENA], [f32; M::ONLINE_ARENA], F32>(
                        $loss,
                        $config,
                        seed,
                        $target,
                    );
                }
            };
        }
        let rolling = MomentumConfig { nesterov: true, weight_decay: 0.01, ..MomentumConfig::new(0.9) };
        let coupled = AdamConfig { weight_decay: WeightDecay::Coupled(0.01), ..AdamConfig::adam() };
        let average = AverageConfig::of_width(0.1).unwrap();
        let noise = NoiseConfig::new(0.5, 0, STEPS);
        with!(Sgd, SgdConfig { weight_decay: 0.01 });
        with!(Momentum<F32>, rolling);
        with!(Momentum<Half>, rolling);
        with!(Momentum<Quarter>, MomentumConfig::new(0.99));
        with!(Adam<F32>, AdamConfig::adam());
        with!(Adam<Half>, AdamConfig::adamw(0.1));
        with!(Adam<Quarter>, coupled);
        with!(Lion<Half>, LionConfig { weight_decay: 0.1, ..LionConfig::new() });
        type Free<S> = ScheduleFree<Adam<SecondOnly<S>>, F32>;
        with!(Free<F32>, (AdamConfig::adamw(0.1), ScheduleFreeConfig::new()));
        with!(LayerDog<Copied<F32>, { M::LEAVES }>, (DogConfig { start: 1.0, ..DogConfig::new() }, ()));
        with!(Proximal<Momentum<Half>, Copied<F32>>, (rolling, ProximalConfig { pull: 1.0, anchor: () }));
        with!(Averaged<Sgd, F32>, (SgdConfig::default(), average));
        with!(Averaged<Adam<Half>, F32>, (AdamConfig::adam(), average));
        with!(Noisy<Sgd>, (SgdConfig::default(), NoiseConfig { unit: Unit::Gradient, ..noise }));
        with!(Noisy<Averaged<Momentum<F32>, F32>>, ((rolling, average), noise));
    };
}

#[test]
fn a_perceptron_stays_finite() {
    check_all!(Mlp42, BceWithLogits::new(), BceWithLogits<1>, |number| [(number % 2) as f32]);
}

/// Where the loss is a square, gradients are far larger than inputs and outputs.
#[test]
fn a_regression_stays_finite() {
    check_all!(Mlp42, Mse, Mse, |number| [[0.5, -1e18][number as usize % 2]]);
}

#[test]
fn a_mixer_stays_finite() {
    check_all!(Watch12x1, CrossEntropy::new(), CrossEntropy, |number| number as usize % 4);
}
