//! The inner loops of gradient descent.

/// How weights descend: θ ← θ - rate (scale g + decay θ).
#[derive(Clone, Copy, Debug)]
pub struct Descent {
    /// Learning rate.
    pub rate: f32,
    /// Factor on the gradient.
    pub scale: f32,
    /// This much of the weight is added to it.
    pub decay: f32,
}

impl Descent {
    #[inline(always)]
    fn gradient(&self, weight: f32, gradient: f32) -> f32 {
        self.scale * gradient + self.decay * weight
    }
}

/// How weights descend along b ← momentum b + share g.
#[derive(Clone, Copy, Debug)]
pub struct Roll {
    /// Rate, scale and decay.
    pub descent: Descent,
    /// Share of b that is kept.
    pub momentum: f32,
    /// Share of the gradient that enters b.
    pub share: f32,
    /// Moves by g + momentum b instead of b.
    pub nesterov: bool,
}

impl Roll {
    #[inline(always)]
    fn advance(&self, weight: &mut f32, buffer: &mut f32, gradient: f32) {
        let g = self.descent.gradient(*weight, gradient);
        *buffer = self.momentum * *buffer + self.share * g;
        let direction = if self.nesterov { g + self.momentum * *buffer } else { *buffer };
        *weight -= self.descent.rate * direction;
    }
}

/// Values that are looked at together: their sum is finite only if each of them is.
const TOGETHER: usize = 8;

/// Changes weights by their gradient. One that would not be finite afterwards stays as it is; gives whether there was none.
#[inline(never)]
pub fn descend(weights: &mut [f32], gradient: &[f32], rule: &Descent) -> bool {
    let (weights, weights_rest) = weights.as_chunks_mut::<TOGETHER>();
    let (gradient, gradient_rest) = gradient.as_chunks::<TOGETHER>();
    let mut all = true;
    for (weights, gradient) in weights.iter_mut().zip(gradient) {
        let mut new = *weights;
        let mut sum = 0.0;
        for (w, g) in new.iter_mut().zip(gradient) {
            *w -= rule.rate * rule.gradient(*w, *g);
            sum += *w;
        }
        if sum.is_finite() {
            *weights = new;
        } else {
            all &= descend_singly(weights, gradient, rule);
        }
    }
    all & descend_singly(weights_rest, gradient_rest, rule)
}

#[inline(never)]
fn descend_singly(weights: &mut [f32], gradient: &[f32], rule: &Descent) -> bool {
    let mut all = true;
    for (w, g) in weights.iter_mut().zip(gradient) {
        let new = *w - rule.rate * rule.gradient(*w, *g);
        if new.is_finite() {
            *w = new;
        } else {
            all = false;
        }
    }
    all
}

/// Whether all values are below 2⁶⁵, which is when they have not both of the upper bits of an exponent.
#[inline(never)]
pub fn are_small(values: &[f32]) -> bool {
    let (chunks, rest) = values.as_chunks::<TOGETHER>();
    let both = |both, value: &f32| both | value.to_bits() & value.to_bits() << 1;
    let of_chunks = chunks.iter().fold(0, |bits, chunk| chunk.iter().fold(bits, both));
    rest.iter().fold(of_chunks, both) & 1 << 30 == 0
}

/// The same along the decaying sum of gradients in `buffer`, for gradients so small that nothing can become infinite.
#[inline(never)]
pub fn roll(weights: &mut [f32], gradient: &[f32], buffer: &mut [f32], rule: &Roll) {
    for ((w, b), g) in weights.iter_mut().zip(buffer).zip(gradient) {
        rule.advance(w, b, *g);
    }
}

/// [`roll`] for gradients of any size. A value that would not be finite afterwards stays as it is, and so does one whose sum
/// would have an infinite square: in fewer bits it is finite too. Gives whether there was none.
#[inline(never)]
pub fn roll_carefully(weights: &mut [f32], gradient: &[f32], buffer: &mut [f32], rule: &Roll) -> bool {
    let mut all = true;
    for ((w, b), g) in weights.iter_mut().zip(buffer).zip(gradient) {
        let (mut new, mut sum) = (*w, *b);
        rule.advance(&mut new, &mut sum, *g);
        if new.is_finite() && (sum * sum).is_finite() {
            (*w, *b) = (new, sum);
        } else {
            all = false;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: Descent = Descent { rate: 0.5, scale: 1.0, decay: 0.0 };

    #[test]
    fn small_is_below_two_to_the_65() {
        const EDGE: f32 = (1_u128 << 65) as f32;
        assert!(are_small(&[]) && are_small(&[0.0, -1.0, 1e19, -EDGE.next_down()]));
        for large in [EDGE, -EDGE, f32::MAX, f32::INFINITY, f32::NAN, -f32::NAN] {
            assert!(!are_small(&[1.0, large, 0.0]), "{large}");
        }
    }

    #[test]
    fn what_would_not_be_finite_stays_as_it_is() {
        for place in 0..19 {
            for bad in [f32::MAX, f32::INFINITY, f32::NAN] {
                let mut gradient = [2.0; 19];
                gradient[place] = bad;
                let (mut weights, mut rolled, mut buffer) = ([-3e38; 19], [-3e38; 19], [1.0; 19]);
                (weights[0], rolled[0]) = (0.0, 0.0);
                let rule = Roll { descent: RULE, momentum: 0.5, share: 1.0, nesterov: false };
                let all = descend(&mut weights, &gradient, &RULE);
                assert_eq!(all, place == 0 && bad == f32::MAX, "half of the largest number fits");
                assert!(!roll_carefully(&mut rolled, &gradient, &mut buffer, &rule));
                for i in 0..19 {
                    assert!(weights[i].is_finite() && rolled[i].is_finite());
                    assert_eq!(buffer[i], if i == place { 1.0 } else { 2.5 }, "{bad} at {place}: {i}");
                }
                assert_eq!((place == 0, weights[0] == -1.0), (place == 0, place != 0));
            }
        }
    }
}
