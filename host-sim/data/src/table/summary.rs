//! What the columns of a training file were taken for.

use serde::Serialize;

use super::Separator;

/// A training file as it was understood.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The file's name.
    pub path: String,
    /// What separates its cells.
    pub separator: Separator,
    /// Samples that are learned from.
    pub samples: usize,
    /// Samples left out because a value is missing.
    pub left_out: usize,
    /// Rows of a sample: more than 1 of windows.
    pub frames: usize,
    /// Its columns in file order.
    pub columns: Vec<ColumnSummary>,
}

/// One column of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnSummary {
    /// Name of the column.
    pub column: String,
    /// What it was taken for.
    #[serde(flatten)]
    pub kind: Kind,
    /// How many of its values are missing.
    pub missing: u64,
}

/// What a column was taken for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "taken_for", rename_all = "snake_case")]
pub enum Kind {
    /// What is predicted.
    Label {
        /// How many classes there are.
        classes: usize,
    },
    /// What is predicted.
    Value,
    /// A number as it is.
    Number(Style),
    /// sign(x) ln(1 + |x|) of a number.
    NumberWithLogarithm(Style),
    /// A number less the middle of its range, because its values lie close together.
    NumberCentred(Style),
    /// Yes and no.
    Boolean,
    /// A date or a time.
    Date(Style),
    /// Texts by how often they come.
    Categories {
        /// How many there are.
        values: usize,
    },
    /// Texts with an input each.
    OneHot {
        /// How many there are.
        values: usize,
    },
    /// The same in every sample: the network learns nothing from it.
    Constant,
    /// No input, but says which rows belong together: the group, the recording or the time.
    Beside,
    /// Left out.
    Dropped,
}

/// How values are written.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Style {
    /// In words, where it is not as programs write numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<String>,
}
