//! Compares what is in assembly with its plain Rust, bit for bit, and says what is equal.
#![no_std]
#![no_main]

use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use trainlet::kernels::gelu::COEFFICIENTS;
use trainlet::kernels::{adam, affine, gelu, norm, rows, tile};
use trainlet_bench_m4::succeed;
use trainlet_bench_m4::values::fill;
use trainlet_cortex_m4 as assembly;

/// Says that a function gives the same; a difference ends the program.
fn report(name: &str, mut compare: impl FnMut()) {
    compare();
    hprintln!("{}: equal", name);
}

/// Not a number is equal to itself here, whichever it is.
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

type Product = fn((&mut [f32], usize), (&[f32], usize), (&[f32], usize), usize, [usize; 2]);

/// Distance of rows: more than three tiles are wide, and than the summed index is long.
const WIDTH: usize = 14;

fn compare_products(assembly: Product, plain: Product) {
    let (a, b) = (numbers::<{ WIDTH * WIDTH }>(1), numbers::<{ WIDTH * WIDTH }>(2));
    for (depth, down) in (0..WIDTH).flat_map(|depth| [0, 1, 2, 3].map(|down| (depth, down))) {
        for across in 0..=3 {
            let mut c = [numbers::<{ 12 * WIDTH }>(3); 2];
            let [actual, expected] = &mut c;
            assembly((actual, WIDTH), (&a, WIDTH), (&b, WIDTH), depth, [down, across]);
            plain((expected, WIDTH), (&a, WIDTH), (&b, WIDTH), depth, [down, across]);
            assert_same(actual, expected);
        }
    }
    // Nothing is done, and nothing else is touched, where a matrix is too short.
    let mut c = numbers::<{ 4 * WIDTH }>(3);
    assembly((&mut c, WIDTH), (&a, WIDTH), (&b, WIDTH), 2, [2, 1]);
    let short: &mut [f32] = &mut c[..3 * WIDTH + 7];
    assembly((short, WIDTH), (&a, WIDTH), (&b, WIDTH), 2, [1, 2]);
    assembly((short, WIDTH), (&[], WIDTH), (&b, WIDTH), 2, [1, 1]);
    assembly((short, WIDTH), (&a, WIDTH), (&b[..WIDTH], usize::MAX), 2, [1, 1]);
    assert_same(&c, &numbers::<{ 4 * WIDTH }>(3));
}

fn compare_rows() {
    let x = numbers::<{ 12 * WIDTH }>(4);
    let factors = numbers::<{ 3 * WIDTH }>(5);
    report("combine", || {
        for (depth, tiles) in (0..=7).flat_map(|depth| [1, 2, 3].map(|tiles| (depth, tiles))) {
            let mut y = [numbers::<24>(6); 2];
            let [actual, expected] = &mut y;
            assembly::combine(actual[..8 * tiles].as_chunks_mut().0, (&factors, 3), (&x, 20), depth);
            tile::combine(expected[..8 * tiles].as_chunks_mut().0, (&factors, 3), (&x, 20), depth);
            assert_same(actual, expected);
        }
    });
    report("dots", || {
        for (depth, tiles) in (0..=11).flat_map(|depth| [1, 2, 3].map(|tiles| (depth, tiles))) {
            let mut y = [numbers::<12>(7); 2];
            let [actual, expected] = &mut y;
            assembly::dots(actual[..4 * tiles].as_chunks_mut().0, &factors[..depth], (&x, WIDTH));
            tile::dots(expected[..4 * tiles].as_chunks_mut().0, &factors[..depth], (&x, WIDTH));
            assert_same(actual, expected);
        }
        // More steps than a row is long: rows overlap.
        let mut y = [numbers::<12>(7); 2];
        let [actual, expected] = &mut y;
        assembly::dots(actual.as_chunks_mut().0, &factors[..31], (&x, 11));
        tile::dots(expected.as_chunks_mut().0, &factors[..31], (&x, 11));
        assert_same(actual, expected);
    });
    report("outer product and squares", || {
        for width in 0..=30 {
            let mut c = [numbers::<93>(22); 2];
            let [actual, expected] = &mut c;
            assembly::add_outer(actual, &factors[..4], &x[..width]);
            rows::add_outer(expected, &factors[..4], &x[..width]);
            assert_same(actual, expected);
            let mut lanes = [numbers::<8>(23); 2];
            let [lanes, lanes_plain] = &mut lanes;
            assembly::add_squares(lanes, x[..4 * width].as_chunks().0);
            rows::add_squares(lanes_plain, x[..4 * width].as_chunks().0);
            assert_same(lanes, lanes_plain);
        }
    });
    report("sums", || {
        for width in 0..=WIDTH {
            let mut sums = [numbers::<14>(24); 2];
            let [actual, expected] = &mut sums;
            assembly::add_column_sums(&mut actual[..width], &x[..5 * width]);
            rows::add_column_sums(&mut expected[..width], &x[..5 * width]);
            assert_same(actual, expected);
            assembly::add_row_sums(&mut actual[..11], &x[..11 * width], width);
            rows::add_row_sums(&mut expected[..11], &x[..11 * width], width);
            assert_same(actual, expected);
        }
    });
    report("rows", || {
        for length in 0..=40 {
            let mut y = [numbers::<48>(8); 2];
            let [actual, expected] = &mut y;
            assembly::add_scaled(&mut actual[..length], &x, 0.3);
            rows::add_scaled(&mut expected[..length], &x, 0.3);
            assert_same(actual, expected);
            assembly::scaled(&mut actual[..length], &x[1..], 0.3);
            rows::scaled(&mut expected[..length], &x[1..], 0.3);
            assert_same(actual, expected);
            assembly::multiply(&mut actual[..length], &x[2..]);
            rows::multiply(&mut expected[..length], &x[2..]);
            assert_same(actual, expected);
            assembly::copy(&mut actual[..length], &x[3..]);
            rows::copy(&mut expected[..length], &x[3..]);
            assert_same(actual, expected);
            assembly::fill(&mut actual[..length], 0.7);
            rows::fill(&mut expected[..length], 0.7);
            assert_same(actual, expected);
            assembly::fill_with_column(actual, &x[..4], length.max(1));
            rows::fill_with_column(expected, &x[..4], length.max(1));
            assert_same(actual, expected);
        }
    });
}

fn compare_norm() {
    for width in [12, 16] {
        // One row more than there are factors, and a row of nothing but -0.
        let mut x = [numbers::<64>(13); 2];
        x.iter_mut().for_each(|x| x[width..2 * width].fill(-0.0));
        let mut rstd = [[7.0; 4]; 2];
        let ([actual, expected], [rstd, rstd_plain]) = (&mut x, &mut rstd);
        assembly::normalize(actual, &mut rstd[..3], width, 1e-5);
        norm::normalize_rows(expected, &mut rstd_plain[..3], width, 1e-5);
        assert_same(actual, expected);
        assert_same(rstd, rstd_plain);
        let mut gradient = [numbers::<64>(14); 2];
        gradient.iter_mut().for_each(|g| g[..width].fill(-0.0));
        let [gradient, gradient_plain] = &mut gradient;
        assembly::normalize_backward(gradient, actual, &rstd[..3], width);
        norm::normalize_rows_backward(gradient_plain, actual, &rstd[..3], width);
        assert_same(gradient, gradient_plain);
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
            affine::affine((expected, y_width), (&x[..64 + columns], 16), weight, bias);
            assert_same(actual, expected);
            assembly::affine_in_place(actual, weight, bias);
            affine::affine_in_place(expected, weight, bias);
            assert_same(actual, expected);
        }
        let mut all = [[19, 20, 21].map(numbers::<80>); 2];
        let [[dy, dweight, dbias], [dy_plain, dweight_plain, dbias_plain]] = &mut all;
        assembly::affine_backward(dy, &x, weight, &mut dweight[..columns], &mut dbias[..columns]);
        affine::affine_backward(dy_plain, &x, weight, &mut dweight_plain[..columns], &mut dbias_plain[..columns]);
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
    let factors = [0.9, 0.15, 0.047, 0.999, 1e-8, 0.99, SCALE, 1e-3 * SCALE, 1e-3, 1e38];
    let mut both = [[9, 10, 11].map(numbers::<N>); 2];
    for [_, _, moment2] in &mut both {
        moment2.iter_mut().for_each(|v| *v = v.abs());
    }
    let mut gradient = numbers::<N>(12);
    let [[w, m, v], [w_plain, m_plain, v_plain]] = &mut both;
    for _ in 0..4 {
        let chunks = (w.as_chunks_mut().0, m.as_chunks_mut().0, v.as_chunks_mut().0);
        assembly::adam(chunks.0, gradient.as_chunks().0, chunks.1, chunks.2, &factors);
        let chunks = (w_plain.as_chunks_mut().0, m_plain.as_chunks_mut().0, v_plain.as_chunks_mut().0);
        adam::steps(chunks.0, gradient.as_chunks().0, chunks.1, chunks.2, &factors);
        gradient.iter_mut().step_by(3).for_each(|g| *g *= growth);
    }
    both[0].iter().zip(&both[1]).for_each(|(actual, expected)| assert_same(actual, expected));
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
        let mut values = [[x]; 8];
        let [from, y, in_place, y_plain, value, value_plain, dy, dy_plain] = &mut values;
        assembly::gelu(from, y, &COEFFICIENTS);
        assembly::gelu_in_place(in_place, &COEFFICIENTS);
        gelu::values(from, y_plain, &COEFFICIENTS);
        assert_same(&y[0], &y_plain[0]);
        assert_same(&in_place[0], &y_plain[0]);
        (dy[0], dy_plain[0]) = ([1.0, -0.3, 5.0, 1.0], [1.0, -0.3, 5.0, 1.0]);
        assembly::gelu_backward(value, dy, &COEFFICIENTS);
        gelu::values_and_gradients(value_plain, dy_plain, &COEFFICIENTS);
        assert_same(&value[0], &y_plain[0]);
        assert_same(&value_plain[0], &y_plain[0]);
        assert_same(&dy[0], &dy_plain[0]);
    }
}

#[entry]
fn main() -> ! {
    report("nn", || compare_products(assembly::nn, tile::nn));
    report("tn", || compare_products(assembly::tn, tile::tn));
    report("nt", || compare_products(assembly::nt, tile::nt));
    compare_rows();
    report("normalize", compare_norm);
    report("affine", compare_affine);
    report("adam", compare_adam);
    report("gelu", compare_gelu);
    report("sqrt", || floats(50_021).for_each(|x| assert_same(&x.map(assembly::sqrt), &x.map(libm::sqrtf))));
    succeed()
}
