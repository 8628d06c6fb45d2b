//! The inner loop of Adam.

use super::UNROLLED;
use super::fast::{self, sqrt};

/// What one Adam step multiplies with, the same for every value of an array.
#[derive(Clone, Copy, Debug)]
pub struct AdamFactors {
    /// Decay rates of the two moments, β₁ and β₂.
    pub betas: [f32; 2],
    /// η / (1 - β₁ᵗ): the learning rate with the bias correction of the first moment.
    pub rate: f32,
    /// 1 / √(1 - β₂ᵗ): the bias correction of the second moment, after its root.
    pub root_scale: f32,
    /// ε: added to the corrected root.
    pub eps: f32,
    /// Factor on the gradient.
    pub gradient_scale: f32,
    /// Factor on the weight before the update (decoupled decay).
    pub shrink: f32,
}

/// Values that are worked on side by side: everything but the roots goes into vector registers.
pub const LANES: usize = match UNROLLED {
    true if cfg!(target_pointer_width = "64") => 8,
    true => 4,
    false => 1,
};

/// One step for an array of weights by its gradient and its first and second moments, all of one length.
#[inline(never)]
pub fn adam(weights: &mut [f32], gradient: &[f32], moment1: &mut [f32], moment2: &mut [f32], factors: &AdamFactors) {
    let AdamFactors { betas: [beta1, beta2], rate, root_scale, eps, gradient_scale, shrink } = *factors;
    let factors = [gradient_scale, beta1, 1.0 - beta1, beta2, 1.0 - beta2, root_scale, eps, rate, shrink];
    let (weights, weights_rest) = weights.as_chunks_mut::<LANES>();
    let (gradient, gradient_rest) = gradient.as_chunks::<LANES>();
    let (moment1, moment1_rest) = moment1.as_chunks_mut::<LANES>();
    let (moment2, moment2_rest) = moment2.as_chunks_mut::<LANES>();
    fast::adam(weights, gradient, moment1, moment2, &factors);
    let (weights, gradient) = (weights_rest.as_chunks_mut::<1>().0, gradient_rest.as_chunks().0);
    steps(weights, gradient, moment1_rest.as_chunks_mut().0, moment2_rest.as_chunks_mut().0, &factors);
}

/// The factors in the order of their use: scale of the gradient, β₁, 1 - β₁, β₂, 1 - β₂, scale of the root, ε, learning
/// rate, factor on the weight.
pub fn steps<const N: usize>(
    weights: &mut [[f32; N]],
    gradient: &[[f32; N]],
    moment1: &mut [[f32; N]],
    moment2: &mut [[f32; N]],
    &[scale, beta1, rest1, beta2, rest2, root_scale, eps, rate, shrink]: &[f32; 9],
) {
    for (((weights, gradient), moment1), moment2) in weights.iter_mut().zip(gradient).zip(moment1).zip(moment2) {
        for ((g, m), v) in gradient.iter().zip(&mut *moment1).zip(&mut *moment2) {
            let g = scale * g;
            *m = beta1 * *m + rest1 * g;
            *v = beta2 * *v + rest2 * (g * g);
        }
        let roots = moment2.map(sqrt);
        for ((w, m), root) in weights.iter_mut().zip(moment1).zip(roots) {
            *w = shrink * *w - rate * *m / (root * root_scale + eps);
        }
    }
}
