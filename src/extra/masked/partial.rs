//! Blocks that can work on some of their tokens.

use crate::core::layout::split_at;
use crate::core::params::Params;
use crate::core::size::Cost;
use crate::nn::block::{Block, ChannelMixing, PreNormResidual, ResidualPair};
use crate::nn::layer::{Activation, Trainable};
use crate::nn::pass::Pass;

/// A block on `N` tokens of `C` channels, or a stack of them, that can work on `V` of the tokens, with the same
/// weights.
///
/// Lengths and passes are those of a [`Block`] on `V` tokens; `visible` says which of the `N` tokens these are.
#[diagnostic::on_unimplemented(
    message = "this block cannot work on some of its tokens",
    note = "Mixer blocks that keep everything can (`MixerBlock<.., Keep>`), and arrays of them; any block works on all \
            tokens: write `Replace` for `Subset`"
)]
pub(crate) trait Partial<const N: usize, const V: usize, const C: usize>: Params {
    /// Memory and computing.
    const COST: Cost;

    /// Evaluation: updates the tokens and keeps nothing.
    fn infer(&self, x: &mut [[f32; C]; V], visible: &[u16], scratch: &mut [f32]);

    /// Training: updates the tokens and keeps in `saved` what the backward pass needs.
    fn forward(&self, x: &mut [[f32; C]; V], visible: &[u16], saved: &mut [f32], scratch: &mut [f32], pass: &Pass);

    /// Turns `dx`, the gradient with respect to the output, into the one with respect to the input and adds the
    /// parameters' gradients to `grad`.
    fn backward(
        &self,
        grad: &mut [f32],
        dx: &mut [[f32; C]; V],
        visible: &[u16],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    );
}

/// Channel mixing looks at each token by itself.
impl<const N: usize, const V: usize, const C: usize, const H: usize, A, K, W, M> Partial<N, V, C>
    for PreNormResidual<ChannelMixing<C, H, A, K, W>, C, M>
where
    A: Activation,
    W: Trainable,
    Self: Block<V, C>,
{
    const COST: Cost = <Self as Block<V, C>>::COST;

    fn infer(&self, x: &mut [[f32; C]; V], _: &[u16], scratch: &mut [f32]) {
        Block::infer(self, x, scratch);
    }

    fn forward(&self, x: &mut [[f32; C]; V], _: &[u16], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        Block::forward(self, x, saved, scratch, pass);
    }

    fn backward(
        &self,
        grad: &mut [f32],
        dx: &mut [[f32; C]; V],
        _: &[u16],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        Block::backward(self, grad, dx, saved, scratch, pass);
    }
}

impl<const N: usize, const V: usize, const C: usize, A: Partial<N, V, C>, B: Partial<N, V, C>> Partial<N, V, C>
    for ResidualPair<A, B>
{
    const COST: Cost = Cost { depth: 1, ..A::COST.then(B::COST) };

    fn infer(&self, x: &mut [[f32; C]; V], visible: &[u16], scratch: &mut [f32]) {
        self.first.infer(x, visible, scratch);
        self.second.infer(x, visible, scratch);
    }

    fn forward(&self, x: &mut [[f32; C]; V], visible: &[u16], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let (first, second) = split_at(saved, A::COST.saved);
        self.first.forward(x, visible, first, scratch, &pass.child(0));
        self.second.forward(x, visible, second, scratch, &pass.child(1));
    }

    fn backward(
        &self,
        grad: &mut [f32],
        dx: &mut [[f32; C]; V],
        visible: &[u16],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (first, second) = split_at(saved, A::COST.saved);
        let (grad_first, grad_second) = split_at(grad, A::TRAINABLE);
        self.second.backward(grad_second, dx, visible, second, scratch, &pass.child(1));
        self.first.backward(grad_first, dx, visible, first, scratch, &pass.child(0));
    }
}

impl<const N: usize, const V: usize, const C: usize, const L: usize, B: Partial<N, V, C>> Partial<N, V, C> for [B; L] {
    const COST: Cost = B::COST.times(L);

    fn infer(&self, x: &mut [[f32; C]; V], visible: &[u16], scratch: &mut [f32]) {
        for block in self {
            block.infer(x, visible, scratch);
        }
    }

    fn forward(&self, x: &mut [[f32; C]; V], visible: &[u16], mut saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        for (index, block) in self.iter().enumerate() {
            let (own, rest) = split_at(saved, B::COST.saved);
            block.forward(x, visible, own, scratch, &pass.after(index * B::COST.depth));
            saved = rest;
        }
    }

    fn backward(
        &self,
        mut grad: &mut [f32],
        dx: &mut [[f32; C]; V],
        visible: &[u16],
        mut saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        for (index, block) in self.iter().enumerate().rev() {
            let (rest, own) = split_at(saved, index * B::COST.saved);
            let (grad_rest, grad_own) = split_at(grad, index * B::TRAINABLE);
            block.backward(grad_own, dx, visible, own, scratch, &pass.after(index * B::COST.depth));
            (saved, grad) = (rest, grad_rest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Tensor;
    use crate::kernels::gelu::gelu_in_place;
    use crate::nn::block::{MixerBlock, TokenMixing};
    use crate::nn::layer::Axis;
    use std::boxed::Box;
    use std::vec;

    fn tensor<T: Tensor>(phase: f32) -> T {
        let mut tensor = T::ZERO;
        let values = tensor.flat_mut().iter_mut().enumerate();
        values.for_each(|(i, value)| *value = libm::sinf(0.9 * (i + 1) as f32 + phase));
        tensor
    }

    fn parameters<P: Params>() -> Box<P> {
        let (mut tree, mut phase) = (Box::new(P::ZERO), 0.3);
        tree.walk(&mut |_, values| {
            for (i, value) in values.iter_mut().enumerate() {
                *value = 0.5 * libm::sinf(0.9 * (i + 1) as f32 + phase);
            }
            phase += 0.7;
        });
        tree
    }

    /// A block that sees some tokens does what it does to all of them when the normalised tokens that are hidden are zeros and
    /// the others count for `N / V`.
    #[test]
    fn some_tokens_are_all_tokens_with_zeros_behind_the_normalisation() {
        const N: usize = 7;
        const V: usize = 3;
        const WIDTH: usize = 5;
        type Mixing = PreNormResidual<TokenMixing<N, 4>, WIDTH>;
        let block = parameters::<Mixing>();
        let x: [[f32; WIDTH]; N] = tensor(0.4);
        let visible = [5, 0, 2];

        let mut u = x;
        block.norm.infer_in_place(&mut u);
        for (n, u) in u.iter_mut().enumerate() {
            let factor = if visible.contains(&(n as u16)) { N as f32 / V as f32 } else { 0.0 };
            u.iter_mut().for_each(|u| *u *= factor);
        }
        let (mut hidden, mut y) = ([0.0; 4 * WIDTH], [0.0; N * WIDTH]);
        let axis = Axis::Columns { width: WIDTH };
        block.branch.hidden.forward(axis, u.as_flattened(), &mut hidden);
        gelu_in_place(&mut hidden);
        block.branch.output.forward(axis, &hidden, &mut y);

        let mut seen = visible.map(|n| x[usize::from(n)]);
        let mut scratch = vec![0.0; <Mixing as Partial<N, V, WIDTH>>::COST.infer_scratch];
        Partial::<N, V, WIDTH>::infer(&*block, &mut seen, &visible, &mut scratch);
        for (seen, n) in seen.iter().zip(visible.map(usize::from)) {
            for c in 0..WIDTH {
                let expected = x[n][c] + y[n * WIDTH + c];
                assert!((seen[c] - expected).abs() < 1e-6, "token {n}, channel {c}: {} and not {expected}", seen[c]);
            }
        }
    }

    /// With all tokens visible, in order, a partial block is the block.
    #[test]
    fn all_tokens_are_some_of_them() {
        type Stack = [MixerBlock<6, 5, 5, 3>; 2];
        let blocks = parameters::<Stack>();
        let (mut all, mut some): ([[f32; 5]; 6], _) = (tensor(0.2), tensor(0.2));
        Block::infer(&*blocks, &mut all, &mut vec![0.0; <Stack as Block<6, 5>>::COST.infer_scratch]);
        let mut scratch = vec![0.0; <Stack as Partial<6, 6, 5>>::COST.infer_scratch];
        Partial::<6, 6, 5>::infer(&*blocks, &mut some, &[0, 1, 2, 3, 4, 5], &mut scratch);
        assert_eq!(all, some);
        assert_eq!(<Stack as Block<6, 5>>::COST.macs, <Stack as Partial<6, 6, 5>>::COST.macs);
    }
}
