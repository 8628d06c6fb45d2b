//! Learning from samples without their labels.

use serde::Serialize;
use trainlet::core::budget::Budget;
use trainlet::core::checksum::crc32;
use trainlet::core::params::Params;
use trainlet::core::tensor::Tensor;
use trainlet::extra::masked::{Reconstruction, read_shared};
use trainlet::networks::{MaskedNetwork, VisitMasked, visible_tokens, visit_masked};
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::optim::{Adam, Schedule};
use trainlet::train::{Config, Trainer};

use crate::data::Dataset;
use crate::data::sampler::{Length, Plan};
use crate::run::Error;
use crate::run::epochs::{Clock, Event, Mean, Moment, Watcher};
use crate::run::options::{MaskingName, Options, PretrainOptions};
use crate::run::record::StepRecord;
use crate::run::settings;
use crate::run::stack;

/// Passes over the samples if nothing is said.
pub const EPOCHS: u32 = 50;
/// Learning rate if nothing is said.
pub const LR: f32 = 5e-3;

/// How a pre-training went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PretrainRecord {
    /// What the blocks saw.
    pub masking: MaskingName,
    /// Tokens of a sample.
    pub tokens: usize,
    /// How many of them were visible.
    pub visible: usize,
    /// Weights, those that are thrown away among them.
    pub parameters: usize,
    /// How many of the weights the network goes on with.
    pub shared: usize,
    /// Number of samples.
    pub samples: usize,
    /// One per update: the mean squared error of hidden values, 1 for guesses no better than the mean.
    pub steps: Vec<StepRecord>,
    /// Mean over the samples of each epoch.
    pub epochs: Vec<f64>,
    /// Updates left out because their gradient was not finite.
    pub skipped: u32,
    /// CRC-32 of all weights at the end.
    pub weights_crc32: u32,
    /// RAM of a trainer for pre-training and training in the same memory, both with Adam.
    pub budget: Budget,
}

/// What a network goes on with.
#[derive(Clone, Debug)]
pub struct Pretrained {
    /// Weights of stem and blocks.
    pub shared: Vec<f32>,
    /// How it went.
    pub record: PretrainRecord,
}

/// The pre-training that the options ask for, `None` if they do not.
///
/// # Errors
/// More steps than can be counted, weights that grow beyond all numbers.
pub fn run(options: &Options, samples: &Dataset, watcher: Watcher) -> Result<Option<Pretrained>, Error> {
    let PretrainOptions { pretrain, masking, pretrain_epochs, pretrain_steps, .. } = options.pretraining;
    if pretrain.is_none() {
        return Ok(None);
    }
    let length = pretrain_steps.map_or(Length::Epochs(pretrain_epochs.unwrap_or(EPOCHS)), Length::Steps);
    let plan = Plan::new(options.order, samples.len() as u32, options.batch, length, options.seed)?;
    let job = Pretraining { options, samples, plan, watcher };
    let (masking, visible) = (masking.unwrap_or_default().into(), visible(options));
    let pretrained = stack::large(move || visit_masked(&options.config, masking, visible, job));
    pretrained.expect("the options were checked").map(Some)
}

/// How many tokens are visible.
pub fn visible(options: &Options) -> usize {
    let among = visible_tokens(&options.config);
    options.pretraining.visible.unwrap_or_else(|| among.get(among.len() / 2).copied().unwrap_or(0))
}

/// The settings of a pre-training: no dropout, since hiding tokens is noise enough.
fn config(options: &Options, plan: &Plan) -> Config<Reconstruction, trainlet::optim::AdamConfig, Option<f32>> {
    let lr = options.pretraining.pretrain_lr.unwrap_or(LR);
    let warmup = (options.rate.warmup * plan.steps() as f32).round() as u32;
    Config {
        seed: options.seed,
        loss: Reconstruction,
        optimizer: settings::adam(options),
        schedule: Schedule::cosine(lr, warmup, plan.steps()),
        clip: settings::clip(options),
        dropout: Dropout { p: 0.0 },
        stochastic_depth: StochasticDepth { p: 0.0 },
    }
}

struct Pretraining<'a> {
    options: &'a Options,
    samples: &'a Dataset,
    plan: Plan,
    watcher: Watcher<'a>,
}

impl VisitMasked for Pretraining<'_> {
    type Result = Result<Pretrained, Error>;

    fn visit<P: MaskedNetwork>(self) -> Self::Result {
        let Self { options, samples, plan, watcher } = self;
        let mut trainer = Box::new(Trainer::<P, Reconstruction, Adam<P::F32>, P::Arena>::ZERO);
        trainer.init(config(options, &plan));
        let mut input = Box::new(P::Input::ZERO);
        let (mut steps, mut epochs) = (Vec::new(), Vec::new());
        let (mut clock, mut epoch_loss) = (Clock::default(), Mean::default());
        for step in 0..plan.steps() {
            let (batch, started) = (plan.batch(step), std::time::Instant::now());
            let rows = plan.samples(&batch);
            let (share, mut batch_loss) = (1.0 / rows.len() as f32, Mean::default());
            for row in rows {
                input.flat_mut().copy_from_slice(samples.row(row));
                batch_loss.add(trainer.accumulate(&input, &(), share)?);
            }
            let lr = trainer.step().lr;
            clock.add(started.elapsed(), batch_loss.count);
            epoch_loss.join(&batch_loss);
            let (epoch, loss, done) = (batch.epoch + 1, batch_loss.value() as f32, step + 1);
            steps.push(StepRecord { step, loss, lr });
            let samples_per_second = clock.samples_per_second();
            let moment = Moment { done, steps: plan.steps(), epoch, loss, lr, samples_per_second };
            watcher(Event::Unlabelled(moment));
            if batch.ends_epoch || done == plan.steps() {
                if !loss.is_finite() {
                    return Err(Error::Diverged { epoch, rate: "--pretrain-lr" });
                }
                epochs.push(std::mem::take(&mut epoch_loss).value());
                watcher(Event::UnlabelledEpoch(epochs[epochs.len() - 1], moment));
            }
        }
        let mut shared = vec![0.0; P::SHARED];
        read_shared(&trainer.weights, &mut shared);
        let record = PretrainRecord {
            masking: options.pretraining.masking.unwrap_or_default(),
            tokens: P::TOKENS,
            visible: P::VISIBLE,
            parameters: <P as Params>::COUNT,
            shared: P::SHARED,
            samples: samples.len(),
            steps,
            epochs,
            skipped: trainer.skipped(),
            weights_crc32: crc32(&trainer.weights),
            budget: P::BOTH,
        };
        Ok(Pretrained { shared, record })
    }
}
