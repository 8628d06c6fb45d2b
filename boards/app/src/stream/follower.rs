//! What is done with each sample of a stream, wherever it comes from.

use embedded_storage::nor_flash::NorFlash;
use trainlet::core::checksum::crc32;
use trainlet::core::setting::OutOfRange;
use trainlet::core::tensor::Tensor;

use super::Settings;
use super::kept::{Beside, Kept};
use crate::board::Board;
use crate::lesson::{Input, Lesson, LessonTrainer, Target};
use crate::report::{Count, Hex, Name, line};
use crate::results::Results;
use crate::saver::Saver;

/// Predicts, learns, counts and saves.
pub struct Follower<'a, T: Lesson, S> {
    run: Kept<'a, T>,
    saver: Saver<S>,
    batch: u32,
    report_every: u32,
    /// The most microseconds that a sample took.
    slowest: u64,
}

impl<'a, T: Lesson, S: NorFlash> Follower<'a, T, S> {
    /// Begins with weights that have been drawn, with those of the lesson, or where the board was switched off.
    ///
    /// # Errors
    /// A setting is out of range.
    pub fn start<B: Board<Flash = S>>(
        board: &mut B,
        trainer: &'a mut LessonTrainer<T>,
        settings: Settings,
        beside: &mut impl Beside,
    ) -> Result<Self, OutOfRange> {
        let Settings { batch, report_every, .. } = settings;
        let [network, name, cause] = [T::NAME, B::NAME, board.reset_cause().name()].map(Name);
        line(board, format_args!("trainlet stream: {network} on {name}, reset: {cause}"));
        let mut saver = Saver::new(board);
        let run = Kept::resume(board, trainer, settings, &mut saver, beside)?;
        Ok(Self { run, saver, batch, report_every, slowest: 0 })
    }

    /// Predicts a sample, and learns from it if its label is known. `start` is when work on it began, in microseconds. `true` if it was
    /// time for a report, which was made.
    pub fn take<B: Board<Flash = S>>(
        &mut self,
        board: &mut B,
        start: u64,
        (input, label): (&Input<T>, Option<Target<T>>),
        beside: &mut impl Beside,
    ) -> bool {
        let run = &mut self.run;
        run.samples = run.samples.saturating_add(1);
        let output = run.trainer.predict(input);
        T::Results::answer(board, T::NAMES, output.flat());
        if T::Results::confidence(output.flat()).is_some_and(|confidence| run.confidence.push(confidence)) {
            report_drift(board, "the confidence has fallen", run.samples);
        }
        if label.is_some_and(|target| self.learn(board, input, &target, output.flat())) {
            self.run.save(board, &mut self.saver, beside);
        }
        self.slowest = self.slowest.max(board.micros().saturating_sub(start));
        let reports = self.report_every > 0 && self.run.samples.is_multiple_of(self.report_every);
        if reports {
            self.report(board);
        }
        reports
    }

    /// `true` if that made a step.
    fn learn<B: Board>(&mut self, board: &mut B, input: &Input<T>, target: &Target<T>, output: &[f32]) -> bool {
        let run = &mut self.run;
        let Ok(loss) = run.trainer.accumulate(input, target, 1.0 / self.batch as f32) else { return false };
        run.results.push(loss, target, output);
        if run.loss.push(loss) {
            report_drift(board, "the loss has risen", run.samples);
        }
        let steps = run.results.count().is_multiple_of(self.batch);
        if steps {
            board.set_led(true);
            run.trainer.step();
            board.set_led(false);
        }
        steps
    }

    fn report<B: Board>(&self, board: &mut B) {
        let [samples, steps] = [self.run.samples, self.run.trainer.steps()].map(|count| Count(count as usize));
        line(board, format_args!("stream: {samples} samples, {steps} steps"));
        let slowest = Count(self.slowest as usize);
        line(board, format_args!("time: at most {slowest} microseconds for a sample"));
        self.run.results.summary(board, "samples with a label");
    }

    /// The last report. Gives the CRC-32 of the weights.
    pub fn finish<B: Board>(self, board: &mut B) -> u32 {
        self.report(board);
        let crc = crc32(&self.run.trainer.weights);
        line(board, format_args!("weights: CRC-32 {}", Hex(crc)));
        crc
    }
}

fn report_drift<B: Board>(board: &mut B, what: &'static str, sample: u32) {
    let (what, sample) = (Name(what), Count(sample as usize));
    line(board, format_args!("drift: {what} at sample {sample}"));
}
