//! What most firmware never links: learning without labels, a look at the curvature of the loss, and a monitor of the gradients.

pub mod curvature;
pub mod masked;
pub mod monitor;
