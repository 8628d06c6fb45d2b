//! What can be wrong with data, said so that it can be put right.

use std::fmt;
use std::io;

/// Bad data: each message names the place in the file and what to do about it.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error("{path}: there is no such file; check its name")]
    Missing { path: String },
    #[error("{path}: is a folder without CSV files; name one that has some, or a file")]
    EmptyFolder { path: String },
    #[error("{path}: has the columns {found}, but {first} has {expected}; all files of a folder need the same columns")]
    OtherColumns { path: String, first: String, found: String, expected: String },
    #[error("{path}: cannot be read ({source}); check that it is a file and that you may read it")]
    Unreadable { path: String, source: io::Error },
    #[error("{path}: is {kind}")]
    Foreign { path: String, kind: &'static str },
    #[error("{path}: two characters could separate its cells; say which with --separator comma, semicolon or tab")]
    Separator { path: String },
    #[error("{path}, line {line}, column {column}: bytes that are not UTF-8; save the file as UTF-8")]
    NotUtf8 { path: String, line: u64, column: usize },
    #[error("{path}, line {line}, column {column}: a NUL byte, which no text has; the file is damaged: write it anew")]
    Nul { path: String, line: u64, column: usize },
    #[error(
        "{path}, line {line}: a quote opens here, but nothing closes it; add the quote that is missing, or take this away"
    )]
    OpenQuote { path: String, line: u64 },
    #[error("{path}, line {line}: the names of the columns stand here once more; take out this line")]
    RepeatedHeader { path: String, line: u64 },
    #[error("{path}: is empty; it needs a line with the names of the columns, then one line per sample")]
    Empty { path: String },
    #[error("{path}: has the names of the columns but no samples; add one line per sample")]
    HeaderOnly { path: String },
    #[error("{path}, line {line}: columns {first} and {second} are both named `{column}`; rename one of them")]
    DuplicateColumn { path: String, line: u64, column: String, first: usize, second: usize },
    #[error(
        "{path}, line {line}, column {}: {expected} cells expected, as the first line has, but found {found}; \
         add or remove cells, put text with commas in quotes, or say with --separator what stands between the cells",
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
    #[error(
        "{path}: column `{column}` holds dates or booleans, which have no logarithm that could be left out; take it out of --plain"
    )]
    NoLogarithm { path: String, column: String },
    #[error("{place}: {what}; fill it in, remove the line, or train with --missing mean or --missing drop")]
    MissingCell { place: Place, what: String },
    #[error(
        "{place}: {what}, and the training had no samples without a value; fill it in, remove the line, or train with \
         --missing mean"
    )]
    MissingForPrediction { place: Place, what: String },
    #[error(
        "{place}: the label is missing: {what}; fill it in, remove the line, train with --missing drop, or make a class of it with \
         --text {}",
        place.column
    )]
    MissingLabel { place: Place, what: String },
    #[error(
        "{path}: nothing is left once samples with missing values are left out; choose --missing mean, or --drop columns"
    )]
    AllLeftOut { path: String },
    #[error("{path}: column `{column}` has no value in any line; fill it in, or leave it out with --drop {column}")]
    NothingThere { path: String, column: String },
    #[error("{place}: `{text}` is not a finite number of 32 bits; correct it, or remove the line")]
    NotFinite { place: Place, text: String },
    #[error("{place}: `{text}` is not {expected}, as all of this column are in the training file; correct it")]
    OfAnotherKind { place: Place, text: String, expected: String },
    #[error(
        "{place}: `{text}` stands among {kind}; write it as they are, leave it empty and choose a --missing, or take the column for \
         text with --text {}",
        place.column
    )]
    OddCell { place: Place, text: String, kind: &'static str },
    #[error(
        "{path}: in column `{column}` a comma stands before three digits throughout: say with --decimal point that it separates \
         thousands, or with --decimal comma that it begins a fraction"
    )]
    Decimal { path: String, column: String },
    #[error(
        "{path}: the dates of column `{column}` can be {one} as well as {other}: say which with --dates day-first or month-first"
    )]
    DateOrder { path: String, column: String, one: String, other: String },
    #[error(
        "{place}: the labels `{text}` here and `{other}` in line {line} are one number in two spellings; write one of them, or keep them \
         apart with --text {}",
        place.column
    )]
    TwoSpellings { place: Place, text: String, other: String, line: u64 },
    #[error("{place}: the label `{text}` is not in the training file; correct it, or remove the line. Known: {known}")]
    UnknownLabel { place: Place, text: String, known: String },
    #[error("{path}: no sample has the group `{group}` that --test-groups names; there are: {there}")]
    NoSuchGroup { path: String, group: String, there: String },
    #[error("{path}: {samples} {what} cannot be divided into {folds} folds; take fewer --folds, or more data")]
    TooFewForFolds { path: String, samples: usize, what: &'static str, folds: usize },
    #[error("{path}: no sample is left to {side} with; take another --validation, --test-groups or --folds")]
    NothingLeft { path: String, side: &'static str },
    #[error("{place}: the cell of the group is empty; fill it in, or remove the line")]
    NoGroup { place: Place },
    #[error(
        "{path}: the times of column `{column}` do not rise from row to row; sort the file, or name a column of finer times"
    )]
    TimeStands { path: String, column: String },
    #[error("{path}: column `{column}` holds text, but --time needs numbers or dates")]
    NoTime { path: String, column: String },
    #[error(
        "{path}: no recording is as long as a window of {frames} rows with a label; take a shorter --window, or look at --by and --time"
    )]
    NoWindow { path: String, frames: usize },
    #[error("no column is named that is to be predicted; give its name with --label")]
    NoLabel,
    #[error(
        "several columns are to be predicted, which only values can be: leave --task classify out, or give one --label"
    )]
    SeveralClasses,
    #[error("{place}: `{text}` is no value that could be predicted; correct it, or take --task classify")]
    TextValue { place: Place, text: String },
    #[error(
        "{path}: every sample has the same value in column `{column}`, which leaves nothing to learn; predict another"
    )]
    OneValue { path: String, column: String },
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

impl Error {
    pub(super) fn missing_cell(place: Place, text: &str) -> Self {
        Self::MissingCell { place, what: describe_gap(text) }
    }

    pub(super) fn missing_for_a_prediction(place: Place, text: &str) -> Self {
        Self::MissingForPrediction { place, what: describe_gap(text) }
    }

    pub(super) fn missing_label(place: Place, text: &str) -> Self {
        Self::MissingLabel { place, what: describe_gap(text) }
    }
}

fn describe_gap(text: &str) -> String {
    if text.is_empty() { "the cell is empty".into() } else { format!("`{text}` is no value") }
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
