//! Prediction from weights in bytes: a trained network in a quarter to a half of its flash.
//!
//! A [`Quantize`] network becomes another one, whose large matrices hold bytes, with one `f32` for each output that says what a byte of it
//! counts. It is made from the weights alone: nothing is calibrated and no data is needed, so a device can do it itself after it has
//! trained. What goes into such a matrix is put into 16-bit integers whose unit is found anew in each call, from the largest value, so
//! nothing saturates. Sums of products are integers, exact in any order; the rest is `f32` as before: normalisation, activations, and the
//! matrices at the two ends of a Mixer, which are small. The bits are the same on a desktop and on every board.
//!
//! ```
//! use trainlet::core::params::Params;
//! use trainlet::core::rng::{Key, Purpose};
//! use trainlet::networks::Watch12x1 as Watch;
//! use trainlet::nn::net::Model;
//! use trainlet::quant::{Quantize, Quantized};
//! use trainlet::train::Predictor;
//!
//! type Small = Quantized<Watch>;
//! assert!(size_of::<Small>() < size_of::<Watch>() / 2);
//!
//! let (mut trained, mut small) = (Watch::ZERO, Small::ZERO);
//! trained.init(Key::new(1, Purpose::Init)); // or trained.weights of a Trainer
//! trained.quantize(&mut small);
//!
//! // In flash: static WEIGHTS: Small = ..;
//! let mut predictor = Predictor::<Small, [f32; Small::INFER_ARENA]>::new(&small);
//! let logits = predictor.predict(&[[0.5; 6]; 16]);
//! let mut exact = Predictor::<Watch, [f32; Watch::INFER_ARENA]>::new(&trained);
//! let exact = exact.predict(&[[0.5; 6]; 16]);
//! assert!(logits.iter().zip(exact).all(|(small, exact)| (small - exact).abs() < 0.02));
//! ```
//!
//! Stem and blocks are [`Frozen`]; the head is not, and a [`Trainer`](crate::train::Trainer) trains it as it is: a device that adapts to its
//! wearer, whose backbone is in bytes. A block of your own implements [`Quantize`] by naming what it becomes, which may be itself.

mod dense;
mod linear;
mod mixing;

pub use dense::QuantDenseStem;
pub use linear::{Bytes, QuantLinear};
pub use mixing::{QuantMixerBlock, QuantMixing};

use crate::core::params::Params;
use crate::nn::block::{Block, Frozen, PreNormResidual, Recompute, ResidualPair};
use crate::nn::head::{DenseHead, Head, MeanHead};
use crate::nn::layer::LayerNorm;
use crate::nn::net::Net;
use crate::nn::stem::{PatchEmbedding, Stem};

/// What a network becomes.
pub type Quantized<M> = <M as Quantize>::Quantized;

/// A part of a network, or a whole one, that can predict from bytes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no form in bytes",
    note = "Mixer blocks, perceptrons and networks of these have one; implement `Quantize` for a part of your own, where it may become itself"
)]
pub trait Quantize: Params {
    /// What it becomes.
    type Quantized: Params;

    /// Writes the weights in their other form.
    fn quantize(&self, to: &mut Self::Quantized);
}

/// Parts that become themselves: they are small.
macro_rules! stays {
    ($([$($generics:tt)*] $part:ty;)+) => {
        $(impl<$($generics)*> Quantize for $part {
            type Quantized = $part;

            fn quantize(&self, to: &mut Self) {
                copy(self, to);
            }
        })+
    };
}
stays! {
    [const L: usize, const F: usize, const P: usize, const C: usize] PatchEmbedding<L, F, P, C>;
    [const C: usize] LayerNorm<C>;
    [const C: usize, const K: usize] MeanHead<C, K>;
    [const C: usize, const K: usize] DenseHead<C, K>;
    [] ();
}

/// The same values in the same leaves.
fn copy<P: Params>(from: &P, to: &mut P) {
    let mut ordinal = 0;
    to.walk(&mut |_, to| {
        let mut index = 0;
        from.read(&mut |_, from| {
            if index == ordinal {
                to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            }
            index += 1;
        });
        ordinal += 1;
    });
}

impl<B: Quantize, const L: usize> Quantize for [B; L] {
    type Quantized = [B::Quantized; L];

    fn quantize(&self, to: &mut Self::Quantized) {
        self.iter().zip(to).for_each(|(block, to)| block.quantize(to));
    }
}

/// Nothing is kept for a backward pass.
impl<F: Quantize, const C: usize, K> Quantize for PreNormResidual<F, C, K>
where
    Self: Params,
{
    type Quantized = PreNormResidual<F::Quantized, C, Recompute>;

    fn quantize(&self, to: &mut Self::Quantized) {
        self.norm.quantize(&mut to.norm);
        self.branch.quantize(&mut to.branch);
    }
}

impl<A: Quantize, B: Quantize, K> Quantize for ResidualPair<A, B, K> {
    type Quantized = ResidualPair<A::Quantized, B::Quantized>;

    fn quantize(&self, to: &mut Self::Quantized) {
        self.first.quantize(&mut to.first);
        self.second.quantize(&mut to.second);
    }
}

impl<const N: usize, const C: usize, S, B, H> Quantize for Net<N, C, S, B, H>
where
    S: Stem<N, C> + Quantize<Quantized: Stem<N, C>>,
    B: Block<N, C> + Quantize<Quantized: Block<N, C>>,
    H: Head<N, C> + Quantize<Quantized: Head<N, C>>,
{
    type Quantized = Net<N, C, Frozen<S::Quantized>, Frozen<B::Quantized>, H::Quantized>;

    fn quantize(&self, to: &mut Self::Quantized) {
        self.stem.quantize(&mut to.stem.0);
        self.blocks.quantize(&mut to.blocks.0);
        self.head.quantize(&mut to.head);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::{Key, Purpose};
    use crate::core::tensor::Tensor;
    use crate::networks::Watch12x1;
    use crate::nn::block::MixerBlock;
    use crate::nn::layer::Tanh;
    use crate::nn::loss::CrossEntropy;
    use crate::nn::net::Model;
    use crate::nn::stem::DenseStem;
    use crate::optim::{Schedule, Sgd, SgdConfig};
    use crate::train::{Config, Trainer};
    use std::vec::Vec;

    /// Both see the same, also in a matrix of fewer than four inputs and in one whose sides are no multiples of anything.
    fn check<M>(input: &M::Input, tolerance: f32)
    where
        M: Model + Quantize<Quantized: Model<Input = M::Input, Output = M::Output>>,
    {
        let (mut exact, mut small) = (std::boxed::Box::new(M::ZERO), std::boxed::Box::new(<Quantized<M>>::ZERO));
        exact.init(Key::new(2, Purpose::Init));
        exact.quantize(&mut small);
        let mut outputs = [M::Output::ZERO, M::Output::ZERO];
        exact.infer(input, &mut outputs[0], &mut std::vec![f32::NAN; M::INFER_ARENA]);
        small.infer(input, &mut outputs[1], &mut std::vec![f32::NAN; <Quantized<M>>::INFER_ARENA]);
        let [exact, small] = outputs;
        for (exact, small) in exact.flat().iter().zip(small.flat()) {
            assert!((exact - small).abs() < tolerance && exact != small, "{small} instead of {exact}");
        }
    }

    fn input<const F: usize, const L: usize>() -> [[f32; F]; L] {
        core::array::from_fn(|row| core::array::from_fn(|column| libm::sinf((row * F + column) as f32)))
    }

    #[test]
    fn both_forms_see_the_same() {
        check::<Watch12x1>(&input(), 0.01);
        type Odd = Net<3, 5, PatchEmbedding<6, 1, 2, 5>, [MixerBlock<3, 5, 7, 11, Tanh>; 2], MeanHead<5, 2>>;
        check::<Odd>(&input(), 0.02);
        type Perceptron = Net<1, 9, DenseStem<10, 13, 9>, (), DenseHead<9, 3>>;
        check::<Perceptron>(&input::<10, 1>()[0], 0.02);
    }

    #[test]
    fn the_head_can_still_be_trained() {
        type Small = Quantized<Watch12x1>;
        type SmallTrainer = Trainer<Small, CrossEntropy, Sgd, [f32; Small::ARENA]>;
        assert_eq!(Small::TRAINABLE, MeanHead::<12, 7>::COUNT);
        let mut trainer = std::boxed::Box::new(SmallTrainer::ZERO);
        let mut trained = std::boxed::Box::new(Watch12x1::ZERO);
        trained.init(Key::new(2, Purpose::Init));
        trained.quantize(&mut trainer.weights);
        let config = Config::new(0, CrossEntropy::new(), SgdConfig { weight_decay: 0.0 }, Schedule::constant(0.1));
        let weights = |model: &Small| {
            let mut values = Vec::new();
            model.read(&mut |leaf, leaf_values| values.push((leaf.trained, leaf_values.to_vec())));
            values
        };
        let _ = trainer.init(config);
        trained.quantize(&mut trainer.weights);
        let before = weights(&trainer.weights);
        let first = trainer.accumulate(&input(), &3, 1.0).unwrap();
        assert!(trainer.step().applied);
        let second = trainer.accumulate(&input(), &3, 1.0).unwrap();
        assert!(second < first, "{second} after {first}");
        for ((trained, before), (_, after)) in before.into_iter().zip(weights(&trainer.weights)) {
            assert_eq!(trained, before != after);
        }
    }
}
