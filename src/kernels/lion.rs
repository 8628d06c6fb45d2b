//! The inner loop of Lion.

/// What one step of Lion multiplies with, the same for every value of an array.
#[derive(Clone, Copy, Debug)]
pub struct LionFactors {
    /// Shares of the momentum that are kept: in the direction, and in the momentum itself.
    pub betas: [f32; 2],
    /// Factor on the gradient before it is used.
    pub scale: f32,
    /// How far every weight moves.
    pub rate: f32,
    /// Factor on each weight before the update.
    pub shrink: f32,
}

impl LionFactors {
    #[inline(always)]
    fn advance(&self, weight: &mut f32, momentum: &mut f32, gradient: f32) {
        let [beta1, beta2] = self.betas;
        let g = self.scale * gradient;
        let direction = beta1 * *momentum + (1.0 - beta1) * g;
        *momentum = beta2 * *momentum + (1.0 - beta2) * g;
        let distance = if direction == 0.0 { 0.0 } else { self.rate.copysign(direction) };
        *weight = self.shrink * *weight - distance;
    }
}

/// One step for an array of weights by its gradient and its momentum, all of one length, for gradients so small that nothing can
/// become infinite.
#[inline(never)]
pub fn lion(weights: &mut [f32], gradient: &[f32], momentum: &mut [f32], factors: &LionFactors) {
    for ((w, m), g) in weights.iter_mut().zip(momentum).zip(gradient) {
        factors.advance(w, m, *g);
    }
}

/// 2¹²⁰: no momentum that is larger is taken over, nor a weight; in fewer bits it might be infinite.
const LIMIT: f32 = f32::from_bits((127 + 120) << 23);

/// [`lion`] for gradients of any size. A value that would be too large afterwards, or no number, stays as it is, with its momentum.
/// Gives whether there was none.
#[inline(never)]
pub fn lion_carefully(weights: &mut [f32], gradient: &[f32], momentum: &mut [f32], factors: &LionFactors) -> bool {
    let mut all = true;
    for ((w, m), g) in weights.iter_mut().zip(momentum).zip(gradient) {
        let (mut weight, mut sum) = (*w, *m);
        factors.advance(&mut weight, &mut sum, *g);
        // Not so if one of them is not a number.
        if weight.abs() < LIMIT && sum.abs() < LIMIT {
            (*w, *m) = (weight, sum);
        } else {
            all = false;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTORS: LionFactors = LionFactors { betas: [0.5, 0.75], scale: 1.0, rate: 0.25, shrink: 1.0 };

    #[test]
    fn what_would_not_be_finite_stays_as_it_is() {
        for bad in [f32::MAX, f32::NEG_INFINITY, f32::NAN] {
            let (mut weights, mut momentum) = ([1.0; 3], [4.0; 3]);
            assert!(!lion_carefully(&mut weights, &[4.0, bad, -4.0], &mut momentum, &FACTORS));
            assert_eq!((weights, momentum), ([0.75, 1.0, 1.0], [4.0, 4.0, 2.0]), "no direction is no step: {bad}");
        }
    }

    #[test]
    fn with_care_or_without_the_bits_are_the_same() {
        let gradient: [f32; 7] = core::array::from_fn(|i| libm::sinf(i as f32) * 1e-3);
        let (mut a, mut b) = (([0.3; 7], [1e-4; 7]), ([0.3; 7], [1e-4; 7]));
        let factors = LionFactors { scale: 0.7, shrink: 0.99, ..FACTORS };
        lion(&mut a.0, &gradient, &mut a.1, &factors);
        assert!(lion_carefully(&mut b.0, &gradient, &mut b.1, &factors));
        assert_eq!(a, b);
    }
}
