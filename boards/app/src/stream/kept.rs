//! What goes on after the board was switched off.

use trainlet::core::archive::Archive;
use trainlet::core::setting::OutOfRange;

use super::{Settings, start};
use crate::board::Board;
use crate::lesson::{Lesson, LessonTrainer};
use crate::report::{Count, line};
use crate::results::Results;
use crate::saver::{Found, Saver, checksum};

/// The trainer, and what is counted beside it.
pub struct Kept<'a, T: Lesson> {
    pub trainer: &'a mut LessonTrainer<T>,
    /// With a label or without.
    pub samples: u32,
    /// Of those with a label.
    pub results: T::Results,
    settings: Settings,
    /// Tells runs apart: of all settings and the first weights.
    identity: u32,
}

impl<'a, T: Lesson> Kept<'a, T> {
    /// Starts anew, or where the board was switched off if that was with these settings and first weights.
    ///
    /// # Errors
    /// A setting is out of range.
    pub fn resume<B: Board>(
        board: &mut B,
        trainer: &'a mut LessonTrainer<T>,
        settings: Settings,
        saver: &mut Saver<B::Flash>,
    ) -> Result<Self, OutOfRange> {
        start::<T>(trainer, settings)?;
        let mut kept = Self { trainer, samples: 0, results: T::Results::ZERO, settings, identity: 0 };
        // The first is a constant, by which a program without a store is that much smaller.
        if B::SLOTS.count == 0 || !saver.is_there() {
            return Ok(kept);
        }
        let own = kept.identify();
        match saver.resume(board, own, settings.save_every, &mut |archive, identity| kept.persist(archive, identity)) {
            Found::Own => {
                let (save, step) = (Count(saver.saves() as usize), Count(kept.trainer.steps() as usize));
                line(board, format_args!("store: goes on after step {step}, where save {save} was made"));
            }
            Found::Other => {
                start::<T>(kept.trainer, settings)?;
                (kept.samples, kept.results) = (0, T::Results::ZERO);
            }
            Found::Nothing => {}
        }
        kept.identity = own;
        Ok(kept)
    }

    fn identify(&mut self) -> u32 {
        checksum(&mut |archive| {
            self.trainer.persist(archive);
            archive.count(&mut self.settings.batch);
        })
    }

    /// To be called after each step. An error is told, and the program goes on.
    pub fn save<B: Board>(&mut self, board: &mut B, saver: &mut Saver<B::Flash>) {
        let every = self.settings.save_every;
        if B::SLOTS.count == 0 || every == 0 || !self.trainer.steps().is_multiple_of(every) || !saver.is_there() {
            return;
        }
        let mut identity = self.identity;
        if saver.save(&mut |archive| self.persist(archive, &mut identity)).is_err() {
            saver.report(board);
        }
    }

    fn persist(&mut self, archive: &mut Archive, identity: &mut u32) {
        archive.part("stream");
        self.trainer.persist(archive);
        archive.count(identity);
        archive.count(&mut self.samples);
        self.results.persist(archive);
    }
}
