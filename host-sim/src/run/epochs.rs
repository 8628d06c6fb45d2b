//! The steps of a training run, on any device.

use std::borrow::Cow;
use std::time::Instant;

use trainlet::core::budget::Budget;
use trainlet::train::{Progress, observe_samples, train_step_with};

use crate::data::preprocessing::Prepared;
use crate::data::sampler::{Batch, Plan};
use crate::data::{Dataset, Summary};
use crate::networks::Network;
use crate::networks::learner::{Device, weights};
use crate::networks::tree::Weights;
use crate::networks::weights::{self as file, Manifest};
use crate::run::augment::{Augment, variant};
use crate::run::best::Best;
use crate::run::checkpoint::{Keeper, Place, Stage};
use crate::run::course::{Course, Good};
use crate::run::delta::Limit;
use crate::run::error::{Error, GoodFile};
use crate::run::metrics::{Scores, score};
use crate::run::options::Options;
use crate::run::record::{EpochRecord, GradientRecord, HealthRecord, Record, RollbackRecord, StepRecord};
use crate::run::tally::Mean;

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
    /// The loss has exploded, and the run goes back.
    RolledBack(&'a RollbackRecord),
    /// An epoch is over, and this is how good the network is on the samples for the test, or for validation where there are no others.
    Tested(&'a Scores),
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
    /// Its steps.
    pub plan: Plan,
    /// Weight of each class in the loss, if they differ.
    pub class_weights: Option<Vec<f32>>,
    /// How samples are changed before they are learnt from.
    pub augment: Option<Augment>,
    /// Limits what is given away.
    pub limit: Option<Limit>,
    /// Writes it down.
    pub keeper: &'a Keeper<'a>,
    /// Hears of its progress.
    pub watcher: Watcher<'a>,
}

/// Whether an epoch ends with this step; the last one may be cut short.
fn ends_epoch(batch: &Batch, step: u32, plan: &Plan) -> bool {
    batch.ends_epoch || step + 1 == plan.steps()
}

/// Result of a run.
pub struct Finished {
    /// Its record.
    pub record: Record,
    /// A safetensors file, if it was asked for.
    pub weights: Option<Vec<u8>>,
}

impl Training<'_> {
    /// Trains from where `course` stands, or where the device is, to the end of the run.
    ///
    /// # Errors
    /// Weights that are no longer finite, a device that fails, and what ends a run that is [kept](Keeper).
    pub fn run<D: Device + ?Sized>(
        mut self,
        device: &mut D,
        mut course: Course,
        budget: Budget,
    ) -> Result<Finished, Error> {
        let Progress { steps, samples: mut taken, .. } = device.progress()?;
        course.first = steps - course.steps.len() as u32;
        if course.good.is_none() && self.options.rate.rollback.is_some() {
            let weights = weights(device)?;
            course.good = Some(self.good(device, 0, weights, course.steps.len())?);
        }
        self.keeper.save(device, Stage::Labelled(Cow::Borrowed(&course)))?;
        while !self.is_over(&course) {
            let batch = self.plan.batch(course.next());
            let moment = self.step(device, &mut course, &batch, std::mem::take(&mut taken))?;
            (self.watcher)(Event::Step(moment));
            let steps = moment.steps;
            let ends_epoch = ends_epoch(&batch, moment.done - 1, &self.plan);
            if ends_epoch {
                self.end_epoch(device, &mut course, moment)?;
            }
            let place = Place { done: course.next(), steps, ends_epoch, is_over: self.is_over(&course) };
            self.keeper.after_step(device, Stage::Labelled(Cow::Borrowed(&course)), place)?;
        }
        if course.epochs.is_empty() {
            // The device had already finished the run.
            course.scores = self.test(device)?;
        }
        self.finish(device, course, budget)
    }

    /// Whether no step follows.
    fn is_over(&self, course: &Course) -> bool {
        course.next() >= self.plan.steps() || course.has_waited(self.options.patience)
    }

    /// One step of the run, without the samples that the device has taken already.
    fn step<D: Device + ?Sized>(
        &self,
        device: &mut D,
        course: &mut Course,
        batch: &Batch,
        taken: u32,
    ) -> Result<Moment, Error> {
        let Self { prepared: Prepared { train, .. }, plan, .. } = self;
        let (step, started) = (course.next(), Instant::now());
        let numbers: Vec<usize> = plan.samples(batch).collect();
        let augment = self.augment.as_ref();
        let sample =
            |(place, &number): (u32, &usize)| (variant(augment, train.row(number), step, place), train.label(number));
        let samples = (0..).zip(&numbers).map(sample);
        let (share, mut losses) = (1.0 / numbers.len() as f32, Mean::default());
        let weight =
            |label: &&[f32]| share * self.class_weights.as_ref().map_or(1.0, |weights| weights[label[0] as usize]);
        let rest = samples.clone().skip(taken as usize);
        if ends_epoch(batch, step, plan) {
            device.watch_gradient();
        }
        let report = train_step_with(device, rest, weight, |loss| losses.add(loss))?;
        if self.options.ideas.observes() && step.is_multiple_of(plan.steps_of(1).unwrap_or(u32::MAX).max(1)) {
            observe_samples(device, samples)?;
        }
        course.clock.add(started.elapsed(), losses.count);
        course.epoch_loss.join(&losses);
        let (loss, lr) = (losses.value() as f32, report.lr);
        course.steps.push(StepRecord { step, loss, lr });
        let samples_per_second = course.clock.samples_per_second();
        Ok(Moment { done: step + 1, steps: plan.steps(), epoch: batch.epoch + 1, loss, lr, samples_per_second })
    }

    /// Judges and tests an epoch.
    fn end_epoch<D: Device + ?Sized>(
        &mut self,
        device: &mut D,
        course: &mut Course,
        moment: Moment,
    ) -> Result<(), Error> {
        let Moment { epoch, loss, .. } = moment;
        let train_loss = std::mem::take(&mut course.epoch_loss).value();
        let health = device.end_epoch(train_loss as f32).filter(|health| health.epoch <= WATCHED_EPOCHS);
        let weights = weights(device)?;
        let health = health.map(|health| HealthRecord::of(&weights, &health));
        let gradients = GradientRecord::of(&weights, &device.gradient_norms());
        let may_go_back = self.options.rate.rollback.is_some();
        let has_exploded = has_diverged(train_loss) || (may_go_back && course.explodes(train_loss));
        if has_exploded || !(loss.is_finite() && weights.are_finite()) {
            let record = EpochRecord::new(epoch, train_loss, (None, None), health);
            (self.watcher)(Event::Epoch(&record, moment));
            if self.roll_back(device, course, epoch, train_loss)? {
                return Ok(());
            }
            return Err(self.diverged(epoch, train_loss, course.good.take())?);
        }
        course.scores = self.test(device)?;
        let validation = self.score(device, self.prepared.validation.as_ref())?;
        if let Some(scores) = course.scores.as_ref().or(validation.as_ref()) {
            (self.watcher)(Event::Tested(scores));
        }
        let record = EpochRecord::new(epoch, train_loss, (validation.as_ref(), course.scores.as_ref()), health);
        let record = EpochRecord { gradients, ..record };
        let is_better = |found: &Scores| course.best.as_ref().is_none_or(|best| best.is_worse_than(found));
        if let Some(validation) = validation.filter(is_better) {
            let (test, weights) = (course.scores.clone(), weights.values.clone());
            course.best = Some(Best { epoch, validation, test, weights });
        }
        if course.scores.as_ref().is_none_or(|scores| !has_diverged(scores.loss.into())) {
            let good = self.good(device, epoch, weights, course.steps.len())?;
            course.proven = course.good.replace(good).filter(|_| self.options.rate.rollback.is_some());
        }
        (self.watcher)(Event::Epoch(&record, moment));
        course.epochs.push(record);
        Ok(())
    }

    /// The error that holds what --save is to have, if it was given.
    fn diverged(&self, epoch: u32, loss: f64, good: Option<Good>) -> Result<Error, Error> {
        let good = good.filter(|good| self.options.save.is_some() && good.epoch > 0);
        let good = good.map(|Good { epoch, weights, .. }| {
            Ok::<_, Error>(Box::new(GoodFile { epoch, file: self.file(&self.given_away(self.weights(weights))?)? }))
        });
        Ok(Error::Diverged { epoch, loss, rate: "--lr", good: good.transpose()? })
    }

    /// Values as weights of the network.
    fn weights(&self, values: Vec<f32>) -> Weights {
        Weights { leaves: self.network.leaves().clone(), values }
    }

    /// The weights that --save gets.
    fn given_away(&self, weights: Weights) -> Result<Weights, Error> {
        match &self.limit {
            Some(limit) => limit.apply(weights),
            None => Ok(weights),
        }
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
        Ok(set.map(|set| score(self.network, set, self.options.vote, |row| device.predict(row))).transpose()?)
    }

    fn finish<D: Device + ?Sized>(self, device: &mut D, course: Course, budget: Budget) -> Result<Finished, Error> {
        let Course { pretraining, first, steps, rollbacks, epochs, mut scores, best, clock, .. } = course;
        let mut weights = weights(device)?;
        let best = best.map(|best| {
            (scores, weights) = (best.test, self.weights(best.weights));
            (best.epoch, best.validation)
        });
        if best.is_some() {
            device.replace(&weights)?;
        }
        let (best_epoch, validation) = best.unzip();
        let weights = self.given_away(weights)?;
        let saved = self.options.save.is_some().then(|| self.file(&weights)).transpose()?;
        let Self { options, network, prepared, .. } = self;
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
            rollbacks,
            epochs,
            best_epoch,
            validation,
            test: scores,
            weights_crc32: weights.crc32(),
            samples_per_second: clock.samples_per_second(),
            device: device.name().into(),
            device_micros: device.busy_micros()?,
            budget,
            options: options.clone(),
        };
        Ok(Finished { record, weights: saved })
    }
}
