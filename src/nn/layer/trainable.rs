//! What of a layer is trained, chosen by type.

/// Which parameters of a layer are trained.
pub trait Trainable: 'static {
    /// Whether its matrices are; biases always are.
    const WEIGHTS: bool;
}

/// All of them.
pub struct All;

/// Biases alone: a matrix stays as it is and costs neither gradient nor optimiser state (Ben Zaken et al. 2022,
/// [arXiv 2106.10199](https://arxiv.org/abs/2106.10199)).
pub struct BitFit;

impl Trainable for All {
    const WEIGHTS: bool = true;
}

impl Trainable for BitFit {
    const WEIGHTS: bool = false;
}
