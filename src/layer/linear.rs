//! Fully connected layer.

use crate::kernels::{matmul, rows};
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

/// Which axis of a row-major matrix a linear layer runs along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// `x[any][in]` to `y[any][out]`: each row by itself.
    Rows,
    /// `x[in][width]` to `y[out][width]`: each column by itself, without transposing anything.
    Columns {
        /// Length of a row.
        width: usize,
    },
}

impl<const IN: usize, const OUT: usize> Linear<IN, OUT> {
    /// `y = W x + b` along `axis`.
    pub fn forward(&self, axis: Axis, x: &[f32], y: &mut [f32]) {
        let weight = self.weight.as_flattened();
        match axis {
            Axis::Rows => {
                rows::fill_with_row(y, &self.bias);
                matmul::nt(y, x, weight, IN, OUT);
            }
            Axis::Columns { width } => {
                rows::fill_with_column(y, &self.bias, width);
                matmul::nn(y, weight, x, IN, width);
            }
        }
    }

    /// Adds the gradient of weight and bias for the input `x` and the gradient `dy` of the output to `self`.
    pub fn add_gradient(&mut self, axis: Axis, x: &[f32], dy: &[f32]) {
        let weight = self.weight.as_flattened_mut();
        match axis {
            Axis::Rows => {
                rows::add_column_sums(&mut self.bias, dy);
                matmul::tn(weight, dy, x, OUT, IN);
            }
            Axis::Columns { width } => {
                rows::add_row_sums(&mut self.bias, dy, width);
                matmul::nt(weight, dy, x, width, IN);
            }
        }
    }

    /// `dx = Wᵀ dy`
    pub fn input_gradient(&self, axis: Axis, dy: &[f32], dx: &mut [f32]) {
        dx.fill(0.0);
        let weight = self.weight.as_flattened();
        match axis {
            Axis::Rows => matmul::nn(dx, dy, weight, OUT, IN),
            Axis::Columns { width } => matmul::tn(dx, weight, dy, IN, width),
        }
    }
}
