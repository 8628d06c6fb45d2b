//! Tiles of `C += A B` with either factor transposed: some values of `C` that are held in registers while the summed index
//! runs.
//!
//! A matrix comes from the first value that is needed on, with the distance of its rows; `depth` is the length of the
//! summed index. Each function takes some rows of some tiles. What is too short is left as it is.

/// Rows of a tile.
pub const ROWS: usize = 4;
/// Columns of a tile: with its rows, what fits the registers. 16 vector registers on a desktop, 32 scalar ones on a
/// Cortex-M4F; on a target without either it matters little.
pub const COLUMNS: usize = if cfg!(target_pointer_width = "64") { 8 } else { 4 };

/// A matrix, and the distance of its rows.
type Matrix<'a> = (&'a [f32], usize);

/// `C += A B`
#[inline(never)]
pub fn nn((c, c_width): (&mut [f32], usize), a: Matrix, b: Matrix, depth: usize, [down, across]: [usize; 2]) {
    for row in (0..down).map(|tile| tile * ROWS) {
        let (Some(c), Some(a_here)) = (c.get_mut(row * c_width..), a.0.get(row * a.1..)) else { return };
        let Some(a) = rows((a_here, a.1), depth) else { return };
        for column in (0..across).map(|tile| tile * COLUMNS) {
            let (Some(c), Some(b_here)) = (c.get_mut(column..), b.0.get(column..)) else { return };
            nn_tile((c, c_width), a, (b_here, b.1));
        }
    }
}

/// A function of its own, so that the addresses of the inner loop stay in registers; and so are those below.
#[inline(never)]
fn nn_tile(c: (&mut [f32], usize), [a0, a1, a2, a3]: [&[f32]; ROWS], (mut b, width): Matrix) {
    let Some(c) = heads(c) else { return };
    let mut sums = c.each_ref().map(|c| **c);
    // Not by `chunks`, which would divide to know how many there are.
    for (((a0, a1), a2), a3) in a0.iter().zip(a1).zip(a2).zip(a3) {
        let Some(b_here) = b.first_chunk() else { return };
        add_products(&mut sums, &[*a0, *a1, *a2, *a3], b_here);
        b = b.get(width..).unwrap_or_default();
    }
    store(c, &sums);
}

/// `C += Aᵀ B`
#[inline(never)]
pub fn tn((c, c_width): (&mut [f32], usize), a: Matrix, b: Matrix, depth: usize, [down, across]: [usize; 2]) {
    for row in (0..down).map(|tile| tile * ROWS) {
        let (Some(c), Some(a_here)) = (c.get_mut(row * c_width..), a.0.get(row..)) else { return };
        for column in (0..across).map(|tile| tile * COLUMNS) {
            let (Some(c), Some(b_here)) = (c.get_mut(column..), b.0.get(column..)) else { return };
            tn_tile((c, c_width), (a_here, a.1), (b_here, b.1), depth);
        }
    }
}

#[inline(never)]
fn tn_tile(c: (&mut [f32], usize), (mut a, a_width): Matrix, (mut b, b_width): Matrix, depth: usize) {
    let Some(c) = heads(c) else { return };
    let mut sums = c.each_ref().map(|c| **c);
    for _ in 0..depth {
        let (Some(a_here), Some(b_here)) = (a.first_chunk(), b.first_chunk()) else { return };
        add_products(&mut sums, a_here, b_here);
        (a, b) = (a.get(a_width..).unwrap_or_default(), b.get(b_width..).unwrap_or_default());
    }
    store(c, &sums);
}

/// `C += A Bᵀ`
#[inline(never)]
pub fn nt((c, c_width): (&mut [f32], usize), a: Matrix, b: Matrix, depth: usize, [down, across]: [usize; 2]) {
    for row in (0..down).map(|tile| tile * ROWS) {
        let (Some(c), Some(a_here)) = (c.get_mut(row * c_width..), a.0.get(row * a.1..)) else { return };
        let Some(a) = rows((a_here, a.1), depth) else { return };
        for column in (0..across).map(|tile| tile * COLUMNS) {
            let (Some(c), Some(b_here)) = (c.get_mut(column..), b.0.get(column * b.1..)) else { return };
            let Some(b) = rows((b_here, b.1), depth) else { return };
            nt_tile((c, c_width), a, b);
        }
    }
}

#[inline(never)]
fn nt_tile(c: (&mut [f32], usize), [a0, a1, a2, a3]: [&[f32]; ROWS], b: [&[f32]; COLUMNS]) {
    let Some(c) = heads(c) else { return };
    let mut sums = c.each_ref().map(|c| **c);
    for (p, (((a0, a1), a2), a3)) in a0.iter().zip(a1).zip(a2).zip(a3).enumerate() {
        let mut values = [0.0; COLUMNS];
        for (value, b) in values.iter_mut().zip(b) {
            let Some(b) = b.get(p) else { return };
            *value = *b;
        }
        add_products(&mut sums, &[*a0, *a1, *a2, *a3], &values);
    }
    store(c, &sums);
}

/// Values that [`combine`] holds in registers.
pub const STRIP: usize = 8;

/// `y += Σ_p factor_p x[p]` with the rows of `x`, for some values of `y` side by side; the factors are the first column of
/// a matrix. A strip may reach beyond a row of `x`, into the next one.
#[inline(never)]
pub fn combine(y: &mut [[f32; STRIP]], factors: Matrix, x: Matrix, depth: usize) {
    for (y, first) in y.iter_mut().zip((0..).step_by(STRIP)) {
        let mut sums = *y;
        let mut rest = x.0.get(first..).unwrap_or_default();
        for factor in factors.0.chunks(factors.1.max(1)).take(depth) {
            let (Some(factor), Some(values)) = (factor.first(), rest.first_chunk::<STRIP>()) else { return };
            for (sum, x) in sums.iter_mut().zip(values) {
                *sum += factor * x;
            }
            rest = rest.get(x.1..).unwrap_or_default();
        }
        *y = sums;
    }
}

/// `y[r] += Σ_p x[r][p] factors[p]`: none of the sums waits for another.
#[inline(never)]
pub fn dots(y: &mut [[f32; COLUMNS]], factors: &[f32], x: Matrix) {
    for (number, y) in y.iter_mut().enumerate() {
        let Some(x) =
            x.0.get(number * COLUMNS * x.1..).and_then(|x_here| rows::<COLUMNS>((x_here, x.1), factors.len()))
        else {
            return;
        };
        let mut sums = *y;
        for (p, factor) in factors.iter().enumerate() {
            for (sum, x) in sums.iter_mut().zip(&x) {
                *sum += x.get(p).unwrap_or(&0.0) * factor;
            }
        }
        *y = sums;
    }
}

/// The first `depth` values of some rows.
#[inline(always)]
fn rows<const COUNT: usize>((values, width): Matrix<'_>, depth: usize) -> Option<[&[f32]; COUNT]> {
    let mut rows = [[].as_slice(); COUNT];
    for (number, row) in rows.iter_mut().enumerate() {
        *row = values.get(number * width..)?.get(..depth)?;
    }
    Some(rows)
}

/// The first `COLUMNS` values of the rows of a tile.
#[inline(always)]
pub(super) fn heads((c, width): (&mut [f32], usize)) -> Option<[&mut [f32; COLUMNS]; ROWS]> {
    let (c0, c) = c.split_at_mut_checked(width)?;
    let (c1, c) = c.split_at_mut_checked(width)?;
    let (c2, c3) = c.split_at_mut_checked(width)?;
    Some([c0.first_chunk_mut()?, c1.first_chunk_mut()?, c2.first_chunk_mut()?, c3.first_chunk_mut()?])
}

#[inline(always)]
fn store(c: [&mut [f32; COLUMNS]; ROWS], sums: &[[f32; COLUMNS]; ROWS]) {
    for (c, sums) in c.into_iter().zip(sums) {
        *c = *sums;
    }
}

/// `sums += a bᵀ`
#[inline(always)]
fn add_products(sums: &mut [[f32; COLUMNS]; ROWS], a: &[f32; ROWS], b: &[f32; COLUMNS]) {
    for (sums, a) in sums.iter_mut().zip(a) {
        for (sum, b) in sums.iter_mut().zip(b) {
            *sum += a * b;
        }
    }
}
