//! Formats in which all cells of a column can be read, while the cells pass by.

use super::row::{Cell, Line};

/// A cell that has passed by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    pub line: Line,
    pub text: String,
}

impl From<Cell<'_>> for Seen {
    fn from(cell: Cell) -> Self {
        Self { line: cell.line, text: cell.text.into() }
    }
}

/// The smallest and the largest of some values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub least: f64,
    pub largest: f64,
}

impl Default for Range {
    fn default() -> Self {
        Self { least: f64::INFINITY, largest: f64::NEG_INFINITY }
    }
}

impl Range {
    /// No and yes.
    pub const BOOLEAN: Self = Self { least: 0.0, largest: 1.0 };

    pub fn add(&mut self, value: f64) {
        *self = self.joined(Self { least: value, largest: value });
    }

    pub fn joined(self, other: Self) -> Self {
        Self { least: self.least.min(other.least), largest: self.largest.max(other.largest) }
    }

    /// What lies between its ends.
    pub fn span(self) -> f64 {
        self.largest - self.least
    }
}

/// The formats in which all cells so far could be read, but for those that did not fit.
#[derive(Debug)]
pub(super) struct Evidence<F> {
    /// With the range of the values in that format.
    pub formats: Vec<(F, Range)>,
    /// Cells that can be read in them.
    pub hits: u64,
    /// Cells that can be read in other formats only.
    pub others: u64,
    misses: u64,
    /// The first cell that cannot be read in them.
    pub miss: Option<Seen>,
    hopeless: bool,
}

impl<F> Default for Evidence<F> {
    fn default() -> Self {
        Self { formats: Vec::new(), hits: 0, others: 0, misses: 0, miss: None, hopeless: false }
    }
}

/// So many misses are enough to give up where there are more of them than anything else.
const ENOUGH: u64 = 100;

impl<F> Evidence<F> {
    /// Takes a cell into account: `all_of` gives the formats in which a text can be read, `read` reads it.
    pub fn see(&mut self, cell: Cell, all_of: impl Fn(&str) -> Vec<F>, read: impl Fn(&F, &str) -> Option<f64>) {
        if self.hopeless {
            return;
        }
        if self.hits == 0 {
            self.formats = all_of(cell.text).into_iter().map(|format| (format, Range::default())).collect();
        }
        let values: Vec<_> = self.formats.iter().map(|(format, _)| read(format, cell.text)).collect();
        if values.iter().any(Option::is_some) {
            let mut values = values.into_iter();
            self.formats.retain_mut(|(_, range)| values.next().flatten().map(|value| range.add(value)).is_some());
            self.hits += 1;
            return;
        }
        self.misses += 1;
        self.miss.get_or_insert_with(|| cell.into());
        self.others += u64::from(self.hits > 0 && !all_of(cell.text).is_empty());
        self.hopeless = self.misses >= ENOUGH && self.hits + self.others < self.misses;
    }
}
