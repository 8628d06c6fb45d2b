//! A loss that explodes: the run goes back to where it was good, and on at a lower rate.

use crate::networks::learner::Device;
use crate::networks::tree::Weights;
use crate::run::checkpoint;
use crate::run::course::{Course, Good};
use crate::run::epochs::{Event, Training};
use crate::run::error::Error;
use crate::run::record::RollbackRecord;

/// How often a run goes back before it gives up.
const MAX_ROLLBACKS: usize = 5;

impl Training<'_> {
    /// What a run that goes wrong may go back to.
    pub(super) fn good<D: Device + ?Sized>(
        &self,
        device: &mut D,
        epoch: u32,
        weights: Weights,
        steps: usize,
    ) -> Result<Good, Error> {
        let learner = self.options.rate.rollback.map(|_| checkpoint::bytes(device)).transpose()?;
        Ok(Good { epoch, weights: weights.values, learner, steps })
    }

    /// Goes back to the last epoch after which another was good, and on at a lower rate, if the user wants that and it has not been done too often.
    pub(super) fn roll_back<D: Device + ?Sized>(
        &mut self,
        device: &mut D,
        course: &mut Course,
        epoch: u32,
        loss: f64,
    ) -> Result<bool, Error> {
        let place = course.proven.take().or(course.good.clone());
        let Some((share, mut good)) = self.options.rate.rollback.zip(place) else { return Ok(false) };
        let Some(learner) = good.learner.filter(|_| course.rollbacks.len() < MAX_ROLLBACKS) else { return Ok(false) };
        checkpoint::restore(device, &learner)?;
        device.scale_rate(share)?;
        course.go_back_to(good.epoch, good.steps);
        let rate = share * course.rollbacks.last().map_or(1.0, |last| last.rate);
        let record = RollbackRecord { epoch, loss, back_to: good.epoch, rate };
        (self.watcher)(Event::RolledBack(&record));
        course.rollbacks.push(record);
        // Should it explode once more, the rate is lowered once more.
        good.learner = Some(checkpoint::bytes(device)?);
        course.good = Some(good);
        Ok(true)
    }
}
