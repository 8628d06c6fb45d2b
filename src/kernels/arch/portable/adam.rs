//! The inner loop of Adam.

use core::array;

use super::root::sqrt;
use crate::kernels::moments::advance;

/// Values that share a quotient.
const LANES: usize = 4;

/// A step for weights by their gradient and its first and second moments, in arrays of four that share a quotient. The factors in the order of their use: β₁, share of the gradient in the first moment, root of
/// the share of its square in the second, β₂, ε, factor on the weight, 2⁴⁰, 2⁴⁰ times the learning rate, learning rate,
/// largest product of divisors.
pub fn adam(
    weights: &mut [[f32; LANES]],
    gradient: &[[f32; LANES]],
    moment1: &mut [[f32; LANES]],
    moment2: &mut [[f32; LANES]],
    factors: &[f32; 10],
) {
    for (((weights, gradient), moment1), moment2) in weights.iter_mut().zip(gradient).zip(moment1).zip(moment2) {
        advance(gradient, moment1, moment2, factors);
        let [.., eps, shrink, _, _, _, _] = *factors;
        let divisors = moment2.map(|v| sqrt(v) + eps);
        for (w, update) in weights.iter_mut().zip(updates(moment1, &divisors, factors)) {
            *w = shrink * *w - update;
        }
    }
}

/// `rate moment / divisor`, each by the quotient of the product of all divisors: a quotient takes as long as 14 products.
/// Where that product is too large for it, each has a quotient of its own.
#[inline(always)]
fn updates(
    moment: &[f32; LANES],
    divisors: &[f32; LANES],
    &[.., scale, scaled_rate, rate, largest]: &[f32; 10],
) -> [f32; LANES] {
    let [a, b, c, d] = *divisors;
    let (ab, cd) = (scale * (a * b), scale * (c * d));
    let product = ab * cd;
    // Not so if it is not a number.
    if product < largest {
        let quotient = scaled_rate / product;
        let (of_ab, of_cd) = (quotient * cd, quotient * ab);
        let factors = [of_ab * b, of_ab * a, of_cd * d, of_cd * c];
        array::from_fn(|i| factors[i] * moment[i])
    } else {
        array::from_fn(|i| rate * moment[i] / divisors[i])
    }
}
