//! A row of a table while it passes by, and its cells.

use csv::StringRecord;

use super::{Error, Place, Table};

/// A line of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// Which file of a folder, from 0.
    pub file: usize,
    /// Counts from 1, the first being the names of the columns.
    pub number: u64,
}

/// One row while it passes by.
pub(super) struct Row<'a> {
    pub line: Line,
    table: &'a Table,
    cells: &'a StringRecord,
}

/// One cell, which knows where it stands.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    /// Without the white space around it.
    pub text: &'a str,
    table: &'a Table,
    pub line: Line,
    column: usize,
}

impl<'a> Row<'a> {
    pub fn new(table: &'a Table, line: Line, cells: &'a StringRecord) -> Self {
        Self { line, table, cells }
    }

    /// The cell of a column.
    pub fn cell(&self, column: usize) -> Cell<'a> {
        Cell { text: self.cells[column].trim(), table: self.table, line: self.line, column }
    }
}

impl Cell<'_> {
    pub fn place(&self) -> Place {
        self.table.place(self.line, self.column)
    }

    /// What to say if a value is missing here.
    pub fn missing(&self) -> Error {
        Error::missing_cell(self.place(), self.text)
    }

    /// What to say if a prediction is wanted without a value.
    pub fn missing_for_a_prediction(&self) -> Error {
        Error::missing_for_a_prediction(self.place(), self.text)
    }

    /// What to say if a label is missing here.
    pub fn missing_label(&self) -> Error {
        Error::missing_label(self.place(), self.text)
    }
}
