//! A training run that is looked at on its way.

use indicatif::ProgressBar;
use serde::Serialize;
use trainlet::core::checksum::crc32;
use trainlet::core::tensor::Tensor;
use trainlet::extra::curvature::{Lanczos, LanczosConfig, Probe};
use trainlet::networks::{Network, Visit};
use trainlet::nn::loss::Classify;
use trainlet::optim::Adam;
use trainlet::train::Trainer;

use super::Question;
use super::landscape::{Surface, mean_loss};
use crate::data::Dataset;
use crate::data::sampler::{Length, Order, Plan};
use crate::run;
use crate::run::options::Options;
use crate::run::settings;
use crate::run::weights;

/// A run, and how the loss curved on its way.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Run {
    /// What fixed the random numbers.
    pub seed: u64,
    /// CRC-32 of all weights at the end: those of the same run without looks.
    pub weights_crc32: u32,
    /// In the order of time.
    pub looks: Vec<Look>,
    /// The loss around the weights of the end.
    pub surface: Surface,
}

/// What the loss is like at some weights.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Look {
    /// Epochs before it.
    pub epoch: u32,
    /// Mean over the samples of all mini-batches.
    pub loss: f32,
    /// One of each mini-batch.
    pub batches: Vec<Batch>,
}

impl Look {
    /// Something of each mini-batch.
    pub fn figures(&self, figure: fn(&Batch) -> f32) -> Vec<f32> {
        self.batches.iter().map(figure).collect()
    }
}

/// What is known of the Hessian of a mini-batch.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Batch {
    /// The most positive eigenvalue.
    pub largest: f32,
    /// The most negative, or the least positive.
    pub smallest: f32,
    /// Σ|λ<0| / Σ|λ| of the Ritz values.
    pub negative_ratio: f32,
    /// An estimate of the same over the whole Hessian.
    pub negative_share: f32,
    /// The Ritz values, ascending.
    pub ritz: Vec<f32>,
}

/// A run that is to be done.
pub struct Task<'a> {
    pub question: &'a Question,
    pub options: Options,
    /// The epochs after which there is a look.
    pub at: &'a [u32],
    pub init: Option<&'a weights::File>,
    pub train: &'a Dataset,
    pub bar: &'a ProgressBar,
}

type Trained<M> = Trainer<M, <M as Network>::Loss, Adam<<M as Network>::F32>, <M as Network>::Arena>;

impl Visit for Task<'_> {
    type Result = Result<Run, run::Error>;

    fn visit<M: Network>(self) -> Self::Result {
        let Self { options, at, init, train, bar, .. } = &self;
        let seed = options.seed;
        let plan = Plan::new(options.order, train.len() as u32, options.batch, Length::Epochs(options.epochs), seed)?;
        let batches = self.batches()?;
        bar.inc_length(u64::from(plan.steps()) + (at.len() * batches.len()) as u64);
        let mut trainer = Box::new(Trained::<M>::ZERO);
        trainer.init(settings::config::<M, _>(options, &plan, settings::adam(options))?);
        init.map_or(Ok(()), |file| file.load(M::NAME, &mut trainer.weights))?;
        let mut looks = Vec::new();
        for epoch in 0..=options.epochs {
            if at.contains(&epoch) {
                looks.push(self.look::<M>(&mut trainer, epoch, &batches)?);
            }
            let later = plan.steps_of(epoch + 1).unwrap_or(u32::MAX).min(plan.steps());
            for step in trainer.steps()..later {
                self.step::<M>(&mut trainer, &plan, step)?;
            }
            if !weights::are_finite(&trainer.weights) {
                return Err(run::Error::Diverged { epoch: epoch + 1, rate: "--lr" });
            }
        }
        let surface = Surface::around(&trainer.weights, seed, |weights| {
            mean_loss::<M>(weights, &settings::loss::<M>(options)?, train, &batches.concat())
        })?;
        Ok(Run { seed, weights_crc32: crc32(&trainer.weights), looks, surface })
    }
}

impl Task<'_> {
    /// The samples of each mini-batch: the same ones for each network.
    fn batches(&self) -> Result<Vec<Vec<usize>>, run::Error> {
        let Question { batches, batch, .. } = *self.question;
        let (samples, length) = (self.train.len() as u32, Length::Steps(batches));
        let plan = Plan::new(Order::Shuffled, samples, batch, length, self.options.seed)?;
        Ok((0..batches).map(|step| plan.samples(&plan.batch(step)).collect()).collect())
    }

    /// As `train` does it.
    fn step<M: Network>(&self, trainer: &mut Trained<M>, plan: &Plan, step: u32) -> Result<(), run::Error> {
        let samples = plan.samples(&plan.batch(step));
        let share = 1.0 / samples.len() as f32;
        let mut input = M::Input::ZERO;
        for sample in samples {
            input.flat_mut().copy_from_slice(self.train.row(sample));
            trainer.accumulate(&input, &M::Loss::target(self.train.labels[sample]), share)?;
        }
        trainer.step();
        self.bar.inc(1);
        Ok(())
    }

    fn look<M: Network>(
        &self,
        trainer: &mut Trained<M>,
        epoch: u32,
        batches: &[Vec<usize>],
    ) -> Result<Look, run::Error> {
        let mut lanczos = Box::new(Lanczos::<M::F32>::ZERO);
        let all: Vec<usize> = batches.concat();
        let loss = mean_loss::<M>(&trainer.weights, &settings::loss::<M>(&self.options)?, self.train, &all)?;
        let batch = |(index, samples): (usize, &Vec<usize>)| {
            let direction = self.options.seed.wrapping_mul(batches.len() as u64).wrapping_add(index as u64);
            let batch = self.batch::<M>(trainer, &mut lanczos, samples, direction);
            self.bar.inc(1);
            batch
        };
        let batches = batches.iter().enumerate().map(batch).collect::<Result<_, _>>()?;
        Ok(Look { epoch, loss, batches })
    }

    fn batch<M: Network>(
        &self,
        trainer: &mut Trained<M>,
        lanczos: &mut Lanczos<M::F32>,
        samples: &[usize],
        direction: u64,
    ) -> Result<Batch, run::Error> {
        let Question { products, weight_decay, reach, .. } = *self.question;
        let config = LanczosConfig { steps: products as usize, weight_decay, reach, seed: direction };
        let mut probe = Probe::new(trainer, lanczos, config);
        let mut input = M::Input::ZERO;
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
