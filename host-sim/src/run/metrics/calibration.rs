//! Whether probabilities mean what they say.

use serde::{Deserialize, Serialize};
use trainlet::nn::loss::classes;

/// Parts of equal width that confidences from 0 to 1 are put into.
const BINS: usize = 15;

/// How the probability of the predicted class, the confidence, compares with how often that class is right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The expected calibration error: the mean, over the samples, of the distance between confidence and accuracy of a bin; 0 is perfect.
    /// Eq. 3 of Guo et al. 2017, "On Calibration of Modern Neural Networks" ([arXiv 1706.04599](https://arxiv.org/abs/1706.04599)), with
    /// their 15 bins.
    pub expected_error: f32,
    /// The bins that have samples, from low confidence to high.
    pub bins: Vec<Bin>,
}

/// The samples whose confidence lies in a part of the range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// How many there are.
    pub samples: u32,
    /// Mean probability of the class that was predicted.
    pub confidence: f32,
    /// Share of them whose class was predicted.
    pub accuracy: f32,
}

impl Calibration {
    /// Of outputs with the classes that they should have said. `None` without samples, and of outputs that are not finite.
    pub(super) fn of<'a>(samples: impl Iterator<Item = (usize, &'a [f32])>) -> Option<Self> {
        let mut sums = [(0_u32, 0.0_f64, 0_u32); BINS];
        for (label, output) in samples {
            let predicted = classes::class(output);
            let confidence = classes::probability(output, predicted);
            if !confidence.is_finite() {
                return None;
            }
            // A bin has its upper end, as in the paper.
            let bin = ((confidence * BINS as f32).ceil() as usize).clamp(1, BINS) - 1;
            let (count, sum, right) = &mut sums[bin];
            *count += 1;
            *sum += f64::from(confidence);
            *right += u32::from(predicted == label);
        }
        let all: u32 = sums.iter().map(|(count, ..)| count).sum();
        let distances = sums.iter().map(|(_, sum, right)| (sum - f64::from(*right)).abs());
        let expected_error = (distances.sum::<f64>() / f64::from(all)) as f32;
        let bins = sums.into_iter().filter(|(samples, ..)| *samples > 0).map(|(samples, sum, right)| Bin {
            samples,
            confidence: (sum / f64::from(samples)) as f32,
            accuracy: right as f32 / samples as f32,
        });
        (all > 0).then(|| Self { expected_error, bins: bins.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scikit-learn 1.9's `calibration_curve` of being right against the confidence, in 15 uniform bins, for these very samples, weighted
    /// with the counts of the bins.
    #[test]
    fn bins_and_error_are_those_of_scikit_learn() {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % 1000
        };
        let outputs: Vec<[f32; 3]> = (0..101).map(|_| [(); 3].map(|()| next() as f32 / 250.0 - 2.0)).collect();
        let labels: Vec<usize> = (0..101).map(|_| next() as usize % 3).collect();
        let found = Calibration::of(labels.into_iter().zip(outputs.iter().map(|output| &output[..]))).unwrap();
        assert!((found.expected_error - 0.328_855_7).abs() < 1e-6, "{}", found.expected_error);
        let counts: Vec<_> = found.bins.iter().map(|bin| bin.samples).collect();
        assert_eq!(counts, [3, 14, 16, 19, 13, 13, 10, 7, 5, 1]);
        let first = found.bins[0];
        assert!(
            (first.accuracy - 1.0 / 3.0).abs() < 1e-6 && (first.confidence - 0.372_724_4).abs() < 1e-6,
            "{first:?}"
        );
    }

    #[test]
    fn a_single_output_has_the_confidence_of_the_class_that_it_says() {
        let samples = [(0, &[-2.0_f32][..]), (1, &[2.0][..])];
        let [bin] = Calibration::of(samples.into_iter()).unwrap().bins[..] else { panic!() };
        assert_eq!((bin.samples, bin.accuracy), (2, 1.0));
        assert!((bin.confidence - 0.880_797_1).abs() < 1e-6, "{bin:?}");
    }

    #[test]
    fn certainty_is_in_the_last_bin_and_nothing_has_none() {
        let sure = Calibration::of([(0, &[90.0_f32, -90.0][..])].into_iter()).unwrap();
        assert_eq!((sure.expected_error, sure.bins.len()), (0.0, 1));
        assert_eq!(Calibration::of(std::iter::empty()), None);
        assert_eq!(Calibration::of([(0, &[f32::NAN, 1.0][..]), (0, &[f32::NAN; 2][..])].into_iter()), None);
    }
}
