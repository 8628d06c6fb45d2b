//! How well scores put samples of a class before others: the area under the ROC curve and the average precision, exactly.

/// The chance that a positive sample has a larger logit than a negative one, over all pairs; a tie counts one half. Sorts the
/// samples; NaN counts as the smallest logit. `None` unless both classes occur.
pub fn area(samples: &mut [(f32, bool)]) -> Option<f32> {
    for (logit, _) in samples.iter_mut() {
        // Both zeros are one logit.
        *logit = if logit.is_nan() { f32::NEG_INFINITY } else { *logit + 0.0 };
    }
    samples.sort_unstable_by(|(a, _), (b, _)| a.total_cmp(b));
    // In halves, so that ties stay whole numbers.
    let (mut half_pairs, mut positives, mut negatives) = (0_u128, 0_u128, 0_u128);
    for ties in samples.chunk_by(|(a, _), (b, _)| a == b) {
        let positive = ties.iter().filter(|(_, positive)| *positive).count() as u128;
        let negative = ties.len() as u128 - positive;
        half_pairs += positive * (2 * negatives + negative);
        positives += positive;
        negatives += negative;
    }
    let both_seen = positives > 0 && negatives > 0;
    both_seen.then(|| (half_pairs as f64 / (2 * positives * negatives) as f64) as f32)
}

/// The mean precision over the recalls at which a threshold can stand, as scikit-learn's `average_precision_score`; of samples that
/// [`area`] has sorted. `None` without a positive one.
pub fn average_precision(sorted: &[(f32, bool)]) -> Option<f32> {
    let positives = sorted.iter().filter(|(_, positive)| *positive).count();
    let (mut found, mut seen, mut sum) = (0, 0, 0.0);
    for ties in sorted.chunk_by(|(a, _), (b, _)| a == b).rev() {
        let positive = ties.iter().filter(|(_, positive)| *positive).count();
        found += positive;
        seen += ties.len();
        sum += positive as f64 * found as f64 / seen as f64;
    }
    (positives > 0).then(|| (sum / positives as f64) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_rows_in_order_are_perfect_however_small_their_probabilities() {
        let mut samples = [-21.0, -40.0, -23.5, -23.499_998].map(|logit| (logit, logit > -23.5));
        assert_eq!(area(&mut samples), Some(1.0));
    }

    #[test]
    fn it_is_the_share_of_pairs() {
        let mut state = 1_u32;
        let mut next = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % below
        };
        for values in [2, 5, 1000] {
            let mut samples: Vec<_> = (0..300).map(|_| (next(values) as f32 * -1e3, next(4) == 0)).collect();
            let (mut wins, mut pairs) = (0.0, 0.0);
            for (positive, _) in samples.iter().filter(|sample| sample.1) {
                for (negative, _) in samples.iter().filter(|sample| !sample.1) {
                    wins += if positive == negative { 0.5 } else { f64::from(u8::from(positive > negative)) };
                    pairs += 1.0;
                }
            }
            assert_eq!(area(&mut samples), Some((wins / pairs) as f32), "{values}");
        }
    }

    #[test]
    fn ties_of_zeros_no_numbers_and_one_class_alone() {
        assert_eq!(area(&mut [(0.0, true), (-0.0, false)]), Some(0.5));
        assert_eq!(area(&mut [(f32::NAN, true), (f32::NEG_INFINITY, false), (-1e38, false)]), Some(0.25));
        assert_eq!(area(&mut [(1.0, true), (2.0, true)]), None);
        assert_eq!(area(&mut []), None);
    }

    /// By hand: of the three steps of recall the first is precise, the others by 2/3 and 3/4.
    #[test]
    fn average_precision_is_that_over_the_recalls() {
        let mut samples = [(0.9, true), (0.8, false), (0.7, true), (0.6, true), (0.1, false)];
        area(&mut samples);
        assert!((average_precision(&samples).unwrap() - (1.0 + 2.0 / 3.0 + 0.75) / 3.0).abs() < 1e-6);
        assert_eq!(average_precision(&[(0.0, false)]), None);
        assert_eq!(average_precision(&[(0.0, false), (0.0, true)]), Some(0.5));
    }
}
