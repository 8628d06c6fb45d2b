//! The sample that the requests refer to, and the scaler that it goes through when it comes.

use super::message::Refusal;
use super::values::Part;
use crate::core::archive::Archive;
use crate::core::setting::Setting;
use crate::core::standardise::standardise;
use crate::core::tensor::Tensor;

/// A sample and its scaler.
pub struct Sample<I> {
    /// Standardised; zeros if there is none.
    pub(super) values: I,
    is_there: bool,
    mean: I,
    deviation: I,
}

impl<I: Tensor> Sample<I> {
    pub const ZERO: Self = Self { values: I::ZERO, is_there: false, mean: I::ZERO, deviation: I::ZERO };

    /// Mean 0 and deviation 1 leave samples as they are.
    pub fn reset_scaler(&mut self) {
        self.mean.flat_mut().fill(0.0);
        self.deviation.flat_mut().fill(1.0);
    }

    /// A peer that may choose the weights could otherwise read the sample from the outputs.
    pub fn forget(&mut self) {
        self.values.flat_mut().fill(0.0);
        self.is_there = false;
    }

    /// Shows the scaler. The sample is no part of a run.
    pub fn persist(&mut self, archive: &mut Archive) {
        archive.finite(self.mean.flat_mut());
        archive.settings(Setting::Deviation, self.deviation.flat_mut());
        if archive.replaces() {
            self.forget();
        }
    }

    /// The sample, if one has been written.
    pub fn get(&self) -> Result<&I, Refusal> {
        if self.is_there { Ok(&self.values) } else { Err(Refusal::NoSample) }
    }

    pub fn mean(&self) -> &[f32] {
        self.mean.flat()
    }

    pub fn deviation(&self) -> &[f32] {
        self.deviation.flat()
    }

    /// Writes a part of the sample, and standardises it.
    pub fn write(&mut self, mut part: Part<&[u8]>) {
        let Self { values, is_there, mean, deviation } = self;
        *is_there = true;
        let written = part.write(values.flat_mut());
        let values = values.flat_mut().iter_mut().zip(mean.flat()).zip(deviation.flat());
        for ((x, mean), deviation) in values.skip(written.start).take(written.len()) {
            *x = standardise(*x, *mean, *deviation);
        }
    }

    pub fn write_mean(&mut self, mut part: Part<&[u8]>) {
        part.write(self.mean.flat_mut());
    }

    /// Writes a part of the deviations, unless one of them is out of range.
    pub fn write_deviation(&mut self, mut part: Part<&[u8]>) -> Result<(), Refusal> {
        part.values().try_for_each(|value| Setting::Deviation.check(value)).map_err(Refusal::Setting)?;
        part.write(self.deviation.flat_mut());
        Ok(())
    }
}
