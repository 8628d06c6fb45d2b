//! The steps of a training run, on any device.

use std::time::{Duration, Instant};

use trainlet::core::budget::Budget;
use trainlet::train::{Progress, observe_samples, train_step_with};

use crate::data::preprocessing::Prepared;
use crate::data::sampler::Plan;
use crate::data::{Dataset, Summary};
use crate::networks::Network;
use crate::networks::learner::{Device, weights};
use crate::networks::tree::Weights;
use crate::run::best::Best;
use crate::run::error::{Error, Good};
use crate::run::metrics::{Scores, score};
use crate::run::options::Options;
use crate::run::record::{EpochRecord, HealthRecord, PretrainRecord, Record, StepRecord};
use crate::run::weights::{self as file, Manifest};

/// Epochs after which a watched run is judged. Later, a loss that no longer falls may mean that all is learnt.
const WATCHED_EPOCHS: u32 = 3;

/// A larger mean loss is that of a run that has diverged: one that knows nothing, of a billion classes, has 21.
const LARGEST_LOSS: f64 = 1e4;

/// Whether a run with this mean loss has diverged.
pub(crate) fn has_diverged(loss: f64) -> bool {
    loss.is_nan() || loss > LARGEST_LOSS
}

/// What happens during a run.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// A table has been read.
    Read(&'a Summary),
    /// The weights were changed.
    Step(Moment),
    /// An epoch is over, tested.
    Epoch(&'a EpochRecord, Moment),
    /// The weights were changed without labels.
    Unlabelled(Moment),
    /// An epoch without labels is over, with this mean loss.
    UnlabelledEpoch(f64, Moment),
}

/// Progress of the current run.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Steps so far.
    pub done: u32,
    /// Steps of the whole run.
    pub steps: u32,
    /// The current epoch, from 1.
    pub epoch: u32,
    /// Mean over the last batch.
    pub loss: f32,
    /// Learning rate of the last step.
    pub lr: f32,
    /// In training so far, tests not counted.
    pub samples_per_second: f64,
}

/// Hears of the progress of a run.
pub type Watcher<'a> = &'a mut (dyn FnMut(Event) + Send);

/// A run that is ready to start.
pub struct Training<'a> {
    /// What the user said.
    pub options: &'a Options,
    /// The network that is trained.
    pub network: &'static Network,
    /// Samples to train on and to test with.
    pub prepared: Prepared,
    /// The pre-training before it.
    pub pretraining: Option<PretrainRecord>,
    /// Its steps.
    pub plan: Plan,
    /// Weight of each class in the loss, if they differ.
    pub class_weights: Option<Vec<f32>>,
    /// Hears of its progress.
    pub watcher: Watcher<'a>,
}

/// Result of a run.
pub struct Finished {
    /// Its record.
    pub record: Record,
    /// A safetensors file, if it was asked for.
    pub weights: Option<Vec<u8>>,
}

impl Training<'_> {
    /// Trains from the device's progress to the end of the run.
    ///
    /// # Errors
    /// Weights that are no longer finite, and a device that fails.
    pub fn run<D: Device + ?Sized>(mut self, device: &mut D, budget: Budget) -> Result<Finished, Error> {
        let Progress { steps: first, samples: mut taken, .. } = device.progress()?;
        let (mut steps, mut epochs, mut scores) = (Vec::new(), Vec::<EpochRecord>::new(), None);
        let (mut clock, mut epoch_loss, mut good, mut best) = (Clock::default(), Mean::default(), None, None);
        for step in first..self.plan.steps() {
            let batch = self.plan.batch(step);
            let (record, losses) = self.step(device, step, std::mem::take(&mut taken), &mut clock)?;
            epoch_loss.join(&losses);
            let (epoch, done) = (batch.epoch + 1, step + 1);
            let StepRecord { loss, lr, .. } = record;
            steps.push(record);
            let samples_per_second = clock.samples_per_second();
            let moment = Moment { done, steps: self.plan.steps(), epoch, loss, lr, samples_per_second };
            (self.watcher)(Event::Step(moment));
            if batch.ends_epoch || done == self.plan.steps() {
                let train_loss = std::mem::take(&mut epoch_loss).value();
                let (record, tested) = self.end_epoch(device, moment, train_loss, &mut good, &mut best)?;
                scores = tested;
                epochs.push(record);
                if self.has_waited(epoch, best.as_ref()) {
                    break;
                }
            }
        }
        if steps.is_empty() {
            // The device had already finished the run.
            scores = self.test(device)?;
        }
        self.finish(
            device,
            Course { first, steps, epochs, scores, best, samples_per_second: clock.samples_per_second(), budget },
        )
    }

    /// One step of the run, without the samples that the device has taken already.
    fn step<D: Device + ?Sized>(
        &self,
        device: &mut D,
        step: u32,
        taken: u32,
        clock: &mut Clock,
    ) -> Result<(StepRecord, Mean), Error> {
        let Self { prepared: Prepared { train, .. }, plan, .. } = self;
        let started = Instant::now();
        let numbers: Vec<usize> = plan.samples(&plan.batch(step)).collect();
        let samples = numbers.iter().map(|&number| (train.row(number), train.label(number)));
        let (share, mut losses) = (1.0 / numbers.len() as f32, Mean::default());
        let weight =
            |label: &&[f32]| share * self.class_weights.as_ref().map_or(1.0, |weights| weights[label[0] as usize]);
        let rest = samples.clone().skip(taken as usize);
        let report = train_step_with(device, rest, weight, |loss| losses.add(loss))?;
        if self.options.ideas.observes() && step.is_multiple_of(plan.steps_of(1).unwrap_or(u32::MAX).max(1)) {
            observe_samples(device, samples)?;
        }
        clock.add(started.elapsed(), losses.count);
        Ok((StepRecord { step, loss: losses.value() as f32, lr: report.lr }, losses))
    }

    /// Judges and tests an epoch; `good` are the weights of the last one, and become those of this one.
    fn end_epoch<D: Device + ?Sized>(
        &mut self,
        device: &mut D,
        moment: Moment,
        train_loss: f64,
        good: &mut Option<(u32, Weights)>,
        best: &mut Option<Best>,
    ) -> Result<(EpochRecord, Option<Scores>), Error> {
        let Moment { epoch, loss, .. } = moment;
        let health = device.end_epoch(train_loss as f32).filter(|health| health.epoch <= WATCHED_EPOCHS);
        let weights = weights(device)?;
        let health = health.map(|health| HealthRecord::of(&weights, &health));
        if has_diverged(train_loss) || !(loss.is_finite() && weights.are_finite()) {
            let record = EpochRecord::new(epoch, train_loss, (None, None), health);
            (self.watcher)(Event::Epoch(&record, moment));
            return Err(self.diverged(epoch, train_loss, good.take())?);
        }
        let scores = self.test(device)?;
        let validation = self.score(device, self.prepared.validation.as_ref())?;
        let record = EpochRecord::new(epoch, train_loss, (validation.as_ref(), scores.as_ref()), health);
        if let Some(validation) = validation.filter(|found| best.as_ref().is_none_or(|best| best.is_worse_than(found)))
        {
            *best = Some(Best { epoch, validation, test: scores.clone(), weights: weights.clone() });
        }
        if scores.as_ref().is_none_or(|scores| !has_diverged(scores.loss.into())) {
            *good = Some((epoch, weights));
        }
        (self.watcher)(Event::Epoch(&record, moment));
        Ok((record, scores))
    }

    /// The error that holds what --save is to have, if it was given.
    fn diverged(&self, epoch: u32, loss: f64, good: Option<(u32, Weights)>) -> Result<Error, Error> {
        let good = good.filter(|_| self.options.save.is_some());
        let good = good.map(|(epoch, weights)| Ok::<_, Error>(Box::new(Good { epoch, file: self.file(&weights)? })));
        Ok(Error::Diverged { epoch, loss, rate: "--lr", good: good.transpose()? })
    }

    /// What --save gets.
    fn file(&self, weights: &Weights) -> Result<Vec<u8>, Error> {
        let manifest = Manifest::new(self.network.name, self.prepared.preparation.clone());
        Ok(file::to_bytes(weights, Some(&manifest))?)
    }

    fn test<D: Device + ?Sized>(&self, device: &mut D) -> Result<Option<Scores>, Error> {
        self.score(device, self.prepared.test.as_ref())
    }

    fn score<D: Device + ?Sized>(&self, device: &mut D, set: Option<&Dataset>) -> Result<Option<Scores>, Error> {
        Ok(set.map(|set| score(self.network, set, |row| device.predict(row))).transpose()?)
    }

    /// Whether there has been no better epoch for as long as the user waits.
    fn has_waited(&self, epoch: u32, best: Option<&Best>) -> bool {
        self.options.patience.zip(best).is_some_and(|(patience, best)| epoch - best.epoch >= patience)
    }

    fn finish<D: Device + ?Sized>(self, device: &mut D, course: Course) -> Result<Finished, Error> {
        let Course { first, steps, epochs, mut scores, best, samples_per_second, budget } = course;
        let mut weights = weights(device)?;
        let best = best.map(|best| {
            (scores, weights) = (best.test, best.weights);
            (best.epoch, best.validation)
        });
        if best.is_some() {
            device.replace(&weights)?;
        }
        let (best_epoch, validation) = best.unzip();
        let saved = self.options.save.is_some().then(|| self.file(&weights)).transpose()?;
        let Self { options, network, prepared, pretraining, .. } = self;
        let training_samples = prepared.train.len();
        let record = Record {
            network: network.name.into(),
            parameters: network.parameters,
            seed: options.seed,
            training_samples,
            table: prepared.summary,
            pretraining,
            first_step: first,
            steps,
            skipped: device.progress()?.skipped,
            epochs,
            best_epoch,
            validation,
            test: scores,
            weights_crc32: weights.crc32(),
            samples_per_second,
            device: device.name().into(),
            device_micros: device.busy_micros()?,
            budget,
            options: options.clone(),
        };
        Ok(Finished { record, weights: saved })
    }
}

/// How a run went.
struct Course {
    first: u32,
    steps: Vec<StepRecord>,
    epochs: Vec<EpochRecord>,
    scores: Option<Scores>,
    best: Option<Best>,
    samples_per_second: f64,
    budget: Budget,
}

/// Counts training time alone.
#[derive(Default)]
pub(crate) struct Clock {
    busy: Duration,
    samples: u64,
}

impl Clock {
    pub(crate) fn add(&mut self, time: Duration, samples: u64) {
        self.busy += time;
        self.samples += samples;
    }

    pub(crate) fn samples_per_second(&self) -> f64 {
        self.samples as f64 / self.busy.as_secs_f64().max(1e-9)
    }
}

/// The mean of losses, for reports.
#[derive(Default)]
pub(crate) struct Mean {
    sum: f64,
    pub(crate) count: u64,
}

impl Mean {
    pub(crate) fn add(&mut self, loss: f32) {
        self.sum += f64::from(loss);
        self.count += 1;
    }

    pub(crate) fn join(&mut self, other: &Self) {
        self.sum += other.sum;
        self.count += other.count;
    }

    pub(crate) fn value(&self) -> f64 {
        self.sum / self.count as f64
    }
}
