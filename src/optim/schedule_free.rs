//! Averaging in place of a schedule.

use super::cuts::{PIECE, pieces};
use super::{Optimizer, Step};
use crate::core::archive::Archive;
use crate::core::count::next;
use crate::core::params::flat::{window, window_mut};
use crate::core::params::{Leaf, Params};
use crate::core::setting::{Setting, Settings};
use crate::core::tensor::Tensor;
use crate::kernels::arch::copy;
use crate::kernels::schedule_free::{Blend, blend};

/// Any optimiser without momentum, at a rate that need not fall: a run may end, or go on, at any time (Schedule-Free; Defazio et al.
/// 2024, [arXiv 2405.15682](https://arxiv.org/abs/2405.15682)). A point z descends, z ← z + Δ; x, the average of all z, predicts; and
/// the gradient, with it Δ, is that of a point between them, y = (1 - β) z + β x.
///
/// [`ScheduleFree<Adam<SecondOnly<S>>, [f32; N]>`](super::SecondOnly) is the authors' AdamW, `ScheduleFree<Sgd, [f32; N]>` their SGD, both
/// as their package 1.4 computes them: in the average a step counts with the square of the largest rate so far, so that those of a
/// warm-up count less. The schedule of the rate should be a warm-up, then [`Constant`](super::LrShape::Constant).
///
/// The weights of the trainer are y. `X` holds x, `[f32; Net::TRAINABLE]`; z is what the two imply. So Adam needs as much memory as
/// without it, and gradient descent as much as with momentum. A trainer predicts, and is evaluated and saved, by x.
pub struct ScheduleFree<O, X> {
    optimizer: O,
    average: X,
    config: ScheduleFreeConfig,
    steps: u32,
    /// The largest rate so far.
    rate: f32,
    /// The sum of what each step counts, in units of the last.
    total: f32,
}

/// Hyper-parameters of [`ScheduleFree`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ScheduleFreeConfig {
    /// β, in [0, 1): how near the average the gradient is taken.
    pub beta: f32,
}

impl ScheduleFreeConfig {
    /// The authors' β of 0.9.
    pub const fn new() -> Self {
        Self { beta: 0.9 }
    }
}

impl Default for ScheduleFreeConfig {
    fn default() -> Self {
        Self::new()
    }
}

impl Settings for ScheduleFreeConfig {
    fn visit(&mut self, archive: &mut Archive) {
        archive.setting(Setting::Beta, &mut self.beta);
    }
}

impl<O: Optimizer, X: Tensor> Optimizer for ScheduleFree<O, X> {
    type Config = (O::Config, ScheduleFreeConfig);

    const ZERO: Self = {
        assert!(
            !O::WHOLE_LEAVES,
            "the optimiser needs whole leaves, but gets pieces of them: write `ScheduleFree<Adam<SecondOnly<..>>, ..>` or \
             `ScheduleFree<Sgd, ..>`"
        );
        let config = ScheduleFreeConfig { beta: 0.0 };
        Self { optimizer: O::ZERO, average: X::ZERO, config, steps: 0, rate: 0.0, total: 0.0 }
    };
    const CAPACITY: usize = if O::CAPACITY < X::LEN { O::CAPACITY } else { X::LEN };
    const COPY_BYTES: usize = O::COPY_BYTES + size_of::<X>();
    const IN_BLOCKS: bool = O::IN_BLOCKS;
    const RECORDS: bool = O::RECORDS;

    fn in_blocks(&self) -> bool {
        self.optimizer.in_blocks()
    }

    fn init(&mut self, (optimizer, config): Self::Config) {
        self.optimizer.init(optimizer);
        self.average.flat_mut().fill(0.0);
        self.config = config;
        (self.steps, self.rate, self.total) = (0, 0.0, 0.0);
    }

    fn persist(&mut self, trained: usize, archive: &mut Archive) {
        self.optimizer.persist(trained, archive);
        archive.part("schedule-free");
        self.config.visit(archive);
        archive.count(&mut self.steps);
        archive.finite(core::slice::from_mut(&mut self.rate));
        archive.finite(core::slice::from_mut(&mut self.total));
        archive.finite(window_mut(self.average.flat_mut(), 0, trained));
    }

    fn begin(&mut self, step: &Step) {
        self.optimizer.begin(step);
        self.steps = next(self.steps);
        if step.lr > self.rate {
            let ratio = self.rate / step.lr;
            self.total *= ratio * ratio;
            self.rate = step.lr;
        }
        self.total += 1.0;
    }

    fn update(&mut self, leaf: &Leaf, weights: &mut [f32], first: usize, gradient: &[f32], step: &Step) -> bool {
        let Self { optimizer, average, config: ScheduleFreeConfig { beta }, steps, total, .. } = self;
        let rule = Blend { share: 1.0 / *total, beta: *beta, inverse: 1.0 / (1.0 - *beta) };
        let average = window_mut(average.flat_mut(), first, weights.len());
        if *steps <= 1 {
            copy(average, weights);
        }
        let mut all = true;
        for piece in pieces(first, weights.len(), optimizer.in_blocks()) {
            let (start, length) = (piece.start, piece.len());
            let (weights, gradient) = (window_mut(weights, start, length), window(gradient, start, length));
            let mut before = [0.0; PIECE];
            let before = window_mut(&mut before, 0, length);
            copy(before, weights);
            all &= optimizer.update(leaf, weights, first + start, gradient, step);
            all &= blend(weights, before, window_mut(average, start, length), &rule);
        }
        all
    }

    fn average(&mut self) -> Option<&mut [f32]> {
        (self.steps > 0).then_some(self.average.flat_mut())
    }

    fn skip<M: Params>(&mut self, weights: &mut M, gradient: &[f32]) {
        self.optimizer.skip(weights, gradient);
    }

    fn record(&self, bias: &[f32], inputs: &[f32], flat_below: f32) {
        self.optimizer.record(bias, inputs, flat_below);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Point, Probe, assert_near, hostile, pass_on, step};
    use super::super::{Adam, AdamConfig, Bf16, Block8, SecondOnly, Sgd, SgdConfig, State};
    use super::*;
    use crate::core::params::{Init, Role};
    use crate::core::rng::{Key, Purpose};

    type AdamW<S, X> = ScheduleFree<Adam<SecondOnly<S>>, X>;

    const CONFIG: ScheduleFreeConfig = ScheduleFreeConfig::new();
    /// β₁ has no part in it.
    const ADAMW: AdamConfig = AdamConfig::adamw(0.1);

    /// y and x after each of the three gradients of the reference table, at these rates.
    fn trajectory<O: Optimizer>(config: O::Config, rates: [f32; 3]) -> [[[f32; 3]; 3]; 2] {
        let mut optimizer = ScheduleFree::<O, [f32; 3]>::ZERO;
        optimizer.init((config, CONFIG));
        let (mut weights, mut averages) = (Point { values: [1.0, -1.0, 0.5] }, [[0.0; 3]; 3]);
        let gradients = [[0.1, -2.0, 1e-8], [0.2, 1.0, 0.0], [-0.3, 0.5, 1e-8]];
        let mut average = averages.iter_mut();
        let ys = [0, 1, 2].map(|i| {
            assert!(optimizer.step(&mut weights, &gradients[i], &step(rates[i], 1.0)));
            average.next().unwrap().copy_from_slice(optimizer.average().unwrap());
            weights.values
        });
        [ys, averages]
    }

    /// `AdamWScheduleFree` of schedulefree 1.4.1 in float64.
    #[test]
    fn adamw_is_the_authors() {
        let [y, x] = trajectory::<Adam<SecondOnly<[f32; 3]>>>(ADAMW, [2.5e-3; 3]);
        let expected = [
            [0.9972500002, -0.99725, 0.498625],
            [0.9953738867, -0.997982635, 0.4985564391],
            [0.9961510153, -0.9984607459, 0.4979373747],
        ];
        assert_near(y, expected, 2e-7);
        let expected = [
            [0.9972500002, -0.99725, 0.498625],
            [0.9955444425, -0.9979160318, 0.4985626719],
            [0.9960499198, -0.9983699602, 0.4980415909],
        ];
        assert_near(x, expected, 2e-7);
    }

    /// The same with `warmup_steps=2`.
    #[test]
    fn steps_of_a_warm_up_count_less() {
        let [y, x] = trajectory::<Adam<SecondOnly<[f32; 3]>>>(ADAMW, [1.25e-3, 2.5e-3, 2.5e-3]);
        let expected = [
            [0.9986250001, -0.998625, 0.4993125],
            [0.9958276035, -0.9997170103, 0.4992101409],
            [0.9971656249, -1.0001712078, 0.4984496156],
        ];
        assert_near(y, expected, 2e-7);
        let expected = [
            [0.9986250001, -0.998625, 0.4993125],
            [0.9958958327, -0.9996903759, 0.4992126375],
            [0.9970245369, -1.000117782, 0.4985343958],
        ];
        assert_near(x, expected, 2e-7);
    }

    /// `SGDScheduleFree` of schedulefree 1.4.1 in float64, with `warmup_steps=2`.
    #[test]
    fn descent_is_the_authors() {
        let [y, x] = trajectory::<Sgd>(SgdConfig { weight_decay: 0.01 }, [0.05, 0.1, 0.1]);
        let expected = [
            [0.9945, -0.8995, 0.4997499995],
            [0.97728451, -0.98076241, 0.4993402045],
            [0.9901163077, -1.0132000688, 0.4990505539],
        ];
        assert_near(y, expected, 2e-7);
        let expected = [
            [0.9945, -0.8995, 0.4997499995],
            [0.9777044, -0.9787804, 0.4993501995],
            [0.9887372069, -1.0093756612, 0.4990838479],
        ];
        assert_near(x, expected, 2e-7);
    }

    /// z is nowhere kept; 20,000 steps later y and x are still those of float64, which keeps it.
    #[test]
    fn what_y_and_x_imply_does_not_drift() {
        let mut optimizer = ScheduleFree::<Sgd, [f32; 1]>::ZERO;
        optimizer.init((SgdConfig::default(), CONFIG));
        let mut weights = Point { values: [0.5] };
        let (mut x, mut y, mut z) = (0.5, 0.5, 0.5);
        for t in 1..=20_000_u32 {
            // Of a square around 1, and what samples add.
            let noise = f64::from((t * 7919) % 1000) / 500.0 - 0.999;
            let gradient = weights.values[0] - 1.0 + noise as f32;
            optimizer.step(&mut weights, &[gradient], &step(0.1, 1.0));
            z -= f64::from(0.1_f32) * (y - 1.0 + noise);
            x += (z - x) / f64::from(t);
            y = 0.1 * z + 0.9 * x;
        }
        let average = optimizer.average().unwrap()[0];
        assert!((f64::from(average) - x).abs() < 2e-5, "{average} instead of {x}");
        assert!((f64::from(weights.values[0]) - y).abs() < 2e-5, "{} instead of {y}", weights.values[0]);
    }

    const N: usize = 96;

    fn check_finite<O: Optimizer>(config: O::Config, lr: f32) {
        let (mut optimizer, mut weights) = (ScheduleFree::<O, [f32; N]>::ZERO, Point { values: [0.5; N] });
        optimizer.init((config, CONFIG));
        for seed in 0..100 {
            let gradient = hostile::<N>(seed);
            let step = Step { key: Key::new(seed, Purpose::Rounding), ..step(lr, 1.0) };
            let all = optimizer.step(&mut weights, &gradient, &step);
            assert!(!all || gradient.iter().all(|g| g.is_finite()), "{seed}");
            assert!(weights.values.iter().chain(&*optimizer.average().unwrap()).all(|w| w.is_finite()), "{seed}");
        }
        assert!(optimizer.total.is_finite());
    }

    #[test]
    fn whatever_the_gradient_weights_and_average_are_finite() {
        fn adam<S: State>(lr: f32) {
            check_finite::<Adam<SecondOnly<S>>>(AdamConfig { eps: 1e-30, ..ADAMW }, lr);
        }
        for lr in [1e-3, 1.0, 1e30, f32::INFINITY, f32::NAN] {
            adam::<[f32; N]>(lr);
            adam::<[Bf16; N]>(lr);
            adam::<[Block8; 3]>(lr);
            check_finite::<Sgd>(SgdConfig { weight_decay: 0.1 }, lr);
        }
    }

    struct Two {
        odd: [f32; 5],
        long: [f32; 70],
    }
    crate::params! {
        [] Two {
            odd: leaf(Role::Weight, [5], Init::Constant(0.0)),
            long: leaf(Role::Weight, [70], Init::Constant(0.0)),
        }
    }

    /// As [`Optimizer::IN_BLOCKS`] promises.
    #[test]
    fn leaves_may_be_updated_in_parts() {
        type Optimizer8 = AdamW<[Block8; 3], [f32; 75]>;
        let run = |parts: [core::ops::Range<usize>; 3]| {
            let (mut optimizer, mut two) = (Optimizer8::ZERO, Two::ZERO);
            optimizer.init((ADAMW, CONFIG));
            for index in 0..4 {
                let step = Step { key: Key::new(index, Purpose::Rounding), ..step(0.01, 1.0) };
                optimizer.begin(&step);
                two.walk_trained(&mut |leaf, weights, first| {
                    for part in parts.clone() {
                        let part = part.start.min(weights.len())..part.end.min(weights.len());
                        let gradient: std::vec::Vec<f32> =
                            part.clone().map(|i| libm::sinf((first + i) as f32)).collect();
                        optimizer.update(leaf, &mut weights[part.clone()], first + part.start, &gradient, &step);
                    }
                });
            }
            (two.odd, two.long)
        };
        // The second leaf begins at place 5, so that blocks end at its places 27 and 59.
        assert_eq!(run([0..70, 70..70, 70..70]), run([0..27, 27..59, 59..70]));
    }

    #[test]
    fn the_optimiser_hears_of_skipped_steps_and_activations() {
        let ScheduleFree { optimizer, .. } = pass_on::<ScheduleFree<Probe, [f32; 2]>>(((), CONFIG));
        assert_eq!((optimizer.skips, optimizer.records.get()), (1, 1));
    }

    #[test]
    fn it_takes_no_more_memory_than_adam() {
        assert_eq!(AdamW::<[f32; N], [f32; N]>::STATE_BYTES, Adam::<[f32; N]>::STATE_BYTES + 16);
        assert_eq!(AdamW::<[Bf16; N], [f32; N]>::COPY_BYTES, 4 * N);
    }
}
