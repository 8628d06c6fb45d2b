//! Eigenvalues of a small symmetric tridiagonal matrix.

use crate::kernels::arch::sqrt;

/// The most steps of a Lanczos run.
pub const MAX_STEPS: usize = 16;

/// What a Lanczos run knows of the spectrum of a Hessian.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Spectrum {
    ritz: [Ritz; MAX_STEPS],
    steps: usize,
}

/// An eigenvalue of the tridiagonal matrix. The largest and the smallest come close to the Hessian's own; those between may be
/// copies of one another, since the directions lose their right angles by rounding.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Ritz {
    /// The eigenvalue.
    pub value: f32,
    /// About the share of all eigenvalues that lie here: the square of its eigenvector's first component. All add up to 1.
    pub weight: f32,
}

impl Spectrum {
    /// Of the matrix with this diagonal and these values beside it. Not inlined: its kilobyte of stack must not lie below a pass.
    #[inline(never)]
    pub(super) fn of_tridiagonal(steps: impl Iterator<Item = (f32, f32)>) -> Self {
        let mut matrix = [[0.0; MAX_STEPS]; MAX_STEPS];
        let mut count = 0;
        for (row, (diagonal, beside)) in steps.take(MAX_STEPS).enumerate() {
            if let Some(value) = matrix.get_mut(row).and_then(|row_of| row_of.get_mut(row)) {
                *value = diagonal;
            }
            for (r, c) in [(row, row + 1), (row + 1, row)] {
                if let Some(value) = matrix.get_mut(r).and_then(|row_of| row_of.get_mut(c)) {
                    *value = beside;
                }
            }
            count = row + 1;
        }
        // Behind the last row there is nothing that it could lead to.
        for (r, c) in [(count.wrapping_sub(1), count), (count, count.wrapping_sub(1))] {
            if let Some(value) = matrix.get_mut(r).and_then(|row_of| row_of.get_mut(c)) {
                *value = 0.0;
            }
        }
        Self { ritz: diagonalise(&mut matrix), steps: count }
    }

    /// All of them, in no order; as many as steps were made.
    pub fn ritz(&self) -> impl Iterator<Item = Ritz> + '_ {
        self.ritz.iter().take(self.steps).copied()
    }

    /// The most positive, `None` without a step.
    pub fn largest(&self) -> Option<f32> {
        self.ritz().map(|ritz| ritz.value).reduce(f32::max)
    }

    /// The most negative, if the loss curves downwards anywhere, else the least positive; `None` without a step.
    pub fn smallest(&self) -> Option<f32> {
        self.ritz().map(|ritz| ritz.value).reduce(f32::min)
    }

    /// Σ|λ<0| / Σ|λ| of the Ritz values, from 0 for a bowl to 1 for a hill.
    pub fn negative_ratio(&self) -> f32 {
        self.negative(|_| 1.0)
    }

    /// The same with each value as often as there are eigenvalues near it: an estimate of Σ|λ<0| / Σ|λ| of the whole Hessian.
    pub fn negative_share(&self) -> f32 {
        self.negative(|ritz| ritz.weight)
    }

    /// Mean of all eigenvalues, by the first direction alone (Hutchinson 1989): times the number of weights, the trace.
    pub fn mean(&self) -> f32 {
        self.ritz().map(|ritz| ritz.weight * ritz.value).sum()
    }

    fn negative(&self, weight: impl Fn(Ritz) -> f32) -> f32 {
        let (mut negative, mut all) = (0.0, 0.0);
        for ritz in self.ritz() {
            let size = weight(ritz) * ritz.value.abs();
            all += size;
            if ritz.value < 0.0 {
                negative += size;
            }
        }
        if all > 0.0 { negative / all } else { 0.0 }
    }
}

/// Passes over all pairs, far more than are ever needed: each squares the distance from a diagonal matrix.
const SWEEPS: usize = 12;
/// Share of the diagonal beside which a value is not worth a turn, which rounds more than it mends.
const NOTHING: f32 = 1e-9;

/// Turns a symmetric matrix into a diagonal one by plane rotations (Jacobi 1846, in the order of rows).
fn diagonalise(matrix: &mut [[f32; MAX_STEPS]; MAX_STEPS]) -> [Ritz; MAX_STEPS] {
    let mut first = [0.0; MAX_STEPS];
    first[0] = 1.0;
    for _ in 0..SWEEPS {
        for p in 0..MAX_STEPS {
            for q in p + 1..MAX_STEPS {
                let off = matrix[p][q];
                let (a, b) = (matrix[p][p], matrix[q][q]);
                if off.abs() > NOTHING * (a.abs() + b.abs()) {
                    let (c, s, t) = rotation(a, b, off);
                    for row in &mut *matrix {
                        (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
                    }
                    (0..MAX_STEPS).for_each(|column| {
                        let (a, b) = (matrix[p][column], matrix[q][column]);
                        (matrix[p][column], matrix[q][column]) = (c * a - s * b, s * a + c * b);
                    });
                    // Zero but for rounding; left there, it would be turned again and again.
                    (matrix[p][q], matrix[q][p]) = (0.0, 0.0);
                    // Without the rounding of cosine and sine.
                    (matrix[p][p], matrix[q][q]) = (a - t * off, b + t * off);
                    (first[p], first[q]) = (c * first[p] - s * first[q], s * first[p] + c * first[q]);
                }
            }
        }
    }
    let mut ritz = [Ritz { value: 0.0, weight: 0.0 }; MAX_STEPS];
    for (index, (ritz, (row, first))) in ritz.iter_mut().zip(matrix.iter().zip(first)).enumerate() {
        *ritz = Ritz { value: row.get(index).copied().unwrap_or(0.0), weight: first * first };
    }
    ritz
}

/// Cosine, sine and tangent that make the value `off` beside the diagonal values `a` and `b` zero.
fn rotation(a: f32, b: f32, off: f32) -> (f32, f32, f32) {
    let slope = (b - a) / (2.0 * off);
    let t = f32::copysign(1.0, slope) / (slope.abs() + sqrt(slope * slope + 1.0));
    let c = 1.0 / sqrt(t * t + 1.0);
    (c, t * c, t)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn sorted(spectrum: &Spectrum) -> Vec<f32> {
        let mut values: Vec<_> = spectrum.ritz().map(|ritz| ritz.value).collect();
        values.sort_by(f32::total_cmp);
        values
    }

    /// The matrix of a chain of springs has eigenvalues 2 - 2 cos(π k / (n + 1)).
    #[test]
    fn a_chain_of_springs_has_its_closed_form() {
        for n in [1, 2, 3, 7, 15, 16] {
            let spectrum = Spectrum::of_tridiagonal((0..n).map(|_| (2.0, -1.0)));
            let angle = std::f64::consts::PI / (n + 1) as f64;
            for (k, value) in sorted(&spectrum).into_iter().enumerate() {
                let exact = 2.0 - 2.0 * f64::cos(angle * (k + 1) as f64);
                assert!((f64::from(value) - exact).abs() < 6e-6, "{k} of {n}: {value} instead of {exact}");
                let weight = spectrum.ritz().find(|ritz| ritz.value == value).unwrap().weight;
                let exact = 2.0 / (n + 1) as f64 * f64::sin(angle * (k + 1) as f64).powi(2);
                assert!((f64::from(weight) - exact).abs() < 6e-6, "{k} of {n}: {weight} instead of {exact}");
            }
            assert_eq!(spectrum.ritz().count(), n);
        }
    }

    #[test]
    fn ratios_count_what_is_below_zero() {
        let spectrum = Spectrum::of_tridiagonal([(-1.0, 0.0), (3.0, 0.0)].into_iter());
        assert_eq!((spectrum.largest(), spectrum.smallest()), (Some(3.0), Some(-1.0)));
        assert_eq!(spectrum.negative_ratio(), 0.25);
        // The first direction is the first eigenvector.
        assert_eq!((spectrum.negative_share(), spectrum.mean()), (1.0, -1.0));
    }

    #[test]
    fn no_step_no_value() {
        let spectrum = Spectrum::of_tridiagonal(core::iter::empty());
        assert_eq!((spectrum.largest(), spectrum.smallest(), spectrum.ritz().count()), (None, None, 0));
        assert_eq!(spectrum.negative_ratio(), 0.0);
    }

    #[test]
    fn scales_that_lie_far_apart() {
        let spectrum = Spectrum::of_tridiagonal([(1e4, 1e-3), (1.0, 1e-30), (-1e-4, 0.0)].into_iter());
        let values = sorted(&spectrum);
        assert!((values[0] + 1e-4).abs() < 1e-9 && (values[1] - 1.0).abs() < 1e-5 && values[2] == 1e4, "{values:?}");
    }
}
