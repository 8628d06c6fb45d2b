//! Fully connected layer.

use core::marker::PhantomData;

use super::{All, Trainable};
use crate::core::layout::split_at;
use crate::core::params::{Init, Role};
use crate::kernels::{arch, matmul};

/// `y = W x + b`; starts as PyTorch's `nn.Linear` does.
pub struct Linear<const IN: usize, const OUT: usize, W = All> {
    /// `[out][in]`
    pub weight: [[f32; IN]; OUT],
    /// `[out]`
    pub bias: [f32; OUT],
    tuning: PhantomData<W>,
}

crate::params! {
    [const IN: usize, const OUT: usize, W: Trainable] Linear<IN, OUT, W> {
        weight: leaf(Role::Weight, [OUT, IN], Init::FanIn(IN), W::WEIGHTS),
        bias: leaf(Role::Bias, [OUT], Init::FanIn(IN)),
        tuning: tree(PhantomData<W>),
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

impl<const IN: usize, const OUT: usize, W> Linear<IN, OUT, W> {
    /// With these values, `weight [out][in]` and `bias [out]`: for weights in flash.
    pub const fn new(weight: [[f32; IN]; OUT], bias: [f32; OUT]) -> Self {
        Self { weight, bias, tuning: PhantomData }
    }
}

impl<const IN: usize, const OUT: usize, W: Trainable> Linear<IN, OUT, W> {
    /// `y = W x + b` along `axis`.
    pub fn forward(&self, axis: Axis, x: &[f32], y: &mut [f32]) {
        let weight = self.weight.as_flattened();
        match axis {
            Axis::Rows => {
                arch::fill_with_row(y, &self.bias);
                matmul::nt(y, (x, IN), (weight, IN), IN, OUT);
            }
            Axis::Columns { width } => {
                arch::fill_with_column(y, &self.bias, width);
                matmul::nn(y, (weight, IN), (x, width), IN, width);
            }
        }
    }

    /// Adds to `grad`, `[weight, bias]`, the gradient for the input `x` and the gradient `dy` of the output. Without a
    /// gradient of the weight `x` does not matter.
    pub fn add_gradient(grad: &mut [f32], axis: Axis, x: &[f32], dy: &[f32]) {
        let (weight, bias) = split_at(grad, if W::WEIGHTS { IN * OUT } else { 0 });
        match axis {
            Axis::Rows => {
                arch::add_column_sums(bias, dy);
                if W::WEIGHTS {
                    matmul::tn(weight, (dy, OUT), (x, IN), dy.len() / OUT.max(1), IN);
                }
            }
            Axis::Columns { width } => {
                arch::add_row_sums(bias, dy, width);
                if W::WEIGHTS {
                    matmul::nt(weight, (dy, width), (x, width), width, IN);
                }
            }
        }
    }

    /// `dx = Wᵀ dy`
    pub fn input_gradient(&self, axis: Axis, dy: &[f32], dx: &mut [f32]) {
        arch::fill(dx, 0.0);
        let weight = self.weight.as_flattened();
        match axis {
            Axis::Rows => matmul::nn(dx, (dy, OUT), (weight, IN), OUT, IN),
            Axis::Columns { width } => matmul::tn(dx, (weight, IN), (dy, width), OUT, width),
        }
    }
}
