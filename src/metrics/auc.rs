//! Area under the ROC curve.

use crate::core::archive::Archive;

/// Area under the ROC curve from two histograms of the logit with `BINS` bins: the chance that a positive sample scores
/// higher than a negative one.
///
/// The bins have one width for logits between -1 and 1, and grow with the logit beyond: there are `BINS` / 32 of them between
/// a logit and twice as much. So rare classes and confident networks, whose probabilities are all close to 0 or to 1, have
/// as many bins as others. Logits beyond ±65,535 share the outermost.
///
/// A pair whose logits share a bin counts as a tie, one half (the trapezoid rule); [`error_bound`](Self::error_bound)
/// says how much that can matter. Exact if no bin holds both classes.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Auc<const BINS: usize> {
    positive: [u32; BINS],
    negative: [u32; BINS],
}

/// Bits of a place on the scale of bins: a sign, 16 octaves and the 23 bits of an `f32` within each.
const SCALE: u32 = 28;

/// Where a logit lies, below 2^[`SCALE`]; the larger, the later, and no number first. The bits of 1 + |z| rise evenly while
/// |z| is below 1, and then with its logarithm.
fn place(logit: f32) -> u32 {
    const HALF: u32 = 1 << (SCALE - 1);
    if logit.is_nan() {
        return 0;
    }
    let distance = ((1.0 + logit.abs()).to_bits() - 1.0_f32.to_bits()).min(HALF - 1);
    if logit < 0.0 { HALF - 1 - distance } else { HALF + distance }
}

impl<const BINS: usize> Auc<BINS> {
    /// No samples yet.
    pub const ZERO: Self = {
        assert!(BINS > 0, "a histogram needs a bin: write 1 or more for BINS");
        Self { positive: [0; BINS], negative: [0; BINS] }
    };

    /// Shows all counts to `archive`.
    pub fn persist(&mut self, archive: &mut Archive) {
        archive.counts(&mut self.positive);
        archive.counts(&mut self.negative);
    }

    /// Counts one sample by its logit, or by any other score that rises with it. NaN goes into the lowest bin.
    pub fn push(&mut self, logit: f32, positive: bool) {
        let histogram = if positive { &mut self.positive } else { &mut self.negative };
        let bin = (u64::from(place(logit)) * BINS as u64) >> SCALE;
        if let Some(count) = histogram.get_mut(bin as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// The area, 0 to 1; `None` unless both classes have been seen.
    pub fn value(&self) -> Option<f32> {
        // Pairs in halves, so that ties stay whole numbers: exact for up to 2^31 samples of each class.
        let (mut half_pairs, mut negatives) = (0_u64, 0_u64);
        for (&positive, &negative) in self.positive.iter().zip(&self.negative) {
            let beaten = 2 * negatives + u64::from(negative);
            half_pairs = half_pairs.saturating_add(u64::from(positive).saturating_mul(beaten));
            negatives += u64::from(negative);
        }
        self.half_share(half_pairs)
    }

    /// How far [`value`](Self::value) can be from the area over all pairs, 0 to 0.5: half of the share of pairs (one
    /// positive, one negative) that share a bin. `None` unless both classes have been seen.
    pub fn error_bound(&self) -> Option<f32> {
        let crowded = self.positive.iter().zip(&self.negative).fold(0_u64, |sum, (&positive, &negative)| {
            sum.saturating_add(u64::from(positive).saturating_mul(u64::from(negative)))
        });
        self.half_share(crowded)
    }

    /// Half of the share that `pairs` are of all pairs.
    fn half_share(&self, pairs: u64) -> Option<f32> {
        let [positives, negatives] = [&self.positive, &self.negative]
            .map(|histogram| histogram.iter().fold(0_u64, |sum, count| sum + u64::from(*count)));
        let both_seen = positives > 0 && negatives > 0;
        both_seen.then(|| pairs as f32 / (2.0 * positives as f32 * negatives as f32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::{Key, Purpose};
    use std::vec::Vec;

    fn filled<const BINS: usize>(samples: &[(f32, bool)]) -> Auc<BINS> {
        let mut auc = Auc::ZERO;
        samples.iter().for_each(|&(logit, positive)| auc.push(logit, positive));
        auc
    }

    /// The area by definition, over all pairs.
    fn pairwise(samples: &[(f32, bool)]) -> f64 {
        let (mut wins, mut pairs) = (0.0, 0.0);
        for &(positive, _) in samples.iter().filter(|sample| sample.1) {
            for &(negative, _) in samples.iter().filter(|sample| !sample.1) {
                wins += if positive > negative { 1.0 } else { f64::from(u8::from(positive == negative)) / 2.0 };
                pairs += 1.0;
            }
        }
        wins / pairs
    }

    /// From a good network to one that says nothing, about 0, and where all probabilities are below 1e-9 or above 1 - 1e-9.
    #[test]
    fn stays_within_its_bound_of_the_area_over_all_pairs() {
        let mut stream = Key::new(2, Purpose::Init).stream();
        for centre in [0.0, -25.0, 40.0, -3000.0] {
            for lift in [0.0, 0.5, 2.0] {
                let samples: Vec<_> = (0..2000)
                    .map(|i| (centre + 4.0 * stream.uniform() + if i % 3 == 0 { lift } else { 0.0 }, i % 3 == 0))
                    .collect();
                let exact = pairwise(&samples);
                let check = |value: Option<f32>, bound: Option<f32>, most: f32| {
                    let (error, bound) = ((f64::from(value.unwrap()) - exact).abs(), bound.unwrap());
                    assert!(error <= f64::from(bound) + 1e-6 && bound <= most, "{centre}, {lift}: {error} {bound}");
                };
                let (coarse, fine) = (filled::<256>(&samples), filled::<16_384>(&samples));
                check(coarse.value(), coarse.error_bound(), 0.5);
                check(fine.value(), fine.error_bound(), if centre.abs() < 100.0 { 0.01 } else { 0.5 });
            }
        }
    }

    #[test]
    fn perfect_reversed_and_tied_scores() {
        let value = |scores: [f32; 4]| filled::<1024>(&scores.map(|s| (s.abs() - 1.0, s > 0.0))).value().unwrap();
        assert_eq!(value([0.9, 1.0, -0.1, -0.3]), 1.0);
        assert_eq!(value([0.1, 0.2, -0.6, -0.9]), 0.0);
        assert_eq!(value([0.4, 0.4, -0.4, -0.4]), 0.5);
        assert_eq!(value([0.9, 0.4, -0.4, -0.1]), 0.875);
    }

    /// Perfectly ranked, with probabilities from 8e-10 down to 1e-10.
    #[test]
    fn probabilities_below_one_in_a_billion_are_told_apart() {
        let auc = filled::<16_384>(&[(-23.0, false), (-22.0, false), (-21.5, true), (-21.0, true)]);
        assert_eq!((auc.value(), auc.error_bound()), (Some(1.0), Some(0.0)));
    }

    #[test]
    fn one_class_alone_has_no_area_and_odd_scores_do_no_harm() {
        assert_eq!((filled::<8>(&[]).value(), filled::<8>(&[]).error_bound()), (None, None));
        assert_eq!(filled::<8>(&[(0.3, true), (0.9, true)]).value(), None);
        assert_eq!(filled::<8>(&[(f32::NAN, false), (7.0, true), (-3.0, false)]).value(), Some(1.0));
        let ends = [(f32::NEG_INFINITY, false), (f32::MIN, false), (f32::MAX, true), (f32::INFINITY, true)];
        assert_eq!(filled::<2>(&ends).value(), Some(1.0));
    }

    #[test]
    fn a_larger_logit_is_never_in_an_earlier_bin() {
        let bits = (0..=0xFF).map(|byte| f32::from_bits(byte << 23 | 0x123));
        let mut logits: Vec<_> = bits.flat_map(|z| [z, -z]).filter(|z| !z.is_nan()).collect();
        logits.sort_by(f32::total_cmp);
        assert!(logits.is_sorted_by_key(|z| place(*z)) && logits.iter().all(|z| place(*z) < 1 << SCALE));
    }
}
