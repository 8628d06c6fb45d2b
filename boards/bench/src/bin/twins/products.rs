//! Matrix products.

use crate::{assert_same, numbers};

type Matrix<'a> = (&'a [f32], usize);
type Product = fn(&mut [f32], Matrix, Matrix, usize, usize);

/// The most rows and columns that are compared, and steps of the summed index.
const SIDE: usize = 18;

/// Every number of rows and columns.
pub fn compare(assembly: Product, plain: Product) {
    let (a, b) = (numbers::<{ SIDE * SIDE }>(1), numbers::<{ SIDE * SIDE }>(2));
    for (m, n) in (1..=SIDE).flat_map(|m| (1..=SIDE).map(move |n| (m, n))) {
        for k in (0..SIDE).filter(|k| (m + n + k) % 5 == 0 || *k < 4) {
            let mut c = [numbers::<{ SIDE * SIDE + 1 }>(3); 2];
            let [actual, expected] = &mut c;
            assembly(&mut actual[..m * n], (&a, SIDE), (&b, SIDE), k, n);
            plain(&mut expected[..m * n], (&a, SIDE), (&b, SIDE), k, n);
            assert_same(actual, expected);
        }
    }
}

/// Factors that end with the last value that is needed, whose rows overlap, or that are too short, for which nothing is done.
pub fn compare_ends(assembly: Product, plain: Product, [a_rows, b_rows]: [fn(usize, usize, usize) -> [usize; 2]; 2]) {
    let (a, b) = (numbers::<{ SIDE * SIDE }>(1), numbers::<{ SIDE * SIDE }>(2));
    for (m, k, n) in [(1, 3, 5), (2, 7, 11), (3, 2, 7), (6, 5, 9), (9, 6, 6), (14, 14, 14), (11, 4, 3)] {
        let ([a_count, a_columns], [b_count, b_columns]) = (a_rows(m, k, n), b_rows(m, k, n));
        for width in [1, a_columns.max(b_columns)] {
            let a = (&a[..(a_count - 1) * width + a_columns], width);
            let b = (&b[..(b_count - 1) * width + b_columns], width);
            let mut c = [numbers::<{ SIDE * SIDE }>(3); 2];
            let [actual, expected] = &mut c;
            assembly(&mut actual[..m * n], a, b, k, n);
            plain(&mut expected[..m * n], a, b, k, n);
            assert_same(actual, expected);
            assembly(&mut actual[..m * n], (&a.0[1..], width), b, k, n);
            assembly(&mut actual[..m * n], a, (&b.0[1..], width), k, n);
            assembly(&mut actual[..m * n], (&[], width), (&b.0[..1], usize::MAX), k, n);
            assert_same(actual, expected);
        }
    }
}
