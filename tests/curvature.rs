//! Eigenvalues of Hessians that are known.

mod common;

use common::tensor;
use trainlet::core::params::{Init, Params, Role};
use trainlet::core::setting::Settings;
use trainlet::core::size::Cost;
use trainlet::extra::curvature::{Lanczos, LanczosConfig, Probe, Spectrum};
use trainlet::networks::Watch12x1 as Net;
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::{CrossEntropy, InvalidTarget, Loss};
use trainlet::nn::net::Model;
use trainlet::nn::pass::Pass;
use trainlet::nn::update::InPlaceUpdate;
use trainlet::optim::{Schedule, Sgd, SgdConfig};
use trainlet::train::{Config, Trainer};

/// Weights that are the outputs, whatever the input.
struct Point<const N: usize> {
    values: [f32; N],
}

trainlet::params! {
    [const N: usize] Point<N> { values: leaf(Role::Weight, [N], Init::FanIn(1)) }
}

impl<const N: usize> Model for Point<N> {
    type Input = ();
    type Output = [f32; N];
    const STREAM: usize = 0;
    const COST: Cost = Cost::of::<Self>();

    fn infer(&self, (): &(), output: &mut [f32; N], _: &mut [f32]) {
        *output = self.values;
    }

    fn forward(&self, (): &(), output: &mut [f32; N], _: &mut [f32], _: &Pass) {
        *output = self.values;
    }

    fn backward(&self, grad: &mut [f32], (): &(), doutput: &[f32; N], _: &mut [f32], _: &Pass) {
        grad.iter_mut().zip(doutput).for_each(|(g, d)| *g += d);
    }

    fn backward_update(&mut self, _: &mut InPlaceUpdate, (): &(), _: &[f32; N], _: &mut [f32], _: &Pass) {}
}

/// ½ wᵀ A w + ¼ target Σ w⁴ with the matrix A = Q diag(λ) Qᵀ, where Q = I - 2 u uᵀ turns all axes.
#[derive(Clone, Copy)]
struct Bowl<const N: usize> {
    eigenvalues: [f32; N],
}

impl<const N: usize> Bowl<N> {
    /// Q x
    fn mirror(x: &[f32; N]) -> [f32; N] {
        let u: [f32; N] = std::array::from_fn(|i| 1.0 + (i % 3) as f32);
        let square: f32 = u.iter().map(|u| u * u).sum();
        let along: f32 = u.iter().zip(x).map(|(u, x)| u * x).sum::<f32>() * 2.0 / square;
        std::array::from_fn(|i| x[i] - along * u[i])
    }
}

impl<const N: usize> Settings for Bowl<N> {}

impl<const N: usize> Loss<[f32; N]> for Bowl<N> {
    type Target = f32;
    const ZERO: Self = Self { eigenvalues: [0.0; N] };

    fn evaluate(&self, output: &[f32; N], quartic: &f32, gradient: &mut [f32; N]) -> Result<f32, InvalidTarget> {
        if !quartic.is_finite() {
            return Err(InvalidTarget);
        }
        let turned = Self::mirror(output);
        *gradient = Self::mirror(&std::array::from_fn(|i| self.eigenvalues[i] * turned[i]));
        gradient.iter_mut().zip(output).for_each(|(g, w)| *g += quartic * w * w * w);
        let quadratic = turned.iter().zip(&self.eigenvalues).map(|(x, e)| 0.5 * e * x * x);
        Ok(quadratic.chain(output.iter().map(|w| 0.25 * quartic * w.powi(4))).sum())
    }
}

/// The spectrum of the table, between whose ends lie five values of no matter.
const REFERENCE: [f32; 8] = [-3.412_825_8, -1.1, -0.2, 0.0, 0.4, 1.7, 3.564_037_3, 18.243_458];

fn bowl(config: LanczosConfig) -> Spectrum {
    spectrum_of(REFERENCE, config)
}

fn spectrum_of(eigenvalues: [f32; 8], config: LanczosConfig) -> Spectrum {
    let mut trainer = Trainer::<Point<8>, Bowl<8>, Sgd, [f32; Point::<8>::ARENA]>::ZERO;
    trainer.init(Config::new(3, Bowl { eigenvalues }, SgdConfig::default(), Schedule::constant(0.1))).unwrap();
    let mut lanczos = Lanczos::<[f32; 8]>::ZERO;
    let mut probe = Probe::new(&mut trainer, &mut lanczos, config).unwrap();
    while probe.needs_product() {
        probe.add(&(), &0.0, 1.0).unwrap();
        probe.finish_product();
    }
    probe.spectrum()
}

#[test]
fn the_reference_spectrum_is_found() {
    let spectrum = bowl(LanczosConfig::default());
    let mut values: Vec<_> = spectrum.ritz().map(|ritz| ritz.value).collect();
    values.sort_by(f32::total_cmp);
    assert_eq!(values.len(), 8);
    // Between the ends, directions that lose their right angles leave copies.
    for (value, exact) in [(values[0], REFERENCE[0]), (values[7], REFERENCE[7])] {
        assert!(
            (value - exact).abs() < 2e-4,
            "{value} instead of {exact}: a quadratic's difference is exact up to rounding"
        );
    }
    let weights: f32 = spectrum.ritz().map(|ritz| ritz.weight).sum();
    assert!((weights - 1.0).abs() < 1e-5);
}

#[test]
fn a_few_steps_find_the_ends() {
    let spectrum = bowl(LanczosConfig { steps: 5, ..LanczosConfig::default() });
    assert_eq!(spectrum.ritz().count(), 5);
    assert!((spectrum.largest().unwrap() / 18.243_458 - 1.0).abs() < 1e-3);
    assert!((spectrum.smallest().unwrap() / -3.412_825_8 - 1.0).abs() < 0.05);
}

/// Where decay alone curves, the same in all directions, the first product has told everything.
#[test]
fn a_run_ends_where_nothing_is_left_to_find() {
    let spectrum = spectrum_of([0.0; 8], LanczosConfig { weight_decay: 2.0, ..LanczosConfig::default() });
    let values: Vec<_> = spectrum.ritz().map(|ritz| ritz.value).collect();
    assert!(values.len() == 1 && (values[0] - 2.0).abs() < 1e-5, "{values:?}");
}

#[test]
fn decay_shifts_every_eigenvalue() {
    let [plain, decayed] =
        [0.0, 0.5].map(|weight_decay| bowl(LanczosConfig { weight_decay, ..LanczosConfig::default() }));
    let shifts = [
        decayed.largest().unwrap() - plain.largest().unwrap(),
        decayed.smallest().unwrap() - plain.smallest().unwrap(),
    ];
    assert!(shifts.iter().all(|shift| (shift - 0.5).abs() < 2e-4), "{shifts:?}");
}

/// H = A + 3 diag(w²): the error of a difference at the radius of the rule.
#[test]
fn a_quartic_is_measured_where_the_weights_are() {
    const N: usize = 8;
    let mut trainer = Trainer::<Point<N>, Bowl<N>, Sgd, [f32; Point::<N>::ARENA]>::ZERO;
    trainer
        .init(Config::new(3, Bowl { eigenvalues: [1.0; N] }, SgdConfig::default(), Schedule::constant(0.1)))
        .unwrap();
    trainer.weights.values = [1.5, -0.75, 1.25, 0.0, 2.0, -1.0, 1.75, -0.5];
    let mut lanczos = Lanczos::<[f32; N]>::ZERO;
    let mut probe = Probe::new(&mut trainer, &mut lanczos, LanczosConfig::default()).unwrap();
    while probe.needs_product() {
        probe.add(&(), &1.0, 1.0).unwrap();
        probe.finish_product();
    }
    let spectrum = probe.spectrum();
    assert!((spectrum.largest().unwrap() / 13.0 - 1.0).abs() < 2e-5, "{spectrum:?}");
    assert!((spectrum.smallest().unwrap() - 1.0).abs() < 2e-4, "{spectrum:?}");
}

type NetTrainer = Trainer<Net, CrossEntropy, Sgd, [f32; Net::ARENA]>;

/// A trainer in which everything random is switched on.
fn trainer() -> Box<NetTrainer> {
    let mut trainer = Box::new(NetTrainer::ZERO);
    let config = Config::new(5, CrossEntropy::new(), SgdConfig::default(), Schedule::constant(0.1));
    trainer
        .init(
            Config { dropout: Dropout { p: 0.5 }, stochastic_depth: StochasticDepth { p: 0.5 }, ..config }
                .clipped(1e-3),
        )
        .unwrap();
    trainer
}

fn bits(weights: &Net) -> Vec<u32> {
    let mut bits = Vec::new();
    weights.read(&mut |_, values| bits.extend(values.iter().map(|value| value.to_bits())));
    bits
}

#[test]
fn the_trainer_goes_on_as_if_nothing_had_been() {
    let samples: [([[f32; 6]; 16], usize); 2] = [(tensor(1.0, 1.0), 2), (tensor(2.0, 1.0), 6)];
    let mut plain = trainer();
    let mut probed = trainer();
    for round in 0..3 {
        for trainer in [&mut plain, &mut probed] {
            for (input, target) in &samples {
                trainer.accumulate(input, target, 0.5).unwrap();
            }
            trainer.step();
        }
        let before = bits(&probed.weights);
        let mut lanczos = Lanczos::<[f32; Net::TRAINABLE]>::ZERO;
        let mut probe =
            Probe::new(&mut probed, &mut lanczos, LanczosConfig { steps: 3, ..LanczosConfig::default() }).unwrap();
        probe.add(&samples[0].0, &2, 1.0).unwrap();
        // The last time it is left in the middle of a product.
        if round < 2 {
            probe.finish_product();
        }
        drop(probe);
        assert_eq!(bits(&probed.weights), before);
        assert!(probed.gradient().iter().all(|g| *g == 0.0));
        assert_eq!(before, bits(&plain.weights));
    }
}

#[test]
fn a_bad_target_has_no_part_in_it() {
    let input: [[f32; 6]; 16] = tensor(1.0, 1.0);
    let mut probed = trainer();
    let before = bits(&probed.weights);
    let mut spectrum = |bad: bool| {
        let mut lanczos = Lanczos::<[f32; Net::TRAINABLE]>::ZERO;
        let mut probe =
            Probe::new(&mut probed, &mut lanczos, LanczosConfig { steps: 4, ..LanczosConfig::default() }).unwrap();
        while probe.needs_product() {
            if bad {
                assert_eq!(probe.add(&input, &7, 0.5), Err(InvalidTarget));
            }
            probe.add(&input, &3, 1.0).unwrap();
            probe.finish_product();
        }
        probe.spectrum()
    };
    assert_eq!(spectrum(true), spectrum(false));
    assert_eq!(bits(&probed.weights), before);
}

#[test]
fn no_samples_no_step_and_a_nan_ends_the_run() {
    let mut trainer = trainer();
    let mut lanczos = Lanczos::<[f32; Net::TRAINABLE]>::ZERO;
    let mut probe = Probe::new(&mut trainer, &mut lanczos, LanczosConfig::default()).unwrap();
    probe.finish_product();
    assert!(probe.needs_product() && probe.spectrum().largest().is_none());
    probe.add(&[[f32::NAN; 6]; 16], &1, 1.0).unwrap();
    probe.finish_product();
    assert!(!probe.needs_product() && probe.spectrum().largest().is_none());
}

#[test]
fn its_memory_is_three_vectors() {
    let rest = Lanczos::<[f32; Net::TRAINABLE]>::BYTES - 3 * 4 * Net::TRAINABLE;
    assert_eq!(rest, 144);
}
