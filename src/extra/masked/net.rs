//! The model that guesses what is hidden.

use super::loss::reconstruction_loss;
use super::{Encoder, Inputs, Mask, MaskToken, PretextTask, Replace, Target};
use crate::core::layout::{Layout, split_array};
use crate::core::params::Params;
use crate::core::rng::{Key, Purpose};
use crate::core::size::Cost;
use crate::core::tensor::Tensor;
use crate::kernels::arch::{add_scaled, copy};
use crate::nn::block::Block;
use crate::nn::head::Head;
use crate::nn::net::Model;
use crate::nn::pass::Pass;
use crate::nn::stem::Stem;
use crate::nn::update::InPlaceUpdate;

/// Pre-trains stem and blocks of a [`Net`](crate::nn::net::Net) by masked auto-encoding: some of the tokens are visible, chosen
/// anew for every sample and step, and the patches of the others are predicted from them.
///
/// - `N`: tokens of a sample
/// - `V`: how many of them are visible
/// - `C`: channels of the stream
/// - `S`: the stem
/// - `B`: the blocks
/// - `D`: decoder blocks, `()` for none
/// - `H`: the head that predicts patches, most often a [`ReconstructionHead`](crate::nn::head::ReconstructionHead)
/// - `E`: how the blocks see a sample with hidden tokens: [`Replace`] or [`Subset`](super::Subset)
/// - `T`: what is predicted of a hidden token: its patch, [`Inputs`], or its [`Latents`](super::Latents)
///
/// Its output is the loss, the mean squared error of the hidden tokens, and its target comes from the sample, so a
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
/// trainer.init(Config::new(42, Reconstruction, AdamConfig::adam(), Schedule::constant(1e-3)))?;
/// let window = [[0.1; 6]; 16];
/// let first = trainer.accumulate(&window, &(), 1.0)?;
/// for _ in 0..50 {
///     trainer.step();
///     trainer.accumulate(&window, &(), 1.0)?;
/// }
/// assert!(trainer.evaluate(&window, &())?.loss < 0.5 * first);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct MaskedNet<const N: usize, const V: usize, const C: usize, S, B, D, H, E = Replace, T = Inputs> {
    /// `embed`
    pub stem: S,
    /// `blocks.0`, `blocks.1`, …
    pub blocks: B,
    /// What is thrown away after the pre-training.
    pub task: PretextTask<C, D, H>,
    kind: core::marker::PhantomData<(E, T)>,
}

crate::params! {
    [const N: usize, const V: usize, const C: usize, S: Params, B: Params, D: Params, H: Params, E, T]
    MaskedNet<N, V, C, S, B, D, H, E, T> {
        stem: tree(S, "embed"),
        blocks: tree(B, "blocks"),
        task: tree(PretextTask<C, D, H>, "pretext"),
        kind: tree(core::marker::PhantomData<(E, T)>),
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

#[expect(private_bounds, reason = "`Replace` and `Subset`, `Inputs` and `Latents` are all that there are")]
impl<const N: usize, const V: usize, const C: usize, S, B, D, H, E, T> MaskedNet<N, V, C, S, B, D, H, E, T>
where
    S: Stem<N, C, Input: Tensor>,
    B: Params,
    D: Block<N, C>,
    H: Head<N, C>,
    E: Encoder<N, V, C, B>,
    T: Target<N, C, S, B, H>,
{
    /// Values that are predicted of a token.
    const VALUES: usize = {
        let () = Mask::<N, V>::CHECKED;
        T::VALUES
    };

    /// A copy of the sample with holes, for a stem that would let hidden patches through.
    const HOLED: usize = if S::PATCHWISE { 0 } else { S::Input::LEN };

    /// What stem, blocks, decoder and head keep. What the head guesses, later the gradient of the loss with respect to it,
    /// follows, then scratch.
    const SAVED: Layout<4> = Layout([S::COST.saved, E::COST.saved, D::COST.saved, H::COST.saved]);

    /// The mask of a training pass.
    fn mask(pass: &Pass) -> Mask<N, V> {
        Mask::draw(pass.child(4).key())
    }

    fn decoder_pass<'a>(pass: &Pass<'a>) -> Pass<'a> {
        pass.child(2).after(E::COST.depth)
    }

    fn head_pass<'a>(pass: &Pass<'a>) -> Pass<'a> {
        pass.child(3).after(E::COST.depth + D::COST.depth)
    }

    /// Runs the stem on what it may see of a sample, with the rest of `scratch`.
    fn with_seen(input: &S::Input, mask: &Mask<N, V>, scratch: &mut [f32], stem: impl FnOnce(&S::Input, &mut [f32])) {
        if S::PATCHWISE {
            return stem(input, scratch);
        }
        let (holed, scratch) = split_array(scratch);
        copy(S::Input::flat_mut(holed), input.flat());
        for (patch, hidden) in holed.flat_mut().chunks_mut(T::PATCH.max(1)).zip(mask.hidden()) {
            if hidden {
                patch.fill(0.0);
            }
        }
        stem(holed, scratch);
    }

    /// Writes the head's guesses of all tokens, of which those of hidden tokens mean something. `arena` has at least
    /// [`INFER_ARENA`](Model::INFER_ARENA) values.
    pub fn reconstruct(&self, input: &S::Input, mask: &Mask<N, V>, guess: &mut H::Output, arena: &mut [f32]) {
        let (x, scratch) = split_array(arena);
        Self::with_seen(input, mask, scratch, |seen, scratch| self.stem.infer(seen, x, scratch));
        E::infer(&self.blocks, &self.task.mask_token.mask_token, mask, x, scratch);
        self.task.decoder.infer(x, scratch);
        self.task.head.infer(x, guess, scratch);
    }

    /// The loss of a guess, which becomes its derivative.
    fn loss(&self, guess: &mut H::Output, input: &S::Input, mask: &Mask<N, V>, scratch: &mut [f32]) -> f32 {
        T::with(&self.stem, &self.blocks, input, scratch, |target| {
            reconstruction_loss(guess.flat_mut(), target, Self::VALUES, mask)
        })
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

impl<const N: usize, const V: usize, const C: usize, S, B, D, H, E, T> Pretext for MaskedNet<N, V, C, S, B, D, H, E, T>
where
    S: Stem<N, C, Input: Tensor>,
    B: Params,
    D: Block<N, C>,
    H: Head<N, C>,
    E: Encoder<N, V, C, B>,
    T: Target<N, C, S, B, H>,
{
    const TOKENS: usize = N;
    const VISIBLE: usize = V;
    const SHARED: usize = S::COUNT + B::COUNT;
}

impl<const N: usize, const V: usize, const C: usize, S, B, D, H, E, T> Model for MaskedNet<N, V, C, S, B, D, H, E, T>
where
    S: Stem<N, C, Input: Tensor>,
    B: Params,
    D: Block<N, C>,
    H: Head<N, C>,
    E: Encoder<N, V, C, B>,
    T: Target<N, C, S, B, H>,
{
    type Input = S::Input;
    /// The loss.
    type Output = [f32; 1];
    const STREAM: usize = N * C;
    const COST: Cost = {
        assert!(!D::FROZEN, "the decoder is trained together with the blocks: take `Frozen` away");
        let (stem, guess) = (S::COST.plus_scratch(Self::HOLED), N * Self::VALUES);
        let parts = stem.then(E::COST).then(Cost::of::<MaskToken<C>>()).then(D::COST).then(H::COST).then(T::COST);
        Cost { infer_scratch: guess + parts.infer_scratch, ..parts.plus_saved(guess) }
    };

    #[inline(never)]
    fn infer(&self, input: &S::Input, [loss]: &mut [f32; 1], arena: &mut [f32]) {
        let mask = Mask::draw(const { Key::new(0, Purpose::Mask) });
        let (guess, arena) = split_array(arena);
        self.reconstruct(input, &mask, guess, arena);
        *loss = self.loss(guess, input, &mask, split_array::<[[f32; C]; N]>(arena).1);
    }

    #[inline(never)]
    fn forward(&self, input: &S::Input, [loss]: &mut [f32; 1], arena: &mut [f32], pass: &Pass) {
        let (x, arena) = split_array(arena);
        let ([stem, blocks, decoder, head], arena) = Self::SAVED.split(arena);
        let (guess, scratch) = split_array(arena);
        let mask = Self::mask(pass);
        Self::with_seen(input, &mask, scratch, |seen, scratch| {
            self.stem.forward(seen, x, stem, scratch, &pass.child(0));
        });
        let token = &self.task.mask_token.mask_token;
        E::forward(&self.blocks, token, &mask, x, blocks, scratch, &pass.child(1));
        self.task.decoder.forward(x, decoder, scratch, &Self::decoder_pass(pass));
        self.task.head.forward(x, guess, head, scratch, &Self::head_pass(pass));
        *loss = self.loss(guess, input, &mask, scratch);
    }

    #[inline(never)]
    fn backward(&self, grad: &mut [f32], input: &S::Input, doutput: &[f32; 1], arena: &mut [f32], pass: &Pass) {
        let (x, arena) = split_array(arena);
        let ([stem, blocks, decoder, head], arena) = Self::SAVED.split(arena);
        let (guess, scratch) = split_array(arena);
        let parts = Layout([S::TRAINABLE, B::TRAINABLE, C, D::TRAINABLE]);
        let ([grad_stem, grad_blocks, grad_token, grad_decoder], grad_head) = parts.split(grad);
        let mask = Self::mask(pass);
        scale_by(guess, doutput);
        self.task.head.backward(grad_head, x, guess, head, scratch, &Self::head_pass(pass));
        self.task.decoder.backward(grad_decoder, x, decoder, scratch, &Self::decoder_pass(pass));
        E::backward(&self.blocks, grad_blocks, &mask, x, blocks, scratch, &pass.child(1));
        Self::token_backward(grad_token, &mask, x);
        Self::with_seen(input, &mask, scratch, |seen, scratch| {
            self.stem.backward(grad_stem, seen, x, stem, scratch, &pass.child(0));
        });
    }

    #[inline(never)]
    fn backward_update(
        &mut self,
        update: &mut InPlaceUpdate,
        input: &S::Input,
        doutput: &[f32; 1],
        arena: &mut [f32],
        pass: &Pass,
    ) {
        let (x, arena) = split_array(arena);
        let ([stem, blocks, decoder, head], arena) = Self::SAVED.split(arena);
        let (guess, scratch) = split_array(arena);
        let mask = Self::mask(pass);
        scale_by(guess, doutput);
        self.task.head.backward_update(update, x, guess, head, scratch, &Self::head_pass(pass));
        self.task.decoder.backward_update(update, x, decoder, scratch, &Self::decoder_pass(pass));
        let place = update.reserve::<MaskToken<C>>();
        E::backward_update(&mut self.blocks, update, &mask, x, blocks, scratch, &pass.child(1));
        update.apply_at(place, &mut self.task.mask_token, |_, grad| Self::token_backward(grad, &mask, x));
        Self::with_seen(input, &mask, scratch, |seen, scratch| {
            self.stem.backward_update(update, seen, x, stem, scratch, &pass.child(0));
        });
    }
}
