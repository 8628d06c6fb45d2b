//! One scale for all columns, as the notebook had it that this project starts from: to be compared with, not to be used.

use super::Dataset;

/// x / max, where the max is that of the data themselves, training and test each its own; then less the mean and over the
/// deviation of all training values together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OneScale {
    mean: f32,
    deviation: f32,
}

impl OneScale {
    /// Learns from all values of the training data.
    pub fn fit(train: &Dataset) -> Self {
        let largest = f64::from(largest(train));
        let values = || train.values.iter().map(|value| f64::from(*value) / largest);
        let count = train.values.len() as f64;
        let mean = values().sum::<f64>() / count;
        let variance = values().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
        Self { mean: mean as f32, deviation: variance.sqrt() as f32 }
    }

    /// Scales data by their own largest value.
    pub fn apply(self, mut data: Dataset) -> Dataset {
        let largest = largest(&data);
        for value in &mut data.values {
            *value = (*value / largest - self.mean) / self.deviation;
        }
        data
    }
}

fn largest(data: &Dataset) -> f32 {
    data.values.iter().copied().fold(f32::MIN_POSITIVE, f32::max)
}

#[cfg(test)]
mod tests {
    use super::super::Target;
    use super::*;

    fn data(values: &[f32]) -> Dataset {
        Dataset {
            name: "t".into(),
            target: Target::Classes(Vec::new()),
            width: 2,
            values: values.into(),
            frames: 1,
            labels: Vec::new(),
            groups: Vec::new(),
            group_names: Vec::new(),
            recordings: Vec::new(),
        }
    }

    #[test]
    fn small_columns_become_constants_and_each_file_has_its_own_largest_value() {
        let train = data(&[1e9, 1.0, 0.0, 2.0]);
        let scale = OneScale::fit(&train);
        let scaled = scale.apply(train);
        assert_eq!(scaled.values[1], scaled.values[3], "1 and 2 beside 1e9");
        assert!((scaled.values.iter().sum::<f32>()).abs() < 1e-5);
        assert_eq!(scale.apply(data(&[1e3, 1.0])).values[0], scaled.values[0], "the largest is 1 in any file");
    }
}
