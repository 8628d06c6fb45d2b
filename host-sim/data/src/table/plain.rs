//! Cells of a column that are numbers as programs write them, while they pass by.

use super::cell::{is_code, is_digits, long_integer};
use super::evidence::{Range, Seen};
use super::row::Cell;

/// Cells that are numbers as programs write them.
#[derive(Debug, Default)]
pub(super) struct Plain {
    pub count: u64,
    pub range: Range,
    /// One that numbers of 32 bits have no room for.
    pub too_large: Option<Seen>,
    pub with_point: bool,
    /// `1e3` or `5.`, which people do not write.
    pub technical: bool,
    /// Four digits or more without a mark between thousands.
    pub ungrouped: bool,
    /// Digits with zeros before them.
    pub codes: u64,
    pub code: Option<Seen>,
    /// Not digits alone.
    pub others: bool,
    /// How many digits, if all have as many.
    pub length: Option<usize>,
    pub uneven: bool,
    /// The ends of the integers that are too long for 64 bits of floating point, and how many there are.
    pub long: Option<(i128, i128)>,
    pub long_count: u64,
}

impl Plain {
    /// Takes a cell with this value into account.
    pub fn see(&mut self, cell: Cell, value: f64) {
        let text = cell.text;
        self.count += 1;
        self.range.add(value);
        if !(value as f32).is_finite() {
            self.too_large.get_or_insert_with(|| cell.into());
        }
        self.with_point |= text.contains('.');
        self.technical |= text.ends_with('.') || text.contains(char::is_alphabetic);
        self.ungrouped |= value.abs() >= 1000.0;
        if is_code(text) {
            self.codes += 1;
            self.code.get_or_insert_with(|| cell.into());
        }
        if !is_digits(text) {
            self.others = true;
        }
        self.uneven |= *self.length.get_or_insert(text.len()) != text.len();
        if let Some(integer) = long_integer(text) {
            let (least, largest) = self.long.unwrap_or((integer, integer));
            self.long = Some((least.min(integer), largest.max(integer)));
            self.long_count += 1;
        }
    }

    /// What lies between the smallest and the largest value.
    pub fn span(&self) -> f64 {
        match self.long {
            Some((least, largest)) if self.long_count == self.count => largest.saturating_sub(least) as f64,
            _ => self.range.span(),
        }
    }
}
