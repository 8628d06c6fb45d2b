//! Which samples are for what: every sample is tested once, by networks that have not seen it, and what is chosen is chosen by
//! others that they were trained with.

use std::collections::BTreeSet;

use super::Error;
use crate::data::split::Divided;
use crate::data::{Dataset, Target};

/// Validations of each fold.
pub const VALIDATIONS: u64 = 2;
/// Share of a fold's training that is for a validation.
const VALIDATED: f32 = 0.25;
/// Most samples that are learnt from to choose by, and a third of it is validated with: more would not change the choice.
const ENOUGH: usize = 24_000;

/// Samples to learn from and samples to predict, by number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// To learn from.
    pub train: Vec<usize>,
    /// To predict.
    pub test: Vec<usize>,
}

/// A fold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fold {
    /// All samples: those that are tested, and the others.
    pub whole: Parts,
    /// The others once more, divided.
    pub validations: Vec<Parts>,
}

/// Divides the samples of a set into `count` folds, and the training part of each into its validations.
///
/// # Errors
/// More folds than samples or groups.
pub fn folds(set: &Dataset, count: usize, seed: u64) -> Result<Vec<Fold>, Error> {
    let groups = numbered(&set.groups);
    let divided = Divided { path: &set.name, target: &set.target, labels: &set.labels, groups: &groups };
    let all: Vec<usize> = (0..set.len()).collect();
    let tests = divided.folds(count, seed)?;
    let fold = |(number, test): (u64, Vec<usize>)| {
        let whole = Parts { train: without(&all, &test), test };
        let validations = (0..VALIDATIONS).map(|inner| validation(&divided, &whole.train, seed + 100 * number + inner));
        Fold { validations: validations.collect(), whole }
    };
    Ok((1..).zip(tests).map(fold).collect())
}

/// Whole groups where some are left to learn from.
fn validation(divided: &Divided, among: &[usize], seed: u64) -> Parts {
    let mut test = divided.share(among, VALIDATED, seed);
    if test.is_empty() || test.len() == among.len() {
        test = Divided { groups: &[], ..*divided }.share(among, VALIDATED, seed);
    }
    let train = without(among, &test);
    let most = |numbers: Vec<usize>, most: usize| {
        let share = most as f32 / numbers.len().max(1) as f32;
        if share < 1.0 { Divided { groups: &[], ..*divided }.share(&numbers, share, seed) } else { numbers }
    };
    Parts { train: most(train, ENOUGH), test: most(test, ENOUGH / 3) }
}

/// Samples that a validation trains on, by the samples in the training part of its fold.
pub fn learnt_in_validation(samples: usize) -> usize {
    ((1.0 - f64::from(VALIDATED)) * samples as f64).min(ENOUGH as f64) as usize
}

/// Those of `among` that are not in `others`, which ascend.
fn without(among: &[usize], others: &[usize]) -> Vec<usize> {
    among.iter().copied().filter(|sample| others.binary_search(sample).is_err()).collect()
}

/// Groups by consecutive numbers.
fn numbered(groups: &[u32]) -> Vec<u32> {
    let known: Vec<u32> = groups.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    groups.iter().filter_map(|group| known.binary_search(group).ok()).map(|number| number as u32).collect()
}

/// What a model reaches, fold by fold, that always says what is most frequent in training, or the mean.
pub fn constant(set: &Dataset, folds: &[Fold], r2: impl Fn(&[f32], &[f32]) -> f64) -> Vec<f64> {
    let of_fold = |Fold { whole: Parts { train, test }, .. }: &Fold| match &set.target {
        Target::Classes(classes) => {
            let class = |sample: &usize| set.label(*sample)[0] as usize;
            let mut counts = vec![0_usize; classes.len()];
            train.iter().for_each(|sample| counts[class(sample)] += 1);
            let most = (0..counts.len()).rev().max_by_key(|class| counts[*class]).unwrap_or(0);
            test.iter().filter(|sample| class(sample) == most).count() as f64 / test.len() as f64
        }
        Target::Values(values) => {
            let sum = |value: usize| train.iter().map(|sample| f64::from(set.label(*sample)[value])).sum::<f64>();
            let means: Vec<f32> = (0..values.len()).map(|value| (sum(value) / train.len() as f64) as f32).collect();
            let labels: Vec<f32> = test.iter().flat_map(|sample| set.label(*sample)).copied().collect();
            r2(&means.repeat(test.len()), &labels)
        }
    };
    folds.iter().map(of_fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(labels: &[f32], groups: Vec<u32>) -> Dataset {
        let target = Target::Classes(vec!["a".into(), "b".into()]);
        let (name, values, labels) = ("t".into(), vec![0.0; labels.len()], labels.into());
        let (group_names, recordings) = (Vec::new(), Vec::new());
        Dataset { name, target, width: 1, frames: 1, values, labels, groups, group_names, recordings }
    }

    /// Nothing that is tested is learnt from or chosen by.
    #[test]
    fn every_sample_is_tested_once_by_those_that_have_not_seen_it() {
        let labels: Vec<f32> = (0..50).map(|i| if i % 5 == 0 { 1.0 } else { 0.0 }).collect();
        let set = set(&labels, Vec::new());
        let folds = folds(&set, 5, 3).unwrap();
        let mut tested: Vec<_> = folds.iter().flat_map(|fold| fold.whole.test.clone()).collect();
        tested.sort_unstable();
        assert!(tested.into_iter().eq(0..50));
        for Fold { whole, validations } in &folds {
            assert_eq!((whole.train.len(), whole.test.len(), validations.len()), (40, 10, 2));
            for parts in validations {
                let all = [&parts.train[..], &parts.test].concat();
                assert!(
                    parts.test.len() == 10 && all.len() == 40 && all.iter().all(|sample| whole.train.contains(sample))
                );
            }
            assert_ne!(validations[0], validations[1]);
        }
        assert_eq!(constant(&set, &folds, |_, _| 0.0), [0.8; 5]);
    }

    #[test]
    fn groups_stay_together_whatever_their_numbers() {
        let groups: Vec<u32> = (0..60).map(|i| 7 + i / 6 * 3).collect();
        let set = set(&[0.0; 60], groups.clone());
        for Fold { whole, validations } in folds(&set, 5, 0).unwrap() {
            assert_eq!((whole.train.len(), whole.test.len()), (48, 12));
            for Parts { train, test } in validations.iter().chain([&whole]) {
                assert!(!test.is_empty() && test.iter().all(|a| train.iter().all(|b| groups[*a] != groups[*b])));
            }
        }
        let two: Vec<u32> = (0..20).map(|i| i / 10).collect();
        let set = self::set(&[0.0; 20], two);
        assert!(
            folds(&set, 2, 0).unwrap().iter().all(|fold| fold.validations.iter().all(|parts| !parts.test.is_empty()))
        );
    }
}
