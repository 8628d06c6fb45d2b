//! Samples to learn from and samples to predict, in a file.

use std::fs;
use std::io;
use std::path::Path;

/// Samples in two parts: those to learn from, and those to predict.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// Inputs per sample, at least 1.
    pub width: usize,
    /// Numbers per label, at least 1.
    pub label_width: usize,
    /// `[samples][width]` to learn from.
    pub train: Vec<f32>,
    /// `[samples][label_width]`
    pub labels: Vec<f32>,
    /// `[samples][width]` to predict.
    pub test: Vec<f32>,
}

impl Split {
    /// Writes it: four lengths of 64 bits, then the numbers, all with the lowest byte first.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let Self { width, label_width, train, labels, test } = self;
        let lengths = [*width, *label_width, train.len() / width, test.len() / width];
        let mut bytes: Vec<u8> = lengths.iter().flat_map(|length| (*length as u64).to_le_bytes()).collect();
        bytes.extend(train.iter().chain(labels).chain(test).flat_map(|value| value.to_le_bytes()));
        fs::write(path, bytes)
    }

    /// Reads what [`write`](Self::write) wrote.
    ///
    /// # Errors
    /// Those of the file system, and a file of another kind.
    pub fn read(path: &Path) -> io::Result<Self> {
        let bytes = fs::read(path)?;
        Self::of(&bytes).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the file holds no samples"))
    }

    fn of(bytes: &[u8]) -> Option<Self> {
        let (lengths, numbers) = bytes.split_at_checked(32)?;
        let mut lengths = lengths.as_chunks().0.iter().map(|bytes| u64::from_le_bytes(*bytes) as usize);
        let [width, label_width, train, test] = [(); 4].map(|()| lengths.next().unwrap_or(0));
        let mut numbers = numbers.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
        let [train, labels, test] =
            [train * width, train * label_width, test * width].map(|count| numbers.by_ref().take(count).collect());
        let split = Self { width, label_width, train, labels, test };
        (width > 0 && label_width > 0 && split.test.len().is_multiple_of(width)).then_some(split)
    }

    /// Number of samples to learn from.
    pub fn len(&self) -> usize {
        self.train.len() / self.width
    }

    /// Nothing to learn from.
    pub fn is_empty(&self) -> bool {
        self.train.is_empty()
    }

    /// Inputs and label of sample `index` of those to learn from.
    pub fn sample(&self, index: usize) -> (&[f32], &[f32]) {
        let row = &self.train[index * self.width..][..self.width];
        (row, &self.labels[index * self.label_width..][..self.label_width])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_it_was_written() {
        let path = std::env::temp_dir().join(format!("trainlet-split-{}", std::process::id()));
        let split = Split {
            width: 2,
            label_width: 1,
            train: vec![1.0, -2.5, 3.0, 0.0],
            labels: vec![0.0, 1.0],
            test: vec![0.1, f32::MIN_POSITIVE],
        };
        split.write(&path).unwrap();
        assert_eq!(Split::read(&path).unwrap(), split);
        fs::write(&path, b"something else").unwrap();
        assert_eq!(Split::read(&path).unwrap_err().kind(), io::ErrorKind::InvalidData);
        fs::remove_file(path).unwrap();
    }
}
