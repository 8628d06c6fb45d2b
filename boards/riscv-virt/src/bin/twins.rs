//! Compares assembly with its twins in plain Rust, bit for bit, and prints what is equal.
#![no_std]
#![no_main]

use core::hint::black_box;

use trainlet::kernels::bench::soft::{self, Cases};
use trainlet::kernels::bench::{COEFFICIENTS, arch as assembly, portable};
use trainlet_riscv_virt::app::board::Board;
use trainlet_riscv_virt::app::report::line;
use trainlet_riscv_virt::{ThisBoard, entry};

/// Operands of each operation.
const CASES: u32 = 2_000_000;

/// Prints whether a function gives the same.
fn report(board: &mut ThisBoard, name: &str, compare: impl FnOnce() -> Result<(), [u32; 4]>) {
    match compare() {
        Ok(()) => line(board, format_args!("{name}: equal")),
        Err([a, b, actual, expected]) => {
            line(board, format_args!("{name} of or at {a:x} and {b:x}: {actual:08x} instead of {expected:08x}"));
        }
    }
}

/// What the compiler calls for an operation, beside the same in plain integers.
fn compare(operation: fn(f32, f32) -> f32, twin: impl Fn(u32, u32) -> u32) -> Result<(), [u32; 4]> {
    let mut cases = Cases::new(1);
    for _ in 0..CASES {
        let [a, b] = cases.pair();
        let [x, y] = [a, b].map(|bits| black_box(f32::from_bits(bits)));
        let (actual, expected) = (operation(x, y).to_bits(), twin(a, b));
        if actual != expected {
            return Err([a, b, actual, expected]);
        }
    }
    Ok(())
}

type Matrix<'a> = (&'a [f32], usize);
type Product = fn(&mut [f32], Matrix, Matrix, usize, usize);

/// The most rows, columns and steps.
const SIDE: usize = 27;
/// Products of random sizes.
const PRODUCTS: u32 = 6_000;

/// Fills a matrix with numbers of one of some kinds: small ones as usual, of a few digits so that sums are ties or cancel, from far apart,
/// or with some that are rare.
fn fill(cases: &mut Cases, values: &mut [f32]) {
    let kind = cases.below(5);
    for value in values.iter_mut() {
        let bits = match kind {
            0 => cases.float(115, 14),
            1 => cases.float(126, 3),
            2 => cases.float(64, 122),
            3 if cases.below(30) == 0 => cases.pair()[0],
            _ => cases.float(120, 8),
        };
        *value = f32::from_bits(bits);
    }
    if cases.below(4) == 0 {
        let row = cases.below(SIDE as u32) as usize;
        values.iter_mut().skip(SIDE * row).take(SIDE).for_each(|value| *value = 0.0);
    }
}

/// Products by assembly beside those in plain Rust. `rows` says of both factors how many rows and columns they have, given those of
/// the result and the steps.
fn compare_products(
    assembly: Product,
    plain: Product,
    sizes: fn(usize, usize, usize) -> [[usize; 2]; 2],
) -> Result<(), [u32; 4]> {
    let mut cases = Cases::new(2);
    let mut matrices = [[0.0; SIDE * SIDE]; 3];
    for _ in 0..PRODUCTS {
        matrices.iter_mut().for_each(|values| fill(&mut cases, values));
        let [a, b, c] = &mut matrices;
        if cases.below(3) == 0 {
            c.fill(0.0);
        }
        let [m, n, k] = [0; 3].map(|_| 1 + cases.below(SIDE as u32) as usize);
        let widths = if cases.below(4) == 0 { [1 + cases.below(SIDE as u32) as usize; 2] } else { [SIDE; 2] };
        // As long as they have to be, or one too short, for which nothing is done.
        let [a, b] = [(a, 0), (b, 1)].map(|(values, factor)| {
            let [rows, columns] = sizes(m, n, k)[factor];
            let short = (cases.below(20) == 0) as usize;
            let length = (rows - 1) * widths[factor] + columns - short;
            (&values[..length], widths[factor])
        });
        let whole = |factor: usize, (values, width): Matrix| {
            let [rows, columns] = sizes(m, n, k)[factor];
            values.len() == (rows - 1) * width + columns
        };
        let (mut actual, mut expected) = (*c, *c);
        assembly(&mut actual[..m * n], a, b, k, n);
        if whole(0, a) && whole(1, b) {
            plain(&mut expected[..m * n], a, b, k, n);
        }
        for (place, (actual, expected)) in actual.iter().zip(&expected).enumerate() {
            let same = actual.to_bits() == expected.to_bits() || actual.is_nan() && expected.is_nan();
            if !same {
                return Err([(place / n) as u32, (place % n) as u32, actual.to_bits(), expected.to_bits()]);
            }
        }
    }
    Ok(())
}

/// A row of zeros leaves nothing out: with infinity each of its products is no number.
fn compare_zeros() -> Result<(), [u32; 4]> {
    for (zeros, place) in [(0.0, 3), (-0.0, 14)] {
        let (a, mut b, mut c) = ([zeros; 12], [1.0; 24], [2.0; 16]);
        b[place] = f32::INFINITY;
        assembly::nn(&mut c, (&a, 3), (&b[..12], 4), 3, 4);
        assembly::nt(&mut c, (&a, 3), (&b[12..], 3), 3, 4);
        let column = if place < 12 { place % 4 } else { (place - 12) / 3 };
        for (index, value) in c.iter().enumerate() {
            if value.is_nan() != (index % 4 == column) || value.is_finite() && *value != 2.0 {
                return Err([(index / 4) as u32, (index % 4) as u32, value.to_bits(), 0]);
            }
        }
    }
    Ok(())
}

/// `y += factor x` and a gradient that is added, for a factor of 1 as for others.
fn compare_rows() -> Result<(), [u32; 4]> {
    let mut cases = Cases::new(5);
    for round in 0..1_000 {
        let [mut x, mut y, mut normalized] = [[0.0; 36]; 3];
        for values in [&mut x, &mut y, &mut normalized] {
            fill(&mut cases, values);
        }
        let factor = if round % 2 == 0 { 1.0 } else { f32::from_bits(cases.float(120, 8)) };
        let mut results = [y; 4];
        let [actual, expected, onto, onto_expected] = &mut results;
        assembly::add_scaled(actual, &x, factor);
        portable::add_scaled(expected, &x, factor);
        assembly::normalize_backward_onto(onto, &mut x.clone(), &normalized, &[0.5, 2.0, 1.0], 12);
        portable::normalize_backward_onto(onto_expected, &mut x.clone(), &normalized, &[0.5, 2.0, 1.0], 12);
        for (actual, expected) in actual.iter().chain(&*onto).zip(expected.iter().chain(&*onto_expected)) {
            let same = actual.to_bits() == expected.to_bits() || actual.is_nan() && expected.is_nan();
            if !same {
                return Err([round, factor.to_bits(), actual.to_bits(), expected.to_bits()]);
            }
        }
    }
    Ok(())
}

/// Values and slopes of floats from everywhere, and gradients times slopes.
fn compare_gelu() -> Result<(), [u32; 4]> {
    const COUNT: usize = 20;
    let mut cases = Cases::new(3);
    for _ in 0..4_000 {
        let mut x = [[0.0]; COUNT];
        let kind = cases.below(8);
        for x in &mut x {
            *x = [f32::from_bits(match kind {
                0 => cases.pair()[0],
                1 => cases.float(60, 80),
                2 => cases.float(127, 3),
                _ => cases.float(118, 12),
            })];
        }
        let gradient = [0; COUNT].map(|_| [f32::from_bits(cases.float(90, 40))]);
        let [mut values, mut in_place, mut value, mut slope, mut beside] = [x; 5];
        let [mut expected, mut expected_slope, mut dy, mut expected_dy] = [x, x, gradient, gradient];
        assembly::gelu(&x, &mut values, &COEFFICIENTS);
        assembly::gelu_in_place(&mut in_place, &COEFFICIENTS);
        assembly::gelu_backward(&mut value, &mut dy, &COEFFICIENTS);
        assembly::gelu_with_slope(&mut slope, &mut beside, &COEFFICIENTS);
        portable::gelu_with_slope(&mut expected_slope, &mut expected, &COEFFICIENTS);
        portable::gelu_backward(&mut x.clone(), &mut expected_dy, &COEFFICIENTS);
        let pairs = [values, in_place, value, beside].map(|values| (values, expected));
        for (actual, expected) in pairs.into_iter().chain([(slope, expected_slope), (dy, expected_dy)]) {
            for (x, (actual, expected)) in x.iter().zip(actual.iter().zip(&expected)) {
                let same = actual[0].to_bits() == expected[0].to_bits() || actual[0].is_nan() && expected[0].is_nan();
                if !same {
                    return Err([x[0].to_bits(), 0, actual[0].to_bits(), expected[0].to_bits()]);
                }
            }
        }
    }
    Ok(())
}

/// Sums of squares of columns.
fn compare_squares() -> Result<(), [u32; 4]> {
    let mut cases = Cases::new(4);
    let mut values = [0.0; SIDE * SIDE];
    for _ in 0..2_000 {
        fill(&mut cases, &mut values);
        let count = cases.below(91) as usize;
        let mut lanes = [0.0; 8];
        if cases.below(2) == 0 {
            fill(&mut cases, &mut lanes);
        }
        let (rows, mut actual, mut expected) = (&values.as_chunks().0[..count], lanes, lanes);
        assembly::add_squares(&mut actual, rows);
        portable::add_squares(&mut expected, rows);
        for (lane, (actual, expected)) in actual.iter().zip(&expected).enumerate() {
            let same = actual.to_bits() == expected.to_bits() || actual.is_nan() && expected.is_nan();
            if !same {
                return Err([lane as u32, count as u32, actual.to_bits(), expected.to_bits()]);
            }
        }
    }
    Ok(())
}

#[entry]
fn main() -> ! {
    if let Some(mut board) = ThisBoard::new() {
        report(&mut board, "add", || compare(|a, b| a + b, |a, b| soft::add(a, b)));
        report(&mut board, "subtract", || compare(|a, b| a - b, |a, b| soft::add(a, b ^ 1 << 31)));
        report(&mut board, "multiply", || compare(|a, b| a * b, |a, b| soft::multiply(a, b)));
        report(&mut board, "divide", || compare(|a, b| a / b, |a, b| soft::divide(a, b)));
        report(&mut board, "nn", || compare_products(assembly::nn, portable::nn, |m, n, k| [[m, k], [k, n]]));
        report(&mut board, "tn", || compare_products(assembly::tn, portable::tn, |m, n, k| [[k, m], [k, n]]));
        report(&mut board, "nt", || compare_products(assembly::nt, portable::nt, |m, n, k| [[m, k], [n, k]]));
        report(&mut board, "zeros by infinity", compare_zeros);
        report(&mut board, "rows", compare_rows);
        report(&mut board, "gelu", compare_gelu);
        report(&mut board, "squares", compare_squares);
        board.exit();
    }
    loop {
        core::hint::spin_loop();
    }
}
