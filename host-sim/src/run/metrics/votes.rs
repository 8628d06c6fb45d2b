//! Windows of a recording that decide together with those before them.

use std::collections::VecDeque;

use trainlet::nn::loss::classes::{class, log_probabilities};

use crate::data::Dataset;

/// Share of the windows whose class is right, each by the mean of the logarithms of its probabilities and those of the windows before it
/// in its recording, `windows` of them at most; as `trainlet::metrics::Votes` does on a device. `outputs` are `[samples][outputs]`.
pub fn voted(set: &Dataset, outputs: &[f32], windows: usize) -> f32 {
    let width = outputs.len() / set.len().max(1);
    let mut right = 0;
    let mut last: VecDeque<Vec<f32>> = VecDeque::new();
    for (sample, output) in outputs.chunks_exact(width.max(1)).enumerate() {
        if sample > 0 && set.recordings[sample] != set.recordings[sample - 1] {
            last.clear();
        }
        let mut logarithms = output.to_vec();
        log_probabilities(&mut logarithms);
        last.push_back(logarithms);
        last.drain(..last.len().saturating_sub(windows));
        let together: Vec<f32> = (0..width).map(|output| last.iter().map(|window| window[output]).sum()).collect();
        right += usize::from(class(&together) == set.label(sample)[0] as usize);
    }
    right as f32 / set.len().max(1) as f32
}
