//! GELU, the exact one: x·Φ(x) with the normal distribution Φ, and its derivative Φ(x) + x·φ(x).
//!
//! Everything follows from the tail Q(w) = Φ(-w) at w = |x|:
//!
//! ```text
//! GELU(x)  = max(x, 0) - w·Q(w)
//! GELU'(x) = 1 - S(w) for x > 0, S(w) otherwise,   S(w) = Q(w) - w·φ(w)
//! ```
//!
//! Q falls like exp(-w²/2), which no polynomial of low degree follows, but a high root of it falls so gently that one of
//! degree 4 does, and squarings lead back. Each of them would double the rounding error, so the root is not carried itself,
//! but its difference t, below 0, from its value a at w = 0: if p = a + t, then p² = a² + (t + 2a)·t. Such a step need not
//! square exactly: its 2a is one more coefficient to fit, worth as much as another degree. S/Q - 1 is computed in the same
//! way, from two values that were needed for Q. So all steps are of one form, (t + c)·m, there is no exponential, no
//! division, no table and no branch, and LLVM turns the loops into vector code that rounds exactly as the scalar code does.
//!
//! Largest error over all floats of [-10, 10] against `f64`: for GELU 1.66e-7 below 1, 2.2e-7 (1.78 units in the last place)
//! below 2 and 0.61 units above; for GELU' 1.96e-7 below 1 and 2.3e-7 (1.87 units) above. Beyond |x| = 6.51 the values
//! are exactly x or 0 and the slopes exactly 1 or 0, infinities included. NaN stays NaN.

use core::slice;

use super::arch::{self, LANES};
use super::cut;

/// `y[i] = GELU(x[i])`; the shorter slice decides how many.
#[inline(never)]
pub fn gelu(x: &[f32], y: &mut [f32]) {
    // Cut to one length, or the rests would not be of the same places.
    let length = x.len().min(y.len());
    let (x, x_rest) = cut::first(x, length).as_chunks::<LANES>();
    let (y, y_rest) = cut::first_mut(y, length).as_chunks_mut::<LANES>();
    arch::gelu(x, y, &COEFFICIENTS);
    if !x_rest.is_empty() {
        let mut last = padded(x_rest);
        arch::gelu_in_place(slice::from_mut(&mut last), &COEFFICIENTS);
        arch::copy(y_rest, &last);
    }
}

/// `x[i] = GELU(x[i])`, the same bits as [`gelu`].
#[inline(never)]
pub fn gelu_in_place(x: &mut [f32]) {
    let (x, rest) = x.as_chunks_mut::<LANES>();
    arch::gelu_in_place(x, &COEFFICIENTS);
    if !rest.is_empty() {
        let mut last = padded(rest);
        arch::gelu_in_place(slice::from_mut(&mut last), &COEFFICIENTS);
        arch::copy(rest, &last);
    }
}

/// `dy[i] *= GELU'(x[i])` and `x[i] = GELU(x[i])`, the same bits as [`gelu`]: what a backward pass needs, in one go. The
/// shorter slice decides how many.
#[inline(never)]
pub fn gelu_backward(x: &mut [f32], dy: &mut [f32]) {
    let length = x.len().min(dy.len());
    let (x, x_rest) = cut::first_mut(x, length).as_chunks_mut::<LANES>();
    let (dy, dy_rest) = cut::first_mut(dy, length).as_chunks_mut::<LANES>();
    arch::gelu_backward(x, dy, &COEFFICIENTS);
    if !x_rest.is_empty() {
        let (mut last, mut gradient) = (padded(x_rest), padded(dy_rest));
        arch::gelu_backward(slice::from_mut(&mut last), slice::from_mut(&mut gradient), &COEFFICIENTS);
        arch::copy(x_rest, &last);
        arch::copy(dy_rest, &gradient);
    }
}

/// `y[i] = GELU(x[i])` and `x[i] = GELU'(x[i])`, the same bits as [`gelu_backward`] for gradients of 1. The shorter slice
/// decides how many.
#[inline(never)]
pub fn gelu_with_slope(x: &mut [f32], y: &mut [f32]) {
    let length = x.len().min(y.len());
    let (x, x_rest) = cut::first_mut(x, length).as_chunks_mut::<LANES>();
    let (y, y_rest) = cut::first_mut(y, length).as_chunks_mut::<LANES>();
    arch::gelu_with_slope(x, y, &COEFFICIENTS);
    if !x_rest.is_empty() {
        let (mut last, mut value) = (padded(x_rest), [0.0; LANES]);
        arch::gelu_with_slope(slice::from_mut(&mut last), slice::from_mut(&mut value), &COEFFICIENTS);
        arch::copy(x_rest, &last);
        arch::copy(y_rest, &value);
    }
}

/// The last values, which are too few for a chunk, padded with zeros.
fn padded(rest: &[f32]) -> [f32; LANES] {
    let mut values = [0.0; LANES];
    arch::copy(&mut values, rest);
    values
}

/// Where Q has come down to exactly 0.
const END: f32 = 6.5067563;

/// What the assembly takes from memory.
pub type Coefficients = [f32; 16];

/// Minimax fits of w·Q and S together, over w in [0, 5.9], weighted with what the roundings leave of 2e-7 or of 2 units in
/// the last place; from there Q goes on falling to exactly 0 at `END`. Each coefficient was then moved by some units in
/// the last place to where the largest error over all floats is smallest.
#[rustfmt::skip]
pub const COEFFICIENTS: Coefficients = [
    END,
    // The polynomial, the highest power of w first.
    0.00035183647, -0.0013560371, -0.0142766535, -0.036788687,
    // Squarings, and the square root of ½.
    1.3269284, 1.1635692, 2.9529502, 1.6818352, core::f32::consts::FRAC_1_SQRT_2,
    // S/Q - 1
    0.29994845, 0.48965576, 0.16855171, 0.7147052, -5.2843328, -0.79789084,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// GELU and GELU' in `f64`.
    fn reference(x: f32) -> [f64; 2] {
        let x = f64::from(x);
        let normal = 0.5 * libm::erfc(-x * core::f64::consts::FRAC_1_SQRT_2);
        let density = libm::exp(-0.5 * x * x) / libm::sqrt(core::f64::consts::TAU);
        [x * normal, normal + x * density]
    }

    fn value_and_slope(x: f32) -> [f32; 2] {
        let (mut y, mut slope) = ([x], [1.0]);
        gelu_backward(&mut y, &mut slope);
        [y[0], slope[0]]
    }

    /// 2 units in the last place, or 2e-7 where that is more.
    fn tolerance(value: f64) -> f64 {
        let value = value.abs() as f32;
        (2.0 * f64::from(value.next_up() - value)).max(2e-7)
    }

    #[test]
    fn accurate_over_the_floats_of_minus_ten_to_ten() {
        // An odd stride, so that all low bits occur; half of it among numbers so small that only the factor ½ matters. The
        // last ones are where the errors are largest.
        let worst = [1.286_755_1_f32, 1.227_178, 1.810_352_4, 2.604_111_4].map(f32::to_bits);
        for bits in (0..=10f32.to_bits()).step_by(499).chain(worst) {
            for x in [f32::from_bits(bits), -f32::from_bits(bits)] {
                for (actual, expected) in value_and_slope(x).into_iter().zip(reference(x)) {
                    let error = (f64::from(actual) - expected).abs();
                    assert!(error <= tolerance(expected), "{x}: {actual} {expected} {error:e}");
                }
            }
        }
    }

    #[test]
    fn known_points() {
        let points = [
            (-1.0, -0.158_655_25, -0.083_315_47),
            (0.0, 0.0, 0.5),
            (0.5, 0.345_731_23, 0.867_495_1),
            (1.0, 0.841_344_8, 1.083_315_5),
            (3.0, 2.995_950_3, 1.011_945_7),
            (-0.751_791_5, -0.169_971_21, 0.0),
            (core::f32::consts::SQRT_2, 1.302_986_2, 1.128_904_2),
        ];
        for (x, value, slope) in points {
            let [y, dy] = value_and_slope(x);
            assert!((y - value).abs() <= 2.5e-7 && (dy - slope).abs() <= 2.5e-7, "{x}: {y} {dy}");
        }
    }

    #[test]
    fn mirror_images_add_up() {
        for i in 0..10_000 {
            let x = i as f32 / 1000.0;
            let ([y, dy], [mirrored, d_mirrored]) =
                (value_and_slope(x).map(f64::from), value_and_slope(-x).map(f64::from));
            assert!((y - mirrored - f64::from(x)).abs() <= 6e-8 * f64::from(x), "{x}");
            assert!((dy + d_mirrored - 1.0).abs() <= 6e-8, "{x}");
        }
    }

    #[test]
    fn far_out_it_is_the_rectifier() {
        for x in [END, 8.0, 100.0, 1e19, 3e38, f32::MAX, f32::INFINITY] {
            assert_eq!((value_and_slope(x), value_and_slope(-x)), ([x, 1.0], [0.0, 0.0]), "{x}");
        }
        assert!([f32::NAN, -f32::NAN].into_iter().flat_map(value_and_slope).all(f32::is_nan));
    }

    #[test]
    fn all_forms_give_the_same_bits_at_any_length() {
        let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        for length in 0..70 {
            let x: Vec<f32> = (0..length).map(|i| (i * i % 97) as f32 * 0.13 - 6.0).collect();
            let single: Vec<[f32; 2]> = x.iter().copied().map(value_and_slope).collect();
            let (mut y, mut in_place) = (x.clone(), x.clone());
            gelu(&x, &mut y);
            gelu_in_place(&mut in_place);
            assert_eq!(bits(&y), bits(&in_place));
            assert_eq!(bits(&y), single.iter().map(|s| s[0].to_bits()).collect::<Vec<_>>());
            let (mut value, mut gradient) = (x.clone(), x.iter().map(|x| 0.3 * x + 1.0).collect::<Vec<_>>());
            let expected: Vec<_> =
                gradient.iter().zip(&single).map(|(gradient, [_, slope])| gradient * slope).collect();
            gelu_backward(&mut value, &mut gradient);
            assert_eq!((bits(&value), bits(&gradient)), (bits(&y), bits(&expected)));
            let (mut slope, mut value) = (x.clone(), x.clone());
            gelu_with_slope(&mut slope, &mut value);
            assert_eq!(bits(&value), bits(&y));
            assert_eq!(bits(&slope), single.iter().map(|s| s[1].to_bits()).collect::<Vec<_>>());
        }
    }
}
