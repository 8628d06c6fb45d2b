//! Area under the ROC curve.

/// Area under the ROC curve from two histograms of the score with `BINS` bins of equal width over `[0, 1]`: the
/// chance that a positive sample scores higher than a negative one.
///
/// A pair whose scores share a bin counts as a tie, one half (the trapezoid rule). So the value is off by at most
/// half of the share of pairs (one positive, one negative) that share a bin: at most 0.5 / `BINS` when one of the
/// classes is spread evenly, more when scores crowd in few bins. Exact if no bin holds both classes.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Auc<const BINS: usize> {
    positive: [u32; BINS],
    negative: [u32; BINS],
}

impl<const BINS: usize> Auc<BINS> {
    /// No samples yet.
    pub const ZERO: Self = Self { positive: [0; BINS], negative: [0; BINS] };

    /// Counts one sample. A score outside `[0, 1]` goes into the nearest bin, NaN into the lowest.
    pub fn push(&mut self, score: f32, positive: bool) {
        let histogram = if positive { &mut self.positive } else { &mut self.negative };
        let bin = ((score * BINS as f32) as usize).min(BINS.saturating_sub(1));
        if let Some(count) = histogram.get_mut(bin) {
            *count = count.saturating_add(1);
        }
    }

    /// The area, 0 to 1; `None` unless both classes have been seen.
    pub fn value(&self) -> Option<f32> {
        // Pairs in halves, so that ties stay whole numbers: exact for up to 2^31 samples of each class.
        let (mut half_pairs, mut positives, mut negatives) = (0u64, 0u64, 0u64);
        for (&positive, &negative) in self.positive.iter().zip(&self.negative) {
            let beaten = 2 * negatives + u64::from(negative);
            half_pairs = half_pairs.saturating_add(u64::from(positive).saturating_mul(beaten));
            positives += u64::from(positive);
            negatives += u64::from(negative);
        }
        let both_seen = positives > 0 && negatives > 0;
        both_seen.then(|| half_pairs as f32 / (2.0 * positives as f32 * negatives as f32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::{Key, Purpose};
    use std::vec::Vec;

    fn filled<const BINS: usize>(samples: &[(f32, bool)]) -> Auc<BINS> {
        let mut auc = Auc::ZERO;
        samples.iter().for_each(|&(score, positive)| auc.push(score, positive));
        auc
    }

    /// The area by definition, over all pairs, and the share of pairs that share one of `bins` bins.
    fn pairwise(samples: &[(f32, bool)], bins: f32) -> (f64, f64) {
        let (mut wins, mut crowded, mut pairs) = (0.0, 0.0, 0.0);
        for &(positive, _) in samples.iter().filter(|sample| sample.1) {
            for &(negative, _) in samples.iter().filter(|sample| !sample.1) {
                wins += if positive > negative { 1.0 } else { f64::from(u8::from(positive == negative)) / 2.0 };
                crowded += f64::from(u8::from((positive * bins).floor() == (negative * bins).floor()));
                pairs += 1.0;
            }
        }
        (wins / pairs, crowded / pairs)
    }

    #[test]
    fn stays_within_its_bound_of_the_area_over_all_pairs() {
        let mut stream = Key::new(2, Purpose::Init).stream();
        for lift in [0.0, 0.2, 0.6] {
            let samples: Vec<_> = (0..2000)
                .map(|i| (stream.uniform() * (1.0 - lift) + if i % 3 == 0 { lift } else { 0.0 }, i % 3 == 0))
                .collect();
            let (exact, crowded) = pairwise(&samples, 32.0);
            let error = (f64::from(filled::<32>(&samples).value().unwrap()) - exact).abs();
            assert!(error <= crowded / 2.0 + 1e-6, "{lift}: {error} > {crowded} / 2");
            let fine = (f64::from(filled::<1024>(&samples).value().unwrap()) - exact).abs();
            assert!(fine < 0.5 / 1024.0, "{lift}: {fine}");
        }
    }

    #[test]
    fn perfect_reversed_and_tied_scores() {
        let value = |scores: [f32; 4]| filled::<4>(&scores.map(|s| (s.abs(), s > 0.0))).value().unwrap();
        assert_eq!(value([0.9, 1.0, -0.1, -0.3]), 1.0);
        assert_eq!(value([0.1, 0.2, -0.6, -0.9]), 0.0);
        assert_eq!(value([0.4, 0.4, -0.4, -0.4]), 0.5);
        assert_eq!(value([0.9, 0.4, -0.4, -0.1]), 0.875);
    }

    #[test]
    fn one_class_alone_has_no_area_and_odd_scores_do_no_harm() {
        assert_eq!(filled::<8>(&[]).value(), None);
        assert_eq!(filled::<8>(&[(0.3, true), (0.9, true)]).value(), None);
        assert_eq!(filled::<8>(&[(f32::NAN, false), (7.0, true), (-3.0, false)]).value(), Some(1.0));
        assert_eq!(filled::<0>(&[(0.3, true), (0.9, false)]).value(), None);
    }
}
