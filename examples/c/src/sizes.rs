//! The sizes of the network. The program `header` writes them into the header, where they are numbers.

use trainlet::core::params::Params;
use trainlet::core::tensor::Tensor;
use trainlet::nn::loss::Supervised;
use trainlet::nn::net::Model;

use crate::network::{Loss, Net};
use crate::place::Place;

/// Numbers of a sample, in the order of the input's array.
pub const TRAINLET_INPUTS: usize = <<Net as Model>::Input as Tensor>::LEN;
/// Logits or values.
pub const TRAINLET_OUTPUTS: usize = <<Net as Model>::Output as Tensor>::LEN;
/// Numbers of a label: one, which is that of a class, or as many as there are values.
pub const TRAINLET_TARGETS: usize = <Loss as Supervised<<Net as Model>::Output>>::TASK.label_len();
/// Weights.
pub const TRAINLET_WEIGHTS: usize = Net::COUNT;
/// Memory of a trainer, in units of 8 bytes.
pub const TRAINLET_WORDS: usize = size_of::<Place>().div_ceil(8);
