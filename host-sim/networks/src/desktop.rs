//! The trainers of the boards on this computer. All that depends on the type of a network stands here.

use trainlet::core::archive::Archive;
use trainlet::core::params::Leaf;
use trainlet::core::rng::{Key, Purpose};
use trainlet::core::setting::OutOfRange;
use trainlet::core::tensor::Tensor;
use trainlet::extra::curvature::{Lanczos, LanczosConfig, Probe, Spectrum};
use trainlet::extra::monitor::{Health, Monitored, MonitoredConfig};
use trainlet::networks::{Family, Network};
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::{Loss, NoSuchOption, Supervised};
use trainlet::nn::pass::Pass;
use trainlet::optim::grad_norm;
use trainlet::train::{Config, Evaluation, Learner, Online, Progress, Sam, SingleStep, StepReport, Trainer};

use super::learner::{Desktop, Device, LearnerError};
use super::mask::ChosenMask;
use super::optimizer::{Chosen, OptimizerSettings};
use super::settings::{LearnerSettings, Method, Part, Refused};
use super::tree::{Weights, write};

/// Leaves that a run can be watched in: more than any network of the list has.
const LEAVES: usize = 256;
/// The same of layers of GELUs.
const GELUS: usize = 64;

/// One optimiser for batches of all kinds, so that what is around it is compiled once.
type Watched = Monitored<Chosen, LEAVES, GELUS>;
type Batches<M> = Trainer<M, <M as Network>::Loss, Watched, <M as Network>::Arena>;
type Singles<M> = Online<M, <M as Network>::Loss, Chosen, <M as Network>::Online>;
type TwoPasses<M> = Sam<M, <M as Network>::Loss, Watched, <M as Network>::Arena, <M as Network>::F32, ChosenMask>;
type OnePass<M> = SingleStep<M, <M as Network>::Loss, Watched, <M as Network>::Arena, <M as Network>::F32>;

/// A learner of the network `F` by these settings, with weights drawn from the seed.
///
/// # Errors
/// An option of another kind of loss, or a value out of its range.
pub fn start<F: Family>(settings: &LearnerSettings) -> Result<Box<dyn Desktop>, Refused> {
    match (settings.method, settings.part) {
        (Method::Sam(ascent, mask), _) => {
            let config = config::<F>(settings)?;
            flat::<F, _>(TwoPasses::<F>::ZERO, settings, |trainer| trainer.init(config, ascent, mask))
        }
        (Method::SingleStep(ascent), _) => {
            let config = config::<F>(settings)?;
            flat::<F, _>(OnePass::<F>::ZERO, settings, |trainer| trainer.init(config, ascent))
        }
        (_, Part::All) => plain::<F>(settings),
        (_, Part::LastBlock) => plain::<F::LastBlock>(settings),
        (_, Part::Biases) => plain::<F::Biases>(settings),
        (_, Part::Head) => plain::<F::Head>(settings),
    }
}

fn plain<M: Network>(settings: &LearnerSettings) -> Result<Box<dyn Desktop>, Refused> {
    let config = config::<M>(settings)?;
    if settings.method == Method::Online {
        let config = config.with_optimizer(|watched| watched.optimizer).unclipped();
        return flat::<M, _>(Singles::<M>::ZERO, settings, |trainer| trainer.init(config));
    }
    flat::<M, _>(Batches::<M>::ZERO, settings, |trainer| trainer.init(config))
}

type ConfigOf<M> = Config<<M as Network>::Loss, MonitoredConfig<OptimizerSettings>, true>;

fn config<M: Network>(settings: &LearnerSettings) -> Result<ConfigOf<M>, NoSuchOption> {
    let LearnerSettings { rule, state, proximal, seed, schedule, clip, dropout, stochastic_depth, .. } = *settings;
    let thresholds = match settings.method {
        Method::Batches { thresholds, .. } => thresholds,
        _ => None,
    };
    let optimizer = OptimizerSettings { rule, state, proximal, weights: M::TRAINABLE };
    let optimizer = MonitoredConfig { optimizer, thresholds };
    let loss = M::LOSS.with_options(settings.loss)?;
    Ok(Config { seed, loss, optimizer, schedule, clip: clip.into(), dropout, stochastic_depth })
}

fn flat<M: Network, T: Concrete<M> + 'static>(
    zero: T,
    settings: &LearnerSettings,
    start: impl FnOnce(&mut T) -> Result<(), OutOfRange>,
) -> Result<Box<dyn Desktop>, Refused> {
    let (is_watched, noisy) = match settings.method {
        Method::Batches { thresholds, noisy_tests } => (thresholds.is_some(), noisy_tests),
        _ => (false, false),
    };
    let noise = noisy.then(|| Noise::new(settings, M::COST.depth));
    let mut flat =
        Box::new(Flat { learner: zero, input: M::Input::ZERO, noise, is_watched, measures: false, norms: Vec::new() });
    start(&mut flat.learner)?;
    Ok(flat)
}

/// What tests that are as random as training need.
struct Noise {
    dropout: Dropout,
    stochastic_depth: StochasticDepth,
    depth: u32,
    key: Key,
    samples: u64,
    arena: Vec<f32>,
}

impl Noise {
    fn new(settings: &LearnerSettings, depth: usize) -> Self {
        let LearnerSettings { dropout, stochastic_depth, seed, .. } = *settings;
        let key = Key::new(seed, Purpose::Mask).child(u64::MAX);
        Self { dropout, stochastic_depth, depth: depth as u32, key, samples: 0, arena: Vec::new() }
    }

    fn predict<M: Network>(&mut self, weights: &M, input: &M::Input) -> M::Output {
        let Self { dropout, stochastic_depth, depth, key, samples, arena } = self;
        let pass = Pass::new(*dropout, *stochastic_depth, *depth, key.child(*samples));
        *samples += 1;
        arena.resize(M::ACTIVATIONS, 0.0);
        let mut output = M::Output::ZERO;
        weights.forward(input, &mut output, arena, &pass);
        output
    }
}

/// A trainer with the types of its network.
trait Concrete<M: Network>:
    Learner<Input = M::Input, Target = <M::Loss as Loss<M::Output>>::Target, Output = M::Output, Error: Into<LearnerError>>
{
    fn model(&self) -> &M;
    fn model_mut(&mut self) -> &mut M;
    fn scale(&mut self, factor: f32) -> Result<(), OutOfRange>;
    /// Of the samples since the last step, where it is in one piece.
    fn gradient(&self) -> Option<&[f32]> {
        None
    }
    fn judge(&mut self, _loss: f32) -> Option<Health> {
        None
    }
    fn look(&mut self, _samples: &[(&[f32], &[f32])], _config: LanczosConfig) -> Result<Spectrum, LearnerError> {
        unreachable!("only trainers of batches are probed")
    }
}

impl<M: Network> Concrete<M> for Batches<M> {
    fn model(&self) -> &M {
        &self.weights
    }

    fn model_mut(&mut self) -> &mut M {
        &mut self.weights
    }

    fn gradient(&self) -> Option<&[f32]> {
        Some(Trainer::gradient(self))
    }

    fn scale(&mut self, factor: f32) -> Result<(), OutOfRange> {
        self.scale_rate(factor)
    }

    fn judge(&mut self, loss: f32) -> Option<Health> {
        Some(self.end_epoch(loss))
    }

    fn look(&mut self, samples: &[(&[f32], &[f32])], config: LanczosConfig) -> Result<Spectrum, LearnerError> {
        let mut lanczos = Box::new(Lanczos::<M::F32>::ZERO);
        let mut probe = Probe::new(self, &mut lanczos, config)?;
        let mut input = M::Input::ZERO;
        while probe.needs_product() {
            for (row, label) in samples {
                input.flat_mut().copy_from_slice(row);
                probe.add(&input, &M::Loss::target(label.iter().copied()), 1.0 / samples.len() as f32)?;
            }
            probe.finish_product();
        }
        Ok(probe.spectrum())
    }
}

impl<M: Network> Concrete<M> for Singles<M> {
    fn model(&self) -> &M {
        &self.weights
    }

    fn model_mut(&mut self) -> &mut M {
        &mut self.weights
    }

    fn scale(&mut self, factor: f32) -> Result<(), OutOfRange> {
        self.scale_rate(factor)
    }
}

impl<M: Network> Concrete<M> for TwoPasses<M> {
    fn model(&self) -> &M {
        self.weights()
    }

    fn model_mut(&mut self) -> &mut M {
        self.weights_mut()
    }

    fn gradient(&self) -> Option<&[f32]> {
        Some(Sam::gradient(self))
    }

    fn scale(&mut self, factor: f32) -> Result<(), OutOfRange> {
        self.scale_rate(factor)
    }
}

impl<M: Network> Concrete<M> for OnePass<M> {
    fn model(&self) -> &M {
        self.weights()
    }

    fn model_mut(&mut self) -> &mut M {
        self.weights_mut()
    }

    fn scale(&mut self, factor: f32) -> Result<(), OutOfRange> {
        self.scale_rate(factor)
    }
}

/// A trainer that takes rows of numbers, and labels of numbers.
struct Flat<M: Network, T> {
    learner: T,
    input: M::Input,
    noise: Option<Noise>,
    is_watched: bool,
    /// Whether the gradient of the next step is measured.
    measures: bool,
    norms: Vec<f32>,
}

impl<M: Network, T: Concrete<M>> Flat<M, T> {
    fn measure(&mut self) {
        let Some(mut rest) = self.learner.gradient() else { return };
        let mut norms = Vec::new();
        self.learner.model().read(&mut |leaf, values| {
            if leaf.trained {
                let (gradient, later) = rest.split_at(values.len());
                rest = later;
                norms.push(grad_norm(gradient));
            }
        });
        self.norms = norms;
    }
}

impl<M: Network, T: Concrete<M>> Learner for Flat<M, T> {
    type Input = [f32];
    type Target = [f32];
    type Output = Vec<f32>;
    type Error = LearnerError;

    fn accumulate(&mut self, row: &[f32], label: &[f32], weight: f32) -> Result<f32, LearnerError> {
        self.input.flat_mut().copy_from_slice(row);
        self.learner.accumulate(&self.input, &M::Loss::target(label.iter().copied()), weight).map_err(Into::into)
    }

    fn second_pass(&mut self) -> Result<bool, LearnerError> {
        self.learner.second_pass().map_err(Into::into)
    }

    fn step(&mut self) -> Result<StepReport, LearnerError> {
        if std::mem::take(&mut self.measures) {
            self.measure();
        }
        self.learner.step().map_err(Into::into)
    }

    fn observe(&mut self, row: &[f32], label: &[f32]) -> Result<(), LearnerError> {
        self.input.flat_mut().copy_from_slice(row);
        self.learner.observe(&self.input, &M::Loss::target(label.iter().copied())).map_err(Into::into)
    }

    fn select(&mut self) -> Result<(), LearnerError> {
        self.learner.select().map_err(Into::into)
    }

    fn predict(&mut self, row: &[f32]) -> Result<Vec<f32>, LearnerError> {
        self.input.flat_mut().copy_from_slice(row);
        let output = match &mut self.noise {
            Some(noise) => noise.predict(self.learner.model(), &self.input),
            None => self.learner.predict(&self.input).map_err(Into::into)?,
        };
        Ok(output.flat().to_vec())
    }

    fn evaluate(&mut self, row: &[f32], label: &[f32]) -> Result<Evaluation<Vec<f32>>, LearnerError> {
        self.input.flat_mut().copy_from_slice(row);
        let evaluation =
            self.learner.evaluate(&self.input, &M::Loss::target(label.iter().copied())).map_err(Into::into)?;
        Ok(Evaluation { loss: evaluation.loss, output: evaluation.output.flat().to_vec() })
    }

    fn weights(&mut self, visit: &mut dyn FnMut(&Leaf, &[f32])) -> Result<(), LearnerError> {
        self.learner.weights(visit).map_err(Into::into)
    }

    fn persist(&mut self, archive: &mut Archive) {
        self.learner.persist(archive);
        if let Some(noise) = &mut self.noise {
            archive.long(&mut noise.samples);
        }
    }

    fn progress(&mut self) -> Result<Progress, LearnerError> {
        self.learner.progress().map_err(Into::into)
    }
}

impl<M: Network, T: Concrete<M>> Device for Flat<M, T> {
    fn end_epoch(&mut self, loss: f32) -> Option<Health> {
        if self.is_watched { self.learner.judge(loss) } else { None }
    }

    fn watch_gradient(&mut self) {
        self.measures = true;
    }

    fn gradient_norms(&mut self) -> Vec<f32> {
        std::mem::take(&mut self.norms)
    }

    fn replace(&mut self, weights: &Weights) -> Result<(), LearnerError> {
        self.load(&weights.values);
        Ok(())
    }

    fn scale_rate(&mut self, factor: f32) -> Result<(), LearnerError> {
        Ok(self.learner.scale(factor)?)
    }
}

impl<M: Network, T: Concrete<M>> Desktop for Flat<M, T> {
    fn load(&mut self, values: &[f32]) {
        write(self.learner.model_mut(), values);
    }

    fn spectrum(&mut self, samples: &[(&[f32], &[f32])], config: LanczosConfig) -> Result<Spectrum, LearnerError> {
        self.learner.look(samples, config)
    }
}
