//! The inner loop of Adam.

use core::array;

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
    /// Share of the weight that is added to the gradient (coupled decay).
    pub gradient_decay: f32,
    /// Factor on the weight before the update (decoupled decay).
    pub shrink: f32,
}

/// Values that are worked on side by side: everything but the roots goes into vector registers.
const LANES: usize = 8;

/// One step for an array of weights by its gradient and its first and second moments, all of one length.
#[inline(never)]
pub fn adam(weights: &mut [f32], gradient: &[f32], moment1: &mut [f32], moment2: &mut [f32], factors: &AdamFactors) {
    let (weights, weights_rest) = weights.as_chunks_mut::<LANES>();
    let (gradient, gradient_rest) = gradient.as_chunks::<LANES>();
    let (moment1, moment1_rest) = moment1.as_chunks_mut::<LANES>();
    let (moment2, moment2_rest) = moment2.as_chunks_mut::<LANES>();
    for (((w, g), m), v) in weights.iter_mut().zip(gradient).zip(moment1).zip(moment2) {
        update(w, g, m, v, factors);
    }
    for (((w, g), m), v) in weights_rest.iter_mut().zip(gradient_rest).zip(moment1_rest).zip(moment2_rest) {
        update(array::from_mut(w), array::from_ref(g), array::from_mut(m), array::from_mut(v), factors);
    }
}

#[inline(always)]
fn update<const N: usize>(
    weights: &mut [f32; N],
    gradient: &[f32; N],
    moment1: &mut [f32; N],
    moment2: &mut [f32; N],
    factors: &AdamFactors,
) {
    let AdamFactors { betas: [beta1, beta2], rate, root_scale, eps, gradient_scale, gradient_decay, shrink } = *factors;
    for (((w, g), m), v) in weights.iter().zip(gradient).zip(&mut *moment1).zip(&mut *moment2) {
        let g = gradient_scale * g + gradient_decay * w;
        *m = beta1 * *m + (1.0 - beta1) * g;
        *v = beta2 * *v + (1.0 - beta2) * (g * g);
    }
    let roots = moment2.map(libm::sqrtf);
    for ((w, m), root) in weights.iter_mut().zip(moment1).zip(roots) {
        *w = shrink * *w - rate * *m / (root * root_scale + eps);
    }
}
