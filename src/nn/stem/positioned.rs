//! A bias of each token's own.

use super::Stem;
use crate::core::layout::split_at;
use crate::core::params::{Init, Params, Role};
use crate::core::size::Cost;
use crate::kernels::arch::add_scaled;
use crate::nn::graph::Graph;
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
    const COST: Cost = Cost { max_grad: Self::TRAINABLE, ..S::COST };
    const GRAPH: Graph = Graph::Sequence(&[S::GRAPH, Graph::Offset("position")]);

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
        let (grad, dposition) = split_at(grad, S::TRAINABLE);
        add_scaled(dposition, dx.as_flattened(), 1.0);
        self.stem.backward(grad, input, dx, saved, scratch, pass);
    }
}
