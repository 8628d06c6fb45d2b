//! What of a layer is trained, chosen by type.

/// Which parameters of a layer are trained.
pub trait Tuning: 'static {
    /// Whether its matrices are; biases always are.
    const WEIGHTS: bool;
}

/// All of them.
pub struct Full;

/// Biases alone: a matrix stays as it is and costs neither gradient nor optimiser state (Ben Zaken et al. 2022,
/// [arXiv 2106.10199](https://arxiv.org/abs/2106.10199)).
pub struct BitFit;

impl Tuning for Full {
    const WEIGHTS: bool = true;
}

impl Tuning for BitFit {
    const WEIGHTS: bool = false;
}
