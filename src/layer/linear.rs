//! Fully connected layer.

use crate::params::{Init, Role};

/// `y = W x + b`; starts as PyTorch's `nn.Linear` does.
pub struct Linear<const IN: usize, const OUT: usize> {
    /// `[out][in]`
    pub weight: [[f32; IN]; OUT],
    /// `[out]`
    pub bias: [f32; OUT],
}

crate::params! {
    [const IN: usize, const OUT: usize] Linear<IN, OUT> {
        weight: leaf(Role::Weight, [OUT, IN], Init::FanIn(IN)),
        bias: leaf(Role::Bias, [OUT], Init::FanIn(IN)),
    }
}
