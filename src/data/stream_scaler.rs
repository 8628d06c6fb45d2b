//! Standardisation of what comes without an end.

use super::scaler::{Scaler, ScalerFit};
use crate::core::archive::Archive;
use crate::core::setting::Settings;

/// Standardises the features of a stream, by statistics that are fixed or by those of all frames so far.
///
/// Running statistics need no data before the first frame, and follow a sensor that another person wears. A network then sees other
/// inputs for the same frame early and late. Frozen ones come from training data, or are [frozen](Self::freeze) once they have seen enough.
///
/// ```
/// use trainlet::data::{Scaler, ScalerFit, StreamScaler};
///
/// let mut scaler = StreamScaler::Running(ScalerFit::ZERO);
/// [[1.0], [3.0]].iter().for_each(|frame| scaler.push(frame));
/// scaler.freeze();
/// scaler.push(&[100.0]);
/// assert_eq!(scaler.scaler(), Scaler { mean: [2.0], std: [1.0] });
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum StreamScaler<const F: usize> {
    /// By mean and deviation of all frames so far, each of which counts the same.
    Running(ScalerFit<F>),
    /// By these, whatever comes.
    Frozen(Scaler<F>),
}

impl<const F: usize> StreamScaler<F> {
    /// Takes a frame into account, unless the statistics are frozen.
    pub fn push(&mut self, frame: &[f32; F]) {
        if let Self::Running(fit) = self {
            fit.push(frame);
        }
    }

    /// What standardises now. It takes a root per feature while the statistics run: to be asked for once per window.
    pub fn scaler(&self) -> Scaler<F> {
        match self {
            Self::Running(fit) => fit.finish(),
            Self::Frozen(scaler) => *scaler,
        }
    }

    /// Leaves the statistics as they are from now on.
    pub fn freeze(&mut self) {
        *self = Self::Frozen(self.scaler());
    }

    /// Shows which statistics there are, and all of them, to `archive`.
    pub fn persist(&mut self, archive: &mut Archive) {
        let choices = [Self::Running(ScalerFit::ZERO), Self::Frozen(Scaler::ZERO)];
        archive.choice(self, &choices, |chosen, archive| match chosen {
            Self::Running(fit) => fit.persist(archive),
            Self::Frozen(scaler) => scaler.visit(archive),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::{self, Slice};
    use crate::core::rng::{Key, Purpose};
    use std::vec::Vec;

    const F: usize = 3;

    /// A sensor of three axes whose offset jumps and whose noise grows.
    fn frames(count: usize) -> Vec<[f32; F]> {
        let mut random = Key::new(3, Purpose::Order).stream();
        let frame = |number: usize| {
            let size = 1.0 + number as f32 / 100.0;
            let offset = if number > count / 2 { 50.0 } else { 0.0 };
            core::array::from_fn(|axis| offset + size * (random.uniform() - 0.5) * [1e-3, 1.0, 1e4][axis])
        };
        (0..count).map(frame).collect()
    }

    /// Mean and population deviation of a feature in two passes.
    fn two_passes(frames: &[[f32; F]], feature: usize) -> (f64, f64) {
        let values = || frames.iter().map(|frame| f64::from(frame[feature]));
        let count = frames.len() as f64;
        let mean = values().sum::<f64>() / count;
        (mean, (values().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt())
    }

    #[test]
    fn running_statistics_are_those_of_all_frames_so_far() {
        let frames = frames(701);
        let mut running = StreamScaler::Running(ScalerFit::ZERO);
        for (number, frame) in frames.iter().enumerate() {
            running.push(frame);
            let Scaler { mean: means, std: stds } = running.scaler();
            for feature in 0..F {
                let (mean, std) = two_passes(&frames[..=number], feature);
                let error = (f64::from(means[feature]) - mean).abs();
                assert!(error <= 1e-7 * std + 6e-8 * mean.abs(), "frame {number}: {mean} and {}", means[feature]);
                assert!((f64::from(stds[feature]) - std).abs() <= 1.3e-7 * std, "frame {number}: {std}");
            }
        }
    }

    #[test]
    fn frozen_statistics_are_the_last_running_ones() {
        let frames = frames(97);
        let mut scaler = StreamScaler::Running(ScalerFit::ZERO);
        frames[..41].iter().for_each(|frame| scaler.push(frame));
        let then = scaler.scaler();
        scaler.freeze();
        frames[41..].iter().for_each(|frame| scaler.push(frame));
        assert_eq!(scaler.scaler(), then);
        let mut before = StreamScaler::Running(ScalerFit::ZERO);
        frames.iter().for_each(|frame| before.push(frame));
        assert_ne!(before.scaler(), then, "the frames after that would have changed it");
    }

    /// Both kinds come back, and running ones go on to the same bits.
    #[test]
    fn a_save_goes_on_as_if_nothing_had_happened() {
        let frames = frames(60);
        for freeze in [false, true] {
            let mut whole = StreamScaler::Running(ScalerFit::ZERO);
            frames[..23].iter().for_each(|frame| whole.push(frame));
            if freeze {
                whole.freeze();
            }
            let mut bytes = Vec::new();
            checkpoint::write(&mut bytes, &mut |archive| whole.persist(archive)).unwrap();
            let mut again = StreamScaler::Frozen(Scaler::ZERO);
            checkpoint::read(&mut Slice::new(&bytes), &mut |archive| again.persist(archive)).unwrap();
            for frame in &frames[23..] {
                whole.push(frame);
                again.push(frame);
            }
            assert_eq!(again.scaler(), whole.scaler());
        }
    }
}
