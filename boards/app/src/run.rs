//! A run of the program that trains by itself, and where it stands.

use trainlet::core::archive::Archive;
use trainlet::core::checksum::crc32_of;
use trainlet::core::rng::{Key, Purpose};
use trainlet::core::setting::OutOfRange;
use trainlet::data::Shuffle;
use trainlet::optim::{AdamConfig, Schedule};
use trainlet::train::Config;

use crate::board::Board;
use crate::lesson::{self, CLIP, Lesson, LessonTrainer, Memory, Settings};
use crate::report::{Count, Fixed, Name, line};
use crate::results::Results;
use crate::saver::{Found, Saver, checksum};

/// Samples per step.
const BATCH: u32 = 32;
const FULL_RATE: f32 = 5e-3;
/// Part of all steps in which the learning rate rises.
const WARMUP: f32 = 0.05;

/// A run, at a place between two steps.
pub struct Run<'a, T: Lesson> {
    pub trainer: &'a mut LessonTrainer<T>,
    settings: Settings,
    sampler: Key,
    samples: u32,
    epoch: u32,
    /// Samples of the epoch that have been taken.
    taken: u32,
    /// The epoch's results so far.
    training: T::Results,
    /// Tells runs apart: of all settings, the first weights and some of the data.
    identity: u32,
}

impl<'a, T: Lesson> Run<'a, T> {
    pub fn start(Memory { trainer }: &'a mut Memory<T>, settings: Settings) -> Result<Self, OutOfRange> {
        let sampler = Key::new(u64::from(settings.seed), Purpose::Order);
        let (samples, training) = (T::train_len(), T::Results::ZERO);
        let mut run = Self { trainer, settings, sampler, samples, epoch: 0, taken: 0, training, identity: 0 };
        run.restart()?;
        Ok(run)
    }

    /// From the beginning, whatever has been learnt.
    ///
    /// # Errors
    /// A setting is out of range.
    #[inline(never)]
    pub fn restart(&mut self) -> Result<(), OutOfRange> {
        let Settings { seed, epochs, .. } = self.settings;
        let total = epochs.saturating_mul(self.samples.div_ceil(BATCH));
        let warmup = libm::roundf(WARMUP * total as f32) as u32;
        let schedule = Schedule::cosine(FULL_RATE, warmup, total);
        let config = Config::new(u64::from(seed), T::LOSS, AdamConfig::adam(), schedule);
        self.trainer.init(config.clipped(CLIP))?;
        T::start(&mut self.trainer.weights)?;
        (self.epoch, self.taken, self.training) = (0, 0, T::Results::ZERO);
        Ok(())
    }

    /// Makes every call of the trainer that [`epoch`](Self::epoch) makes.
    pub fn rehearse(&mut self) {
        if let Some(sample) = T::train(0) {
            lesson::rehearse::<T>(self.trainer, sample);
        }
    }

    /// Goes on where the board was switched off, if that was in this run.
    ///
    /// # Errors
    /// A setting is out of range.
    pub fn resume<B: Board>(&mut self, board: &mut B, saver: &mut Saver<B::Flash>) -> Result<(), OutOfRange> {
        // The first is a constant, by which a program without a store is that much smaller.
        if B::SLOTS.count == 0 || !saver.is_there() {
            return Ok(());
        }
        let (own, every) = (self.identify(), self.settings.save_every);
        self.identity = own;
        match saver.resume(board, own, every, &mut |archive, identity| self.persist(archive, identity)) {
            Found::Own => {
                let (save, step) = (Count(saver.saves() as usize), Count(self.trainer.steps() as usize));
                let over = Name(if self.is_over() { "; that was its end" } else { "" });
                line(board, format_args!("store: goes on after step {step}, where save {save} was made{over}"));
            }
            Found::Other => self.restart()?,
            Found::Nothing => {}
        }
        Ok(())
    }

    /// Of a run that has just started.
    fn identify(&mut self) -> u32 {
        let start = checksum(&mut |archive| self.trainer.persist(archive));
        let mut values = [f32::from_bits(start), self.samples as f32, 0.0, 0.0, 0.0, 0.0];
        let samples = (0..self.samples).step_by(self.samples.div_ceil(4).max(1) as usize);
        for (value, (input, target)) in values.iter_mut().skip(2).zip(samples.filter_map(T::train)) {
            *value = self.trainer.evaluate(input, &target).map_or(0.0, |evaluation| evaluation.loss);
        }
        crc32_of(&values)
    }

    fn persist(&mut self, archive: &mut Archive, identity: &mut u32) {
        archive.part("standalone");
        self.trainer.persist(archive);
        archive.count(identity);
        archive.count(&mut self.epoch);
        archive.count(&mut self.taken);
        self.training.persist(archive);
    }

    /// Whether all epochs have passed.
    pub fn is_over(&self) -> bool {
        self.epoch >= self.settings.epochs
    }

    /// What is left of an epoch.
    pub fn epoch<B: Board>(&mut self, board: &mut B, saver: &mut Saver<B::Flash>) {
        let (started, first) = (board.micros(), self.taken);
        let shuffle = Shuffle::new(self.sampler.child(u64::from(self.epoch)), self.samples);
        while self.taken < self.samples {
            self.step(board, &shuffle);
            let every = self.settings.save_every;
            if B::SLOTS.count > 0 && every > 0 && self.trainer.steps().is_multiple_of(every) {
                self.save::<B>(saver);
            }
        }
        let micros = u32::try_from(board.micros() - started).unwrap_or(u32::MAX);
        self.report(board, (self.samples - first) as f32 / (micros as f32 * 1e-6));
        (self.epoch, self.taken, self.training) = (self.epoch + 1, 0, T::Results::ZERO);
        if self.is_over() {
            self.save::<B>(saver);
        }
    }

    fn step<B: Board>(&mut self, board: &mut B, shuffle: &Shuffle) {
        board.set_led((self.taken / BATCH).is_multiple_of(2));
        let places = self.taken..(self.taken + BATCH).min(self.samples);
        self.taken = places.end;
        let sample = |place| T::train(shuffle.index(place));
        lesson::step::<T, B>(board, self.trainer, places, sample, &mut self.training);
    }

    /// The saver counts what fails; the run goes on.
    fn save<B: Board>(&mut self, saver: &mut Saver<B::Flash>) {
        if B::SLOTS.count > 0 {
            let mut identity = self.identity;
            let _ = saver.save(&mut |archive| self.persist(archive, &mut identity));
        }
    }

    fn report<B: Board>(&mut self, board: &mut B, speed: f32) {
        let test = self.test(board);
        let [loss, test_loss] = [self.training.loss(), test.loss()].map(|loss| Fixed(loss, 4));
        let ([figure, unit], shown, speed) = (T::Results::FIGURE.map(Name), test.shown(), Count(speed as usize));
        let number = Count(self.epoch as usize + 1);
        line(
            board,
            format_args!(
                "epoch {number}: {speed} samples/s, loss {loss}, test loss {test_loss}, test {figure} {shown}{unit}"
            ),
        );
    }

    pub fn test<B: Board>(&mut self, board: &mut B) -> T::Results {
        lesson::test::<T, B>(board, self.trainer)
    }
}
