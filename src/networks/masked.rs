//! Masked pre-training for named Mixers.

use super::{Flow7x6, Flow16x2, Network, Watch12x1, Watch16x2};
use crate::core::budget::Budget;
use crate::core::params::Params;
use crate::core::tensor::Tensor;
use crate::extra::masked::{MaskedNet, PhaseLoss, Phases, Pretext, Replace, Subset};
use crate::nn::block::Block;
use crate::nn::head::{Head, ReconstructionHead};
use crate::nn::net::{Model, Net};
use crate::nn::stem::Stem;
use crate::optim::{Adam, State};
use crate::train::Trainer;

/// What the blocks see of a sample with hidden tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masking {
    /// [`Replace`]: all tokens, with the mask token in place of hidden ones; the head guesses at once.
    Replace,
    /// [`Subset`]: the visible tokens alone; one block more, the decoder, mixes them with mask tokens.
    Subset,
}

/// A pretext for a named network, and the memory that goes with it.
pub trait MaskedNetwork: Pretext {
    /// The network whose stem and blocks it prepares.
    type For: Network<Input = Self::Input>;
    /// The arena of a trainer: `[f32; ARENA]`.
    type Arena: Tensor;
    /// An optimiser's state in 4 bytes per weight.
    type F32: State;
    /// RAM of a trainer with Adam for the pre-training alone.
    const BUDGET: Budget;
    /// RAM of a trainer with Adam for both phases in the same memory.
    const BOTH: Budget;
}

/// Something to do with a pretext that is known only at run time.
pub trait VisitMasked {
    /// What comes of it.
    type Result;
    /// Does it.
    fn visit<P: MaskedNetwork>(self) -> Self::Result;
}

/// What can be made of a Mixer: patches have `P` values.
pub trait Maskable<const P: usize> {
    /// Hidden tokens are replaced.
    type Replaced<const VISIBLE: usize>;
    /// The blocks see visible tokens alone.
    type Seen<const VISIBLE: usize>;
}

impl<const N: usize, const C: usize, S: Stem<N, C>, B: Block<N, C>, const L: usize, H: Head<N, C>, const P: usize>
    Maskable<P> for Net<N, C, S, [B; L], H>
{
    type Replaced<const VISIBLE: usize> = MaskedNet<N, VISIBLE, C, S, [B; L], (), ReconstructionHead<C, P>, Replace>;
    type Seen<const VISIBLE: usize> = MaskedNet<N, VISIBLE, C, S, [B; L], [B; 1], ReconstructionHead<C, P>, Subset>;
}

macro_rules! pretext {
    ($model:ty, $pretext:ty) => {
        impl MaskedNetwork for $pretext {
            type For = $model;
            type Arena = [f32; <$pretext>::ARENA];
            type F32 = [f32; <$pretext>::TRAINABLE];
            const BUDGET: Budget =
                Trainer::<$pretext, crate::extra::masked::Reconstruction, Adam<Self::F32>, Self::Arena>::BUDGET;
            const BOTH: Budget = Trainer::<
                Phases<$pretext, $model>,
                PhaseLoss<<$model as Network>::Loss>,
                Adam<[f32; <Phases<$pretext, $model>>::TRAINABLE]>,
                [f32; <Phases<$pretext, $model>>::ARENA],
            >::BUDGET;
        }
    };
}

macro_rules! masked {
    ($($model:ident, patches of $patch:literal, visible $($visible:literal)+;)+) => {
        $($(
            pretext!($model, <$model as Maskable<$patch>>::Replaced<$visible>);
            pretext!($model, <$model as Maskable<$patch>>::Seen<$visible>);
        )+)+

        /// Names of the networks that can be pre-trained.
        pub const MASKED: &[&str] = &[$($model::NAME),+];

        /// How many visible tokens the pretexts of a network have; none if it cannot be pre-trained.
        pub fn visible_tokens(name: &str) -> &'static [usize] {
            $(if name == $model::NAME {
                return &[$($visible),+];
            })+
            &[]
        }

        /// Calls `visitor` with the pretext of the network of that name; `None` if there is none with so many visible
        /// tokens.
        pub fn visit_masked<V: VisitMasked>(
            name: &str,
            masking: Masking,
            visible: usize,
            visitor: V,
        ) -> Option<V::Result> {
            $($(if name == $model::NAME && visible == $visible {
                return Some(match masking {
                    Masking::Replace => visitor.visit::<<$model as Maskable<$patch>>::Replaced<$visible>>(),
                    Masking::Subset => visitor.visit::<<$model as Maskable<$patch>>::Seen<$visible>>(),
                });
            })+)+
            None
        }
    };
}

/// The pretext of `watch-12x1` with mask tokens in place of half of the tokens.
pub type Watch12x1Replaced = <Watch12x1 as Maskable<6>>::Replaced<8>;
/// The pretext of `watch-12x1` whose blocks see half of the tokens alone.
pub type Watch12x1Seen = <Watch12x1 as Maskable<6>>::Seen<8>;

masked! {
    Watch12x1, patches of 6, visible 4 8 12;
    Watch16x2, patches of 6, visible 4 8 12;
    Flow16x2, patches of 3, visible 4 7 11;
    Flow7x6, patches of 6, visible 2 4 5;
}
