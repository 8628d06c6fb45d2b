//! What a screen shows of a run.

use std::time::{Duration, Instant};

use super::curve::Curve;
use crate::cli::output::printable;
use crate::report;
use crate::run::epochs::{Event, Moment};
use crate::run::metrics::Scores;
use crate::run::record::EpochRecord;

/// What has been heard of a run.
#[derive(Debug)]
pub struct View {
    /// Name of the network.
    pub network: String,
    /// Whether the samples of this phase have no labels.
    pub is_pretraining: bool,
    /// The last step.
    pub last: Option<Moment>,
    /// When the first step of this phase had been done, and its number.
    begun: Option<(Instant, u32)>,
    /// Loss of each step.
    pub steps: Curve,
    /// Learning rate of each step.
    pub rates: Curve,
    /// Mean loss of each epoch.
    pub training: Curve,
    /// Loss and score at the end of each epoch, on the samples for validation.
    pub validation: [Curve; 2],
    /// The same of the test.
    pub test: [Curve; 2],
    /// The last epoch.
    pub epoch: Option<EpochRecord>,
    /// Its test, or its validation where there is no test.
    pub scores: Option<Scores>,
    /// What is to be read after the run as well.
    pub notes: Vec<String>,
    /// Whether the run was told to stop.
    pub is_stopping: bool,
}

impl View {
    /// Of a run of which nothing has been heard.
    pub fn new(network: &str) -> Self {
        Self {
            network: network.into(),
            is_pretraining: false,
            last: None,
            begun: None,
            steps: Curve::new(),
            rates: Curve::new(),
            training: Curve::new(),
            validation: [Curve::new(), Curve::new()],
            test: [Curve::new(), Curve::new()],
            epoch: None,
            scores: None,
            notes: Vec::new(),
            is_stopping: false,
        }
    }

    /// Takes in what happened.
    pub fn hear(&mut self, event: Event, now: Instant) {
        match event {
            Event::Read(summary) => self.note(&report::columns(summary).to_string()),
            Event::RolledBack(rollback) => self.note(&rollback.describe()),
            Event::Step(moment) => self.step(false, moment, now),
            Event::Unlabelled(moment) => self.step(true, moment, now),
            Event::UnlabelledEpoch(loss, moment) => self.training.push(moment.done, loss),
            Event::Tested(scores) => self.scores = Some(scores.clone()),
            Event::Epoch(epoch, moment) => self.epoch(epoch, moment.done),
        }
    }

    fn note(&mut self, text: &str) {
        self.notes.push(printable(text).into());
    }

    fn step(&mut self, is_pretraining: bool, moment: Moment, now: Instant) {
        if self.is_pretraining != is_pretraining {
            let (network, notes) = (std::mem::take(&mut self.network), std::mem::take(&mut self.notes));
            *self = Self { is_pretraining, notes, is_stopping: self.is_stopping, ..Self::new(&network) };
        }
        self.begun.get_or_insert((now, moment.done));
        self.steps.push(moment.done, moment.loss.into());
        self.rates.push(moment.done, moment.lr.into());
        self.last = Some(moment);
    }

    fn epoch(&mut self, epoch: &EpochRecord, step: u32) {
        let push =
            |curve: &mut Curve, value: Option<f32>| value.into_iter().for_each(|value| curve.push(step, value.into()));
        let [losses, scores] = &mut self.validation;
        push(losses, epoch.validation_loss);
        push(scores, epoch.validation_score);
        let [losses, scores] = &mut self.test;
        push(losses, epoch.test_loss);
        push(scores, epoch.test_accuracy.or(epoch.test_r2));
        self.training.push(step, epoch.train_loss);
        if let Some(health) = &epoch.health {
            self.note(&format!("epoch {}: {}", epoch.epoch, health.describe()));
        }
        self.epoch = Some(epoch.clone());
    }

    /// Share of the steps that are done, from 0 to 1.
    pub fn progress(&self) -> f64 {
        let share = |moment: Moment| f64::from(moment.done) / f64::from(moment.steps.max(1));
        self.last.map_or(0.0, share).clamp(0.0, 1.0)
    }

    /// About how long the rest of this phase takes, by how long it has taken so far; `None` before the second step.
    pub fn left(&self, now: Instant) -> Option<Duration> {
        let (last, (start, first)) = self.last.zip(self.begun)?;
        let done = last.done.checked_sub(first).filter(|done| *done > 0)?;
        let seconds =
            now.saturating_duration_since(start).as_secs_f64() * f64::from(last.steps.saturating_sub(last.done));
        Duration::try_from_secs_f64(seconds / f64::from(done)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(done: u32) -> Moment {
        Moment { done, steps: 100, epoch: 1, loss: 0.5, lr: 1e-3, samples_per_second: 1e3 }
    }

    #[test]
    fn the_time_that_is_left_follows_from_that_of_the_steps_so_far() {
        let (start, mut view) = (Instant::now(), View::new("watch-12x1"));
        assert_eq!((view.left(start), view.progress()), (None, 0.0));
        // A run that goes on at its 40th step.
        view.hear(Event::Step(moment(40)), start);
        assert_eq!(view.left(start), None);
        let later = start + Duration::from_secs(10);
        view.hear(Event::Step(moment(60)), later);
        assert_eq!((view.left(later), view.progress()), (Some(Duration::from_secs(20)), 0.6));
    }

    #[test]
    fn training_begins_anew_after_a_pre_training() {
        let (now, mut view) = (Instant::now(), View::new("watch-12x1"));
        view.hear(Event::Unlabelled(moment(50)), now);
        view.hear(Event::UnlabelledEpoch(0.7, moment(50)), now);
        assert!(view.is_pretraining);
        view.hear(Event::Step(moment(1)), now);
        assert_eq!((view.is_pretraining, view.steps.points().len(), view.training.points().len()), (false, 1, 0));
        assert_eq!((&*view.network, view.left(now)), ("watch-12x1", None));
    }
}
