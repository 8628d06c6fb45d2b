//! Stages of blocks in the order of an Alter-ResNet.

use super::{Block, max};
use crate::core::params::{Leaf, Params, Path, Visit};
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
        assert!(2 * MIXING <= BLOCKS, "every mixing block needs a convolution before it: choose 2 MIXING <= BLOCKS");
        assert!(FIRST + 2 * MIXING == BLOCKS, "write FIRST = BLOCKS - 2 MIXING");
        Self { first: Params::ZERO, pairs: Params::ZERO }
    };
    const COUNT: usize = FIRST * C::COUNT + MIXING * (C::COUNT + M::COUNT);
    const TRAINABLE: usize = FIRST * C::TRAINABLE + MIXING * (C::TRAINABLE + M::TRAINABLE);

    fn walk_at<const TREES: usize>(path: &Path, mut trees: [&mut Self; TREES], visit: Visit<TREES>) {
        Params::walk_at(path, trees.each_mut().map(|tree| &mut tree.first), visit);
        for index in 0..MIXING {
            let pairs = trees.each_mut().map(|tree| &mut tree.pairs[index]);
            Params::walk_at(&Path::After(path, FIRST + 2 * index), pairs, visit);
        }
    }

    fn read_at(&self, path: &Path, visit: &mut dyn FnMut(&Leaf, &[f32])) {
        self.first.read_at(path, visit);
        for (index, pair) in self.pairs.iter().enumerate() {
            pair.read_at(&Path::After(path, FIRST + 2 * index), visit);
        }
    }
}

impl<const N: usize, const W: usize, C, M, const BLOCKS: usize, const MIXING: usize, const FIRST: usize> Block<N, W>
    for AlterStage<C, M, BLOCKS, MIXING, FIRST>
where
    C: Block<N, W>,
    M: Block<N, W>,
{
    const DEPTH: usize = <[C; FIRST]>::DEPTH + <[(C, M); MIXING]>::DEPTH;
    const SAVED: usize = <[C; FIRST]>::SAVED + <[(C, M); MIXING]>::SAVED;
    const SCRATCH: usize = max(C::SCRATCH, if MIXING == 0 { 0 } else { M::SCRATCH });
    const INFER: usize = max(C::INFER, if MIXING == 0 { 0 } else { M::INFER });
    const MACS: usize = <[C; FIRST]>::MACS + <[(C, M); MIXING]>::MACS;
    const TRAIN_MACS: usize = <[C; FIRST]>::TRAIN_MACS + <[(C, M); MIXING]>::TRAIN_MACS;
    const UNIT: usize = max(C::UNIT, if MIXING == 0 { 0 } else { M::UNIT });
    const FROZEN: bool = C::FROZEN && (MIXING == 0 || M::FROZEN);

    fn infer(&self, x: &mut [[f32; W]; N], scratch: &mut [f32]) {
        self.first.infer(x, scratch);
        self.pairs.infer(x, scratch);
    }

    fn forward(&self, x: &mut [[f32; W]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some((first, pairs)) = saved.split_at_mut_checked(<[C; FIRST]>::SAVED) else { return };
        self.first.forward(x, first, scratch, pass);
        self.pairs.forward(x, pairs, scratch, &pass.after(<[C; FIRST]>::DEPTH));
    }

    fn backward(&self, grad: &mut [f32], dx: &mut [[f32; W]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some((first, pairs)) = saved.split_at_mut_checked(<[C; FIRST]>::SAVED) else { return };
        let Some((grad_first, grad_pairs)) = grad.split_at_mut_checked(<[C; FIRST]>::TRAINABLE) else { return };
        self.pairs.backward(grad_pairs, dx, pairs, scratch, &pass.after(<[C; FIRST]>::DEPTH));
        self.first.backward(grad_first, dx, first, scratch, pass);
    }

    fn backward_update(
        &mut self,
        updates: &mut InPlaceUpdate,
        dx: &mut [[f32; W]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let Some((first, pairs)) = saved.split_at_mut_checked(<[C; FIRST]>::SAVED) else { return };
        self.pairs.backward_update(updates, dx, pairs, scratch, &pass.after(<[C; FIRST]>::DEPTH));
        self.first.backward_update(updates, dx, first, scratch, pass);
    }
}
