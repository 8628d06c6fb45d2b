//! Cells of a column that are numbers as programs write them, while they pass by.

use super::cell::{is_code, is_digits};
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
    /// The first integer, and one that differs from it.
    pub integer: Option<i128>,
    pub other_integer: Option<Seen>,
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
        // Shorter ones are exact in 64 bits.
        if text.len() > 15
            && let Ok(integer) = text.parse()
            && *self.integer.get_or_insert(integer) != integer
        {
            self.other_integer.get_or_insert_with(|| cell.into());
        }
    }
}
