//! The inner loop of schedule-free averaging.

/// What one step of averaging multiplies with.
#[derive(Clone, Copy, Debug)]
pub struct Blend {
    /// c: how far the average x follows the point z that descends.
    pub share: f32,
    /// β: the gradient is taken at y = (1 - β) z + β x.
    pub beta: f32,
    /// 1 / (1 - β).
    pub inverse: f32,
}

/// Moves weights and their average on, both in place: `weights` are y and the descent step from there, `before` is y, `average` x. From
/// what z - x amounts to, (y - x) / (1 - β), follows the next of each without a third copy. Where one would not be finite, or is
/// not, both stay as they were; gives whether there was none.
#[inline(never)]
pub fn blend(weights: &mut [f32], before: &[f32], average: &mut [f32], rule: &Blend) -> bool {
    let mut all = true;
    for ((w, y), x) in weights.iter_mut().zip(before).zip(average) {
        let descent = *w - y;
        let follow = rule.share * ((y - *x) * rule.inverse + descent);
        let (next_x, next_y) = (*x + follow, *y + (rule.beta * follow + (1.0 - rule.beta) * descent));
        if (next_x + next_y).is_finite() {
            (*w, *x) = (next_y, next_x);
        } else {
            *w = *y;
            all = false;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_not_be_finite_stays_as_it_is() {
        let rule = Blend { share: 0.5, beta: 0.75, inverse: 4.0 };
        let (mut weights, mut average) = ([1.5, f32::MAX, f32::NAN], [1.0, -f32::MAX, 3.0]);
        assert!(!blend(&mut weights, &[1.0, 2.0, 3.0], &mut average, &rule));
        assert_eq!((weights, average), ([1.3125, 2.0, 3.0], [1.25, -f32::MAX, 3.0]));
    }
}
