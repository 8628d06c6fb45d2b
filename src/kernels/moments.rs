//! The moments of Adam.

use super::arch::sqrt;

/// What a step of Adam multiplies with and adds, the same for all values, in the order of use: β₁, share of the gradient in
/// the first moment, root of the share of its square in the second, β₂, ε, factor on the weight, 2⁴⁰, 2⁴⁰ times the learning
/// rate, learning rate, largest product of four divisors that share a quotient. The last is 0 until a value is refused.
pub type Factors = [f32; 11];

/// Updates the moments by a gradient.
#[inline(always)]
pub fn advance<const N: usize>(
    gradient: &[f32; N],
    moment1: &mut [f32; N],
    moment2: &mut [f32; N],
    &[decay1, share1, root_share2, decay2, ..]: &Factors,
) {
    for ((g, m), v) in gradient.iter().zip(moment1).zip(moment2) {
        *m = decay1 * *m + share1 * g;
        let g = root_share2 * g;
        *v = decay2 * *v + g * g;
    }
}

/// 2¹²⁰: no second moment that is larger is taken over, nor a weight; a few steps more, or fewer bits, and it might be infinite.
const LIMIT: f32 = f32::from_bits((127 + 120) << 23);

/// A step for each value by a quotient of its own. One that would not be finite afterwards, or its moments, stays as it is, and
/// the last factor tells of it.
#[inline(never)]
pub fn step_singly(
    weights: &mut [f32],
    gradient: &[f32],
    moment1: &mut [f32],
    moment2: &mut [f32],
    factors: &mut Factors,
) {
    for (((w, g), m), v) in weights.iter_mut().zip(gradient).zip(moment1).zip(moment2) {
        let (mut first, mut second) = (*m, *v);
        advance(&[*g], core::array::from_mut(&mut first), core::array::from_mut(&mut second), factors);
        let [.., eps, shrink, _, _, rate, _, refused] = factors;
        let weight = *shrink * *w - *rate * first / (sqrt(second) + *eps);
        // Not so if one of them is not a number.
        if second < LIMIT && weight.abs() < LIMIT {
            (*w, *m, *v) = (weight, first, second);
        } else {
            *refused = 1.0;
        }
    }
}
