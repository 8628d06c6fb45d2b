//! Normalisation, activation and linear map, one after the other: what stands inside a residual block of convolutions.

use core::marker::PhantomData;

use crate::core::layout::{Layout, front, split_at, tokens};
use crate::core::params::{Label, Params};
use crate::core::size::Cost;
use crate::kernels::arch::multiply;
use crate::nn::graph::Graph;
use crate::nn::layer::{Activation, LayerNorm, Relu, TokenMap};
use crate::nn::pass::Pass;

/// LayerNorm over `C` channels, activation, linear map.
pub struct NormActMap<L, const C: usize, M, A = Relu> {
    /// `norm1`, `norm2` or `norm3`
    pub norm: LayerNorm<C>,
    /// `conv1`, `conv2` or `conv3`
    pub map: M,
    choice: PhantomData<(L, A)>,
}

crate::params! {
    [L: Place, const C: usize, M: Params, A] NormActMap<L, C, M, A> {
        norm: tree(LayerNorm<C>, L::LABEL.norm),
        map: tree(M, L::LABEL.branch),
        choice: tree(PhantomData<(L, A)>),
    }
}

/// The place of a map in its block, which gives its parameters their names.
pub(crate) trait Place {
    const LABEL: Label;
}

macro_rules! place {
    ($name:ident $conv:literal $norm:literal) => {
        #[doc = concat!("The place in a block that gives parameters the names `", $conv, "` and `", $norm, "`.")]
        pub struct $name;

        impl Place for $name {
            const LABEL: Label = Label { branch: $conv, norm: $norm };
        }
    };
}
place!(First "conv1" "norm1");
place!(Second "conv2" "norm2");
place!(Third "conv3" "norm3");

/// A [`NormActMap`], or a pair of such maps, one after the other.
pub(crate) trait StreamMap<const N: usize>: Params {
    /// Channels of the input.
    const IN: usize;
    /// Channels of the output.
    const OUT: usize;
    /// Memory and computing. What is saved includes the input.
    const COST: Cost;
    /// What it computes.
    const GRAPH: Graph;

    /// Evaluation: `x` may be overwritten.
    fn infer(&self, x: &mut [f32], y: &mut [f32], scratch: &mut [f32]);

    /// Training: the input is in front of `saved`, and may become something else.
    fn forward(&self, saved: &mut [f32], y: &mut [f32], scratch: &mut [f32], pass: &Pass);

    /// `dx` becomes the gradient with respect to the input; adds to `grad`.
    fn backward(
        &self,
        grad: &mut [f32],
        saved: &mut [f32],
        dy: &[f32],
        dx: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    );
}

/// x̂ and 1/σ of the normalisation are kept; the map's own follow. In the backward pass scratch holds the activation and its
/// slope.
impl<const N: usize, L: Place, const C: usize, M: TokenMap<N>, A: Activation> StreamMap<N> for NormActMap<L, C, M, A> {
    const IN: usize = C;
    const OUT: usize = M::OUT;
    const COST: Cost = {
        assert!(M::IN == C, "the map takes another number of channels than there are");
        let saved = LayerNorm::<C>::kept(N).total() + M::COST.saved;
        Cost { saved, scratch: 2 * N * C + M::COST.scratch, ..M::COST }
    };
    const GRAPH: Graph = Graph::Sequence(&[
        Graph::Named(L::LABEL.norm, &Graph::LayerNorm),
        A::GRAPH,
        Graph::Named(L::LABEL.branch, &M::GRAPH),
    ]);

    fn infer(&self, x: &mut [f32], y: &mut [f32], scratch: &mut [f32]) {
        self.norm.infer_in_place(tokens(x));
        A::apply_in_place(x);
        self.map.infer(x, y, scratch);
    }

    fn forward(&self, saved: &mut [f32], y: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let ([normalized, rstd], saved) = LayerNorm::<C>::kept(N).split(saved);
        let normalized = tokens(normalized);
        let (active, scratch) = split_at(scratch, N * C);
        LayerNorm::normalize(normalized, rstd);
        self.norm.affine(normalized, tokens(active));
        pass.record::<A>(&self.norm.bias, active);
        A::apply_in_place(active);
        pass.dropout_rows(active, C);
        self.map.forward(active, y, saved, scratch);
    }

    fn backward(
        &self,
        grad: &mut [f32],
        saved: &mut [f32],
        dy: &[f32],
        dx: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let ([normalized, rstd], saved) = LayerNorm::<C>::kept(N).split(saved);
        let normalized = tokens(normalized);
        let ([active, slope], scratch) = Layout([N * C, N * C]).split(scratch);
        let (grad_norm, grad_map) = split_at(grad, LayerNorm::<C>::TRAINABLE);
        self.norm.affine(normalized, tokens(slope));
        A::apply_with_slope(slope, active);
        pass.dropout_rows(active, C);
        self.map.backward(grad_map, active, dy, dx, saved, scratch);
        pass.dropout_rows(dx, C);
        multiply(dx, slope);
        self.norm.backward(grad_norm, normalized, rstd, tokens(dx));
    }
}

impl<const N: usize, A: StreamMap<N>, B: StreamMap<N>> StreamMap<N> for (A, B) {
    const IN: usize = A::IN;
    const OUT: usize = B::OUT;
    const COST: Cost = {
        assert!(A::OUT == B::IN, "the second map takes other channels than the first gives");
        A::COST.then(B::COST).plus_scratch(N * B::IN)
    };
    const GRAPH: Graph = Graph::List(&[A::GRAPH, B::GRAPH]);

    fn infer(&self, x: &mut [f32], y: &mut [f32], scratch: &mut [f32]) {
        let (between, scratch) = split_at(scratch, N * B::IN);
        self.0.infer(x, between, scratch);
        self.1.infer(between, y, scratch);
    }

    fn forward(&self, saved: &mut [f32], y: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let (first, second) = split_at(saved, A::COST.saved);
        let between = front(second, N * B::IN);
        self.0.forward(first, between, scratch, &pass.child(0));
        self.1.forward(second, y, scratch, &pass.child(1));
    }

    fn backward(
        &self,
        grad: &mut [f32],
        saved: &mut [f32],
        dy: &[f32],
        dx: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let (first, second) = split_at(saved, A::COST.saved);
        let (grad_first, grad_second) = split_at(grad, A::TRAINABLE);
        let (dbetween, scratch) = split_at(scratch, N * B::IN);
        self.1.backward(grad_second, second, dy, dbetween, scratch, &pass.child(1));
        self.0.backward(grad_first, first, dbetween, dx, scratch, &pass.child(0));
    }
}
