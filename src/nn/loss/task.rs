//! What a network predicts.

/// What a network predicts, and so what a label is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Task {
    /// One of some classes; a label is its number, from 0.
    Classify {
        /// How many there are.
        classes: usize,
    },
    /// Values; a label has all of them.
    Regress {
        /// How many there are.
        values: usize,
    },
}

impl Task {
    /// Numbers of a label.
    pub const fn label_len(self) -> usize {
        match self {
            Self::Classify { .. } => 1,
            Self::Regress { values } => values,
        }
    }

    /// Number of classes; 0 of values.
    pub const fn classes(self) -> usize {
        match self {
            Self::Classify { classes } => classes,
            Self::Regress { .. } => 0,
        }
    }
}
