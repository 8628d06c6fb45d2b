//! A bias of each token's own.

use super::Stem;
use crate::core::params::{Init, Params, Role};
use crate::kernels::fast::add_scaled;
use crate::nn::pass::Pass;

/// The stem `S` with a learned bias for each of its `N` tokens of `C` channels, which starts at 0: patches that one layer
/// embeds do not say where they come from, and what shares weights over the tokens cannot know.
pub struct Positioned<S, const N: usize, const C: usize> {
    /// The stem.
    pub stem: S,
    /// `[token][channel]`
    pub position: [[f32; C]; N],
}

crate::params! {
    [S: Params, const N: usize, const C: usize] Positioned<S, N, C> {
        stem: tree(S),
        position: leaf(Role::Bias, [N, C], Init::Constant(0.0)),
    }
}

impl<S: Params, const N: usize, const C: usize> Positioned<S, N, C> {
    fn add_to(&self, x: &mut [[f32; C]; N]) {
        add_scaled(x.as_flattened_mut(), self.position.as_flattened(), 1.0);
    }
}

impl<S: Stem<N, C>, const N: usize, const C: usize> Stem<N, C> for Positioned<S, N, C> {
    type Input = S::Input;
    const PATCHWISE: bool = S::PATCHWISE;
    const SAVED: usize = S::SAVED;
    const SCRATCH: usize = S::SCRATCH;
    const INFER: usize = S::INFER;
    const MACS: usize = S::MACS;
    const TRAIN_MACS: usize = S::TRAIN_MACS;

    fn infer(&self, input: &S::Input, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        self.stem.infer(input, x, scratch);
        self.add_to(x);
    }

    fn forward(&self, input: &S::Input, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        self.stem.forward(input, x, saved, scratch, pass);
        self.add_to(x);
    }

    fn backward(
        &self,
        grad: &mut [f32],
        input: &S::Input,
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let Some((grad, dposition)) = grad.split_at_mut_checked(S::TRAINABLE) else { return };
        add_scaled(dposition, dx.as_flattened(), 1.0);
        self.stem.backward(grad, input, dx, saved, scratch, pass);
    }
}
