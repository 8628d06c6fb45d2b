//! Many runs side by side, and what they say about the ideas, the networks and the data.

pub mod ablation;
pub mod compare;
pub mod curvature;
pub mod ideas;
pub mod labels;
pub mod modes;
pub mod sweep;
