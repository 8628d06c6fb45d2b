//! Sums along the rows and the columns of a matrix.

use core::array;

use super::UNROLLED;
use super::rows::heads_of_rows;
use crate::kernels::arch::multiversion::multiversion;
use crate::kernels::rows::rows;

multiversion! {
    /// `sums[c] += Σ_r x[r][c]`
    #[inline(never)]
    pub fn add_column_sums(sums: &mut [f32], x: &[f32]) {
        let width = sums.len();
        let (strips, rest) = side_by_side(sums);
        let mut first = 0;
        for strip in strips {
            let mut sums = *strip;
            for x in heads_of_rows::<SIDE_BY_SIDE>((x.get(first..).unwrap_or_default(), width)) {
                sums.iter_mut().zip(x).for_each(|(sum, x)| *sum += x);
            }
            *strip = sums;
            first += SIDE_BY_SIDE;
        }
        for x in x.chunks_exact(width.max(1)) {
            rest.iter_mut().zip(x.iter().skip(first)).for_each(|(sum, x)| *sum += x);
        }
    }
}

multiversion! {
    /// `sums[r] += Σ_c x[r][c]`, one value after the other; rows are `width` long.
    #[inline(never)]
    pub fn add_row_sums(sums: &mut [f32], x: &[f32], width: usize) {
        let mut rows = rows(x, width);
        let (strips, rest) = side_by_side(sums);
        for strip in strips {
            let [x0, x1, x2, x3] = array::from_fn(|_| rows.next().unwrap_or_default());
            let mut sums = *strip;
            for (((x0, x1), x2), x3) in x0.iter().zip(x1).zip(x2).zip(x3) {
                sums.iter_mut().zip([x0, x1, x2, x3]).for_each(|(sum, x)| *sum += x);
            }
            *strip = sums;
        }
        for (sum, x) in rest.iter_mut().zip(rows) {
            *sum = x.iter().fold(*sum, |sum, x| sum + x);
        }
    }
}

/// Sums that are held in registers, none of which waits for another.
const SIDE_BY_SIDE: usize = 4;

/// The sums that are held in registers together, and the rest: all of them where short code comes first.
fn side_by_side(sums: &mut [f32]) -> (&mut [[f32; SIDE_BY_SIDE]], &mut [f32]) {
    if UNROLLED { sums.as_chunks_mut() } else { (&mut [], sums) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::arch::{fill_with_column, fill_with_row};
    use crate::kernels::rows::gather_columns;

    #[test]
    fn sums_run_over_the_right_axis() {
        let x = [1.0, 2.0, 3.0, 10.0, 20.0, 30.0];
        let (mut columns, mut rows) = ([1.0; 3], [1.0; 2]);
        add_column_sums(&mut columns, &x);
        add_row_sums(&mut rows, &x, 3);
        assert_eq!((columns, rows), ([12.0, 23.0, 34.0], [7.0, 61.0]));
        let mut y = [0.0; 6];
        fill_with_row(&mut y, &[1.0, 2.0, 3.0]);
        assert_eq!(y, [1.0, 2.0, 3.0, 1.0, 2.0, 3.0]);
        fill_with_column(&mut y, &[1.0, 2.0], 3);
        assert_eq!(y, [1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
    }

    #[test]
    fn sums_may_be_added_up_stretch_by_stretch() {
        let x: [f32; 35] = core::array::from_fn(|i| libm::sinf(i as f32) * 1e3);
        let (mut whole, mut parts, mut part) = ([0.5; 5], [0.5; 5], [0.0; 15]);
        add_row_sums(&mut whole, &x, 7);
        for (first, count) in [(0, 3), (3, 3), (6, 1)] {
            let part = &mut part[..5 * count];
            gather_columns(part, count, &x, 7, first);
            add_row_sums(&mut parts, part, count);
        }
        assert_eq!(whole, parts);
    }
}
