//! Matrix products that add to their result: `C += A B` with either factor transposed. Row-major slices, any sizes.
//!
//! Each value of `C` is the chain `((c + a₀b₀) + a₁b₁) + …` in the order of the summed index, whatever the target and
//! whatever the tiling: values of `C` are held in registers while the summed index runs, and no sum is ever split.
//!
//! A factor is given with the distance of its rows, which may overlap: the rows of a convolution are windows that move along
//! its input. A factor that is shorter than the sizes say is a bug: it panics where debug assertions are on, and leaves values
//! unchanged elsewhere.

use super::arch;
pub use super::matrix::Matrix;

/// `C[m][n] += A[m][k] B[k][n]`; `m` follows from the length of `c`.
#[inline(never)]
pub fn nn(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    check(c.len(), [a, b], |m| [[m, k], [k, n]], n);
    arch::nn(c, a, b, k, n);
}

/// `C[m][n] += Aᵀ B` with `A[k][m]`, `B[k][n]`; `m` follows from the length of `c`.
#[inline(never)]
pub fn tn(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    check(c.len(), [a, b], |m| [[k, m], [k, n]], n);
    arch::tn(c, a, b, k, n);
}

/// `C[m][n] += A Bᵀ` with `A[m][k]`, `B[n][k]`; `m` follows from the length of `c`.
#[inline(never)]
pub fn nt(c: &mut [f32], a: Matrix, b: Matrix, k: usize, n: usize) {
    check(c.len(), [a, b], |m| [[m, k], [n, k]], n);
    arch::nt(c, a, b, k, n);
}

/// Both factors have the rows and columns that belong to a result of this length and width.
#[inline(always)]
fn check(length: usize, factors: [Matrix; 2], sizes: impl Fn(usize) -> [[usize; 2]; 2], n: usize) {
    if cfg!(debug_assertions) {
        let m = length / n.max(1);
        assert_eq!(m * n, length, "rows of {n} values");
        for ((values, width), [rows, columns]) in factors.into_iter().zip(sizes(m)) {
            let empty = rows == 0 || columns == 0;
            let needed = if empty { 0 } else { (rows - 1) * width + columns };
            assert!(values.len() >= needed, "{rows} x {columns} values, {width} apart, of {}", values.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::arch::portable::loops::{combine_rows, dot_rows};
    use std::vec::Vec;

    fn matrix(rows: usize, columns: usize, seed: f32) -> Vec<f32> {
        (0..rows * columns).map(|i| libm::sinf(0.9 * (i + 1) as f32 + seed)).collect()
    }

    fn transposed(a: &[f32], rows: usize) -> Vec<f32> {
        let columns = a.len() / rows;
        (0..a.len()).map(|i| a[i % rows * columns + i / rows]).collect()
    }

    /// The definition, in the stated order of summation.
    fn reference(c: &[f32], a: &[f32], b: &[f32], k: usize, n: usize) -> Vec<f32> {
        let value = |i: usize| (0..k).fold(c[i], |sum, p| sum + a[i / n * k + p] * b[p * n + i % n]);
        (0..c.len()).map(value).collect()
    }

    #[test]
    fn all_three_equal_the_definition_to_the_last_bit_at_any_size() {
        let sizes = [1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 16, 17, 20];
        for (m, k, n) in sizes.iter().flat_map(|&m| sizes.iter().flat_map(move |&k| sizes.map(move |n| (m, k, n)))) {
            let (c, a, b) = (matrix(m, n, 0.1), matrix(m, k, 0.2), matrix(k, n, 0.3));
            let expected = reference(&c, &a, &b, k, n);
            let mut result = c.clone();
            nn(&mut result, (&a, k), (&b, n), k, n);
            assert_eq!(result, expected, "nn {m} {k} {n}");
            result.clone_from(&c);
            combine_rows(&mut result, (&a, [k, 1]), (&b, n), k, n);
            assert_eq!(result, expected, "nn by loops {m} {k} {n}");
            let (a_transposed, b_transposed) = (transposed(&a, m), transposed(&b, k));
            result.clone_from(&c);
            tn(&mut result, (&a_transposed, m), (&b, n), k, n);
            assert_eq!(result, expected, "tn {m} {k} {n}");
            result.clone_from(&c);
            combine_rows(&mut result, (&a_transposed, [1, m]), (&b, n), k, n);
            assert_eq!(result, expected, "tn by loops {m} {k} {n}");
            result.clone_from(&c);
            nt(&mut result, (&a, k), (&b_transposed, k), k, n);
            assert_eq!(result, expected, "nt {m} {k} {n}");
            result.clone_from(&c);
            dot_rows(&mut result, (&a, k), (&b_transposed, k), k, n);
            assert_eq!(result, expected, "nt by loops {m} {k} {n}");
        }
    }

    #[test]
    fn rows_may_overlap() {
        let (rows, width, step) = (9, 10, 3);
        let x = matrix(1, (rows - 1) * step + width, 0.2);
        let windows: Vec<f32> = (0..rows).flat_map(|row| x[row * step..][..width].to_vec()).collect();
        for n in [1, 3, 8, 13] {
            let (c, b) = (matrix(rows, n, 0.1), matrix(width, n, 0.3));
            let mut result = c.clone();
            nn(&mut result, (&x, step), (&b, n), width, n);
            assert_eq!(result, reference(&c, &windows, &b, width, n), "nn {n}");
            result.clone_from(&c);
            nt(&mut result, (&x, step), (&transposed(&b, width), width), width, n);
            assert_eq!(result, reference(&c, &windows, &b, width, n), "nt {n}");
            let (c, a) = (matrix(n, width, 0.1), matrix(n, rows, 0.4));
            let mut result = c.clone();
            tn(&mut result, (&transposed(&a, n), n), (&x, step), rows, width);
            assert_eq!(result, reference(&c, &a, &windows, rows, width), "tn {n}");
        }
    }

    #[test]
    fn nothing_is_added_from_factors_without_values() {
        let mut c = [1.0; 4];
        nn(&mut c, (&[], 0), (&[], 2), 0, 2);
        nt(&mut [], (&[], 3), (&[], 3), 3, 0);
        assert_eq!(c, [1.0; 4]);
    }

    #[test]
    #[cfg_attr(debug_assertions, should_panic = "2 x 2 values, 2 apart, of 3")]
    fn what_a_short_factor_does_not_reach_stays() {
        let mut c = [1.0; 4];
        nn(&mut c, (&[1.0; 3], 2), (&[1.0; 4], 2), 2, 2);
        assert_eq!(c, [3.0, 3.0, 1.0, 1.0]);
    }
}
