//! The nearest class mean.

use crate::core::archive::Archive;

/// A prototype per class: the mean of the features of its samples, `C` floats for each of up to `K` classes (Mensink et al. 2013; the
/// classifier of iCaRL, Rebuffi et al. 2017). A sample is of the class whose mean is nearest.
///
/// Features are those that the last layer of a network reads: [`Trainer::features`](crate::train::Trainer::features). A new class takes a
/// few samples and no training, which suits a board that is shown one by its user. When the network has been trained on, its features
/// have moved: [forget](Self::forget) the classes and show them again.
///
/// ```
/// use trainlet::extra::prototypes::Prototypes;
///
/// let mut prototypes = Prototypes::<2, 3>::ZERO;
/// prototypes.push(0, &[0.0, 1.0]);
/// prototypes.push(2, &[4.0, 1.0]);
/// prototypes.push(2, &[4.0, 3.0]);
/// assert_eq!(prototypes.nearest(&[3.0, 2.0]), Some((2, 1.0)));
/// ```
#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Prototypes<const C: usize, const K: usize> {
    means: [[f32; C]; K],
    counts: [u32; K],
}

impl<const C: usize, const K: usize> Prototypes<C, K> {
    /// No class has a sample yet.
    pub const ZERO: Self = {
        assert!(C > 0 && K > 0, "prototypes need a feature and a class: write 1 or more for C and for K");
        Self { means: [[0.0; C]; K], counts: [0; K] }
    };

    /// Shows means and counts to `archive`.
    pub fn persist(&mut self, archive: &mut Archive) {
        archive.finite(self.means.as_flattened_mut());
        archive.counts(&mut self.counts);
    }

    /// Takes a sample of a class into account. `false` if there is no such class, or a feature is not finite: nothing has changed then.
    pub fn push(&mut self, class: usize, features: &[f32; C]) -> bool {
        let (Some(mean), Some(count)) = (self.means.get_mut(class), self.counts.get_mut(class)) else { return false };
        if !features.iter().all(|feature| feature.is_finite()) {
            return false;
        }
        *count = count.saturating_add(1);
        for (mean, feature) in mean.iter_mut().zip(features) {
            *mean += (feature - *mean) / *count as f32;
        }
        true
    }

    /// The class whose mean is nearest, and the square of the distance; the first of those that are equally near. `None` if no class has
    /// a sample, or a feature is not a number.
    pub fn nearest(&self, features: &[f32; C]) -> Option<(usize, f32)> {
        let mut nearest: Option<(usize, f32)> = None;
        for (class, (mean, count)) in self.means.iter().zip(&self.counts).enumerate() {
            let pairs = mean.iter().zip(features);
            let distance = pairs.fold(0.0, |sum, (mean, feature)| sum + (mean - feature) * (mean - feature));
            if *count > 0 && (distance < nearest.map_or(f32::INFINITY, |(_, least)| least)) {
                nearest = Some((class, distance));
            }
        }
        nearest
    }

    /// Samples of a class so far.
    pub fn count(&self, class: usize) -> u32 {
        self.counts.get(class).copied().unwrap_or(0)
    }

    /// The class has no samples any more.
    pub fn forget(&mut self, class: usize) {
        if let (Some(mean), Some(count)) = (self.means.get_mut(class), self.counts.get_mut(class)) {
            (*mean, *count) = ([0.0; C], 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::{Key, Purpose};
    use std::vec::Vec;

    /// Means in `f64`, in two passes over what was pushed.
    #[test]
    fn a_prototype_is_the_mean_and_the_nearest_wins() {
        let mut random = Key::new(9, Purpose::Order).stream();
        let mut prototypes = Prototypes::<5, 4>::ZERO;
        let mut pushed: [Vec<[f32; 5]>; 4] = Default::default();
        for _ in 0..777 {
            let class = [0, 1, 3][random.below(3) as usize];
            let features = core::array::from_fn(|f| random.uniform() * 3.0 + (class * f) as f32);
            assert!(prototypes.push(class, &features));
            pushed[class].push(features);
        }
        for (class, samples) in pushed.iter().enumerate() {
            assert_eq!(prototypes.count(class) as usize, samples.len());
            for feature in 0..5 {
                let sum: f64 = samples.iter().map(|sample| f64::from(sample[feature])).sum();
                let mean = sum / samples.len().max(1) as f64;
                assert!((f64::from(prototypes.means[class][feature]) - mean).abs() < 1e-5);
            }
        }
        for _ in 0..200 {
            let features: [f32; 5] = core::array::from_fn(|_| random.uniform() * 15.0);
            let distance = |class: usize| -> f32 {
                prototypes.means[class].iter().zip(&features).map(|(a, b)| (a - b) * (a - b)).sum()
            };
            let expected = [0, 1, 3].into_iter().min_by(|a, b| distance(*a).total_cmp(&distance(*b))).unwrap();
            assert_eq!(prototypes.nearest(&features).map(|(class, _)| class), Some(expected));
        }
    }

    #[test]
    fn what_is_no_sample_changes_nothing() {
        let mut prototypes = Prototypes::<2, 2>::ZERO;
        assert_eq!(prototypes.nearest(&[0.0; 2]), None);
        assert!(!prototypes.push(2, &[0.0; 2]) && !prototypes.push(0, &[f32::NAN, 0.0]));
        assert_eq!(prototypes.nearest(&[0.0; 2]), None);
        assert!(prototypes.push(1, &[5.0; 2]) && prototypes.push(0, &[1.0; 2]));
        assert_eq!(prototypes.nearest(&[f32::NAN; 2]), None);
        prototypes.forget(0);
        assert_eq!((prototypes.nearest(&[0.0; 2]), prototypes.count(0)), (Some((1, 50.0)), 0));
    }
}
