//! Masked auto-encoding: pre-training without labels, by guessing what is hidden of a sample from what is seen of it
//! (He et al. 2022, [arXiv 2111.06377](https://arxiv.org/abs/2111.06377)).
//!
//! [`MaskedNet`] is a [`Model`](crate::nn::net::Model) around the stem and the blocks of a classifier, so the trainers
//! train it as any other; its target is the sample itself, its output the loss. [`Phases`] is pre-trainer and
//! classifier in the same memory.

mod encoder;
mod fine_tune;
mod loss;
mod mask;
mod net;
mod partial;
mod phases;
mod target;
mod task;
mod token_mixing;
mod transfer;

use encoder::Encoder;
pub use encoder::{Replace, Subset};
pub use loss::{Reconstruction, reconstruction_loss};
pub use mask::Mask;
pub use net::{MaskedNet, Pretext};
use partial::Partial;
pub use phases::{PhaseLoss, Phases};
use target::Target;
pub use target::{Inputs, Latents};
pub use task::{MaskToken, PretextTask};
pub use transfer::{read_shared, write_shared};
