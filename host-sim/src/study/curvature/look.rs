//! A training run with looks at the curvature of its loss.

use indicatif::ProgressBar;
use serde::{Deserialize, Serialize};
use trainlet::extra::curvature::LanczosConfig;
use trainlet::train::train_step_with;

use super::landscape::{Surface, mean_loss};
use crate::data::Dataset;
use crate::data::sampler::{Length, Order, Plan};
use crate::networks::Network;
use crate::networks::learner::{Desktop, weights};
use crate::networks::output::Judge;
use crate::networks::tree::Weights;
use crate::run::epochs::has_diverged;
use crate::run::error::Error;
use crate::run::options::Options;
use crate::run::settings;
use crate::run::tally::Mean;
use crate::study::shards::nullable::numbers;

/// A run, and the curvature of the loss at several epochs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// What fixed the random numbers.
    pub seed: u64,
    /// CRC-32 of all weights at the end, the same as without looks.
    pub weights_crc32: u32,
    /// In order of epochs.
    pub looks: Vec<Look>,
    /// The loss around the final weights.
    pub surface: Surface,
}

/// The curvature of the loss at some weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Look {
    /// Epochs trained before it.
    pub epoch: u32,
    /// Mean over the samples of all mini-batches.
    #[serde(deserialize_with = "numbers")]
    pub loss: f32,
    /// One of each mini-batch.
    pub batches: Vec<Batch>,
}

impl Look {
    /// A figure of each mini-batch.
    pub fn figures(&self, figure: fn(&Batch) -> f32) -> Vec<f32> {
        self.batches.iter().map(figure).collect()
    }
}

/// Figures of the Hessian of a mini-batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// The most positive eigenvalue.
    #[serde(deserialize_with = "numbers")]
    pub largest: f32,
    /// The most negative, or the least positive.
    #[serde(deserialize_with = "numbers")]
    pub smallest: f32,
    /// Σ|λ<0| / Σ|λ| of the Ritz values.
    #[serde(deserialize_with = "numbers")]
    pub negative_ratio: f32,
    /// An estimate of the same over the whole Hessian.
    #[serde(deserialize_with = "numbers")]
    pub negative_share: f32,
    /// The Ritz values, ascending.
    #[serde(deserialize_with = "numbers")]
    pub ritz: Vec<f32>,
}

/// A run to do: what is written of it fixes what comes out.
#[derive(Serialize)]
pub struct Task<'a> {
    pub options: Options,
    /// The epochs after which there is a look.
    pub at: &'a [u32],
    /// Mini-batches of a look.
    pub batches: u32,
    /// Samples of each.
    pub batch: u32,
    /// How the Hessian of each is examined; the seed is that of the mini-batch.
    pub lanczos: LanczosConfig,
    #[serde(skip)]
    pub weights: Option<Weights>,
    #[serde(skip)]
    pub network: &'static Network,
    #[serde(skip)]
    pub train: &'a Dataset,
    #[serde(skip)]
    pub bar: &'a ProgressBar,
}

impl Task<'_> {
    /// Trains, and looks at the loss on the way.
    pub fn run(&self) -> Result<Run, Error> {
        let Self { network, options, at, train, bar, .. } = self;
        let seed = options.seed;
        let plan = Plan::new(options.order, train.len() as u32, options.batch, Length::Epochs(options.epochs), seed)?;
        let batches = self.batches()?;
        bar.inc_length(u64::from(plan.steps()) + (at.len() * batches.len()) as u64);
        let judge = network.judge(settings::loss_options(options)).map_err(settings::no_such_option)?;
        let mut learner = network.learner(&settings::learner(options, &plan)?).map_err(settings::refused)?;
        if let Some(weights) = &self.weights {
            learner.load(&weights.values);
        }
        let (mut looks, mut done) = (Vec::new(), 0);
        for epoch in 0..=options.epochs {
            if at.contains(&epoch) {
                looks.push(self.look(&mut *learner, &*judge, epoch, &batches)?);
            }
            let later = plan.steps_of(epoch + 1).unwrap_or(u32::MAX).min(plan.steps());
            let mut losses = Mean::default();
            for step in done..later {
                let numbers: Vec<usize> = plan.samples(&plan.batch(step)).collect();
                let samples = numbers.iter().map(|&number| (train.row(number), train.label(number)));
                train_step_with(&mut *learner, samples, |_| 1.0 / numbers.len() as f32, |loss| losses.add(loss))?;
                bar.inc(1);
            }
            let is_new = later > done;
            done = done.max(later);
            if !weights(&mut *learner)?.are_finite() || (is_new && has_diverged(losses.value())) {
                let loss = losses.value();
                return Err(Error::Diverged { epoch: epoch + 1, loss, rate: "--lr", good: None });
            }
        }
        let weights = weights(&mut *learner)?;
        let all = batches.concat();
        let surface = Surface::around(&weights, seed, |values| mean_loss(network, &*judge, values, train, &all))?;
        Ok(Run { seed, weights_crc32: weights.crc32(), looks, surface })
    }

    /// The samples of each mini-batch: the same ones for each network.
    fn batches(&self) -> Result<Vec<Vec<usize>>, Error> {
        let (samples, length) = (self.train.len() as u32, Length::Steps(self.batches));
        let plan = Plan::new(Order::Shuffled, samples, self.batch, length, self.options.seed)?;
        Ok((0..self.batches).map(|step| plan.samples(&plan.batch(step)).collect()).collect())
    }

    fn look(
        &self,
        learner: &mut dyn Desktop,
        judge: &dyn Judge,
        epoch: u32,
        batches: &[Vec<usize>],
    ) -> Result<Look, Error> {
        let loss = mean_loss(self.network, judge, &weights(learner)?.values, self.train, &batches.concat())?;
        let batch = |(index, samples): (usize, &Vec<usize>)| {
            let direction = self.options.seed.wrapping_mul(batches.len() as u64).wrapping_add(index as u64);
            let batch = self.spectrum(learner, samples, direction);
            self.bar.inc(1);
            batch
        };
        let batches = batches.iter().enumerate().map(batch).collect::<Result<_, _>>()?;
        Ok(Look { epoch, loss, batches })
    }

    fn spectrum(&self, learner: &mut dyn Desktop, samples: &[usize], direction: u64) -> Result<Batch, Error> {
        let config = LanczosConfig { seed: direction, ..self.lanczos };
        let samples: Vec<_> =
            samples.iter().map(|&sample| (self.train.row(sample), self.train.label(sample))).collect();
        let spectrum = learner.spectrum(&samples, config)?;
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
