//! What stands inside a residual branch.

use crate::params::Params;
use crate::pass::Pass;

/// Names of a branch's leaves in the block.
pub trait Label {
    /// Name of the branch, as in `blocks.0.token_mixing.0.weight`.
    const NAME: &'static str;
    /// Name of the normalisation before it, as in `blocks.0.token_norm.weight`.
    const NORM: &'static str;
}

/// A function from a stream `[N tokens][C channels]` to one of the same shape, worked out in place: token mixing,
/// channel mixing or a layer of your own. [`PreNormResidual`](super::PreNormResidual) makes a block of it.
pub trait Branch<const N: usize, const C: usize>: Params + Label {
    /// `f32` kept from forward to backward, per sample.
    const SAVED: usize;
    /// `f32` needed while a training pass runs.
    const SCRATCH: usize;
    /// `f32` needed while an evaluation runs.
    const INFER: usize;
    /// Multiply-accumulates of an evaluation of one sample, those of matrix products; training takes three times as many.
    const MACS: usize;

    /// Evaluation: `u` becomes f(u).
    fn infer(&self, u: &mut [[f32; C]; N], scratch: &mut [f32]);

    /// Training: `u` becomes f(u), and `saved` holds what the backward pass needs beside `u`.
    fn forward(&self, u: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass);

    /// `dy`, the gradient with respect to f(u), becomes the one with respect to `u`, the input of the forward pass;
    /// adds the parameters' gradients to `grad`. `saved` may be overwritten.
    fn backward(
        &self,
        grad: &mut Self,
        u: &[[f32; C]; N],
        dy: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    );
}
