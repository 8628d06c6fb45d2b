//! A stem that sees changed samples in training.

use super::Augmentation;
use crate::core::layout::{split_array, split_at};
use crate::core::params::{Leaf, Params, Path, Visit, VisitField, VisitStart};
use crate::core::rng::Key;
use crate::core::setting::{OutOfRange, Settings as _};
use crate::core::size::Cost;
use crate::core::tensor::Tensor as _;
use crate::data::Scaler;
use crate::nn::graph::Graph;
use crate::nn::pass::Pass;
use crate::nn::stem::Stem;
use crate::nn::update::InPlaceUpdate;

/// Changes each standardised sample `[L positions][F features]` by an [`Augmentation`] in training, and leaves it alone otherwise. The
/// stem `S` sees the variant, which stands in scratch and is drawn again in the backward pass: it takes no RAM where the blocks need
/// as much scratch, and the caller's sample stays.
///
/// `Int8<Augmented<PatchEmbedding<..>, F>, F>` takes samples in bytes. What is [set](Self::set) is no parameter.
pub struct Augmented<S, const F: usize> {
    /// The stem.
    pub stem: S,
    augmentation: Augmentation,
    scaler: Scaler<F>,
}

/// Not one of the children that a stem's layers draw from.
pub(super) fn key(stem: Key) -> Key {
    stem.child(u64::MAX)
}

impl<S, const F: usize> Augmented<S, F> {
    /// Sets how samples are changed that were standardised by `scaler`; without it they stay as they are.
    ///
    /// # Errors
    /// A value is out of range; nothing has changed then.
    pub fn set(&mut self, augmentation: Augmentation, scaler: Scaler<F>) -> Result<(), OutOfRange> {
        (augmentation, scaler).check()?;
        (self.augmentation, self.scaler) = (augmentation, scaler);
        Ok(())
    }

    /// A variant in the front of `scratch`, and the rest.
    fn variant<'a, const L: usize>(
        &self,
        input: &[[f32; F]; L],
        scratch: &'a mut [f32],
        pass: &Pass,
    ) -> (&'a mut [[f32; F]; L], &'a mut [f32]) {
        let (sample, rest) = split_array::<[[f32; F]; L]>(scratch);
        for (copy, x) in sample.flat_mut().iter_mut().zip(input.flat()) {
            *copy = *x;
        }
        let (column, _) = split_at(rest, L);
        let Scaler { mean, std } = &self.scaler;
        self.augmentation.apply(sample.flat_mut(), mean, std, column, key(pass.key()));
        (sample, rest)
    }
}

impl<S: Params, const F: usize> Params for Augmented<S, F> {
    const ZERO: Self = Self { stem: S::ZERO, augmentation: Augmentation::ZERO, scaler: Scaler::ZERO };
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

impl<const N: usize, const C: usize, const L: usize, const F: usize, S> Stem<N, C> for Augmented<S, F>
where
    S: Stem<N, C, Input = [[f32; F]; L]>,
{
    type Input = S::Input;
    const COST: Cost = {
        let column = if S::COST.scratch < L { L } else { S::COST.scratch };
        Cost { scratch: L * F + column, ..S::COST }
    };
    const GRAPH: Graph = S::GRAPH;

    fn infer(&self, input: &Self::Input, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        self.stem.infer(input, x, scratch);
    }

    fn forward(&self, input: &Self::Input, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let (sample, scratch) = self.variant(input, scratch, pass);
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
        let (sample, scratch) = self.variant(input, scratch, pass);
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
        let (sample, scratch) = self.variant(input, scratch, pass);
        self.stem.backward_update(update, sample, dx, saved, scratch, pass);
    }
}
