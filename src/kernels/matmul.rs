//! Matrix products that add to their result: `C += A B` with either factor transposed. Row-major slices, any sizes.
//!
//! Each value of `C` is the chain `((c + a₀b₀) + a₁b₁) + …` in the order of the summed index, whatever the target and
//! whatever the tiling: a tile of `R x W` values of `C` is held in registers while the summed index runs, so the
//! compiler vectorises over independent results and never splits a sum. At the right and lower edge the last tile is
//! moved back inside, and only its new values are stored.
//!
//! A factor shorter than the sizes say leaves the values that it does not reach; the layers' types make that
//! impossible.

/// `C[m][n] += A[m][k] B[k][n]`; `m` follows from the length of `c`.
#[inline(never)]
pub fn nn(c: &mut [f32], a: &[f32], b: &[f32], k: usize, n: usize) {
    multiply(&Straight { a, b, k, n }, c, n);
}

/// `C[m][n] += Aᵀ B` with `A[k][m]`, `B[k][n]`.
#[inline(never)]
pub fn tn(c: &mut [f32], a: &[f32], b: &[f32], m: usize, n: usize) {
    multiply(&LeftTransposed { a, b, m, n }, c, n);
}

/// `C[m][n] += A Bᵀ` with `A[m][k]`, `B[n][k]`; `m` follows from the length of `c`.
#[inline(never)]
pub fn nt(c: &mut [f32], a: &[f32], b: &[f32], k: usize, n: usize) {
    let m = c.len() / n.max(1);
    if m < ROWS || n < 4 || !PACKS {
        multiply(&RightTransposed { a, b, k }, c, n);
    } else if n >= COLUMNS {
        multiply_packed::<COLUMNS>(c, a, b, k, n);
    } else {
        multiply_packed::<4>(c, a, b, k, n);
    }
}

/// Two factors of a product.
trait Factors {
    /// Adds the products for the tile of `C` whose upper left value is `[row][column]`, or leaves it if a factor ends
    /// before.
    fn add_tile<const R: usize, const W: usize>(&self, row: usize, column: usize, tile: &mut [[f32; W]; R]);
}

struct Straight<'a> {
    a: &'a [f32],
    b: &'a [f32],
    k: usize,
    n: usize,
}

impl Factors for Straight<'_> {
    #[inline(never)]
    fn add_tile<const R: usize, const W: usize>(&self, row: usize, column: usize, tile: &mut [[f32; W]; R]) {
        let Some(a) = rows::<R>(self.a, row, self.k) else { return };
        for (p, b) in (0..self.k).zip(self.b.chunks_exact(self.n.max(1))) {
            let Some(b) = b.get(column..).and_then(|b| b.first_chunk()) else { return };
            let Some(a) = at(&a, p) else { return };
            add_outer(tile, &a, b);
        }
    }
}

struct LeftTransposed<'a> {
    a: &'a [f32],
    b: &'a [f32],
    m: usize,
    n: usize,
}

impl Factors for LeftTransposed<'_> {
    #[inline(never)]
    fn add_tile<const R: usize, const W: usize>(&self, row: usize, column: usize, tile: &mut [[f32; W]; R]) {
        for (a, b) in self.a.chunks_exact(self.m.max(1)).zip(self.b.chunks_exact(self.n.max(1))) {
            let Some(a) = a.get(row..).and_then(|a| a.first_chunk()) else { return };
            let Some(b) = b.get(column..).and_then(|b| b.first_chunk()) else { return };
            add_outer(tile, a, b);
        }
    }
}

struct RightTransposed<'a> {
    a: &'a [f32],
    b: &'a [f32],
    k: usize,
}

impl Factors for RightTransposed<'_> {
    #[inline(never)]
    fn add_tile<const R: usize, const W: usize>(&self, row: usize, column: usize, tile: &mut [[f32; W]; R]) {
        let Some(a) = rows::<R>(self.a, row, self.k) else { return };
        let Some(b) = rows::<W>(self.b, column, self.k) else { return };
        for p in 0..self.k {
            let (Some(a), Some(b)) = (at(&a, p), at(&b, p)) else { return };
            add_outer(tile, &a, &b);
        }
    }
}

/// A stretch of the summed index: `b` holds the factors of one strip of columns side by side.
struct Packed<'a, const STRIP: usize> {
    a: &'a [f32],
    k: usize,
    start: usize,
    b: &'a [[f32; STRIP]],
}

impl<const STRIP: usize> Factors for Packed<'_, STRIP> {
    #[inline(never)]
    fn add_tile<const R: usize, const W: usize>(&self, row: usize, _: usize, tile: &mut [[f32; W]; R]) {
        let Some(a) = rows::<R>(self.a, row, self.k) else { return };
        for (p, b) in self.b.iter().enumerate() {
            let (Some(a), Some(b)) = (at(&a, self.start + p), b.first_chunk()) else { return };
            add_outer(tile, &a, b);
        }
    }
}

/// Packing pays where it fills vector registers; elsewhere it only takes stack.
const PACKS: bool = cfg!(target_pointer_width = "64");

/// As many values of the summed index are packed at a time.
const DEPTH: usize = 32;

/// `C += A Bᵀ` strip by strip: the columns of a strip are rows of `B`, which packing lays side by side for all rows
/// of `C`.
#[inline(always)]
fn multiply_packed<const W: usize>(c: &mut [f32], a: &[f32], b: &[f32], k: usize, n: usize) {
    let m = c.len() / n.max(1);
    for start in (0..k).step_by(DEPTH) {
        for column in (0..n).step_by(W) {
            let mut packed = [[0.0; W]; DEPTH];
            let Some(b) = rows::<W>(b, column.min(n - W), k) else { return };
            let depth = DEPTH.min(k - start);
            for (p, values) in packed.iter_mut().enumerate().take(depth) {
                let Some(gathered) = at(&b, start + p) else { return };
                *values = gathered;
            }
            let Some(packed) = packed.get(..depth) else { return };
            cover_strip::<ROWS, W>(&Packed { a, k, start, b: packed }, c, m, n, column);
        }
    }
}

/// `COUNT` rows of length `width` of a matrix, from row number `first`.
#[inline(always)]
fn rows<const COUNT: usize>(matrix: &[f32], first: usize, width: usize) -> Option<[&[f32]; COUNT]> {
    let mut rest = matrix.get(first * width..)?;
    let mut rows = [[].as_slice(); COUNT];
    for row in &mut rows {
        (*row, rest) = rest.split_at_checked(width)?;
    }
    Some(rows)
}

/// Value number `p` of each row.
#[inline(always)]
fn at<const COUNT: usize>(rows: &[&[f32]; COUNT], p: usize) -> Option<[f32; COUNT]> {
    let mut values = [0.0; COUNT];
    for (value, row) in values.iter_mut().zip(rows) {
        *value = *row.get(p)?;
    }
    Some(values)
}

/// `tile += a bᵀ`
#[inline(always)]
fn add_outer<const R: usize, const W: usize>(tile: &mut [[f32; W]; R], a: &[f32; R], b: &[f32; W]) {
    for (row, a) in tile.iter_mut().zip(a) {
        for (c, b) in row.iter_mut().zip(b) {
            *c += a * b;
        }
    }
}

/// Rows of a tile, and its columns: what fits the registers. 16 vector registers on a desktop, 32 scalar ones on a
/// Cortex-M4F; on a target without either it matters little.
const ROWS: usize = 4;
const COLUMNS: usize = if cfg!(target_pointer_width = "64") { 8 } else { 4 };

/// Covers `C[..][n]` with tiles, the widest first that fit.
#[inline(always)]
fn multiply(factors: &impl Factors, c: &mut [f32], n: usize) {
    let m = c.len() / n.max(1);
    if m >= ROWS {
        cover_columns::<ROWS>(factors, c, m, n);
    } else {
        cover_columns::<1>(factors, c, m, n);
    }
}

#[inline(always)]
fn cover_columns<const R: usize>(factors: &impl Factors, c: &mut [f32], m: usize, n: usize) {
    if n >= COLUMNS {
        cover::<R, COLUMNS>(factors, c, m, n);
    } else if n >= 4 {
        cover::<R, 4>(factors, c, m, n);
    } else {
        cover::<R, 1>(factors, c, m, n);
    }
}

#[inline(always)]
fn cover<const R: usize, const W: usize>(factors: &impl Factors, c: &mut [f32], m: usize, n: usize) {
    for column in (0..n).step_by(W) {
        cover_strip::<R, W>(factors, c, m, n, column);
    }
}

#[inline(always)]
fn cover_strip<const R: usize, const W: usize>(
    factors: &impl Factors,
    c: &mut [f32],
    m: usize,
    n: usize,
    column: usize,
) {
    let column_start = column.min(n - W);
    for row in (0..m).step_by(R) {
        let row_start = row.min(m - R);
        let mut tile = [[0.0; W]; R];
        for (r, values) in tile.iter_mut().enumerate() {
            let Some(source) = window::<W>(c, (row_start + r) * n + column_start) else { return };
            *values = *source;
        }
        factors.add_tile(row_start, column_start, &mut tile);
        for (r, values) in tile.iter().enumerate().skip(row - row_start) {
            let Some(target) = window::<W>(c, (row_start + r) * n + column_start) else { return };
            if column == column_start {
                *target = *values;
            } else {
                for (target, value) in target.iter_mut().zip(values).skip(column - column_start) {
                    *target = *value;
                }
            }
        }
    }
}

/// The `W` values from `start`.
#[inline(always)]
fn window<const W: usize>(c: &mut [f32], start: usize) -> Option<&mut [f32; W]> {
    c.get_mut(start..)?.first_chunk_mut()
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let sizes = [1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 16, 17];
        for (m, k, n) in sizes.iter().flat_map(|&m| sizes.iter().flat_map(move |&k| sizes.map(move |n| (m, k, n)))) {
            let (c, a, b) = (matrix(m, n, 0.1), matrix(m, k, 0.2), matrix(k, n, 0.3));
            let expected = reference(&c, &a, &b, k, n);
            let mut result = c.clone();
            nn(&mut result, &a, &b, k, n);
            assert_eq!(result, expected, "nn {m} {k} {n}");
            result.clone_from(&c);
            tn(&mut result, &transposed(&a, m), &b, m, n);
            assert_eq!(result, expected, "tn {m} {k} {n}");
            result.clone_from(&c);
            nt(&mut result, &a, &transposed(&b, k), k, n);
            assert_eq!(result, expected, "nt {m} {k} {n}");
        }
    }

    #[test]
    fn what_a_short_factor_does_not_reach_stays() {
        let mut c = [1.0; 4];
        nn(&mut c, &[], &[], 0, 2);
        nt(&mut [], &[], &[], 3, 0);
        assert_eq!(c, [1.0; 4]);
        nn(&mut c, &[1.0; 3], &[1.0; 4], 2, 2);
        assert_eq!(c, [3.0, 3.0, 1.0, 1.0]);
    }
}
