//! Samples ready for a network.

/// Standardised inputs and, unless only predictions are wanted, labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Where it comes from, for messages: `watch` or the name of a file.
    pub name: String,
    /// Names of the classes; a label is an index into it.
    pub classes: Vec<String>,
    /// Inputs per sample, at least 1.
    pub width: usize,
    /// `[samples][width]`
    pub values: Vec<f32>,
    /// `[samples]`, or empty if the set has no labels.
    pub labels: Vec<usize>,
}

impl Dataset {
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

    /// The inputs of all samples in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.width)
    }

    /// Some of the samples, by number.
    pub fn subset(&self, numbers: &[usize]) -> Self {
        let values = numbers.iter().flat_map(|number| self.row(*number)).copied().collect();
        let labels = numbers.iter().filter_map(|number| self.labels.get(*number)).copied().collect();
        Self { name: self.name.clone(), classes: self.classes.clone(), width: self.width, values, labels }
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
    pub fn samples(&self) -> impl ExactSizeIterator<Item = (&[f32], usize)> {
        self.rows().zip(self.labels.iter().copied())
    }
}
