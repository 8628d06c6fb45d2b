//! The model that guesses what is hidden.

use super::loss::reconstruction_loss;
use super::{Encoder, Mask, Replace};
use crate::core::params::{Init, Params, Role};
use crate::core::rng::{Key, Purpose};
use crate::core::tensor::Tensor;
use crate::kernels::fast::{add_scaled, copy};
use crate::nn::block::{Block, max};
use crate::nn::head::Head;
use crate::nn::net::Model;
use crate::nn::pass::Pass;
use crate::nn::stem::Stem;
use crate::nn::update::InPlaceUpdate;

/// Pre-trains stem and blocks of a [`Net`](crate::nn::net::Net) by masked auto-encoding: `V` of the `N` tokens are visible,
/// chosen anew for every sample and step; from what the stem `S` and the blocks `B` make of these, the decoder blocks
/// `D` (none: `()`) and the head `H`, most often a [`ReconstructionHead`](crate::nn::head::ReconstructionHead), guess the
/// patches of the others. `E` says how the blocks see a sample with holes: [`Replace`] or [`Subset`](super::Subset).
///
/// Its output is the loss, the mean squared error of the hidden patches, and its target the sample, so a
/// [`Trainer`](crate::train::Trainer) trains it by [`Reconstruction`](super::Reconstruction), with no target at all.
/// The mask comes from the key of the pass: the same on every device, and drawn again in the backward pass. In
/// evaluation it is always the same one.
///
/// ```
/// use trainlet::nn::block::MixerBlock;
/// use trainlet::nn::head::ReconstructionHead;
/// use trainlet::extra::masked::{MaskedNet, Reconstruction};
/// use trainlet::nn::net::Model;
/// use trainlet::optim::{Adam, AdamConfig, Schedule};
/// use trainlet::core::params::Params;
/// use trainlet::nn::stem::PatchEmbedding;
/// use trainlet::train::{Config, Trainer};
///
/// type Stem = PatchEmbedding<16, 6, 1, 12>;
/// type Blocks = [MixerBlock<16, 12, 16, 24>; 1];
/// /// 8 of 16 time steps are visible; each has 6 values.
/// type Guess = MaskedNet<16, 8, 12, Stem, Blocks, (), ReconstructionHead<12, 6>>;
/// type PreTrainer = Trainer<Guess, Reconstruction, Adam<[f32; Guess::TRAINABLE]>, [f32; Guess::ARENA]>;
///
/// let mut trainer = PreTrainer::ZERO;
/// trainer.init(Config::new(42, Reconstruction, AdamConfig::adam(), Schedule::constant(1e-3)));
/// let window = [[0.1; 6]; 16];
/// let first = trainer.accumulate(&window, &(), 1.0)?;
/// for _ in 0..50 {
///     trainer.step();
///     trainer.accumulate(&window, &(), 1.0)?;
/// }
/// assert!(trainer.evaluate(&window, &())?.loss < 0.5 * first);
/// # Ok::<(), trainlet::nn::loss::InvalidTarget>(())
/// ```
pub struct MaskedNet<const N: usize, const V: usize, const C: usize, S, B, D, H, E = Replace> {
    /// `embed`
    pub stem: S,
    /// `blocks.0`, `blocks.1`, …
    pub blocks: B,
    /// What is thrown away after the pre-training.
    pub task: PretextTask<C, D, H>,
    encoder: core::marker::PhantomData<E>,
}

crate::params! {
    [const N: usize, const V: usize, const C: usize, S: Params, B: Params, D: Params, H: Params, E]
    MaskedNet<N, V, C, S, B, D, H, E> {
        stem: tree(S, "embed"),
        blocks: tree(B, "blocks"),
        task: tree(PretextTask<C, D, H>, "pretext"),
        encoder: tree(core::marker::PhantomData<E>),
    }
}

/// What guesses hidden patches from the tokens of the blocks.
pub struct PretextTask<const C: usize, D, H> {
    /// `pretext.mask_token`
    pub mask_token: MaskToken<C>,
    /// `pretext.decoder.0`, `pretext.decoder.1`, …
    pub decoder: D,
    /// `pretext.norm` and `pretext.head`
    pub head: H,
}

crate::params! {
    [const C: usize, D: Params, H: Params] PretextTask<C, D, H> {
        mask_token: tree(MaskToken<C>),
        decoder: tree(D, "decoder"),
        head: tree(H),
    }
}

/// The learnt token that stands for every hidden one.
pub struct MaskToken<const C: usize> {
    /// `[channels]`, starts as a bias of the stem does
    pub mask_token: [f32; C],
}

crate::params! {
    [const C: usize] MaskToken<C> {
        mask_token: leaf(Role::Bias, [C], Init::FanIn(C)),
    }
}

/// A model whose stem and blocks are of use to another.
pub trait Pretext: Model<Input: Tensor, Output = [f32; 1]> {
    /// Number of tokens.
    const TOKENS: usize;
    /// How many of them are visible.
    const VISIBLE: usize;
    /// How many of its weights, the first of the walk, the other model has too, also as its first.
    const SHARED: usize;
}

/// The arena of a training pass, cut.
struct Parts<'a, const N: usize, const C: usize, O> {
    x: &'a mut [[f32; C]; N],
    stem: &'a mut [f32],
    blocks: &'a mut [f32],
    decoder: &'a mut [f32],
    head: &'a mut [f32],
    /// What the head guesses, then the gradient of the loss with respect to it.
    guess: &'a mut O,
    scratch: &'a mut [f32],
}

impl<const N: usize, const V: usize, const C: usize, S, B, D, H, E> MaskedNet<N, V, C, S, B, D, H, E>
where
    S: Stem<N, C, Input: Tensor>,
    B: Params,
    D: Block<N, C>,
    H: Head<N, C>,
    E: Encoder<N, V, C, B>,
{
    /// Values of a patch.
    const PATCH: usize = {
        let () = Mask::<N, V>::CHECKED;
        let patch = H::Output::LEN / N;
        assert!(
            patch > 0 && H::Output::LEN == N * patch && <S::Input as Tensor>::LEN.div_ceil(patch) == N,
            "the head guesses another number of values than a patch has: write ReconstructionHead<C, P> with P = positions \
             in a patch times features"
        );
        patch
    };

    /// A copy of the sample with holes, for a stem that would let hidden patches through.
    const HOLED: usize = if S::PATCHWISE { 0 } else { S::Input::LEN };

    fn cut(arena: &mut [f32]) -> Option<Parts<'_, N, C, H::Output>> {
        let (x, rest) = Tensor::split_from(arena)?;
        let (stem, rest) = rest.split_at_mut_checked(S::SAVED)?;
        let (blocks, rest) = rest.split_at_mut_checked(E::SAVED)?;
        let (decoder, rest) = rest.split_at_mut_checked(D::SAVED)?;
        let (head, rest) = rest.split_at_mut_checked(H::SAVED)?;
        let (guess, scratch) = Tensor::split_from(rest)?;
        Some(Parts { x, stem, blocks, decoder, head, guess, scratch })
    }

    /// The mask of a training pass.
    fn mask(pass: &Pass) -> Mask<N, V> {
        Mask::draw(pass.child(4).key())
    }

    fn decoder_pass<'a>(pass: &Pass<'a>) -> Pass<'a> {
        pass.child(2).after(E::DEPTH)
    }

    fn head_pass<'a>(pass: &Pass<'a>) -> Pass<'a> {
        pass.child(3).after(E::DEPTH + D::DEPTH)
    }

    /// What the stem may see of a sample, and the rest of `scratch`.
    fn seen<'a>(
        input: &'a S::Input,
        mask: &Mask<N, V>,
        scratch: &'a mut [f32],
    ) -> Option<(&'a S::Input, &'a mut [f32])> {
        if S::PATCHWISE {
            return Some((input, scratch));
        }
        let (holed, scratch) = S::Input::split_from(scratch)?;
        copy(holed.flat_mut(), input.flat());
        for (patch, hidden) in holed.flat_mut().chunks_mut(Self::PATCH.max(1)).zip(mask.hidden()) {
            if hidden {
                patch.fill(0.0);
            }
        }
        Some((holed, scratch))
    }

    /// Writes the head's guesses of all patches, of which those of hidden tokens mean something. `arena` has at least
    /// [`INFER`](Model::INFER) values.
    pub fn reconstruct(&self, input: &S::Input, mask: &Mask<N, V>, guess: &mut H::Output, arena: &mut [f32]) {
        let Some((x, scratch)) = Tensor::split_from(arena) else { return };
        let Some((seen, stem_scratch)) = Self::seen(input, mask, scratch) else { return };
        self.stem.infer(seen, x, stem_scratch);
        E::infer(&self.blocks, &self.task.mask_token.mask_token, mask, x, scratch);
        self.task.decoder.infer(x, scratch);
        self.task.head.infer(x, guess, scratch);
    }

    /// Adds the gradient of the mask token, and leaves none for the tokens that it stood for.
    fn token_backward(grad: &mut [f32], mask: &Mask<N, V>, dx: &mut [[f32; C]; N]) {
        for (dx, hidden) in dx.iter_mut().zip(mask.hidden()) {
            if hidden {
                add_scaled(grad, dx, 1.0);
                dx.fill(0.0);
            }
        }
    }
}

/// The gradient with respect to the guesses, times that with respect to the loss.
fn scale_by<O: Tensor>(guess: &mut O, [doutput]: &[f32; 1]) {
    guess.flat_mut().iter_mut().for_each(|d| *d *= doutput);
}

impl<const N: usize, const V: usize, const C: usize, S, B, D, H, E> Pretext for MaskedNet<N, V, C, S, B, D, H, E>
where
    S: Stem<N, C, Input: Tensor>,
    B: Params,
    D: Block<N, C>,
    H: Head<N, C>,
    E: Encoder<N, V, C, B>,
{
    const TOKENS: usize = N;
    const VISIBLE: usize = V;
    const SHARED: usize = S::COUNT + B::COUNT;
}

impl<const N: usize, const V: usize, const C: usize, S, B, D, H, E> Model for MaskedNet<N, V, C, S, B, D, H, E>
where
    S: Stem<N, C, Input: Tensor>,
    B: Params,
    D: Block<N, C>,
    H: Head<N, C>,
    E: Encoder<N, V, C, B>,
{
    type Input = S::Input;
    /// The loss.
    type Output = [f32; 1];
    const DEPTH: usize = E::DEPTH + D::DEPTH + H::DEPTH;
    const STREAM: usize = N * C;
    const SAVED: usize = {
        assert!(!D::FROZEN, "the decoder is trained together with the blocks: take `Frozen` away");
        S::SAVED + E::SAVED + D::SAVED + H::SAVED + N * Self::PATCH
    };
    const SCRATCH: usize = max(max(Self::HOLED + S::SCRATCH, E::SCRATCH), max(D::SCRATCH, H::SCRATCH));
    const INFER: usize =
        Self::STREAM + N * Self::PATCH + max(max(Self::HOLED + S::INFER, E::INFER), max(D::INFER, H::INFER));
    const UNIT: usize = max(max(S::TRAINABLE, E::UNIT), max(max(D::UNIT, H::UNIT), MaskToken::<C>::TRAINABLE));
    const MACS: usize = S::MACS + E::MACS + D::MACS + H::MACS;
    const TRAIN_MACS: usize = S::TRAIN_MACS + E::TRAIN_MACS + D::TRAIN_MACS + H::TRAIN_MACS;

    #[inline(never)]
    fn infer(&self, input: &S::Input, [loss]: &mut [f32; 1], arena: &mut [f32]) {
        let mask = Mask::draw(const { Key::new(0, Purpose::Mask) });
        let Some((guess, arena)) = H::Output::split_from(arena) else { return };
        self.reconstruct(input, &mask, guess, arena);
        *loss = reconstruction_loss(guess.flat_mut(), input.flat(), Self::PATCH, &mask);
    }

    #[inline(never)]
    fn forward(&self, input: &S::Input, [loss]: &mut [f32; 1], arena: &mut [f32], pass: &Pass) {
        let Some(Parts { x, stem, blocks, decoder, head, guess, scratch }) = Self::cut(arena) else { return };
        let mask = Self::mask(pass);
        let Some((seen, stem_scratch)) = Self::seen(input, &mask, scratch) else { return };
        self.stem.forward(seen, x, stem, stem_scratch, &pass.child(0));
        let token = &self.task.mask_token.mask_token;
        E::forward(&self.blocks, token, &mask, x, blocks, scratch, &pass.child(1));
        self.task.decoder.forward(x, decoder, scratch, &Self::decoder_pass(pass));
        self.task.head.forward(x, guess, head, scratch, &Self::head_pass(pass));
        *loss = reconstruction_loss(guess.flat_mut(), input.flat(), Self::PATCH, &mask);
    }

    #[inline(never)]
    fn backward(&self, grad: &mut [f32], input: &S::Input, doutput: &[f32; 1], arena: &mut [f32], pass: &Pass) {
        let Some(Parts { x, stem, blocks, decoder, head, guess, scratch }) = Self::cut(arena) else { return };
        let Some((grad_stem, grad)) = grad.split_at_mut_checked(S::TRAINABLE) else { return };
        let Some((grad_blocks, grad)) = grad.split_at_mut_checked(B::TRAINABLE) else { return };
        let Some((grad_token, grad)) = grad.split_at_mut_checked(C) else { return };
        let Some((grad_decoder, grad_head)) = grad.split_at_mut_checked(D::TRAINABLE) else { return };
        let mask = Self::mask(pass);
        scale_by(guess, doutput);
        self.task.head.backward(grad_head, x, guess, head, scratch, &Self::head_pass(pass));
        self.task.decoder.backward(grad_decoder, x, decoder, scratch, &Self::decoder_pass(pass));
        E::backward(&self.blocks, grad_blocks, &mask, x, blocks, scratch, &pass.child(1));
        Self::token_backward(grad_token, &mask, x);
        let Some((seen, scratch)) = Self::seen(input, &mask, scratch) else { return };
        self.stem.backward(grad_stem, seen, x, stem, scratch, &pass.child(0));
    }

    #[inline(never)]
    fn backward_update(
        &mut self,
        updates: &mut InPlaceUpdate,
        input: &S::Input,
        doutput: &[f32; 1],
        arena: &mut [f32],
        pass: &Pass,
    ) {
        let Some(Parts { x, stem, blocks, decoder, head, guess, scratch }) = Self::cut(arena) else { return };
        let mask = Self::mask(pass);
        scale_by(guess, doutput);
        self.task.head.backward_update(updates, x, guess, head, scratch, &Self::head_pass(pass));
        self.task.decoder.backward_update(updates, x, decoder, scratch, &Self::decoder_pass(pass));
        let place = updates.reserve::<MaskToken<C>>();
        E::backward_update(&mut self.blocks, updates, &mask, x, blocks, scratch, &pass.child(1));
        updates.unit_at(place, &mut self.task.mask_token, |_, grad| Self::token_backward(grad, &mask, x));
        let Some((seen, scratch)) = Self::seen(input, &mask, scratch) else { return };
        self.stem.backward_update(updates, seen, x, stem, scratch, &pass.child(0));
    }
}
