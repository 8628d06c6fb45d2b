//! Convolutions along the tokens of a stream, without copies of patches: the windows of a padded input are rows that overlap.
//!
//! Row-major slices, kernels as `[out][tap][in]`, so that a window and the weights of an output lie in memory alike. A sum
//! runs over the taps, and within a tap over the channels.

use super::arch::fill;
use super::{cut, matmul};

/// Channels in and out, length of the kernel, and its step.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Channels of the input.
    pub inputs: usize,
    /// Channels of the output.
    pub outputs: usize,
    /// Length of the kernel.
    pub taps: usize,
    /// Distance of two windows in tokens.
    pub stride: usize,
}

/// Where rows go in a matrix of zeros.
#[derive(Clone, Copy)]
pub struct Spread {
    /// Rows of zeros before the first.
    pub before: usize,
    /// Distance of two rows.
    pub step: usize,
}

/// Copies columns of `x`, whose rows are `width` long, from number `first` on, into `padded`, whose rows are `count` long.
/// Everything else becomes 0.
#[inline(never)]
pub fn spread(padded: &mut [f32], count: usize, to: Spread, x: &[f32], width: usize, first: usize) {
    fill(padded, 0.0);
    let rows = padded.chunks_exact_mut(count.max(1)).skip(to.before).step_by(to.step.max(1));
    for (row, x) in rows.zip(x.chunks_exact(width.max(1))) {
        for (value, x) in row.iter_mut().zip(x.iter().skip(first)) {
            *value = *x;
        }
    }
}

/// `y[n][o] += Σ padded[stride n + tap][i] weight[o][tap][i]`
pub fn forward(y: &mut [f32], padded: &[f32], weight: &[f32], Shape { inputs, outputs, taps, stride }: Shape) {
    matmul::nt(y, (padded, stride * inputs), (weight, taps * inputs), taps * inputs, outputs);
}

/// `dweight[o][tap][i] += Σ_n dy[n][o] padded[stride n + tap][i]`
pub fn weight_gradient(
    dweight: &mut [f32],
    padded: &[f32],
    dy: &[f32],
    Shape { inputs, outputs, taps, stride }: Shape,
) {
    matmul::tn(dweight, (dy, outputs), (padded, stride * inputs), dy.len() / outputs.max(1), taps * inputs);
}

/// `dx[n][i] += Σ padded_dy[n + tap][o] weight[o][taps - 1 - tap][i]`: a convolution with the kernel the other way round,
/// over gradients that are `stride` rows apart.
pub fn input_gradient(dx: &mut [f32], padded_dy: &[f32], weight: &[f32], Shape { inputs, outputs, taps, .. }: Shape) {
    debug_assert_eq!(weight.len(), outputs * taps * inputs);
    for tap in 0..taps {
        let (dy, weight) = (cut::from(padded_dy, tap * outputs), cut::from(weight, (taps - 1 - tap) * inputs));
        matmul::nn(dx, (dy, outputs), (weight, taps * inputs), outputs, inputs);
    }
}

/// Each channel by itself: `y[n][c] += Σ_tap padded[n + tap][c] weight[tap][c]`. With as many rows of `weight` as there are
/// tokens, and `y` a kernel, the same sum is the gradient of the kernel.
#[inline(never)]
pub fn depthwise(y: &mut [f32], padded: &[f32], weight: &[f32], channels: usize) {
    let width = channels.max(1);
    for (number, y) in y.chunks_exact_mut(width).enumerate() {
        let window = cut::from(padded, number * width);
        add_products(y, window.chunks_exact(width).zip(weight.chunks_exact(width)));
    }
}

/// The gradient of the input of [`depthwise`]: the kernel the other way round.
#[inline(never)]
pub fn depthwise_input_gradient(dx: &mut [f32], padded_dy: &[f32], weight: &[f32], channels: usize) {
    let width = channels.max(1);
    for (number, dx) in dx.chunks_exact_mut(width).enumerate() {
        let window = cut::from(padded_dy, number * width);
        add_products(dx, window.chunks_exact(width).zip(weight.chunks_exact(width).rev()));
    }
}

/// `y[c] += Σ a[c] b[c]` over pairs of rows, some channels side by side in registers.
#[inline(always)]
fn add_products<'a>(y: &mut [f32], rows: impl Iterator<Item = (&'a [f32], &'a [f32])> + Clone) {
    const STRIP: usize = 4;
    let (strips, rest) = y.as_chunks_mut::<STRIP>();
    let mut first = 0;
    for strip in strips {
        let mut sums = *strip;
        for (a, b) in rows.clone() {
            let here = |row: &'a [f32]| row.get(first..).and_then(|row| row.first_chunk::<STRIP>());
            let (Some(a), Some(b)) = (here(a), here(b)) else { break };
            for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
                *sum += a * b;
            }
        }
        *strip = sums;
        first += STRIP;
    }
    for (a, b) in rows {
        for ((y, a), b) in rest.iter_mut().zip(a.iter().skip(first)).zip(b.iter().skip(first)) {
            *y += a * b;
        }
    }
}
