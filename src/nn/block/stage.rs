//! Stages of blocks in the order of an Alter-ResNet.

use super::Block;
use crate::core::layout::split_at;
use crate::core::params::{Leaf, Params, Path, Visit, VisitField};
use crate::core::size::Cost;
use crate::nn::graph::Graph;
use crate::nn::pass::Pass;
use crate::nn::update::InPlaceUpdate;

/// A stage of `BLOCKS` blocks, `MIXING` of them of kind `M`, in the order of an Alter-ResNet (Park and Kim 2022,
/// [arXiv 2202.06709](https://arxiv.org/abs/2202.06709)): first convolutions, then pairs of a convolution and a mixing block,
/// so that mixing stands at the end. `AlterStage<C, M, 4, 1, 2>` is `C, C, C, M`.
///
/// `FIRST`, the number of convolutions before the pairs, is `BLOCKS - 2 MIXING`, which the compiler checks. The blocks are
/// numbered through.
pub struct AlterStage<C, M, const BLOCKS: usize, const MIXING: usize, const FIRST: usize> {
    /// Convolutions.
    pub first: [C; FIRST],
    /// Each a convolution and a mixing block.
    pub pairs: [(C, M); MIXING],
}

impl<C: Params, M: Params, const BLOCKS: usize, const MIXING: usize, const FIRST: usize> Params
    for AlterStage<C, M, BLOCKS, MIXING, FIRST>
{
    const ZERO: Self = {
        assert!(BLOCKS > 0, "a stage needs a block: write 1 or more for BLOCKS");
        assert!(2 * MIXING <= BLOCKS, "every mixing block needs a convolution before it: choose 2 MIXING <= BLOCKS");
        assert!(FIRST + 2 * MIXING == BLOCKS, "write FIRST = BLOCKS - 2 MIXING");
        Self { first: Params::ZERO, pairs: Params::ZERO }
    };
    const COUNT: usize = FIRST * C::COUNT + MIXING * (C::COUNT + M::COUNT);
    const TRAINABLE: usize = FIRST * C::TRAINABLE + MIXING * (C::TRAINABLE + M::TRAINABLE);

    fn walk_at(&mut self, path: &Path, visit: Visit) {
        self.first.walk_at(path, visit);
        for (index, pair) in self.pairs.iter_mut().enumerate() {
            pair.walk_at(&Path::After(path, FIRST + 2 * index), visit);
        }
    }

    fn read_at(&self, path: &Path, visit: &mut dyn FnMut(&Leaf, &[f32])) {
        self.first.read_at(path, visit);
        for (index, pair) in self.pairs.iter().enumerate() {
            pair.read_at(&Path::After(path, FIRST + 2 * index), visit);
        }
    }

    fn fields_at(&self, path: &Path, visit: VisitField) {
        self.first.fields_at(&Path::Field(path, "first"), visit);
        self.pairs.fields_at(&Path::Field(path, "pairs"), visit);
    }
}

impl<const N: usize, const W: usize, C, M, const BLOCKS: usize, const MIXING: usize, const FIRST: usize> Block<N, W>
    for AlterStage<C, M, BLOCKS, MIXING, FIRST>
where
    C: Block<N, W>,
    M: Block<N, W>,
{
    const COST: Cost = <[C; FIRST]>::COST.then(<[(C, M); MIXING]>::COST);
    const GRAPH: Graph =
        Graph::List(&[Graph::Part(&[C::GRAPH; FIRST]), Graph::Part(&[Graph::Part(&[C::GRAPH, M::GRAPH]); MIXING])]);
    const FROZEN: bool = C::FROZEN && (MIXING == 0 || M::FROZEN);
    const PIECES: usize = <[C; FIRST]>::PIECES + <[(C, M); MIXING]>::PIECES;

    fn infer(&self, x: &mut [[f32; W]; N], scratch: &mut [f32]) {
        self.first.infer(x, scratch);
        self.pairs.infer(x, scratch);
    }

    fn forward(&self, x: &mut [[f32; W]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let (first, pairs) = split_at(saved, <[C; FIRST]>::COST.saved);
        self.first.forward(x, first, scratch, pass);
        self.pairs.forward(x, pairs, scratch, &pass.after(<[C; FIRST]>::COST.depth));
    }

    fn backward(&self, grad: &mut [f32], dx: &mut [[f32; W]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let (first, pairs) = split_at(saved, <[C; FIRST]>::COST.saved);
        let (grad_first, grad_pairs) = split_at(grad, <[C; FIRST]>::TRAINABLE);
        self.pairs.backward(grad_pairs, dx, pairs, scratch, &pass.after(<[C; FIRST]>::COST.depth));
        self.first.backward(grad_first, dx, first, scratch, pass);
    }

    fn forward_piece(&self, piece: usize, x: &mut [[f32; W]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let (first, pairs) = split_at(saved, <[C; FIRST]>::COST.saved);
        match piece.checked_sub(<[C; FIRST]>::PIECES) {
            None => self.first.forward_piece(piece, x, first, scratch, pass),
            Some(piece) => {
                self.pairs.forward_piece(piece, x, pairs, scratch, &pass.after(<[C; FIRST]>::COST.depth));
            }
        }
    }

    fn backward_piece(
        &self,
        piece: usize,
        grad: &mut [f32],
        dx: &mut [[f32; W]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (first, pairs) = split_at(saved, <[C; FIRST]>::COST.saved);
        let (grad_first, grad_pairs) = split_at(grad, <[C; FIRST]>::TRAINABLE);
        match piece.checked_sub(<[C; FIRST]>::PIECES) {
            None => self.first.backward_piece(piece, grad_first, dx, first, scratch, pass),
            Some(piece) => {
                let pass = pass.after(<[C; FIRST]>::COST.depth);
                self.pairs.backward_piece(piece, grad_pairs, dx, pairs, scratch, &pass);
            }
        }
    }

    fn backward_update(
        &mut self,
        update: &mut InPlaceUpdate,
        dx: &mut [[f32; W]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (first, pairs) = split_at(saved, <[C; FIRST]>::COST.saved);
        self.pairs.backward_update(update, dx, pairs, scratch, &pass.after(<[C; FIRST]>::COST.depth));
        self.first.backward_update(update, dx, first, scratch, pass);
    }
}
