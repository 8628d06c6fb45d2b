//! A model: stem, blocks, head, and the arena that its activations need.

use crate::core::layout::{Layout, split_array};
use crate::core::params::Params;
use crate::core::size::Cost;
use crate::core::tensor::Tensor;
use crate::nn::block::Block;
use crate::nn::graph::Graph;
use crate::nn::head::Head;
use crate::nn::pass::Pass;
use crate::nn::stem::Stem;
use crate::nn::update::InPlaceUpdate;

/// Something that can be trained: outputs from a sample, and the gradient of its parameters.
///
/// A pass works in a stretch of `f32` that the caller owns, of which the model's type knows the length, larger for training
/// than for evaluation. In front lies the stream, then what is kept for the backward pass, then scratch.
pub trait Model: Params {
    /// A sample, `[positions][features]`.
    type Input;
    /// Logits or values, `[outputs]`.
    type Output: Tensor;
    /// What it takes beside stream and weights: memory and computing.
    const COST: Cost;
    /// What it computes, for programs that write it in another form.
    const GRAPH: Graph = Graph::Unknown;
    /// `f32` of the stream.
    const STREAM: usize;
    /// `f32` of a training pass.
    const ACTIVATIONS: usize = Self::STREAM + Self::COST.saved + Self::COST.scratch;
    /// `f32` of the arena of a [`Predictor`](crate::train::Predictor): an evaluation.
    const INFER_ARENA: usize = Self::STREAM + Self::COST.infer_scratch;
    /// `f32` of the arena of a [`Trainer`](crate::train::Trainer): gradient and activations.
    const ARENA: usize = Self::TRAINABLE + Self::ACTIVATIONS;
    /// `f32` of the arena of an [`Online`](crate::train::Online) trainer: the longest gradient, and activations.
    const ONLINE_ARENA: usize = Self::COST.max_grad + Self::ACTIVATIONS;

    /// Evaluation: the outputs for a sample, with nothing random in them. `arena` has at least
    /// [`INFER_ARENA`](Self::INFER_ARENA) values.
    fn infer(&self, input: &Self::Input, output: &mut Self::Output, arena: &mut [f32]);

    /// Training: the outputs for a sample. `arena` has at least [`ACTIVATIONS`](Self::ACTIVATIONS) values and must stay as
    /// it is until [`backward`](Self::backward).
    fn forward(&self, input: &Self::Input, output: &mut Self::Output, arena: &mut [f32], pass: &Pass);

    /// Adds to `grad`, [`TRAINABLE`](Params::TRAINABLE) values long, the gradient of the parameters for the sample of the last
    /// [`forward`](Self::forward), from `doutput`, the gradient with respect to its outputs.
    fn backward(&self, grad: &mut [f32], input: &Self::Input, doutput: &Self::Output, arena: &mut [f32], pass: &Pass);

    /// Pieces that a training pass can be cut into, so that there is time for something else between them.
    const PIECES: usize = 1;

    /// Piece number `piece` of [`forward`](Self::forward); the first comes first. The outputs are there after the last.
    fn forward_piece(
        &self,
        _piece: usize,
        input: &Self::Input,
        output: &mut Self::Output,
        arena: &mut [f32],
        pass: &Pass,
    ) {
        self.forward(input, output, arena, pass);
    }

    /// Piece number `piece` of [`backward`](Self::backward); the last comes first.
    fn backward_piece(
        &self,
        _piece: usize,
        grad: &mut [f32],
        input: &Self::Input,
        doutput: &Self::Output,
        arena: &mut [f32],
        pass: &Pass,
    ) {
        self.backward(grad, input, doutput, arena, pass);
    }

    /// The backward pass that changes the weights as it goes, so that no gradient of the whole model is kept.
    fn backward_update(
        &mut self,
        update: &mut InPlaceUpdate,
        input: &Self::Input,
        doutput: &Self::Output,
        arena: &mut [f32],
        pass: &Pass,
    );
}

/// A model on a stream of `N` tokens with `C` channels: a stem writes it, residual blocks update it in place, a head
/// reads it.
///
/// ```
/// use trainlet::nn::block::MixerBlock;
/// use trainlet::nn::head::MeanHead;
/// use trainlet::nn::net::{Model, Net};
/// use trainlet::core::params::Params;
/// use trainlet::nn::stem::PatchEmbedding;
///
/// /// 16 time steps of 6 features, 12 channels, one Mixer block, 7 classes.
/// type Watch = Net<16, 12, PatchEmbedding<16, 6, 1, 12>, [MixerBlock<16, 12, 16, 24>; 1], MeanHead<12, 7>>;
/// assert_eq!(Watch::COUNT, 1403);
/// assert!(Watch::INFER_ARENA < Watch::ARENA);
/// ```
pub struct Net<const N: usize, const C: usize, S: Stem<N, C>, B: Block<N, C>, H: Head<N, C>> {
    /// `embed`
    pub stem: S,
    /// `blocks.0`, `blocks.1`, …
    pub blocks: B,
    /// `norm` and `head`
    pub head: H,
}

crate::params! {
    [const N: usize, const C: usize, S: Stem<N, C>, B: Block<N, C>, H: Head<N, C>] Net<N, C, S, B, H> {
        stem: tree(S, "embed"),
        blocks: tree(B, "blocks"),
        head: tree(H),
    }
}

impl<const N: usize, const C: usize, S: Stem<N, C>, B: Block<N, C>, H: Head<N, C>> Net<N, C, S, B, H> {
    /// What stem, blocks and head keep; scratch follows.
    const SAVED: Layout<3> = Layout([S::COST.saved, B::COST.saved, H::COST.saved]);

    /// Evaluation as far as the last layer: the features that the head makes of a sample ([`Head::features`]). `arena` has at least
    /// [`INFER_ARENA`](Model::INFER_ARENA) values.
    #[inline(never)]
    pub fn features(&self, input: &S::Input, features: &mut [f32; C], arena: &mut [f32]) {
        let (x, scratch) = split_array(arena);
        self.stem.infer(input, x, scratch);
        self.blocks.infer(x, scratch);
        self.head.features(x, features, scratch);
    }

    /// The pass of the head.
    fn behind_blocks<'a>(pass: &Pass<'a>) -> Pass<'a> {
        pass.child(2).after(B::COST.depth)
    }
}

impl<const N: usize, const C: usize, S: Stem<N, C>, B: Block<N, C>, H: Head<N, C>> Model for Net<N, C, S, B, H> {
    type Input = S::Input;
    type Output = H::Output;
    const STREAM: usize = N * C;
    const COST: Cost = {
        assert!(N > 0 && C > 0, "a network needs a token and a channel: write 1 or more for N and for C");
        assert!(
            !B::FROZEN || S::TRAINABLE == 0,
            "the stem is trained although blocks after it are frozen: write Frozen<..> around the stem as well"
        );
        S::COST.then(B::COST).then(H::COST)
    };
    const GRAPH: Graph =
        Graph::Sequence(&[Graph::Named("embed", &S::GRAPH), Graph::Named("blocks", &B::GRAPH), H::GRAPH]);
    /// Stem, blocks one by one, head.
    const PIECES: usize = B::PIECES + 2;

    #[inline(never)]
    fn infer(&self, input: &S::Input, output: &mut H::Output, arena: &mut [f32]) {
        let (x, scratch) = split_array(arena);
        self.stem.infer(input, x, scratch);
        self.blocks.infer(x, scratch);
        self.head.infer(x, output, scratch);
    }

    #[inline(never)]
    fn forward(&self, input: &S::Input, output: &mut H::Output, arena: &mut [f32], pass: &Pass) {
        let (x, arena) = split_array(arena);
        let ([stem, blocks, head], scratch) = Self::SAVED.split(arena);
        self.stem.forward(input, x, stem, scratch, &pass.child(0));
        self.blocks.forward(x, blocks, scratch, &pass.child(1));
        self.head.forward(x, output, head, scratch, &Self::behind_blocks(pass));
    }

    #[inline(never)]
    fn backward(&self, grad: &mut [f32], input: &S::Input, doutput: &H::Output, arena: &mut [f32], pass: &Pass) {
        let (x, arena) = split_array(arena);
        let ([stem, blocks, head], scratch) = Self::SAVED.split(arena);
        let ([grad_stem, grad_blocks], grad_head) = Layout([S::TRAINABLE, B::TRAINABLE]).split(grad);
        self.head.backward(grad_head, x, doutput, head, scratch, &Self::behind_blocks(pass));
        self.blocks.backward(grad_blocks, x, blocks, scratch, &pass.child(1));
        self.stem.backward(grad_stem, input, x, stem, scratch, &pass.child(0));
    }

    #[inline(never)]
    fn forward_piece(&self, piece: usize, input: &S::Input, output: &mut H::Output, arena: &mut [f32], pass: &Pass) {
        let (x, arena) = split_array(arena);
        let ([stem, blocks, head], scratch) = Self::SAVED.split(arena);
        match piece.checked_sub(1) {
            None => self.stem.forward(input, x, stem, scratch, &pass.child(0)),
            Some(piece) if piece < B::PIECES => {
                self.blocks.forward_piece(piece, x, blocks, scratch, &pass.child(1));
            }
            Some(_) => self.head.forward(x, output, head, scratch, &Self::behind_blocks(pass)),
        }
    }

    #[inline(never)]
    fn backward_piece(
        &self,
        piece: usize,
        grad: &mut [f32],
        input: &S::Input,
        doutput: &H::Output,
        arena: &mut [f32],
        pass: &Pass,
    ) {
        let (x, arena) = split_array(arena);
        let ([stem, blocks, head], scratch) = Self::SAVED.split(arena);
        let ([grad_stem, grad_blocks], grad_head) = Layout([S::TRAINABLE, B::TRAINABLE]).split(grad);
        match piece.checked_sub(1) {
            None => self.stem.backward(grad_stem, input, x, stem, scratch, &pass.child(0)),
            Some(piece) if piece < B::PIECES => {
                self.blocks.backward_piece(piece, grad_blocks, x, blocks, scratch, &pass.child(1));
            }
            Some(_) => self.head.backward(grad_head, x, doutput, head, scratch, &Self::behind_blocks(pass)),
        }
    }

    #[inline(never)]
    fn backward_update(
        &mut self,
        update: &mut InPlaceUpdate,
        input: &S::Input,
        doutput: &H::Output,
        arena: &mut [f32],
        pass: &Pass,
    ) {
        let (x, arena) = split_array(arena);
        let ([stem, blocks, head], scratch) = Self::SAVED.split(arena);
        self.head.backward_update(update, x, doutput, head, scratch, &Self::behind_blocks(pass));
        self.blocks.backward_update(update, x, blocks, scratch, &pass.child(1));
        self.stem.backward_update(update, input, x, stem, scratch, &pass.child(0));
    }
}
