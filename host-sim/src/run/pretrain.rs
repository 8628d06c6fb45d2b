//! Learning from samples without their labels.

use std::borrow::Cow;
use std::time::Instant;

use trainlet::optim::Schedule;
use trainlet::train::train_step_with;

use crate::data::Dataset;
use crate::data::sampler::{Length, Plan};
use crate::networks;
use crate::networks::learner::{LearnerError, weights};
use crate::networks::pretext::{self, Pretext, PretrainSettings};
use crate::networks::stack;
use crate::run::checkpoint::{Keeper, Place, Saved, Stage};
use crate::run::course::Unlabelled;
use crate::run::epochs::{Event, Moment, Watcher, has_diverged};
use crate::run::error::Error;
use crate::run::options::{Options, PretrainOptions};
use crate::run::record::{PretrainRecord, StepRecord};
use crate::run::settings;
use crate::run::tally::Mean;

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

/// The pre-training that the options ask for, `None` if they do not. It goes on from `saved`, and `keeper` writes it down.
///
/// # Errors
/// More steps than can be counted, weights that are no longer finite, a file that cannot be written.
pub fn run(
    options: &Options,
    samples: &Dataset,
    saved: Option<&Saved>,
    keeper: &Keeper,
    watcher: Watcher,
) -> Result<Option<Pretrained>, Error> {
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
        let mut course = Unlabelled::default();
        if let Some((saved, Stage::Unlabelled(kept))) = saved.map(|saved| (saved, saved.stage())) {
            saved.restore(&mut *learner)?;
            course = kept.clone().into_owned();
            saved.check_steps(learner.progress()?, course.steps.len() as u32)?;
        }
        learn(pretext, &mut *learner, samples, &plan, course, keeper, watcher)
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
    learner: &mut dyn pretext::Unlabelled,
    samples: &Dataset,
    plan: &Plan,
    mut course: Unlabelled,
    keeper: &Keeper,
    watcher: Watcher,
) -> Result<Pretrained, Error> {
    for step in course.steps.len() as u32..plan.steps() {
        let (batch, started) = (plan.batch(step), Instant::now());
        let numbers: Vec<usize> = plan.samples(&batch).collect();
        let rows = numbers.iter().map(|&number| (samples.row(number), ()));
        let mut losses = Mean::default();
        let lr = train_step_with(learner, rows, |()| 1.0 / numbers.len() as f32, |loss| losses.add(loss))?.lr;
        course.clock.add(started.elapsed(), losses.count);
        course.epoch_loss.join(&losses);
        let (epoch, loss, done) = (batch.epoch + 1, losses.value() as f32, step + 1);
        course.steps.push(StepRecord { step, loss, lr });
        let samples_per_second = course.clock.samples_per_second();
        let moment = Moment { done, steps: plan.steps(), epoch, loss, lr, samples_per_second };
        watcher(Event::Unlabelled(moment));
        let ends_epoch = batch.ends_epoch || done == plan.steps();
        if ends_epoch {
            let mean = std::mem::take(&mut course.epoch_loss).value();
            if has_diverged(mean) || !loss.is_finite() {
                return Err(Error::Diverged { epoch, loss: mean, rate: "--pretrain-lr", good: None });
            }
            course.epochs.push(mean);
            watcher(Event::UnlabelledEpoch(mean, moment));
        }
        // The training with labels follows.
        let place = Place { done, steps: plan.steps(), ends_epoch, is_over: false };
        keeper.after_step(learner, Stage::Unlabelled(Cow::Borrowed(&course)), place)?;
    }
    let Unlabelled { steps, epochs, .. } = course;
    let record = PretrainRecord {
        masking: pretext.masking,
        target: pretext.target,
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
