//! Which samples are learnt from, and which are kept aside. Groups are never divided; classes, and values by their size, are spread
//! evenly.

use trainlet::core::rng::{Key, Purpose};
use trainlet::data::Shuffle;

use super::{Error, Target};

/// Samples that are to be divided.
#[derive(Clone, Copy, Debug)]
pub struct Divided<'a> {
    /// Where they come from, for messages.
    pub path: &'a str,
    /// What is predicted.
    pub target: &'a Target,
    /// `[samples][numbers of a label]`
    pub labels: &'a [f32],
    /// `[samples]`, or empty.
    pub groups: &'a [u32],
}

impl Divided<'_> {
    /// The samples of each of `count` folds, in ascending order: every sample is in one of them. Groups go to folds in their order, as many
    /// to each.
    ///
    /// # Errors
    /// More folds than samples or groups.
    pub fn folds(&self, count: usize, seed: u64) -> Result<Vec<Vec<usize>>, Error> {
        let (samples, what) =
            if self.groups.is_empty() { (self.len(), "samples") } else { (self.group_count(), "groups") };
        if count > samples {
            return Err(Error::TooFewForFolds { path: self.path.into(), samples, what, folds: count });
        }
        let mut folds = vec![Vec::new(); count];
        if self.groups.is_empty() {
            // Neighbours in this order have like labels.
            self.in_order(&(0..self.len()).collect::<Vec<_>>(), seed)
                .into_iter()
                .enumerate()
                .for_each(|(place, sample)| folds[place % count].push(sample));
        } else {
            let fold = |group: u32| group as usize * count / samples;
            (0..self.len()).for_each(|sample| folds[fold(self.groups[sample])].push(sample));
        }
        folds.iter_mut().for_each(|fold| fold.sort_unstable());
        Ok(folds)
    }

    /// A share of `among`, chosen by the seed, in ascending order: whole groups if there are any.
    pub fn share(&self, among: &[usize], share: f32, seed: u64) -> Vec<usize> {
        let wanted = (f64::from(share) * among.len() as f64).round() as usize;
        let mut chosen = Vec::new();
        if self.groups.is_empty() {
            let ordered = self.in_order(among, seed);
            let places = (0..wanted).map(|place| (place as f64 + 0.5) * among.len() as f64 / wanted as f64);
            chosen.extend(places.map(|place| ordered[(place as usize).min(among.len() - 1)]));
        } else {
            for group in shuffled(self.group_count(), seed) {
                let members = || among.iter().copied().filter(|sample| self.groups[*sample] == group as u32);
                // The group that would take more than it brings nearer is left to training.
                if 2 * chosen.len() + members().count() <= 2 * wanted {
                    chosen.extend(members());
                }
            }
        }
        chosen.sort_unstable();
        chosen.dedup();
        chosen
    }

    fn len(&self) -> usize {
        self.labels.len() / self.target.task().label_len()
    }

    fn group_count(&self) -> usize {
        self.groups.iter().max().map_or(0, |last| *last as usize + 1)
    }

    /// Samples by class, or by their first value; at random among equals.
    fn in_order(&self, among: &[usize], seed: u64) -> Vec<usize> {
        let length = self.target.task().label_len();
        let mut samples: Vec<_> = shuffled(among.len(), seed).into_iter().map(|place| among[place]).collect();
        samples.sort_by(|a, b| self.labels[a * length].total_cmp(&self.labels[b * length]));
        samples
    }
}

fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    // Not one of the keys of the epochs' orders.
    let key = Key::new(seed, Purpose::Order).child(u64::MAX - 1);
    let shuffle = Shuffle::new(key, count as u32);
    (0..count as u32).map(|place| shuffle.index(place) as usize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes() -> Target {
        Target::Classes(vec!["no".into(), "yes".into()])
    }

    #[test]
    fn folds_have_every_sample_once_and_classes_evenly() {
        let labels: Vec<f32> = (0..53).map(|sample| if sample % 5 == 0 { 1.0 } else { 0.0 }).collect();
        let target = classes();
        let set = Divided { path: "t.csv", target: &target, labels: &labels, groups: &[] };
        for seed in 0..4 {
            let folds = set.folds(5, seed).unwrap();
            let mut all = folds.concat();
            all.sort_unstable();
            assert_eq!(all, (0..53).collect::<Vec<_>>());
            for fold in &folds {
                let rare = fold.iter().filter(|sample| labels[**sample] == 1.0).count();
                assert!((2..=3).contains(&rare) && (10..=11).contains(&fold.len()), "{fold:?}");
            }
        }
        assert_ne!(set.folds(5, 0).unwrap(), set.folds(5, 1).unwrap());
        assert!(set.folds(54, 0).unwrap_err().to_string().contains("53 samples cannot be divided into 54 folds"));
        let share = set.share(&(0..53).collect::<Vec<_>>(), 0.2, 0);
        assert_eq!(share.len(), 11);
        assert!((2..=3).contains(&share.iter().filter(|sample| labels[**sample] == 1.0).count()), "{share:?}");
    }

    #[test]
    fn groups_stay_whole() {
        let groups: Vec<u32> = (0..100).map(|sample| sample / 10).collect();
        let (target, labels) = (classes(), vec![0.0; 100]);
        let set = Divided { path: "t.csv", target: &target, labels: &labels, groups: &groups };
        let folds = set.folds(5, 3).unwrap();
        assert_eq!(folds[1], (20..40).collect::<Vec<_>>(), "two groups each, in their order");
        let among: Vec<_> = (0..80).collect();
        let share = set.share(&among, 0.25, 3);
        assert_eq!((share.len(), share.iter().all(|sample| *sample < 80)), (20, true));
        assert!(share.chunks(10).all(|group| group[9] == group[0] + 9));
        assert!(set.folds(11, 3).is_err());
    }
}
