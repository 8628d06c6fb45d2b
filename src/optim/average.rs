//! A moving average of the weights.

use super::{Optimizer, Step};
use crate::core::archive::Archive;
use crate::core::count::next;
use crate::core::params::flat::window_mut;
use crate::core::params::{Leaf, Params};
use crate::core::setting::{OutOfRange, Setting, Settings};
use crate::core::tensor::Tensor;

/// Any optimiser, and the average of the weights that it leads through, which is smoother than the last of them: θ̂ ← β_t θ̂ +
/// (1 - β_t) θ with β_t = (1 - 1/t)^(γ+1) after update number t from 1 (the power-function average of Karras et al. 2024,
/// "Analyzing and Improving the Training Dynamics of Diffusion Models"). It always covers the same share of the run, so that
/// it suits short and long ones, and begins with the weights of the first step.
///
/// From step 1,024 on it looks at the weights in every second step, from 2,048 on in every fourth, and so on: 512 to 1,024 times
/// until the number of steps has doubled. Each time it follows by what the steps since then amount to. So small a part of the
/// way as that of a single late step would be lost in rounding.
///
/// Predictions come from the average; training goes on from the weights. `S` holds it: `[f32; Net::TRAINABLE]`.
pub struct Averaged<O, S> {
    optimizer: O,
    average: S,
    config: AverageConfig,
    steps: u32,
    /// 1 - β_t: how far the average follows.
    rate: f32,
}

/// How long the average of [`Averaged`] remembers.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AverageConfig {
    /// γ: the larger, the shorter; at least 0.
    pub gamma: f32,
}

impl AverageConfig {
    /// By the deviation of the average's window relative to the length of the run so far, 0.01 to 0.25; 0.1 is usual.
    ///
    /// γ is the largest root of γ³ + 7γ² + (16 - w⁻²)γ + 12 - w⁻².
    ///
    /// # Errors
    /// Another width.
    pub fn of_width(width: f32) -> Result<Self, OutOfRange> {
        Setting::AverageWidth.check(width)?;
        let s = 1.0 / (width * width);
        // To the right of the root the polynomial rises ever steeper, so that Newton's steps end at it.
        let mut gamma = 1.0 / width;
        for _ in 0..12 {
            let value = ((gamma + 7.0) * gamma + (16.0 - s)) * gamma + (12.0 - s);
            let slope = (3.0 * gamma + 14.0) * gamma + (16.0 - s);
            gamma -= value / slope;
        }
        Ok(Self { gamma })
    }

    /// How far the average follows in step number `t`: by 1 - β_t of all steps since the last look, or not at all between two
    /// looks. The detour by logarithms of what is near 1 keeps its digits in long runs.
    fn rate(self, t: u32) -> f32 {
        let stride = stride(t);
        if !t.is_multiple_of(stride) {
            return 0.0;
        }
        -libm::expm1f((self.gamma + 1.0) * libm::log1pf(-(stride as f32) / t as f32))
    }
}

impl Settings for AverageConfig {
    fn visit(&mut self, archive: &mut Archive) {
        archive.setting(Setting::Gamma, &mut self.gamma);
    }
}

/// Steps from the last look at the weights to that of step number `t`, if there is one. Where it doubles, at a power of two,
/// there is a look.
fn stride(t: u32) -> u32 {
    /// There are at least 2⁹ looks until the number of steps has doubled.
    const LOOKS: u32 = 9;
    let octave = u32::BITS - 1 - (t.saturating_sub(1) | 1).leading_zeros();
    1 << octave.saturating_sub(LOOKS)
}

impl<O: Optimizer, S: Tensor> Optimizer for Averaged<O, S> {
    type Config = (O::Config, AverageConfig);

    const ZERO: Self =
        Self { optimizer: O::ZERO, average: S::ZERO, config: AverageConfig { gamma: 0.0 }, steps: 0, rate: 0.0 };
    const CAPACITY: usize = if O::CAPACITY < S::LEN { O::CAPACITY } else { S::LEN };
    const COPY_BYTES: usize = O::COPY_BYTES + size_of::<S>();
    const IN_BLOCKS: bool = O::IN_BLOCKS;
    const WHOLE_LEAVES: bool = O::WHOLE_LEAVES;
    const RECORDS: bool = O::RECORDS;

    fn in_blocks(&self) -> bool {
        self.optimizer.in_blocks()
    }

    fn init(&mut self, (optimizer, config): Self::Config) {
        self.optimizer.init(optimizer);
        self.average.flat_mut().fill(0.0);
        self.config = config;
        self.steps = 0;
    }

    fn persist(&mut self, trained: usize, archive: &mut Archive) {
        self.optimizer.persist(trained, archive);
        archive.part("average");
        self.config.visit(archive);
        archive.count(&mut self.steps);
        archive.finite(window_mut(self.average.flat_mut(), 0, trained));
    }

    fn begin(&mut self, step: &Step) {
        self.optimizer.begin(step);
        self.steps = next(self.steps);
        self.rate = self.config.rate(self.steps);
    }

    fn update(&mut self, leaf: &Leaf, weights: &mut [f32], first: usize, gradient: &[f32], step: &Step) -> bool {
        let all = self.optimizer.update(leaf, weights, first, gradient, step);
        if self.rate > 0.0 {
            follow(window_mut(self.average.flat_mut(), first, weights.len()), weights, self.rate);
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

/// Values that are looked at together: their sum is finite only if each of them is.
const TOGETHER: usize = 8;

#[inline(never)]
fn follow(average: &mut [f32], weights: &[f32], rate: f32) {
    let (average, average_rest) = average.as_chunks_mut::<TOGETHER>();
    let (weights, weights_rest) = weights.as_chunks::<TOGETHER>();
    for (average, weights) in average.iter_mut().zip(weights) {
        let (mut new, mut sum) = (*average, 0.0);
        for (a, w) in new.iter_mut().zip(weights) {
            *a += rate * (w - *a);
            sum += *a;
        }
        if sum.is_finite() {
            *average = new;
        } else {
            follow_singly(average, weights, rate);
        }
    }
    follow_singly(average_rest, weights_rest, rate);
}

/// Leaves an average where it is if its weight is so far away that no number says how far.
#[inline(never)]
fn follow_singly(average: &mut [f32], weights: &[f32], rate: f32) {
    for (a, w) in average.iter_mut().zip(weights) {
        let next = *a + rate * (w - *a);
        if next.is_finite() {
            *a = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Point, Probe, pass_on, step};
    use super::super::{Sgd, SgdConfig};
    use super::*;

    #[test]
    fn widths_have_their_powers() {
        for (width, gamma) in [(0.05, 16.972_2), (0.10, 6.937_2), (0.15, 3.557_87), (0.20, 1.826_21)] {
            let got = AverageConfig::of_width(width).unwrap().gamma;
            assert!((got - gamma).abs() < 2e-5 * gamma, "{width}: {got} instead of {gamma}");
        }
    }

    #[test]
    fn the_optimiser_hears_of_skipped_steps_and_activations() {
        let Averaged { optimizer, .. } = pass_on::<Averaged<Probe, [f32; 2]>>(((), AverageConfig { gamma: 1.0 }));
        assert_eq!((optimizer.skips, optimizer.records.get()), (1, 1));
    }

    #[test]
    fn it_remembers_as_the_paper_has_it() {
        let config = AverageConfig::of_width(0.1).unwrap();
        let expected = [(1, 0.0), (2, 0.004_08), (10, 0.433_324_7), (100, 0.923_327_2), (1000, 0.992_090_3)];
        for (t, beta) in expected {
            let got = 1.0 - config.rate(t);
            assert!((got - beta).abs() < 1e-6, "{t}: {got} instead of {beta}");
        }
    }

    #[test]
    fn an_average_of_finite_weights_is_finite() {
        for place in 0..9 {
            let mut average = [0.5; 9];
            average[place] = -3e38;
            let mut weights = [1.5; 9];
            weights[place] = 3e38;
            follow(&mut average, &weights, 0.5);
            assert!((0..9).all(|i| average[i] == if i == place { -3e38 } else { 1.0 }), "{place}: {average:?}");
        }
    }

    /// The product of all β of some steps is that of the steps between two looks, wherever these are.
    #[test]
    fn a_look_now_and_then_follows_by_what_all_steps_amount_to() {
        let config = AverageConfig::of_width(0.1).unwrap();
        for (from, to) in [(1000, 1100), (1024, 2048), (2000, 8192), (1_000_448, 1_200_128)] {
            let (mut all, mut looks) = (0.0, 0.0);
            for t in from + 1..=to {
                all += (f64::from(config.gamma) + 1.0) * (-1.0 / f64::from(t)).ln_1p();
                looks += (-f64::from(config.rate(t))).ln_1p();
            }
            assert!((looks / all - 1.0).abs() < 1e-5, "{from} to {to}: {looks} instead of {all}");
        }
        let count = |from: u32| (from + 1..=2 * from).filter(|t| config.rate(*t) > 0.0).count();
        assert_eq!([512, 1024, 1 << 20].map(count), [512; 3]);
    }

    /// The step that the average follows by would be half a unit in the last place after 70,000 updates.
    #[test]
    fn a_late_change_of_the_weights_is_followed() {
        let mut optimizer = Averaged::<Sgd, [f32; 1]>::ZERO;
        optimizer.init((SgdConfig::default(), AverageConfig::of_width(0.1).unwrap()));
        let mut weights = Point { values: [1.0] };
        for t in 0..2_000_000 {
            weights.values = [if t < 1_000_000 { 1.0 } else { 1.004 }];
            optimizer.step(&mut weights, &[0.0], &step(0.1, 1.0));
        }
        let [average] = *optimizer.average().unwrap() else { unreachable!() };
        assert!((average - 1.003_983_7).abs() < 3e-6, "{average}");
    }

    #[test]
    fn a_run_may_be_longer_than_its_counter() {
        let mut optimizer = Averaged::<Sgd, [f32; 1]>::ZERO;
        optimizer.init((SgdConfig::default(), AverageConfig::of_width(0.1).unwrap()));
        let mut weights = Point { values: [1.0] };
        optimizer.step(&mut weights, &[0.0], &step(0.1, 1.0));
        weights.values = [2.0];
        optimizer.steps = u32::MAX - 1;
        for _ in 0..(1 << 22) + 2 {
            optimizer.step(&mut weights, &[0.0], &step(0.1, 1.0));
        }
        let [average] = *optimizer.average().unwrap() else { unreachable!() };
        assert!(optimizer.steps > 1 << 31 && average > 1.0 && average < 1.1, "{average}");
    }

    #[test]
    fn the_average_is_that_of_the_formula_and_begins_with_the_first_weights() {
        let mut optimizer = Averaged::<Sgd, [f32; 2]>::ZERO;
        optimizer.init((SgdConfig::default(), AverageConfig { gamma: 1.0 }));
        let mut weights = Point { values: [1.0, -3.0] };
        assert!(optimizer.average().is_none(), "nothing to average yet");
        let mut expected = [0.0; 2];
        for t in 1..=20 {
            optimizer.step(&mut weights, &[0.5, -1.0], &step(0.1, 1.0));
            let beta = (1.0 - 1.0 / f64::from(t)).powi(2);
            for (e, w) in expected.iter_mut().zip(weights.values) {
                *e = beta * *e + (1.0 - beta) * f64::from(w);
            }
            let average = optimizer.average().unwrap();
            assert!(t > 1 || *average == weights.values);
            for (a, e) in average.iter().zip(expected) {
                assert!((f64::from(*a) - e).abs() < 1e-6, "{t}: {a} instead of {e}");
            }
        }
    }
}
