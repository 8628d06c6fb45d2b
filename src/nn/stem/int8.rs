//! Samples in signed bytes.

use super::Stem;
use crate::core::layout::split_array;
use crate::core::params::{Leaf, Params, Path, Visit, VisitField, VisitStart};
use crate::core::setting::{OutOfRange, Setting, checked};
use crate::core::size::Cost;
use crate::core::standardise::standardise;
use crate::kernels::rows::rows_mut;
use crate::nn::pass::Pass;
use crate::nn::update::InPlaceUpdate;

/// Takes samples `[L positions][F features]` of signed bytes, a quarter of the RAM and of the time on a line, or none at
/// all for samples in flash. The stem `S` sees `(scale * byte - mean) / std` in `f32`, computed in scratch, which the
/// blocks use after it.
///
/// Scale, mean and standard deviation are no parameters: [`set`](Self::set) names them once, before or after the weights
/// are drawn.
pub struct Int8<S, const F: usize> {
    /// The stem.
    pub stem: S,
    scale: [f32; F],
    mean: [f32; F],
    std: [f32; F],
}

impl<S, const F: usize> Int8<S, F> {
    /// `scale`: units of a feature per count of its bytes. `mean` and `std`, its standard deviation, at least 0: of the feature in
    /// these units.
    ///
    /// # Errors
    /// A value is out of range; nothing has changed then.
    pub fn set(&mut self, mut scale: [f32; F], mut mean: [f32; F], mut std: [f32; F]) -> Result<(), OutOfRange> {
        checked(|archive| {
            archive.settings(Setting::Scale, &mut scale);
            archive.settings(Setting::Mean, &mut mean);
            archive.settings(Setting::Deviation, &mut std);
        })?;
        (self.scale, self.mean, self.std) = (scale, mean, std);
        Ok(())
    }

    fn unpack<const L: usize>(&self, input: &[[i8; F]; L], x: &mut [[f32; F]; L]) {
        unpack(x.as_flattened_mut(), input.as_flattened(), [&self.scale, &self.mean, &self.std]);
    }
}

/// One copy for all numbers of features.
#[inline(never)]
fn unpack(x: &mut [f32], bytes: &[i8], [scale, mean, std]: [&[f32]; 3]) {
    let mut bytes = bytes.iter();
    for row in rows_mut(x, scale.len()) {
        let features = row.iter_mut().zip(scale).zip(mean).zip(std);
        for ((((x, scale), mean), std), byte) in features.zip(&mut bytes) {
            *x = standardise(scale * f32::from(*byte), *mean, *std);
        }
    }
}

impl<S: Params, const F: usize> Params for Int8<S, F> {
    const ZERO: Self = Self { stem: S::ZERO, scale: [0.0; F], mean: [0.0; F], std: [0.0; F] };
    const COUNT: usize = S::COUNT;
    const TRAINABLE: usize = S::TRAINABLE;
    const LEAVES: usize = S::LEAVES;

    fn walk_at(&mut self, path: &Path, visit: Visit) {
        self.stem.walk_at(path, visit);
    }

    fn read_at(&self, path: &Path, visit: &mut dyn FnMut(&Leaf, &[f32])) {
        self.stem.read_at(path, visit);
    }

    fn fields_at(&self, path: &Path, visit: VisitField) {
        self.stem.fields_at(&Path::Field(path, "stem"), visit);
    }

    fn starts(visit: VisitStart) {
        S::starts(visit);
    }
}

impl<const N: usize, const C: usize, const L: usize, const F: usize, S> Stem<N, C> for Int8<S, F>
where
    S: Stem<N, C, Input = [[f32; F]; L]>,
{
    type Input = [[i8; F]; L];
    const COST: Cost = S::COST.plus_scratch(L * F);

    fn infer(&self, input: &Self::Input, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        let (sample, scratch) = split_array(scratch);
        self.unpack(input, sample);
        self.stem.infer(sample, x, scratch);
    }

    fn forward(&self, input: &Self::Input, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let (sample, scratch) = split_array(scratch);
        self.unpack(input, sample);
        self.stem.forward(sample, x, saved, scratch, pass);
    }

    fn backward(
        &self,
        grad: &mut [f32],
        input: &Self::Input,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (sample, scratch) = split_array(scratch);
        self.unpack(input, sample);
        self.stem.backward(grad, sample, dx, saved, scratch, pass);
    }

    fn backward_update(
        &mut self,
        update: &mut InPlaceUpdate,
        input: &Self::Input,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (sample, scratch) = split_array(scratch);
        self.unpack(input, sample);
        self.stem.backward_update(update, sample, dx, saved, scratch, pass);
    }
}
