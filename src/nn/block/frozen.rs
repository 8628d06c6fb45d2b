//! Parts of a model that are used but not trained.

use super::Block;
use crate::core::params::{Leaf, Params, Path, Visit, VisitField, VisitStart};
use crate::core::size::Cost;
use crate::nn::graph::Graph;
use crate::nn::pass::Pass;
use crate::nn::stem::Stem;
use crate::nn::update::InPlaceUpdate;

/// A stem or blocks that stay as they are: no gradient, no optimiser state, nothing kept for the backward pass, which
/// ends here. They work as in evaluation, without dropout and stochastic depth.
pub struct Frozen<P>(pub P);

impl<P: Params> Params for Frozen<P> {
    const ZERO: Self = Self(P::ZERO);
    const COUNT: usize = P::COUNT;
    const TRAINABLE: usize = 0;

    fn walk_at(&mut self, path: &Path, visit: Visit) {
        self.0.walk_at(path, &mut |leaf, values| visit(&Leaf { trained: false, ..*leaf }, values));
    }

    fn read_at(&self, path: &Path, visit: &mut dyn FnMut(&Leaf, &[f32])) {
        self.0.read_at(path, &mut |leaf, values| visit(&Leaf { trained: false, ..*leaf }, values));
    }

    fn fields_at(&self, path: &Path, visit: VisitField) {
        self.0.fields_at(&Path::Field(path, "0"), visit);
    }

    fn starts(visit: VisitStart) {
        P::starts(&mut |length, _| visit(length, false));
    }
}

/// [`Frozen`], with the parameters in flash: they take no RAM, and nothing changes them. Until [`set`](Self::set) has
/// named them the blocks leave the stream as it is.
pub struct InFlash<P: 'static>(Option<&'static P>);

impl<P> InFlash<P> {
    /// Uses these from now on.
    pub fn set(&mut self, parameters: &'static P) {
        self.0 = Some(parameters);
    }
}

/// No values in RAM to walk over; reading shows those in flash.
impl<P: Params> Params for InFlash<P> {
    const ZERO: Self = Self(None);
    const COUNT: usize = 0;
    const TRAINABLE: usize = 0;

    fn walk_at(&mut self, _: &Path, _: Visit) {}

    fn read_at(&self, path: &Path, visit: &mut dyn FnMut(&Leaf, &[f32])) {
        if let Some(parameters) = self.0 {
            parameters.read_at(path, &mut |leaf, values| visit(&Leaf { trained: false, ..*leaf }, values));
        }
    }
}

/// The parameters of a frozen part, wherever they are.
trait Held {
    type Parameters;
    fn parameters(&self) -> Option<&Self::Parameters>;
}

impl<P> Held for Frozen<P> {
    type Parameters = P;
    fn parameters(&self) -> Option<&P> {
        Some(&self.0)
    }
}

impl<P> Held for InFlash<P> {
    type Parameters = P;
    fn parameters(&self) -> Option<&P> {
        self.0
    }
}

macro_rules! frozen {
    ($holder:ident) => {
        impl<const N: usize, const C: usize, B: Block<N, C>> Block<N, C> for $holder<B> {
            const COST: Cost = B::COST.frozen();
            const GRAPH: Graph = B::GRAPH;
            const FROZEN: bool = true;

            fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
                if let Some(blocks) = self.parameters() {
                    blocks.infer(x, scratch);
                }
            }

            fn forward(&self, x: &mut [[f32; C]; N], _: &mut [f32], scratch: &mut [f32], _: &Pass) {
                self.infer(x, scratch);
            }

            fn backward(&self, _: &mut [f32], _: &mut [[f32; C]; N], _: &mut [f32], _: &mut [f32], _: &Pass) {}
        }

        impl<const N: usize, const C: usize, S: Stem<N, C>> Stem<N, C> for $holder<S> {
            type Input = S::Input;
            const COST: Cost = S::COST.frozen();
            const GRAPH: Graph = S::GRAPH;

            fn infer(&self, input: &S::Input, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
                if let Some(stem) = self.parameters() {
                    stem.infer(input, x, scratch);
                }
            }

            fn forward(&self, input: &S::Input, x: &mut [[f32; C]; N], _: &mut [f32], scratch: &mut [f32], _: &Pass) {
                self.infer(input, x, scratch);
            }

            fn backward(
                &self,
                _: &mut [f32],
                _: &S::Input,
                _: &mut [[f32; C]; N],
                _: &mut [f32],
                _: &mut [f32],
                _: &Pass,
            ) {
            }
        }
    };
}
frozen!(Frozen);
frozen!(InFlash);

/// A stack whose first blocks are frozen, numbered through: `FrozenFirst<Frozen<[B; 8]>, [B; 2]>` trains the last two of
/// ten blocks, and its leaves have the names of `[B; 10]`.
pub struct FrozenFirst<F, T> {
    /// The blocks that stay as they are, an array in [`Frozen`] or [`InFlash`].
    pub frozen: F,
    /// The blocks that are trained, an array.
    pub trained: T,
}

/// A stack that knows how many elements it has.
pub(crate) trait Numbered {
    const ELEMENTS: usize;
}

impl<B, const L: usize> Numbered for [B; L] {
    const ELEMENTS: usize = L;
}

impl<P: Numbered> Numbered for Frozen<P> {
    const ELEMENTS: usize = P::ELEMENTS;
}

impl<P: Numbered> Numbered for InFlash<P> {
    const ELEMENTS: usize = P::ELEMENTS;
}

impl<F: Params + Numbered, T: Params> Params for FrozenFirst<F, T> {
    const ZERO: Self = Self { frozen: F::ZERO, trained: T::ZERO };
    const COUNT: usize = F::COUNT + T::COUNT;
    const TRAINABLE: usize = T::TRAINABLE;
    const LEAVES: usize = T::LEAVES;

    fn walk_at(&mut self, path: &Path, visit: Visit) {
        self.frozen.walk_at(path, visit);
        self.trained.walk_at(&Path::After(path, F::ELEMENTS), visit);
    }

    fn read_at(&self, path: &Path, visit: &mut dyn FnMut(&Leaf, &[f32])) {
        self.frozen.read_at(path, visit);
        self.trained.read_at(&Path::After(path, F::ELEMENTS), visit);
    }

    fn fields_at(&self, path: &Path, visit: VisitField) {
        self.frozen.fields_at(&Path::Field(path, "frozen"), visit);
        self.trained.fields_at(&Path::Field(path, "trained"), visit);
    }

    fn starts(visit: VisitStart) {
        F::starts(visit);
        T::starts(visit);
    }
}

impl<const N: usize, const C: usize, F: Block<N, C> + Numbered, T: Block<N, C>> Block<N, C> for FrozenFirst<F, T> {
    const COST: Cost = {
        assert!(F::FROZEN, "the first part must be frozen: write FrozenFirst<Frozen<..>, ..>");
        F::COST.then(T::COST)
    };
    const GRAPH: Graph = Graph::List(&[F::GRAPH.as_part(), T::GRAPH.as_part()]);
    const FROZEN: bool = true;

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        self.frozen.infer(x, scratch);
        self.trained.infer(x, scratch);
    }

    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        self.frozen.infer(x, scratch);
        self.trained.forward(x, saved, scratch, &pass.after(F::COST.depth));
    }

    fn backward(&self, grad: &mut [f32], dx: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        self.trained.backward(grad, dx, saved, scratch, &pass.after(F::COST.depth));
    }

    fn backward_update(
        &mut self,
        update: &mut InPlaceUpdate,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        self.trained.backward_update(update, dx, saved, scratch, &pass.after(F::COST.depth));
    }
}
