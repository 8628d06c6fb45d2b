//! Compares assembly with its twin in plain Rust, bit for bit, and prints what is equal.
#![no_std]
#![no_main]

mod bytes;
mod products;

use semihosting::println;
use trainlet::kernels::bench::{COEFFICIENTS, arch as assembly, portable};
use trainlet_bench::values::fill;
use trainlet_bench::{entry, succeed};

/// Prints that a function gives the same; a difference ends the program.
fn report(name: &str, mut compare: impl FnMut()) {
    compare();
    println!("{}: equal", name);
}

/// Here NaN equals NaN, whatever its bits.
#[track_caller]
fn assert_same(actual: &[f32], expected: &[f32]) {
    for (a, e) in actual.iter().zip(expected) {
        assert!(a.to_bits() == e.to_bits() || a.is_nan() && e.is_nan(), "{a} instead of {e}");
    }
}

fn numbers<const N: usize>(index: u64) -> [f32; N] {
    let mut values = [0.0; N];
    fill(&mut values, index);
    values
}

fn compare_rows() {
    let x = numbers::<168>(4);
    let factors = numbers::<42>(5);
    report("outer product and squares", || {
        for width in 0..=30 {
            let mut c = [numbers::<93>(22); 2];
            let [actual, expected] = &mut c;
            assembly::add_outer(actual, &factors[..4], &x[..width]);
            portable::add_outer(expected, &factors[..4], &x[..width]);
            assert_same(actual, expected);
            let mut lanes = [numbers::<8>(23); 2];
            let [lanes, lanes_plain] = &mut lanes;
            assembly::add_squares(lanes, x[..4 * width].as_chunks().0);
            portable::add_squares(lanes_plain, x[..4 * width].as_chunks().0);
            assert_same(lanes, lanes_plain);
        }
    });
    report("sums", || {
        for width in 0..=14 {
            let mut sums = [numbers::<14>(24); 2];
            let [actual, expected] = &mut sums;
            assembly::add_column_sums(&mut actual[..width], &x[..5 * width]);
            portable::add_column_sums(&mut expected[..width], &x[..5 * width]);
            assert_same(actual, expected);
            assembly::add_row_sums(&mut actual[..11], &x[..11 * width], width);
            portable::add_row_sums(&mut expected[..11], &x[..11 * width], width);
            assert_same(actual, expected);
        }
    });
    report("rows", || {
        for length in 0..=40 {
            let mut y = [numbers::<48>(8); 2];
            let [actual, expected] = &mut y;
            for factor in [0.3, 1.0] {
                assembly::add_scaled(&mut actual[..length], &x, factor);
                portable::add_scaled(&mut expected[..length], &x, factor);
                assert_same(actual, expected);
                assembly::scaled(&mut actual[..length], &x[1..], factor);
                portable::scaled(&mut expected[..length], &x[1..], factor);
                assert_same(actual, expected);
            }
            assembly::multiply(&mut actual[..length], &x[2..]);
            portable::multiply(&mut expected[..length], &x[2..]);
            assert_same(actual, expected);
            assembly::copy(&mut actual[..length], &x[3..]);
            portable::copy(&mut expected[..length], &x[3..]);
            assert_same(actual, expected);
            assembly::fill(&mut actual[..length], 0.7);
            portable::fill(&mut expected[..length], 0.7);
            assert_same(actual, expected);
            assembly::fill_with_column(actual, &x[..4], length.max(1));
            portable::fill_with_column(expected, &x[..4], length.max(1));
            assert_same(actual, expected);
            assembly::fill_with_row(actual, &x[4..4 + length]);
            portable::fill_with_row(expected, &x[4..4 + length]);
            assert_same(actual, expected);
        }
    });
}

/// At all scales, so that variances are anything from 0 to infinity.
fn compare_norm() {
    for exponent in -30..=30 {
        let scale = libm::powf(10.0, exponent as f32);
        for equal in 0..=3 {
            compare_norm_of(12, scale, equal);
            compare_norm_of(16, scale, equal);
        }
    }
}

/// Rows that begin with two equal values, of which the first `equal` are rows of equal values throughout.
fn compare_norm_of(width: usize, scale: f32, equal: usize) {
    // One row more than there are factors, and a row of nothing but -0.
    let mut x = [numbers::<64>(13).map(|x| x * scale); 2];
    for x in &mut x {
        for (index, row) in x.chunks_exact_mut(width).enumerate() {
            let constant = row[0];
            row[1..if index < equal { width } else { 2 }].fill(constant);
        }
        x[width..2 * width].fill(-0.0);
    }
    let epsilon = 1e-5 * scale * scale;
    let mut rstd = [[7.0; 4]; 2];
    let ([actual, expected], [rstd, rstd_plain]) = (&mut x, &mut rstd);
    assembly::normalize(actual, &mut rstd[..3], width, epsilon);
    portable::normalize(expected, &mut rstd_plain[..3], width, epsilon);
    assert_same(actual, expected);
    assert_same(rstd, rstd_plain);
    let mut gradient = [numbers::<64>(14); 2];
    gradient.iter_mut().for_each(|g| g[..width].fill(-0.0));
    let [gradient, gradient_plain] = &mut gradient;
    let (mut lost, mut dx) = ([*gradient; 2], [numbers::<64>(31); 2]);
    let ([lost, lost_plain], [dx, dx_plain]) = (&mut lost, &mut dx);
    assembly::normalize_backward_onto(dx, lost, actual, &rstd[..3], width);
    portable::normalize_backward_onto(&mut dx_plain[..3 * width], lost_plain, actual, &rstd[..3], width);
    assert_same(dx, dx_plain);
    assembly::normalize_backward(gradient, actual, &rstd[..3], width);
    portable::normalize_backward(gradient_plain, actual, &rstd[..3], width);
    assert_same(gradient, gradient_plain);
}

fn compare_layer_norm() {
    let (weight, bias) = (numbers::<16>(26), numbers::<16>(27));
    for (width, rows) in [12, 16].into_iter().flat_map(|width| (0..=5).map(move |rows| (width, rows))) {
        let (weight, bias) = (&weight[..width], &bias[..width]);
        // A row of nothing but -0, and at the end four values that belong to no row.
        let mut x = numbers::<84>(25);
        x[..width].fill(-0.0);
        let (before, x) = (x, &mut x[..rows * width + 4]);
        let mut all = [[28, 29, 30].map(numbers::<84>); 2];
        let [[normalized, rstd, y], [normalized_plain, rstd_plain, y_plain]] = &mut all;
        assembly::layer_norm(x, normalized, rstd, y, weight, bias, 1e-5);
        let (whole, plain) = (&x[..rows * width], &mut normalized_plain[..rows * width]);
        plain.copy_from_slice(whole);
        portable::normalize(plain, rstd_plain, width, 1e-5);
        portable::affine((&mut y_plain[..rows * width], width), (plain, width), weight, bias);
        all[0].iter().zip(&all[1]).for_each(|(actual, expected)| assert_same(actual, expected));
        let (y, mut y_only) = (&all[1][2], numbers::<84>(30));
        assembly::layer_norm_infer(x, &mut y_only, weight, bias, 1e-5);
        assert_same(&y_only, y);
        assembly::layer_norm_in_place(x, weight, bias, 1e-5);
        let (in_place, after) = x.split_at(rows * width);
        assert_same(in_place, y);
        assert_same(after, &before[rows * width..]);
    }
}

fn compare_affine() {
    let (x, weight, bias) = (numbers::<80>(15), numbers::<16>(16), numbers::<16>(17));
    for columns in 0..=16 {
        let (weight, bias) = (&weight[..columns], &bias[..columns]);
        for y_width in columns..=columns + 1 {
            let mut y = [numbers::<85>(18); 2];
            let [actual, expected] = &mut y;
            assembly::affine((actual, y_width), (&x[..64 + columns], 16), weight, bias);
            portable::affine((expected, y_width), (&x[..64 + columns], 16), weight, bias);
            assert_same(actual, expected);
            assembly::affine_in_place(actual, weight, bias);
            portable::affine_in_place(expected, weight, bias);
            assert_same(actual, expected);
        }
        let mut all = [[19, 20, 21].map(numbers::<80>); 2];
        let [[dy, dweight, dbias], [dy_plain, dweight_plain, dbias_plain]] = &mut all;
        assembly::affine_backward(dy, &x, weight, &mut dweight[..columns], &mut dbias[..columns]);
        portable::affine_backward(dy_plain, &x, weight, &mut dweight_plain[..columns], &mut dbias_plain[..columns]);
        all[0].iter().zip(&all[1]).for_each(|(actual, expected)| assert_same(actual, expected));
    }
}

fn compare_adam() {
    compare_adam_for::<12>(1.0);
    compare_adam_for::<16>(1.0);
    // Some products of divisors are too large for a quotient, in the end all.
    compare_adam_for::<24>(1e5);
    compare_adam_for::<8>(f32::INFINITY);
}

fn compare_adam_for<const N: usize>(growth: f32) {
    const SCALE: f32 = (1_u64 << 40) as f32;
    let mut factors = [[0.9, 0.15, 0.047, 0.999, 1e-8, 0.99, SCALE, 1e-3 * SCALE, 1e-3, 1e38, 0.0]; 2];
    let [of_assembly, of_plain] = &mut factors;
    let mut both = [[9, 10, 11].map(numbers::<N>); 2];
    for [_, _, moment2] in &mut both {
        moment2.iter_mut().for_each(|v| *v = v.abs());
    }
    let mut gradient = numbers::<N>(12);
    let [[w, m, v], [w_plain, m_plain, v_plain]] = &mut both;
    for _ in 0..4 {
        let chunks = (w.as_chunks_mut().0, m.as_chunks_mut().0, v.as_chunks_mut().0);
        assembly::adam(chunks.0, gradient.as_chunks().0, chunks.1, chunks.2, of_assembly);
        let chunks = (w_plain.as_chunks_mut().0, m_plain.as_chunks_mut().0, v_plain.as_chunks_mut().0);
        portable::adam(chunks.0, gradient.as_chunks().0, chunks.1, chunks.2, of_plain);
        gradient.iter_mut().step_by(3).for_each(|g| *g *= growth);
    }
    both[0].iter().zip(&both[1]).for_each(|(actual, expected)| assert_same(actual, expected));
    assert_same(&factors[0], &factors[1]);
}

/// Floats of both signs from all over their range, with zero, infinity and not a number.
fn floats(step: usize) -> impl Iterator<Item = [f32; 4]> {
    (0..=0x7fff_ffff_u32).step_by(step).map(|bits| {
        let x = f32::from_bits(bits);
        [x, -x, f32::from_bits(bits ^ 0x0055_5555), f32::INFINITY]
    })
}

fn compare_gelu() {
    // Each two floats among far ones, and among near ones.
    for x in floats(200_003).flat_map(|x| [x, [x[0], x[1], -0.0, 0.7]]) {
        let mut values = [[x]; 12];
        let [from, y, in_place, y_plain, value, value_plain, dy, dy_plain, slope, slope_plain, beside, beside_plain] =
            &mut values;
        assembly::gelu(from, y, &COEFFICIENTS);
        assembly::gelu_in_place(in_place, &COEFFICIENTS);
        portable::gelu(from, y_plain, &COEFFICIENTS);
        assert_same(&y[0], &y_plain[0]);
        assert_same(&in_place[0], &y_plain[0]);
        (dy[0], dy_plain[0]) = ([1.0, -0.3, 5.0, 1.0], [1.0, -0.3, 5.0, 1.0]);
        assembly::gelu_backward(value, dy, &COEFFICIENTS);
        portable::gelu_backward(value_plain, dy_plain, &COEFFICIENTS);
        assert_same(&value[0], &y_plain[0]);
        assert_same(&value_plain[0], &y_plain[0]);
        assert_same(&dy[0], &dy_plain[0]);
        assembly::gelu_with_slope(slope, beside, &COEFFICIENTS);
        portable::gelu_with_slope(slope_plain, beside_plain, &COEFFICIENTS);
        assert_same(&slope[0], &slope_plain[0]);
        for values in [beside, beside_plain] {
            assert_same(&values[0], &y_plain[0]);
        }
    }
}

#[entry]
fn main() -> ! {
    report("nn", || {
        products::compare(assembly::nn, portable::nn);
        products::compare_ends(assembly::nn, portable::nn, [|m, k, _| [m, k], |_, k, n| [k, n]]);
    });
    report("tn", || {
        products::compare(assembly::tn, portable::tn);
        products::compare_ends(assembly::tn, portable::tn, [|m, k, _| [k, m], |_, k, n| [k, n]]);
    });
    report("nt", || {
        products::compare(assembly::nt, portable::nt);
        products::compare_ends(assembly::nt, portable::nt, [|m, k, _| [m, k], |_, k, n| [n, k]]);
    });
    compare_rows();
    report("normalize", compare_norm);
    report("layer norm", compare_layer_norm);
    report("affine", compare_affine);
    report("adam", compare_adam);
    report("bytes", || {
        bytes::compare();
        bytes::compare_units();
    });
    report("gelu", compare_gelu);
    report("sqrt", || floats(50_021).for_each(|x| assert_same(&x.map(assembly::sqrt), &x.map(portable::sqrt))));
    succeed()
}
