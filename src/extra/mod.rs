//! What most firmware never links: learning without labels, a look at the curvature of the loss, a monitor of the gradients, and classes
//! that are shown instead of trained.

pub mod curvature;
pub mod masked;
pub mod monitor;
pub mod prototypes;
