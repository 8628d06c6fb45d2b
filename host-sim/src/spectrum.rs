//! How the loss of a network curves, at the start and after training: eigenvalues of its Hessian over mini-batches, and a
//! slice of the loss itself.

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde::Serialize;
use trainlet::curvature::{Lanczos, LanczosConfig, MAX_STEPS};
use trainlet::loss::Classify;
use trainlet::networks::{NAMES, Network, Visit, visit};
use trainlet::optim::{Schedule, Sgd, SgdConfig};
use trainlet::tensor::Tensor;
use trainlet::train::{Config, Trainer};

use crate::data::Dataset;
use crate::landscape::{self, Surface};
use crate::options::{DataOptions, Options};
use crate::order::{Length, Order, Plan};
use crate::{configs, preparation, run, stack, weights};

/// Which networks, and where their loss is looked at.
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Question {
    /// Networks by name
    #[arg(
        long, value_name = "NAME", num_args = 1.., required = true, value_delimiter = ',',
        value_parser = PossibleValuesParser::new(NAMES)
    )]
    pub config: Vec<String>,
    /// Trained weights of the one network [default: train it first]
    #[arg(long, value_name = "FILE.safetensors")]
    pub weights: Option<String>,
    /// Mini-batches of the training data
    #[arg(long, default_value_t = 10, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub batches: u32,
    /// Samples of a mini-batch
    #[arg(long, default_value_t = 16, value_name = "SAMPLES", value_parser = clap::value_parser!(u32).range(1..))]
    pub batch: u32,
    /// Products of the Hessian for each mini-batch
    #[arg(
        long, default_value_t = MAX_STEPS as u32, value_name = "COUNT",
        value_parser = clap::value_parser!(u32).range(1..=MAX_STEPS as i64)
    )]
    pub products: u32,
    /// λ of λ/2 ‖w‖² beside the loss
    #[arg(long, default_value_t = 0.0, value_name = "DECAY")]
    pub weight_decay: f32,
    /// Passes over the training data before the second look
    #[arg(long, default_value_t = 25, value_name = "COUNT", conflicts_with = "weights")]
    pub epochs: u32,
    /// Fixes weights, order and directions
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    pub seed: u64,
    /// Write the figures
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<String>,
    /// Draw them: histograms of the Ritz values and the slices
    #[arg(long, value_name = "FILE.svg")]
    pub svg: Option<String>,
    /// The data.
    #[command(flatten)]
    pub data: DataOptions,
}

/// A network, looked at twice.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its name.
    pub config: &'static str,
    /// How many numbers it has.
    pub parameters: usize,
    /// With the weights that the seed gives.
    pub start: Look,
    /// With trained weights.
    pub trained: Look,
}

/// What the loss is like at some weights.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Look {
    /// One of each mini-batch.
    pub batches: Vec<Batch>,
    /// The loss around the weights.
    pub surface: Surface,
}

/// What is known of the Hessian of a mini-batch.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Batch {
    /// The most positive eigenvalue.
    pub largest: f32,
    /// The most negative.
    pub smallest: f32,
    /// Σ|λ<0| / Σ|λ| of the Ritz values.
    pub negative_ratio: f32,
    /// An estimate of the same over the whole Hessian.
    pub negative_share: f32,
    /// The Ritz values, ascending.
    pub ritz: Vec<f32>,
}

/// Looks at each network.
///
/// # Errors
/// Data, options or weights that are not what they must be.
pub fn rows(question: &Question) -> Result<Vec<Row>, run::Error> {
    let (several, given) = (question.config.len() > 1, question.weights.is_some());
    if several && given {
        return Err(crate::recipe::Error::Without { option: "--weights", owner: "a single --config" }.into());
    }
    question.config.iter().map(|config| row(question, config)).collect()
}

fn row(question: &Question, config: &str) -> Result<Row, run::Error> {
    let config = configs::find(config)?;
    let train = preparation::for_training(&question.data)?.train;
    config.check(&train)?;
    let file = match &question.weights {
        Some(path) => weights::File::read(path)?,
        None => trained(question, config.name)?,
    };
    let length = Length::Steps(question.batches);
    let plan = Plan::new(Order::Shuffled, train.len() as u32, question.batch, length, question.seed)?;
    let batches = (0..question.batches).map(|step| plan.samples(&plan.batch(step)).collect()).collect();
    let task = Task { question, file, train, batches, parameters: config.parameters };
    stack::large(move || visit(config.name, task)).expect("the list has just given this name")
}

/// The weights after a training run with the defaults.
fn trained(question: &Question, config: &str) -> Result<weights::File, run::Error> {
    let folder = tempfile::tempdir()
        .map_err(|source| weights::Error::Unreadable { path: "a temporary folder".into(), source })?;
    let path = folder.path().join("trained.safetensors").display().to_string();
    let Question { epochs, seed, data, .. } = question.clone();
    run::train(&Options { config: config.into(), epochs, seed, data, save: Some(path.clone()), ..Options::default() })?;
    Ok(weights::File::read(&path)?)
}

struct Task<'a> {
    question: &'a Question,
    file: weights::File,
    train: Dataset,
    batches: Vec<Vec<usize>>,
    parameters: usize,
}

type Plain<M> = Trainer<M, <M as Network>::Loss, Sgd, <M as Network>::Arena>;

impl Visit for Task<'_> {
    type Result = Result<Row, run::Error>;

    fn visit<M: Network>(self) -> Self::Result {
        let mut trainer = Box::new(Plain::<M>::ZERO);
        let rate = Schedule::constant(1.0);
        trainer.init(Config::new(self.question.seed, M::LOSS, SgdConfig::default(), rate));
        let start = self.look::<M>(&mut trainer)?;
        self.file.load(M::NAME, &mut trainer.weights)?;
        let trained = self.look::<M>(&mut trainer)?;
        Ok(Row { config: M::NAME, parameters: self.parameters, start, trained })
    }
}

impl Task<'_> {
    fn look<M: Network>(&self, trainer: &mut Plain<M>) -> Result<Look, run::Error> {
        let mut lanczos = Box::new(Lanczos::<M::F32>::ZERO);
        let batches = (0..self.batches.len()).map(|index| self.batch::<M>(trainer, &mut lanczos, index));
        let batches = batches.collect::<Result<_, _>>()?;
        let samples: Vec<usize> = self.batches.iter().flatten().copied().collect();
        let surface = landscape::surface::<M>(&trainer.weights, &self.train, &samples, self.question.seed)?;
        Ok(Look { batches, surface })
    }

    fn batch<M: Network>(
        &self,
        trainer: &mut Plain<M>,
        lanczos: &mut Lanczos<M::F32>,
        index: usize,
    ) -> Result<Batch, run::Error> {
        let Question { products, weight_decay, seed, .. } = *self.question;
        let seed = seed.wrapping_add(index as u64);
        let config = LanczosConfig { steps: products as usize, weight_decay, seed, ..LanczosConfig::default() };
        let mut probe = trainer.probe(lanczos, config);
        let mut input = M::Input::ZERO;
        let samples = &self.batches[index];
        while probe.needs_product() {
            for &sample in samples {
                input.flat_mut().copy_from_slice(self.train.row(sample));
                probe.add(&input, &M::Loss::target(self.train.labels[sample]), 1.0 / samples.len() as f32)?;
            }
            probe.finish_product();
        }
        let spectrum = probe.spectrum();
        let mut ritz: Vec<f32> = spectrum.ritz().map(|ritz| ritz.value).collect();
        ritz.sort_by(f32::total_cmp);
        Ok(Batch {
            largest: spectrum.largest().unwrap_or(f32::NAN),
            smallest: spectrum.smallest().unwrap_or(f32::NAN),
            negative_ratio: spectrum.negative_ratio(),
            negative_share: spectrum.negative_share(),
            ritz,
        })
    }
}
