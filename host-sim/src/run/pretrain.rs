//! Learning from samples without their labels.

use std::time::Instant;

use trainlet::optim::Schedule;
use trainlet::train::train_step_with;

use crate::data::Dataset;
use crate::data::sampler::{Length, Plan};
use crate::networks;
use crate::networks::learner::{LearnerError, weights};
use crate::networks::pretext::{Pretext, PretrainSettings, Unlabelled};
use crate::networks::stack;
use crate::run::epochs::{Clock, Event, Mean, Moment, Watcher, has_diverged};
use crate::run::error::Error;
use crate::run::options::{Options, PretrainOptions};
use crate::run::record::{PretrainRecord, StepRecord};
use crate::run::settings;

/// Passes over the samples by default.
pub const EPOCHS: u32 = 50;
/// Learning rate by default.
pub const LR: f32 = 5e-3;

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
/// More steps than can be counted, weights that are no longer finite.
pub fn run(options: &Options, samples: &Dataset, watcher: Watcher) -> Result<Option<Pretrained>, Error> {
    let PretrainOptions { pretrain, pretrain_epochs, pretrain_steps, .. } = options.pretraining;
    if pretrain.is_none() {
        return Ok(None);
    }
    let pretext = settings::pretext(options, networks::find(&options.network)?)?;
    let length = pretrain_steps.map_or(Length::Epochs(pretrain_epochs.unwrap_or(EPOCHS)), Length::Steps);
    let plan = Plan::new(options.order, samples.len() as u32, options.batch, length, options.seed)?;
    let settings = settings_of(options, &plan);
    stack::large(move || {
        let mut learner = pretext.learner(settings).map_err(LearnerError::from)?;
        learn(pretext, &mut *learner, samples, &plan, watcher)
    })
    .map(Some)
}

fn settings_of(options: &Options, plan: &Plan) -> PretrainSettings {
    let lr = options.pretraining.pretrain_lr.unwrap_or(LR);
    let warmup = (options.rate.warmup * plan.steps() as f32).round() as u32;
    PretrainSettings {
        seed: options.seed,
        adam: settings::adam(options),
        schedule: Schedule::cosine(lr, warmup, plan.steps()),
        clip: settings::clip(options),
    }
}

fn learn(
    pretext: &Pretext,
    learner: &mut dyn Unlabelled,
    samples: &Dataset,
    plan: &Plan,
    watcher: Watcher,
) -> Result<Pretrained, Error> {
    let (mut steps, mut epochs) = (Vec::new(), Vec::new());
    let (mut clock, mut epoch_loss) = (Clock::default(), Mean::default());
    for step in 0..plan.steps() {
        let (batch, started) = (plan.batch(step), Instant::now());
        let numbers: Vec<usize> = plan.samples(&batch).collect();
        let rows = numbers.iter().map(|&number| (samples.row(number), ()));
        let mut losses = Mean::default();
        let lr = train_step_with(learner, rows, |()| 1.0 / numbers.len() as f32, |loss| losses.add(loss))?.lr;
        clock.add(started.elapsed(), losses.count);
        epoch_loss.join(&losses);
        let (epoch, loss, done) = (batch.epoch + 1, losses.value() as f32, step + 1);
        steps.push(StepRecord { step, loss, lr });
        let samples_per_second = clock.samples_per_second();
        let moment = Moment { done, steps: plan.steps(), epoch, loss, lr, samples_per_second };
        watcher(Event::Unlabelled(moment));
        if batch.ends_epoch || done == plan.steps() {
            let mean = std::mem::take(&mut epoch_loss).value();
            if has_diverged(mean) || !loss.is_finite() {
                return Err(Error::Diverged { epoch, loss: mean, rate: "--pretrain-lr", good: None });
            }
            epochs.push(mean);
            watcher(Event::UnlabelledEpoch(mean, moment));
        }
    }
    let record = PretrainRecord {
        masking: pretext.masking,
        tokens: pretext.tokens,
        visible: pretext.visible,
        parameters: pretext.parameters,
        shared: pretext.shared,
        samples: samples.len(),
        steps,
        epochs,
        skipped: learner.progress()?.skipped,
        weights_crc32: weights(learner)?.crc32(),
        budget: pretext.both,
    };
    Ok(Pretrained { shared: learner.shared(), record })
}
