//! Residual blocks on the token stream, and stacks of them.
//!
//! A block updates a stream of `N` tokens with `C` channels in place. Its [`COST`](Block::COST) states how many `f32` it keeps
//! from forward to backward and how many it needs while one pass runs, so the compiler knows the length of the arena. Blocks compose: `[B; L]` and tuples of blocks are blocks.

pub(crate) mod along;
mod branch;
mod checkpoint;
mod convnext;
mod frozen;
mod lambda;
mod mixing;
mod portion;
mod pre_activation;
mod recomputation;
mod residual;
mod residual_pair;
mod reversible;
mod stack;
mod stage;
mod stream_map;

pub use branch::{Branch, Normed};
pub use checkpoint::Checkpointed;
pub use convnext::ConvNextBlock;
pub use frozen::{Frozen, FrozenFirst, InFlash};
pub use lambda::LambdaBlock;
pub use mixing::{ChannelMixing, Mixing, TokenMixing};
pub use pre_activation::{PreActivation, ResNetBlock, ResNextBlock, SeparableBlock};
pub use recomputation::{BlockInput, Keep, KeepSlopes, Recomputation, Recompute};
pub use residual::PreNormResidual;
pub use residual_pair::{MixerBlock, ResidualPair};
pub use reversible::{Reversible, ReversibleBlock};
pub use stage::AlterStage;
pub use stream_map::{First, NormActMap, Second, Third};

use crate::core::params::Params;
use crate::core::size::Cost;
use crate::nn::graph::Graph;
use crate::nn::pass::Pass;
use crate::nn::update::InPlaceUpdate;

/// A residual block, or a stack of them, on a stream `[N tokens][C channels]`.
///
/// The slices that a pass gets have exactly the stated lengths (`scratch` at least that); cut them with
/// [`Layout::split`](crate::core::layout::Layout::split).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no block for a stream of {N} tokens with {C} channels",
    label = "this block works on another stream",
    note = "write the widths of the network in its blocks, too: `MixerBlock<{N}, {C}, T, H>`, `ConvNextBlock<{C}, K, H>`"
)]
pub trait Block<const N: usize, const C: usize>: Params {
    /// Memory and computing; a single block has a depth of 1.
    const COST: Cost;
    /// What it computes, for programs that write it in another form.
    const GRAPH: Graph = Graph::Unknown;
    /// Nothing here is trained, and the backward pass ends here: what comes before must be such a block too.
    const FROZEN: bool = false;
    /// Pieces that a training pass can be cut into, so that there is time for something else between them: one for each block of a stack.
    const PIECES: usize = 1;

    /// Evaluation: updates the stream and keeps nothing.
    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]);

    /// Training: updates the stream and keeps in `saved` what the backward pass needs.
    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass);

    /// Turns `dx`, the gradient with respect to the block's output, into the one with respect to its input and adds the
    /// parameters' gradients to `grad`, which is [`TRAINABLE`](Params::TRAINABLE) long. `saved` may be overwritten.
    fn backward(&self, grad: &mut [f32], dx: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass);

    /// Piece number `piece` of [`forward`](Self::forward); the first comes first. Between two of them `scratch` may be used for anything.
    fn forward_piece(&self, _piece: usize, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        self.forward(x, saved, scratch, pass);
    }

    /// Piece number `piece` of [`backward`](Self::backward); the last comes first. `grad` and `saved` are those of all pieces.
    fn backward_piece(
        &self,
        _piece: usize,
        grad: &mut [f32],
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        self.backward(grad, dx, saved, scratch, pass);
    }

    /// The backward pass that changes the weights as it goes.
    fn backward_update(
        &mut self,
        update: &mut InPlaceUpdate,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        update.apply(self, |block, grad| block.backward(grad, dx, saved, scratch, pass));
    }
}
