//! Layers whose weights are bytes.

use trainlet::kernels::bench::{Layer, Steps, Unit, arch as assembly, portable};

use crate::{assert_same, floats, numbers};

/// The most inputs.
const SIDE: usize = 18;

/// Rows or columns, as a stream has them.
fn steps(columns: bool, vectors: usize, length: usize) -> Steps {
    if columns { Steps { vector: 1, value: vectors } } else { Steps { vector: length, value: 1 } }
}

/// Layers of all small sizes.
pub fn compare() {
    let (weight, affine) = (numbers::<{ SIDE * SIDE }>(32).map(|x| (127.5 * x) as i8), numbers::<{ 2 * SIDE }>(33));
    let x = numbers::<{ 5 * SIDE }>(34);
    for (vectors, inputs) in (0..=5).flat_map(|vectors| (4..=SIDE).map(move |inputs| (vectors, inputs))) {
        for (outputs, columns) in (0..=9).flat_map(|outputs| (0..4).map(move |columns| (outputs, columns))) {
            let affine = &affine.as_chunks().0[..outputs];
            let layer = Layer { inputs, weight: &weight[..inputs * outputs], affine };
            let x = &x[..vectors * inputs];
            let [x_steps, y_steps] =
                [steps(columns & 1 == 1, vectors, inputs), steps(columns & 2 == 2, vectors, outputs)];
            let (mut y, mut room) = ([numbers::<50>(35); 2], [[7.0; 32]; 2]);
            let [actual, expected] = &mut y;
            let [scratch, plain] = &mut room;
            let to = &mut actual[..vectors * outputs];
            assembly::linear_int8((to, y_steps), (x, x_steps), vectors, Unit::of(x), layer, scratch);
            let to = &mut expected[..vectors * outputs];
            portable::linear_int8((to, y_steps), (x, x_steps), vectors, Unit::of(x), layer, plain);
            assert_same(actual, expected);
        }
    }
    // What is too short for anything, with bytes that end with the last that is needed.
    let layer = Layer { inputs: 8, weight: &weight[..15], affine: &[[1.0; 2]; 2] };
    let (one, mut y) = (Steps { vector: 0, value: 1 }, [7.0; 2]);
    assembly::linear_int8((&mut y, one), (&x, one), 1, Unit::of(&x), layer, &mut [0.0; 8]);
    assert_same(&y, &[7.0; 2]);
}

/// Sums as large as they can be, values that are not finite, and the scale of everything.
pub fn compare_units() {
    let layer = Layer { inputs: 7, weight: &[127; 14], affine: &[[0.3, 0.1], [-0.3, 0.2]] };
    for x in floats(5_000_011) {
        let [a, b, c, infinite] = x;
        for x in
            [[a, 0.4 * a, 0.0, -0.0, 0.9 * a, 0.1, b], [a, b, c, -a, -b, -c, 0.0], [a, b, c, 0.0, infinite, 0.0, 1.0]]
        {
            for length in 0..=7 {
                let exponents = [assembly::largest_exponent(&x[..length]), portable::largest_exponent(&x[..length])];
                assert_eq!(exponents[0], exponents[1]);
            }
            let (one, mut y) = (Steps { vector: 0, value: 1 }, [[7.0; 2]; 2]);
            assembly::linear_int8((&mut y[0], one), (&x, one), 1, Unit::of(&x), layer, &mut [0.0; 8]);
            portable::linear_int8((&mut y[1], one), (&x, one), 1, Unit::of(&x), layer, &mut [0.0; 8]);
            assert_same(&y[0], &y[1]);
        }
    }
}
