//! What can be wrong with data, said so that it can be put right.

use std::fmt;
use std::io;

/// Bad data: each message names the place in the file and what to do about it.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error("{path}: there is no such file; check its name")]
    Missing { path: String },
    #[error("{path}: cannot be read ({source}); check that it is a file and that you may read it")]
    Unreadable { path: String, source: io::Error },
    #[error("{path}: is not a CSV file ({source})")]
    NotCsv { path: String, source: csv::Error },
    #[error("{path}, line {line}, column {column}: bytes that are not UTF-8; save the file as UTF-8")]
    NotUtf8 { path: String, line: u64, column: usize },
    #[error("{path}: is empty; it needs a line with the names of the columns, then one line per sample")]
    Empty { path: String },
    #[error("{path}: has the names of the columns but no samples; add one line per sample")]
    HeaderOnly { path: String },
    #[error("{path}, line {line}: columns {first} and {second} are both named `{column}`; rename one of them")]
    DuplicateColumn { path: String, line: u64, column: String, first: usize, second: usize },
    #[error(
        "{path}, line {line}, column {}: {expected} cells expected, as the first line has, but found {found}; \
         add or remove cells, and put text with commas in quotes",
        found.min(expected) + 1
    )]
    Ragged { path: String, line: u64, found: usize, expected: usize },
    #[error("{path}: there is no column `{column}`, which {wanted_by} names; there are: {there}")]
    NoSuchColumn { path: String, column: String, wanted_by: &'static str, there: String },
    #[error("column `{column}` is the label; take it out of {option}")]
    LabelTwice { column: String, option: &'static str },
    #[error(
        "{place}: `{text}` is text, but only numbers can be --plain; correct it, or take the column out of --plain"
    )]
    PlainText { place: Place, text: String },
    #[error("{place}: the cell is empty; fill it in, or remove the line or the column")]
    EmptyCell { place: Place },
    #[error("{place}: `{text}` is not a finite number of 32 bits; correct it, or remove the line")]
    NotFinite { place: Place, text: String },
    #[error("{place}: `{text}` is not a number, as all of this column are in the training file; correct it")]
    NotANumber { place: Place, text: String },
    #[error("{place}: the label `{text}` is not in the training file; correct it, or remove the line. Known: {known}")]
    UnknownLabel { place: Place, text: String, known: String },
    #[error("{path}: every sample has the label `{class}` in column `{column}`; training needs two classes at least")]
    OneClass { path: String, column: String, class: String },
    #[error("{path}: no column is left to learn from beside the label and --drop; drop fewer columns")]
    NoFeatures { path: String },
    #[error("{path}: the values of column `{column}` spread too far for numbers of 32 bits; take it out of --plain")]
    SpreadTooFar { path: String, column: String },
    #[error("there is no subject {subject} among the watch recordings; --test-subjects takes numbers from 1 to 10")]
    UnknownSubject { subject: u32 },
    #[error("nobody is left to {side} on; --test-subjects takes some of the subjects 1 to 10, not all and not none")]
    NobodyLeft { side: &'static str },
}

/// Where a cell stands; lines count from 1, the first being the names of the columns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub struct Place {
    pub path: String,
    pub line: u64,
    pub column: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, line {}, column `{}`", self.path, self.line, self.column)
    }
}
