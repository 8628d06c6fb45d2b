//! The part of a masked auto-encoder that is dropped after the pre-training.

use crate::core::params::{Init, Params, Role};

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

/// The trained token that stands for every hidden one.
pub struct MaskToken<const C: usize> {
    /// `[channels]`, starts as a bias of the stem does
    pub mask_token: [f32; C],
}

crate::params! {
    [const C: usize] MaskToken<C> {
        mask_token: leaf(Role::Bias, [C], Init::FanIn(C)),
    }
}
