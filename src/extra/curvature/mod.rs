//! How the loss curves around the weights: extreme eigenvalues of its Hessian, both the most positive and the most negative,
//! without the Hessian.
//!
//! A product H v is a difference of gradients, (g(w + r v) - g(w - r v)) / 2r, and [`Lanczos`] needs one product per step and
//! three vectors as long as the gradient beside a trainer. The difference is taken sample by sample, so that a board receives
//! each sample once per product and keeps none.
//!
//! Dropout, stochastic depth and clipping have no part in it: the curvature is that of the loss as it is evaluated.

mod lanczos;
mod probe;
mod ritz;

pub use lanczos::{Lanczos, LanczosConfig};
pub use probe::Probe;
pub use ritz::{MAX_STEPS, Ritz, Spectrum};
