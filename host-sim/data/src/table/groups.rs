//! Samples that belong together, such as those of one person: they are never divided.

use std::collections::HashMap;

use super::cell::number;
use super::row::Row;
use super::{Error, Table};

/// The groups of samples while these pass by.
pub(super) struct Groups {
    column: usize,
    numbers: HashMap<String, u32>,
    of_rows: Vec<u32>,
}

impl Groups {
    pub fn new(table: &Table, name: &str) -> Result<Self, Error> {
        let column = table.column(name, "--group")?;
        Ok(Self { column, numbers: HashMap::new(), of_rows: Vec::new() })
    }

    /// Takes a sample into account.
    pub fn see(&mut self, row: &Row) -> Result<(), Error> {
        let cell = row.cell(self.column);
        if cell.text.is_empty() {
            return Err(Error::NoGroup { place: cell.place() });
        }
        let next = self.numbers.len() as u32;
        self.of_rows.push(*self.numbers.entry(cell.text.into()).or_insert(next));
        Ok(())
    }

    /// The group of each sample, and the names of the groups: numbers in ascending order, otherwise by letter.
    pub fn finish(self) -> (Vec<u32>, Vec<String>) {
        let mut names: Vec<(String, u32)> = self.numbers.into_iter().collect();
        let value = |name: &str| number(name).unwrap_or(f64::INFINITY);
        names.sort_by(|(a, _), (b, _)| value(a).total_cmp(&value(b)).then(a.cmp(b)));
        let mut places = vec![0; names.len()];
        names.iter().enumerate().for_each(|(place, (_, number))| places[*number as usize] = place as u32);
        let of_rows = self.of_rows.into_iter().map(|number| places[number as usize]).collect();
        (of_rows, names.into_iter().map(|(name, _)| name).collect())
    }
}
