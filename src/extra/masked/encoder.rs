//! How the blocks of a classifier see a sample of which tokens are hidden.

use super::{Mask, Partial};
use crate::core::layout::split_array;
use crate::core::params::Params;
use crate::core::size::Cost;
use crate::kernels::arch::copy;
use crate::nn::block::Block;
use crate::nn::pass::Pass;
use crate::nn::update::InPlaceUpdate;

/// What becomes of the hidden tokens while the blocks `B` run. Behind them the stream has all `N` tokens again.
pub(crate) trait Encoder<const N: usize, const V: usize, const C: usize, B: Params> {
    /// Memory and computing.
    const COST: Cost;

    /// Evaluation: `x`, the tokens of the stem, become those of the blocks; `token` stands for the hidden ones.
    fn infer(blocks: &B, token: &[f32; C], mask: &Mask<N, V>, x: &mut [[f32; C]; N], scratch: &mut [f32]);

    /// Training: the same, keeping in `saved` what the backward pass needs.
    fn forward(
        blocks: &B,
        token: &[f32; C],
        mask: &Mask<N, V>,
        x: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    );

    /// `dx` becomes, for visible tokens, the gradient with respect to those of the stem, and for hidden ones, with
    /// respect to what stood for them. Adds the parameters' gradients to `grad`.
    fn backward(
        blocks: &B,
        grad: &mut [f32],
        mask: &Mask<N, V>,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    );

    /// The backward pass that changes the weights at once.
    fn backward_update(
        blocks: &mut B,
        update: &mut InPlaceUpdate,
        mask: &Mask<N, V>,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    );
}

/// The mask token takes the place of each hidden token, and the blocks see all `N`: no less to compute, and any block
/// will do.
pub struct Replace;

/// The blocks see the visible tokens alone, and the mask token comes in behind them, in the places that
/// [`ids_restore`](Mask::ids_restore) gives: about `V / N` of the memory and of the computing. A token mixing sums over
/// the visible ones, times `N / V`. Hidden tokens get nothing from the others until the blocks of a decoder mix them. For Mixer
/// blocks that keep everything, and arrays of them.
pub struct Subset;

impl<const N: usize, const V: usize, const C: usize, B: Block<N, C>> Encoder<N, V, C, B> for Replace {
    const COST: Cost = {
        assert!(!B::FROZEN, "pre-training trains all blocks: take `Frozen` away, and freeze them in the classifier");
        B::COST
    };

    fn infer(blocks: &B, token: &[f32; C], mask: &Mask<N, V>, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        replace_hidden(x, mask, token);
        blocks.infer(x, scratch);
    }

    fn forward(
        blocks: &B,
        token: &[f32; C],
        mask: &Mask<N, V>,
        x: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        replace_hidden(x, mask, token);
        blocks.forward(x, saved, scratch, pass);
    }

    fn backward(
        blocks: &B,
        grad: &mut [f32],
        _: &Mask<N, V>,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        blocks.backward(grad, dx, saved, scratch, pass);
    }

    fn backward_update(
        blocks: &mut B,
        update: &mut InPlaceUpdate,
        _: &Mask<N, V>,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        blocks.backward_update(update, dx, saved, scratch, pass);
    }
}

impl<const N: usize, const V: usize, const C: usize, B: Partial<N, V, C>> Encoder<N, V, C, B> for Subset {
    const COST: Cost = Cost { max_grad: B::TRAINABLE, ..B::COST.plus_scratch(V * C) };

    fn infer(blocks: &B, token: &[f32; C], mask: &Mask<N, V>, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        let (seen, scratch) = split_array(scratch);
        gather(seen, x, mask);
        blocks.infer(seen, mask.visible(), scratch);
        scatter(x, seen, mask);
        replace_hidden(x, mask, token);
    }

    fn forward(
        blocks: &B,
        token: &[f32; C],
        mask: &Mask<N, V>,
        x: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (seen, scratch) = split_array(scratch);
        gather(seen, x, mask);
        blocks.forward(seen, mask.visible(), saved, scratch, pass);
        scatter(x, seen, mask);
        replace_hidden(x, mask, token);
    }

    fn backward(
        blocks: &B,
        grad: &mut [f32],
        mask: &Mask<N, V>,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (seen, scratch) = split_array(scratch);
        gather(seen, dx, mask);
        blocks.backward(grad, seen, mask.visible(), saved, scratch, pass);
        scatter(dx, seen, mask);
    }

    fn backward_update(
        blocks: &mut B,
        update: &mut InPlaceUpdate,
        mask: &Mask<N, V>,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        update.apply(blocks, |blocks, grad| Self::backward(blocks, grad, mask, dx, saved, scratch, pass));
    }
}

/// Puts `token` in the place of every hidden one.
fn replace_hidden<const N: usize, const V: usize, const C: usize>(
    x: &mut [[f32; C]; N],
    mask: &Mask<N, V>,
    token: &[f32; C],
) {
    for (x, hidden) in x.iter_mut().zip(mask.hidden()) {
        if hidden {
            copy(x, token);
        }
    }
}

/// The visible tokens, in shuffled order.
fn gather<const N: usize, const V: usize, const C: usize>(
    seen: &mut [[f32; C]; V],
    x: &[[f32; C]; N],
    mask: &Mask<N, V>,
) {
    for (seen, token) in seen.iter_mut().zip(mask.visible()) {
        copy(seen, x.get(usize::from(*token)).map_or(&[], |token| token.as_slice()));
    }
}

/// Un-shuffles: each visible token to its place.
fn scatter<const N: usize, const V: usize, const C: usize>(
    x: &mut [[f32; C]; N],
    seen: &[[f32; C]; V],
    mask: &Mask<N, V>,
) {
    for (x, place) in x.iter_mut().zip(mask.ids_restore()) {
        if let Some(seen) = seen.get(usize::from(*place)) {
            copy(x, seen);
        }
    }
}
