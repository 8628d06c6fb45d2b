//! Residual blocks on the token stream, and stacks of them.
//!
//! A block updates a stream of `N` tokens with `C` channels in place. It states in constants how many `f32` it keeps
//! from forward to backward ([`SAVED`](Block::SAVED)) and how many it needs while one pass runs, so the compiler
//! knows the length of the arena. Blocks compose: `[B; L]` and tuples of blocks are blocks.

mod branch;
mod branches;
mod chain;
mod checkpoint;
mod convnext;
mod frozen;
mod lambda;
mod memory;
mod mixing;
mod pre_activation;
mod residual;
mod reversible;
mod stack;
mod stage;

pub use branch::{Branch, Label, Normed};
pub use branches::{Branches, MixerBlock};
pub use chain::{Chain, First, Second, Third, Unit};
pub use checkpoint::Checkpointed;
pub use convnext::ConvNextBlock;
pub use frozen::{Frozen, FrozenFirst, InFlash, Numbered};
pub use lambda::LambdaBlock;
pub use memory::{BlockInput, BranchMemory, EachBranch, FirstBranch, Hidden, Keep, KeepSlopes, Memory, Recompute};
pub use mixing::{Along, AlongChannels, AlongTokens, ChannelMixing, Mixing, TokenMixing};
pub use pre_activation::{PreActivation, ResNetBlock, ResNextBlock, SeparableBlock};
pub use residual::PreNormResidual;
pub use reversible::{Reversible, ReversibleBlock};
pub use stage::AlterStage;

use crate::params::Params;
use crate::pass::Pass;
use crate::updates::Updates;

/// A residual block, or a stack of them, on a stream `[N tokens][C channels]`.
///
/// The slices that a pass gets have exactly the stated lengths (`scratch` at least that); cut them with
/// [`Windows::carve`](crate::tensor::Windows::carve).
pub trait Block<const N: usize, const C: usize>: Params {
    /// Number of blocks in the sense of stochastic depth.
    const DEPTH: usize;
    /// `f32` kept from forward to backward, per sample.
    const SAVED: usize;
    /// `f32` needed while a training pass runs; shared by all blocks.
    const SCRATCH: usize;
    /// `f32` needed while an evaluation runs; shared by all blocks.
    const INFER: usize;
    /// Multiply-accumulates of an evaluation of one sample, those of matrix products.
    const MACS: usize;
    /// The same for a training pass, forward and backward.
    const TRAIN_MACS: usize = 3 * Self::MACS;
    /// Length of the longest gradient that [`learn`](Self::learn) needs at a time.
    const UNIT: usize = Self::TRAINED;
    /// Nothing here is trained, and the backward pass ends here: what comes before must be such a block too.
    const FROZEN: bool = false;

    /// Evaluation: updates the stream and keeps nothing.
    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]);

    /// Training: updates the stream and keeps in `saved` what the backward pass needs.
    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass);

    /// Turns `dx`, the gradient with respect to the block's output, into the one with respect to its input and adds the
    /// parameters' gradients to `grad`, which is [`TRAINED`](Params::TRAINED) long. `saved` may be overwritten.
    fn backward(&self, grad: &mut [f32], dx: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass);

    /// The backward pass that changes the weights as it goes.
    fn learn(
        &mut self,
        updates: &mut Updates,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        updates.unit(self, |block, grad| block.backward(grad, dx, saved, scratch, pass));
    }
}

/// The larger of two sizes, in a constant.
pub(crate) const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

/// The smaller of two sizes, in a constant.
pub(crate) const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}
