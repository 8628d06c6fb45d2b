//! Samples ready for a network.

use trainlet::nn::loss::Task;

/// Standardised inputs and, unless only predictions are wanted, labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Where it comes from, for messages: `watch` or the name of a file.
    pub name: String,
    /// What is predicted.
    pub target: Target,
    /// Inputs per sample, at least 1.
    pub width: usize,
    /// Rows of a sample that is a window of a recording, `[frames][width / frames]`; 1 of any other.
    pub frames: usize,
    /// `[samples][width]`
    pub values: Vec<f32>,
    /// `[samples][numbers of a label]`: the number of a class, or standardised values; empty if the set has no labels.
    pub labels: Vec<f32>,
    /// `[samples]` number of the group that each belongs to, such as a person; empty if they belong to none.
    pub groups: Vec<u32>,
    /// Names of the groups, by their numbers; empty if the samples belong to none.
    pub group_names: Vec<String>,
    /// `[samples]` number of the recording that each is a window of, in which they follow each other in time; empty if they are no windows.
    pub recordings: Vec<u32>,
}

/// What is predicted of a sample.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// One of these classes; a label is an index into them.
    Classes(Vec<String>),
    /// These values; a label has each of them, standardised.
    Values(Vec<Measure>),
}

/// A value that is predicted, and how it is standardised.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    /// Its name.
    pub name: String,
    /// In its own unit.
    pub mean: f64,
    /// In its own unit.
    pub deviation: f64,
}

impl Measure {
    /// A standardised value in its own unit.
    pub fn value(&self, standardised: f32) -> f64 {
        self.mean + self.deviation * f64::from(standardised)
    }
}

impl Target {
    /// The task of a network for it.
    pub fn task(&self) -> Task {
        match self {
            Self::Classes(classes) => Task::Classify { classes: classes.len() },
            Self::Values(values) => Task::Regress { values: values.len() },
        }
    }

    /// Names of the classes; none if values are predicted.
    pub fn classes(&self) -> &[String] {
        match self {
            Self::Classes(classes) => classes,
            Self::Values(_) => &[],
        }
    }
}

impl Dataset {
    /// Frames and channels of samples that are windows.
    pub fn shape(&self) -> Option<(usize, usize)> {
        (self.frames > 1).then(|| (self.frames, self.width / self.frames))
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.values.len() / self.width
    }

    /// No samples.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The inputs of sample `index`; panics beyond the last.
    pub fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.width..][..self.width]
    }

    /// The label of sample `index`; panics beyond the last.
    pub fn label(&self, index: usize) -> &[f32] {
        let length = self.target.task().label_len();
        &self.labels[index * length..][..length]
    }

    /// The inputs of all samples in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.width)
    }

    /// Some of the samples, by number.
    pub fn subset(&self, numbers: &[usize]) -> Self {
        let values = numbers.iter().flat_map(|number| self.row(*number)).copied().collect();
        let labels = if self.labels.is_empty() {
            Vec::new()
        } else {
            numbers.iter().flat_map(|number| self.label(*number)).copied().collect()
        };
        let of_samples = |all: &[u32]| numbers.iter().filter_map(|number| all.get(*number)).copied().collect();
        let (groups, recordings) = (of_samples(&self.groups), of_samples(&self.recordings));
        let (name, target, group_names) = (self.name.clone(), self.target.clone(), self.group_names.clone());
        Self { name, target, values, labels, groups, group_names, recordings, ..*self }
    }

    /// Puts the inputs of all samples in another order, which names each of them once by its number in this one.
    pub fn reorder(&mut self, order: &[usize]) {
        let mut before = vec![0.0; self.width];
        for row in self.values.chunks_exact_mut(self.width) {
            before.copy_from_slice(row);
            row.iter_mut().zip(order).for_each(|(value, index)| *value = before[*index]);
        }
    }

    /// Inputs and label of all samples in order; nothing if there are no labels.
    pub fn samples(&self) -> impl ExactSizeIterator<Item = (&[f32], &[f32])> {
        self.rows().zip(self.labels.chunks_exact(self.target.task().label_len()))
    }
}
