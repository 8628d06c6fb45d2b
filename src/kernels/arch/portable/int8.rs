//! Linear layers whose matrix is in bytes, two vectors and two outputs at a time.

use crate::kernels::int8::{Layer, Steps, Unit, room};

/// The exponent of the largest value in size, as an `f32` has it.
pub fn largest_exponent(x: &[f32]) -> u32 {
    x.iter().fold(0, |largest, x| largest.max(x.to_bits() << 1)) >> 24
}

/// `y = W x + b` for this many vectors, two of which `scratch` holds in units at a time.
#[inline(never)]
pub fn linear_int8(
    (y, y_steps): (&mut [f32], Steps),
    (x, x_steps): (&[f32], Steps),
    vectors: usize,
    unit: Unit,
    layer: Layer,
    scratch: &mut [f32],
) {
    let Some((first_half, second_half)) = scratch.split_at_mut_checked(room(layer.inputs) / 2) else { return };
    for first in (0..vectors).step_by(2) {
        let count = (vectors - first).min(2);
        let halves = [&mut *first_half, &mut *second_half];
        for (vector, packed) in (first..vectors).zip(halves) {
            pack(packed, values(x, x_steps, vector, layer.inputs), unit);
        }
        let packed = [&*first_half, if count == 2 { &*second_half } else { &[] }];
        let mut rest = layer.weight;
        for (output, [scale, bias]) in layer.affine.iter().enumerate() {
            let Some((row, later)) = rest.split_at_checked(layer.inputs) else { return };
            rest = later;
            let factor = scale * unit.size;
            for (vector, sum) in (first..vectors).zip(dots(packed, row)) {
                let place = vector * y_steps.vector + output * y_steps.value;
                if let Some(y) = y.get_mut(place) {
                    *y = sum as f32 * factor + bias;
                }
            }
        }
    }
}

/// The values of a vector.
fn values(x: &[f32], steps: Steps, vector: usize, count: usize) -> impl Iterator<Item = &f32> {
    let x = x.get(vector * steps.vector..).unwrap_or_default();
    x.iter().step_by(steps.value.max(1)).take(count)
}

/// Two values in a word, the first of them in its lower half.
fn pack<'a>(packed: &mut [f32], mut x: impl Iterator<Item = &'a f32>, unit: Unit) {
    let mut next = || x.next().map_or(0, |x| (x + unit.rounding).to_bits() as u16);
    for word in packed {
        let low = next();
        *word = f32::from_bits(u32::from(next()) << 16 | u32::from(low));
    }
}

/// The products of a row with two packed vectors, of which the second may be empty.
fn dots([first, second]: [&[f32]; 2], row: &[i8]) -> [i32; 2] {
    let (pairs, last) = row.as_chunks::<2>();
    let mut sums = [0; 2];
    if second.is_empty() {
        for (word, pair) in first.iter().zip(pairs) {
            add(&mut sums[0], word, *pair);
        }
    } else {
        for ((first, second), pair) in first.iter().zip(second).zip(pairs) {
            add(&mut sums[0], first, *pair);
            add(&mut sums[1], second, *pair);
        }
    }
    for byte in last {
        for (sum, packed) in sums.iter_mut().zip([first, second]) {
            packed.get(pairs.len()).into_iter().for_each(|word| add(sum, word, [*byte, 0]));
        }
    }
    sums
}

/// Adds the products of two bytes with two values. A sum of what is not finite means nothing and may overflow.
#[inline(always)]
fn add(sum: &mut i32, word: &f32, [low, high]: [i8; 2]) {
    let word = word.to_bits() as i32;
    *sum = sum.wrapping_add(i32::from(word as i16) * i32::from(low) + (word >> 16) * i32::from(high));
}
