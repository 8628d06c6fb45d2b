//! A linear layer whose matrix is in bytes.

use super::Quantize;
use crate::core::params::{Field, Init, Leaf, Params, Path, Role, Visit, VisitField};
use crate::kernels::arch;
use crate::kernels::int8::{self, Layer, MAX_INPUTS, MIN_INPUTS, Steps, Unit};
use crate::nn::layer::{Linear, Trainable};

/// `y = W x + b` with `W[out][in] = affine[out][0] weight[out][in]` and `b[out] = affine[out][1]`. Of at most 1,032 inputs.
///
/// `x` is rounded to multiples of a power of two, of which its largest value in size has 8,192 to 16,384.
pub struct QuantLinear<const IN: usize, const OUT: usize> {
    /// `[out][in]`
    pub weight: Bytes<IN, OUT>,
    /// `[out]`: what a byte of the row counts, and the bias
    pub affine: [[f32; 2]; OUT],
}

impl<const IN: usize, const OUT: usize> QuantLinear<IN, OUT> {
    /// `f32` that it works in.
    pub(super) const ROOM: usize = {
        assert!(IN <= MAX_INPUTS, "a matrix in bytes has 1,032 inputs at most, or its sums would overflow");
        int8::room(IN)
    };

    /// `y = W x + b` for `vectors` vectors.
    pub(super) fn forward(
        &self,
        y: (&mut [f32], Steps),
        x: (&[f32], Steps),
        vectors: usize,
        unit: Unit,
        room: &mut [f32],
    ) {
        let layer = Layer { inputs: IN, weight: self.weight.0.as_flattened(), affine: &self.affine };
        if IN < MIN_INPUTS {
            int8::linear(y, x, vectors, unit, layer);
        } else {
            arch::linear_int8(y, x, vectors, unit, layer, room);
        }
    }
}

crate::params! {
    [const IN: usize, const OUT: usize] QuantLinear<IN, OUT> {
        weight: tree(Bytes<IN, OUT>),
        affine: leaf(Role::Norm, [OUT, 2], Init::Constant(0.0), false),
    }
}

/// `[out][in]`, from -127 to 127: no `f32`, so no walk shows them.
pub struct Bytes<const IN: usize, const OUT: usize>(pub [[i8; IN]; OUT]);

impl<const IN: usize, const OUT: usize> Params for Bytes<IN, OUT> {
    const ZERO: Self = Self([[0; IN]; OUT]);
    const COUNT: usize = 0;
    const TRAINABLE: usize = 0;

    fn walk_at(&mut self, _: &Path, _: Visit) {}

    fn read_at(&self, _: &Path, _: &mut dyn FnMut(&Leaf, &[f32])) {}

    fn fields_at(&self, path: &Path, visit: VisitField) {
        visit(&Path::Field(path, "0"), Field::Bytes(self.0.as_flattened(), IN));
    }
}

impl<const IN: usize, const OUT: usize, W: Trainable> Quantize for Linear<IN, OUT, W> {
    type Quantized = QuantLinear<IN, OUT>;

    fn quantize(&self, to: &mut Self::Quantized) {
        let rows = self.weight.iter().zip(&self.bias);
        for ((row, bias), (bytes, affine)) in rows.zip(to.weight.0.iter_mut().zip(&mut to.affine)) {
            *affine = [int8::quantize_row(bytes, row), *bias];
        }
    }
}
