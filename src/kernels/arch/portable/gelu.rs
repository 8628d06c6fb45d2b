//! GELU and its derivative in chunks of values side by side. `kernels::gelu` explains the operations.

use crate::kernels::arch::multiversion::multiversion;

/// Values that are computed side by side: four where the next scalar operation would have to wait for a result; the compiler
/// finds vectors by itself.
pub const LANES: usize = if cfg!(all(feature = "unrolled", target_abi = "eabihf")) { 4 } else { 1 };

/// The end of the tail; coefficients of the polynomial, the highest power first, of the squarings and of the last root;
/// coefficients of S/Q - 1.
type Coefficients = [f32; 16];

multiversion! {
    /// `y[i] = GELU(x[i])`
    #[inline(always)]
    pub fn gelu [N: usize](x: &[[f32; N]], y: &mut [[f32; N]], coefficients: &Coefficients) {
        for (x, y) in x.iter().zip(y) {
            *y = value(x, &Tail::new(x, coefficients));
        }
    }
}

multiversion! {
    /// `x[i] = GELU(x[i])`
    #[inline(always)]
    pub fn gelu_in_place [N: usize](x: &mut [[f32; N]], coefficients: &Coefficients) {
        for x in x {
            *x = value(x, &Tail::new(x, coefficients));
        }
    }
}

multiversion! {
    /// `dy[i] *= GELU'(x[i])` and `x[i] = GELU(x[i])`
    #[inline(always)]
    pub fn gelu_backward [N: usize](x: &mut [[f32; N]], dy: &mut [[f32; N]], coefficients: &Coefficients) {
        for (x, dy) in x.iter_mut().zip(dy) {
            let tail = Tail::new(x, coefficients);
            *dy = product(dy, &slope(x, &tail, coefficients));
            *x = value(x, &tail);
        }
    }
}

multiversion! {
    /// `y[i] = GELU(x[i])` and `x[i] = GELU'(x[i])`
    #[inline(always)]
    pub fn gelu_with_slope [N: usize](x: &mut [[f32; N]], y: &mut [[f32; N]], coefficients: &Coefficients) {
        for (x, y) in x.iter_mut().zip(y) {
            let tail = Tail::new(x, coefficients);
            *y = value(x, &tail);
            *x = slope(x, &tail, coefficients);
        }
    }
}

/// What value and slope share, for values side by side: each operation is done for all of them before the next, so that
/// none waits for a result.
struct Tail<const N: usize> {
    /// w = |x|, at most the end of the tail.
    w: [f32; N],
    /// The polynomial without its last power.
    cubic: [f32; N],
    /// Two squarings later.
    eighth: [f32; N],
    /// Q(w)
    q: [f32; N],
}

impl<const N: usize> Tail<N> {
    #[inline(always)]
    fn new(x: &[f32; N], coefficients: &Coefficients) -> Self {
        let [end, a4, a3, a2, a1, twice32, twice16, twice8, twice4, root2, ..] = *coefficients;
        let w = each(x, |x| if end < x.abs() { end } else { x.abs() });
        let square = step(&each(&w, |w| a4 * w), a3, &w);
        let cubic = step(&square, a2, &w);
        let root32 = step(&cubic, a1, &w);
        let root16 = step(&root32, twice32, &root32);
        let eighth = step(&root16, twice16, &root16);
        let fourth = step(&eighth, twice8, &eighth);
        let half = step(&fourth, twice4, &fourth);
        let root = each(&half, |half| half + root2);
        Self { w, cubic, eighth, q: product(&root, &root) }
    }
}

#[inline(always)]
fn value<const N: usize>(x: &[f32; N], tail: &Tail<N>) -> [f32; N] {
    let rectified = each(x, |x| if x > 0.0 { x } else { 0.0 });
    both(&rectified, &product(&tail.w, &tail.q), |rectified, tail| rectified - tail)
}

#[inline(always)]
fn slope<const N: usize>(x: &[f32; N], tail: &Tail<N>, coefficients: &Coefficients) -> [f32; N] {
    let [.., c0, c1, c2, c3, c4, c5] = *coefficients;
    let t = step(&each(&tail.eighth, |eighth| c0 * eighth), c1, &tail.cubic);
    let t = step(&t, c2, &tail.w);
    let t = step(&t, c3, &t);
    let t = step(&t, c4, &t);
    let t = step(&t, c5, &tail.w);
    let s = both(&product(&t, &tail.q), &tail.q, |product, q| product + q);
    both(x, &s, |x, s| if x > 0.0 { 1.0 - s } else { s })
}

/// (t + c) m
#[inline(always)]
fn step<const N: usize>(t: &[f32; N], c: f32, m: &[f32; N]) -> [f32; N] {
    both(t, m, |t, m| (t + c) * m)
}

#[inline(always)]
fn product<const N: usize>(a: &[f32; N], b: &[f32; N]) -> [f32; N] {
    both(a, b, |a, b| a * b)
}

#[inline(always)]
fn each<const N: usize>(a: &[f32; N], operation: impl Fn(f32) -> f32) -> [f32; N] {
    both(a, a, |a, _| operation(a))
}

#[inline(always)]
fn both<const N: usize>(a: &[f32; N], b: &[f32; N], operation: impl Fn(f32, f32) -> f32) -> [f32; N] {
    let mut results = *a;
    if let ([result], [b]) = (results.as_mut_slice(), b.as_slice()) {
        // A loop would stay one where code is to be short.
        *result = operation(*result, *b);
        return results;
    }
    for (result, b) in results.iter_mut().zip(b) {
        *result = operation(*result, *b);
    }
    results
}
