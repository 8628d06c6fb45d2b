//! How good predictions are for each group of samples, such as a person.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Figures, figures};
use crate::data::Dataset;

/// Results for the samples of a group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupScores {
    /// Its name.
    pub name: String,
    /// How many samples it has.
    pub samples: u32,
    /// Accuracy of classes, R² of values.
    pub score: f32,
}

/// Of outputs, `[samples][outputs]`; nothing if the samples belong to no groups, or all to one.
pub(super) fn scores(set: &Dataset, outputs: &[f32]) -> Vec<GroupScores> {
    let mut members: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    set.groups.iter().enumerate().for_each(|(sample, group)| members.entry(*group).or_default().push(sample));
    if members.len() < 2 {
        return Vec::new();
    }
    let (width, length) = (outputs.len() / set.len(), set.target.task().label_len());
    let gather = |all: &[f32], width: usize, samples: &[usize]| -> Vec<f32> {
        samples.iter().flat_map(|sample| &all[sample * width..][..width]).copied().collect()
    };
    let of_group = |(group, samples): (u32, Vec<usize>)| {
        let labels = gather(&set.labels, length, &samples);
        let score = match figures(&set.target, &labels, &gather(outputs, width, &samples)) {
            Figures::Classes(classes) => classes.accuracy,
            Figures::Values(values) => values.r2,
        };
        let name = set.group_names.get(group as usize).cloned().unwrap_or_else(|| group.to_string());
        GroupScores { name, samples: samples.len() as u32, score }
    };
    members.into_iter().map(of_group).collect()
}
