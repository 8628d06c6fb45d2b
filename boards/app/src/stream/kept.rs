//! What goes on after the board was switched off.

use trainlet::core::archive::Archive;
use trainlet::core::setting::OutOfRange;
use trainlet::data::StreamScaler;
use trainlet::metrics::{Change, PageHinkley, PageHinkleyConfig};
use trainlet::optim::{AdamConfig, Schedule};
use trainlet::train::Config;

use super::Settings;
use crate::board::Board;
use crate::lesson::{CLIP, Lesson, LessonTrainer};
use crate::report::{Count, line};
use crate::results::Results;
use crate::saver::{Found, Saver, checksum};

/// What is kept beside the run: statistics that change from sample to sample, or nothing.
pub trait Beside: Copy {
    /// Shows them to `archive`.
    fn persist(&mut self, archive: &mut Archive);
}

impl Beside for () {
    fn persist(&mut self, _: &mut Archive) {}
}

impl<const F: usize> Beside for StreamScaler<F> {
    fn persist(&mut self, archive: &mut Archive) {
        self.persist(archive);
    }
}

/// The trainer, and what is counted beside it.
pub struct Kept<'a, T: Lesson> {
    pub trainer: &'a mut LessonTrainer<T>,
    /// With a label or without.
    pub samples: u32,
    /// Of those with a label.
    pub results: T::Results,
    /// Of samples with a label.
    pub loss: PageHinkley,
    /// Of all samples.
    pub confidence: PageHinkley,
    settings: Settings,
    /// Tells runs apart: of all settings and the first weights.
    identity: u32,
}

impl<'a, T: Lesson> Kept<'a, T> {
    /// Starts anew, or where the board was switched off if that was with these settings, first weights and statistics.
    ///
    /// # Errors
    /// A setting is out of range.
    pub fn resume<B: Board>(
        board: &mut B,
        trainer: &'a mut LessonTrainer<T>,
        settings: Settings,
        saver: &mut Saver<B::Flash>,
        beside: &mut impl Beside,
    ) -> Result<Self, OutOfRange> {
        let mut kept = Self::start(trainer, settings)?;
        // The first is a constant, by which a program without a store is that much smaller.
        if B::SLOTS.count == 0 || !saver.is_there() {
            return Ok(kept);
        }
        let (own, first) = (kept.identify(beside), *beside);
        let every = settings.save_every;
        match saver.resume(board, own, every, &mut |archive, identity| kept.persist(archive, identity, beside)) {
            Found::Own => {
                let (save, step) = (Count(saver.saves() as usize), Count(kept.trainer.steps() as usize));
                line(board, format_args!("store: goes on after step {step}, where save {save} was made"));
            }
            Found::Other => {
                kept = Self::start(kept.trainer, settings)?;
                *beside = first;
            }
            Found::Nothing => {}
        }
        kept.identity = own;
        Ok(kept)
    }

    fn start(trainer: &'a mut LessonTrainer<T>, settings: Settings) -> Result<Self, OutOfRange> {
        let Settings { seed, rate, loss_drift, confidence_drift, .. } = settings;
        [loss_drift, confidence_drift].into_iter().try_for_each(PageHinkleyConfig::check)?;
        let config = Config::new(u64::from(seed), T::LOSS, AdamConfig::adam(), Schedule::constant(rate));
        trainer.init(config.clipped(CLIP))?;
        T::start(&mut trainer.weights)?;
        let loss = PageHinkley::new(Change::Rise, loss_drift);
        let confidence = PageHinkley::new(Change::Fall, confidence_drift);
        Ok(Self { trainer, samples: 0, results: T::Results::ZERO, loss, confidence, settings, identity: 0 })
    }

    fn identify(&mut self, beside: &mut impl Beside) -> u32 {
        checksum(&mut |archive| {
            self.trainer.persist(archive);
            archive.count(&mut self.settings.batch);
            self.loss.persist(archive);
            self.confidence.persist(archive);
            beside.persist(archive);
        })
    }

    /// To be called after each step. An error is told, and the program goes on.
    pub fn save<B: Board>(&mut self, board: &mut B, saver: &mut Saver<B::Flash>, beside: &mut impl Beside) {
        let every = self.settings.save_every;
        if B::SLOTS.count == 0 || every == 0 || !self.trainer.steps().is_multiple_of(every) || !saver.is_there() {
            return;
        }
        let mut identity = self.identity;
        if saver.save(&mut |archive| self.persist(archive, &mut identity, beside)).is_err() {
            saver.report(board);
        }
    }

    fn persist(&mut self, archive: &mut Archive, identity: &mut u32, beside: &mut impl Beside) {
        archive.part("stream");
        self.trainer.persist(archive);
        archive.count(identity);
        archive.count(&mut self.samples);
        self.results.persist(archive);
        self.loss.persist(archive);
        self.confidence.persist(archive);
        beside.persist(archive);
    }
}
