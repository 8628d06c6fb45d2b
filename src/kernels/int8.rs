//! Linear layers whose matrix is in bytes: sums of products of integers, which are exact, in any order.

use super::arch;

/// What the values of a call are counted in: a power of two, so that the largest of them in size is 2¹³ units or more, and not more
/// than 2¹⁴ when it is rounded. A value that is not finite, or of 2¹¹⁸ or more, makes it NaN, and with it all results.
#[derive(Clone, Copy, Debug)]
pub struct Unit {
    /// 3 · 2²² units: the last bits of a sum with it are those of the other term in units, rounded to the nearest, ties to even.
    pub rounding: f32,
    /// A unit.
    pub size: f32,
}

impl Unit {
    /// For these values.
    pub fn of(x: &[f32]) -> Self {
        let largest = arch::largest_exponent(x);
        let exponent = largest.clamp(MIN, MAX);
        let size = if largest > MAX { f32::NAN } else { f32::from_bits((exponent - DIGITS) << MANTISSA) };
        Self { rounding: f32::from_bits((exponent - DIGITS + MANTISSA) << MANTISSA | 1 << (MANTISSA - 1)), size }
    }
}

/// Bits of a value beside its sign.
const DIGITS: u32 = 13;
/// Bits of an `f32` behind its exponent.
const MANTISSA: u32 = f32::MANTISSA_DIGITS - 1;
/// Exponents, as in an `f32`, whose units are normal numbers, and so are those of what rounds to them.
const MIN: u32 = DIGITS + 1;
const MAX: u32 = 254 - (MANTISSA - DIGITS);

/// The most inputs whose sum of products does not overflow: bytes are at most 127 in size and values at most 2¹⁴.
pub const MAX_INPUTS: usize = ((1 << 31) - 1) / (127 << (DIGITS + 1));
/// The fewest inputs that [`linear_int8`](arch::linear_int8) takes; [`linear`] takes any number.
pub const MIN_INPUTS: usize = 4;

/// A layer.
#[derive(Clone, Copy)]
pub struct Layer<'a> {
    /// Length of a row.
    pub inputs: usize,
    /// Row after row.
    pub weight: &'a [i8],
    /// Of each row: what a byte counts, and the bias.
    pub affine: &'a [[f32; 2]],
}

/// Vectors in a slice: how far it is from one to the next, and from one of its values to the next.
#[derive(Clone, Copy)]
pub struct Steps {
    /// To the next vector.
    pub vector: usize,
    /// To the next value.
    pub value: usize,
}

/// `f32` that [`linear_int8`](arch::linear_int8) works in: two vectors of 16-bit integers.
pub const fn room(inputs: usize) -> usize {
    inputs.next_multiple_of(4)
}

/// `y = W x + b` for this many vectors, value by value: what all others have to match.
pub fn linear(y: (&mut [f32], Steps), x: (&[f32], Steps), vectors: usize, unit: Unit, layer: Layer) {
    let ((y, y_steps), (x, x_steps)) = (y, x);
    for (vector, output) in (0..vectors).flat_map(|vector| (0..layer.affine.len()).map(move |output| (vector, output)))
    {
        let product = |input: usize| {
            let x = x.get(vector * x_steps.vector + input * x_steps.value)?;
            let byte = layer.weight.get(output * layer.inputs + input)?;
            Some(i32::from((x + unit.rounding).to_bits() as i16) * i32::from(*byte))
        };
        let sum = (0..layer.inputs).filter_map(product).fold(0, i32::wrapping_add);
        let place = vector * y_steps.vector + output * y_steps.value;
        if let (Some(y), Some([scale, bias])) = (y.get_mut(place), layer.affine.get(output)) {
            *y = sum as f32 * (scale * unit.size) + bias;
        }
    }
}

/// A row of a matrix in bytes, and what a byte counts: the largest weight in size is 127. A row with a weight that is not finite
/// counts NaN.
pub fn quantize_row(bytes: &mut [i8], row: &[f32]) -> f32 {
    let largest = row.iter().fold(0.0_f32, |largest, weight| largest.max(weight.abs()));
    let scale = largest / 127.0;
    for (byte, weight) in bytes.iter_mut().zip(row) {
        // 0 where all weights are, and for NaN.
        *byte = libm::roundf(weight / scale) as i8;
    }
    if row.iter().all(|weight| weight.is_finite()) { scale } else { f32::NAN }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::{Key, Purpose, Stream};
    use std::vec::Vec;

    fn in_units(x: f32, unit: Unit) -> i16 {
        (x + unit.rounding).to_bits() as i16
    }

    #[test]
    fn the_largest_value_has_all_bits_and_does_not_overflow() {
        for exponent in -113..118 {
            for mantissa in [1.0, 1.5, 1.999_938_9, 1.999_999_9] {
                let largest = libm::ldexpf(mantissa, exponent);
                let unit = Unit::of(&[0.1 * largest, -largest, 0.5 * largest]);
                let whole = in_units(-largest, unit);
                assert!((-16384..=-8192).contains(&whole), "{largest}: {whole}");
                assert_eq!(in_units(largest, unit), -whole);
                assert!((f32::from(whole) * unit.size + largest).abs() <= 0.5 * unit.size, "{largest}");
            }
        }
    }

    #[test]
    fn values_are_rounded_to_the_nearest_and_halves_to_even() {
        let unit = Unit::of(&[8192.0]);
        assert_eq!(unit.size, 1.0);
        let expected = [
            (0.5, 0),
            (0.500_000_1, 1),
            (1.5, 2),
            (2.5, 2),
            (3.499, 3),
            (-0.5, 0),
            (-1.5, -2),
            (-2.5, -2),
            (-2.51, -3),
        ];
        for (x, whole) in expected {
            assert_eq!(in_units(x, unit), whole, "{x}");
        }
    }

    #[test]
    fn nothing_and_next_to_nothing_are_nothing() {
        for x in [0.0, -0.0, 0.4 * f32::MIN_POSITIVE, -f32::from_bits(1)] {
            let unit = Unit::of(&[x]);
            assert!(unit.size > 0.0 && unit.size.is_normal() && in_units(x, unit) == 0, "{x}");
        }
        assert_eq!(in_units(0.0, Unit::of(&[])), 0);
    }

    #[test]
    fn what_is_not_finite_makes_all_results_nan() {
        for x in [f32::NAN, -f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, libm::ldexpf(1.0, 118)] {
            let values = [0.5, x, 0.0, 1.0, -1.0];
            let unit = Unit::of(&values);
            let layer = Layer { inputs: 5, weight: &[127; 10], affine: &[[0.1, 1.0]; 2] };
            let (mut y, mut room) = ([[7.0; 2]; 2], [0.0; room(5)]);
            let steps = Steps { vector: 0, value: 1 };
            linear((&mut y[0], steps), (&values, steps), 1, unit, layer);
            arch::linear_int8((&mut y[1], steps), (&values, steps), 1, unit, layer, &mut room);
            assert!(y.as_flattened().iter().all(|y| y.is_nan()), "{x}: {y:?}");
        }
        assert!(Unit::of(&[libm::ldexpf(1.999_999_9, 117)]).size.is_normal());
    }

    #[test]
    fn a_row_uses_all_of_a_byte() {
        let mut bytes = [7; 4];
        assert_eq!(quantize_row(&mut bytes, &[-2.54, 1.27, 0.011, 0.009]), 2.54 / 127.0);
        assert_eq!(bytes, [-127, 64, 1, 0]);
        assert_eq!((quantize_row(&mut bytes, &[0.0, -0.0, 0.0, 0.0]), bytes), (0.0, [0; 4]));
        for weight in [f32::NAN, f32::INFINITY] {
            assert!(quantize_row(&mut bytes, &[1.0, weight, 0.0, -1.0]).is_nan());
        }
        assert!(quantize_row(&mut bytes, &[f32::MAX, 1.0, f32::MIN, 0.0]).is_finite());
        assert_eq!(bytes, [127, 0, -127, 0]);
    }

    /// Rows or columns, as a stream has them.
    fn steps(columns: bool, vectors: usize, length: usize) -> Steps {
        if columns { Steps { vector: 1, value: vectors } } else { Steps { vector: length, value: 1 } }
    }

    fn numbers(count: usize, stream: &mut Stream, bound: f32) -> Vec<f32> {
        (0..count).map(|_| bound * (2.0 * stream.uniform() - 1.0)).collect()
    }

    #[test]
    fn tiles_give_the_bits_of_the_definition_at_any_size() {
        let mut stream = Key::new(3, Purpose::Init).stream();
        let sizes = [4, 5, 6, 7, 8, 11, 12, 16, 21];
        for (vectors, inputs, outputs) in (1..=5).flat_map(|vectors| {
            sizes.iter().flat_map(move |inputs| (1..=9).map(move |outputs| (vectors, *inputs, outputs)))
        }) {
            let (x, affine) = (numbers(vectors * inputs, &mut stream, 3.0), numbers(2 * outputs, &mut stream, 0.1));
            let weight: Vec<_> = (0..inputs * outputs).map(|_| stream.below(255) as i8).collect();
            let layer = Layer { inputs, weight: &weight, affine: affine.as_chunks().0 };
            for (x_columns, y_columns) in [(false, false), (true, false), (false, true), (true, true)] {
                let [x_steps, y_steps] = [steps(x_columns, vectors, inputs), steps(y_columns, vectors, outputs)];
                let mut y = [std::vec![0.0; vectors * outputs], std::vec![7.0; vectors * outputs]];
                let ([expected, actual], mut room) = (&mut y, std::vec![f32::NAN; room(inputs)]);
                linear((expected, y_steps), (&x, x_steps), vectors, Unit::of(&x), layer);
                arch::linear_int8((actual, y_steps), (&x, x_steps), vectors, Unit::of(&x), layer, &mut room);
                assert_eq!(actual, expected, "{vectors} x {inputs} x {outputs}, {x_columns} {y_columns}");
            }
        }
    }

    /// A weight is off by half of what a byte counts, an input by half a unit.
    #[test]
    fn the_error_has_a_bound() {
        let mut stream = Key::new(4, Purpose::Init).stream();
        for _ in 0..2000 {
            let inputs = 4 + stream.below(40) as usize;
            let scale = libm::exp2f(20.0 * stream.uniform() - 10.0);
            let (x, row) = (numbers(inputs, &mut stream, scale), numbers(inputs, &mut stream, 1.0));
            let mut bytes = std::vec![0; inputs];
            let (step, unit) = (quantize_row(&mut bytes, &row), Unit::of(&x));
            let (mut y, mut room) = ([0.0], std::vec![0.0; room(inputs)]);
            let layer = Layer { inputs, weight: &bytes, affine: &[[step, 0.0]] };
            let steps = Steps { vector: 0, value: 1 };
            arch::linear_int8((&mut y, steps), (&x, steps), 1, unit, layer, &mut room);
            let exact: f64 = x.iter().zip(&row).map(|(x, w)| f64::from(*x) * f64::from(*w)).sum();
            let size: f64 = x.iter().map(|x| f64::from(x.abs())).sum();
            let bytes: f64 = bytes.iter().map(|byte| f64::from(byte.unsigned_abs())).sum();
            let bound = 0.5 * f64::from(step) * (size + bytes * f64::from(unit.size));
            assert!((f64::from(y[0]) - exact).abs() <= 1.0001 * bound, "{} instead of {exact}, bound {bound}", y[0]);
        }
    }

    #[test]
    fn the_longest_sum_does_not_overflow() {
        let (x, weight) = ([16383.9; MAX_INPUTS], [127; MAX_INPUTS]);
        let unit = Unit::of(&x);
        let (mut y, mut room) = ([0.0], [0.0; room(MAX_INPUTS)]);
        let (layer, steps) =
            (Layer { inputs: MAX_INPUTS, weight: &weight, affine: &[[1.0, 0.0]] }, Steps { vector: 0, value: 1 });
        arch::linear_int8((&mut y, steps), (&x, steps), 1, unit, layer, &mut room);
        assert_eq!(y[0], (127 * 16384 * MAX_INPUTS) as f32);
    }
}
