//! What is seen of a column while its cells pass by.

use std::collections::BTreeSet;

use super::cell::{boolean, is_boolean_word, is_hexadecimal, is_missing, number};
use super::dates::{DateFormat, DateOrder};
use super::evidence::{Evidence, Seen};
use super::number::{Decimal, NumberFormat};
use super::plain::Plain;
use super::row::Cell;

/// What the user and the file say about all columns.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub decimal: Option<Decimal>,
    pub dates: Option<DateOrder>,
    /// Commas separate the cells, which is why they are no decimal commas unless something says so.
    pub commas_separate: bool,
}

/// Largest number of different texts that can have an input each.
pub(super) const FEW: usize = 16;

/// What has been seen of a column.
#[derive(Debug)]
pub(super) struct Profile {
    pub rules: Rules,
    pub column: usize,
    /// Cells that say something, and others.
    pub present: u64,
    pub missing: u64,
    pub gap: Option<Seen>,
    pub plain: Plain,
    pub not_plain: Option<Seen>,
    /// Words for yes and no, 1 and 0, until something else comes.
    pub booleans: u64,
    pub boolean_words: u64,
    /// Numbers as programmers write them, which are read by nothing.
    pub hexadecimal: u64,
    pub numbers: Evidence<NumberFormat>,
    pub dates: Evidence<DateFormat>,
    pub texts: BTreeSet<String>,
}

impl Profile {
    pub fn new(column: usize, rules: Rules) -> Self {
        Self {
            rules,
            column,
            present: 0,
            missing: 0,
            gap: None,
            plain: Plain::default(),
            not_plain: None,
            booleans: 0,
            boolean_words: 0,
            hexadecimal: 0,
            numbers: Evidence::default(),
            dates: Evidence::default(),
            texts: BTreeSet::new(),
        }
    }

    /// Takes the next cell of the column into account.
    pub fn see(&mut self, cell: Cell) {
        let text = cell.text;
        if self.texts.len() <= FEW && !self.texts.contains(text) {
            self.texts.insert(text.into());
        }
        if is_missing(text) {
            self.missing += 1;
            self.gap.get_or_insert_with(|| cell.into());
            return;
        }
        self.present += 1;
        if self.booleans + 1 == self.present && boolean(text).is_some() {
            self.booleans += 1;
            self.boolean_words += u64::from(is_boolean_word(text));
        }
        match self.plain_number(text) {
            Some(value) => self.plain.see(cell, value),
            None => {
                self.not_plain.get_or_insert_with(|| cell.into());
                self.hexadecimal += u64::from(is_hexadecimal(text));
                let Rules { decimal, dates, .. } = self.rules;
                let formats = |text: &str| formats(text, decimal);
                self.numbers.see(cell, formats, NumberFormat::read);
                self.dates.see(cell, |text| DateFormat::all_of(text, dates), DateFormat::read);
            }
        }
    }

    fn plain_number(&self, text: &str) -> Option<f64> {
        let comma = self.rules.decimal == Some(Decimal::Comma) && text.contains('.');
        number(text).filter(|_| !comma)
    }

    /// The first cell that is not taken for a number.
    pub fn first_text(&self) -> Option<&Seen> {
        self.not_plain.as_ref().or(self.plain.code.as_ref())
    }
}

fn formats(text: &str, decimal: Option<Decimal>) -> Vec<NumberFormat> {
    let mut formats = NumberFormat::all_of(text);
    let mark = decimal.map(|decimal| if decimal == Decimal::Comma { ',' } else { '.' });
    formats.retain(|format| mark.is_none_or(|mark| format.decimal == mark));
    formats
}
