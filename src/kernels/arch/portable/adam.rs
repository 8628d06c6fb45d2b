//! The inner loop of Adam.

use core::array;

use super::root::sqrt;
use crate::kernels::arch::multiversion::multiversion;
use crate::kernels::moments::{Factors, advance, step_singly};

/// Values that share a quotient.
const LANES: usize = 4;

multiversion! {
    /// A step for weights by their gradient and its first and second moments, in arrays of four that share a quotient.
    pub fn adam(
        weights: &mut [[f32; LANES]],
        gradient: &[[f32; LANES]],
        moment1: &mut [[f32; LANES]],
        moment2: &mut [[f32; LANES]],
        factors: &mut Factors,
    ) {
        for (((weights, gradient), moment1), moment2) in weights.iter_mut().zip(gradient).zip(moment1).zip(moment2) {
            let (mut first, mut second) = (*moment1, *moment2);
            advance(gradient, &mut first, &mut second, factors);
            let [.., eps, shrink, _, _, _, _, _] = *factors;
            let divisors = second.map(|v| sqrt(v) + eps);
            if let Some(updates) = updates(&first, &divisors, factors) {
                (*moment1, *moment2) = (first, second);
                for (w, update) in weights.iter_mut().zip(updates) {
                    *w = shrink * *w - update;
                }
            } else {
                step_singly(weights, gradient, moment1, moment2, factors);
            }
        }
    }
}

/// `rate moment / divisor`, each by the quotient of the product of all divisors: a quotient takes as long as 14 products.
/// `None` where that product is too large for it, or not a number: each needs a quotient of its own then.
#[inline(always)]
fn updates(
    moment: &[f32; LANES],
    divisors: &[f32; LANES],
    &[.., scale, scaled_rate, _, largest, _]: &Factors,
) -> Option<[f32; LANES]> {
    let [a, b, c, d] = *divisors;
    let (ab, cd) = (scale * (a * b), scale * (c * d));
    let product = ab * cd;
    // Not so if it is not a number.
    if product < largest {
        let quotient = scaled_rate / product;
        let (of_ab, of_cd) = (quotient * cd, quotient * ab);
        let factors = [of_ab * b, of_ab * a, of_cd * d, of_cd * c];
        Some(array::from_fn(|i| factors[i] * moment[i]))
    } else {
        None
    }
}
