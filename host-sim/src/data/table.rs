//! A CSV file as it is: names, cells of text and the lines they stand in.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord, Trim};

use super::Error;
use super::error::Place;

/// A CSV file with a line of column names and at least one sample, as many cells in each line as there are names.
#[derive(Clone, Debug)]
pub struct Table {
    path: String,
    columns: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    line: u64,
    cells: StringRecord,
}

/// One cell, which knows where it stands.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a> {
    pub text: &'a str,
    table: &'a Table,
    line: u64,
    column: usize,
}

impl Table {
    /// Reads a file; white space around names and cells does not count.
    ///
    /// # Errors
    /// The file is not there, cannot be read, is empty, not UTF-8, has two columns of one name, no samples, or a line
    /// with too few or too many cells.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        let (file, path) = (path.as_ref(), path.as_ref().display().to_string());
        match fs::read(file) {
            Ok(bytes) => Self::parse(path, &bytes),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(Error::Missing { path }),
            Err(source) => Err(Error::Unreadable { path, source }),
        }
    }

    pub(super) fn parse(path: String, bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(bytes);
        let mut lines = Lines { bytes, counted: 0, line: 1 };
        let header = reader.headers().map_err(|error| from_csv(&path, &mut lines, error))?;
        if header.is_empty() {
            return Err(Error::Empty { path });
        }
        let line = lines.of(header.position());
        let columns: Vec<String> = header.iter().map(String::from).collect();
        if let Some((first, second)) = duplicate(&columns) {
            let column = columns[first].clone();
            return Err(Error::DuplicateColumn { path, line, column, first: first + 1, second: second + 1 });
        }
        let mut rows = Vec::new();
        for cells in reader.records() {
            let cells = cells.map_err(|error| from_csv(&path, &mut lines, error))?;
            let line = lines.of(cells.position());
            if cells.len() != columns.len() {
                return Err(Error::Ragged { path, line, found: cells.len(), expected: columns.len() });
            }
            rows.push(Row { line, cells });
        }
        if rows.is_empty() {
            return Err(Error::HeaderOnly { path });
        }
        Ok(Self { path, columns, rows })
    }

    /// The file's name.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Names of the columns in file order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Number of samples, at least 1.
    #[allow(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The index of a column by name; `wanted_by` says in the message who asks.
    pub(super) fn column(&self, name: &str, wanted_by: &'static str) -> Result<usize, Error> {
        self.columns.iter().position(|column| column == name).ok_or_else(|| Error::NoSuchColumn {
            path: self.path.clone(),
            column: name.into(),
            wanted_by,
            there: self.columns.join(", "),
        })
    }

    /// The cells of a column from top to bottom.
    pub(super) fn cells(&self, column: usize) -> impl Iterator<Item = Cell<'_>> {
        self.rows.iter().map(move |row| Cell { text: &row.cells[column], table: self, line: row.line, column })
    }

    /// The first cell of a column that holds text; without one the column is numeric. An empty cell is not text, lest
    /// one gap turn numbers into categories unseen.
    pub(super) fn first_text(&self, column: usize) -> Option<Cell<'_>> {
        self.cells(column).find(|cell| !cell.text.is_empty() && cell.text.parse::<f32>().is_err())
    }
}

impl Cell<'_> {
    pub fn number(&self) -> Result<f32, Error> {
        self.not_empty()?;
        match self.text.parse::<f32>() {
            Ok(number) if number.is_finite() => Ok(number),
            Ok(_) => Err(self.not_finite()),
            Err(_) => Err(Error::NotANumber { place: self.place(), text: self.text.into() }),
        }
    }

    pub fn not_empty(&self) -> Result<(), Error> {
        if self.text.is_empty() { Err(Error::EmptyCell { place: self.place() }) } else { Ok(()) }
    }

    pub fn not_finite(&self) -> Error {
        Error::NotFinite { place: self.place(), text: self.text.into() }
    }

    pub fn place(&self) -> Place {
        Place { path: self.table.path.clone(), line: self.line, column: self.table.columns[self.column].clone() }
    }
}

/// Counts lines up to a byte of the file. The reader's own count stops before blank lines and the second byte of
/// `\r\n`.
struct Lines<'a> {
    bytes: &'a [u8],
    counted: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line in which a record starts; records must come in order.
    fn of(&mut self, record: Option<&csv::Position>) -> u64 {
        let end_of_last = record.map_or(0, |position| position.byte() as usize);
        let breaks = self.bytes[end_of_last..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let start = end_of_last + breaks;
        self.line += self.bytes[self.counted..start].iter().filter(|byte| **byte == b'\n').count() as u64;
        self.counted = start;
        self.line
    }
}

fn from_csv(path: &str, lines: &mut Lines, error: csv::Error) -> Error {
    let path = path.into();
    match error.kind() {
        csv::ErrorKind::Utf8 { pos, err } => {
            Error::NotUtf8 { path, line: lines.of(pos.as_ref()), column: err.field() + 1 }
        }
        _ => Error::NotCsv { path, source: error },
    }
}

/// The first name that comes twice, by its two indices.
fn duplicate(columns: &[String]) -> Option<(usize, usize)> {
    let mut seen = HashMap::new();
    columns.iter().enumerate().find_map(|(index, column)| Some((seen.insert(column, index)?, index)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(text: &str) -> Result<Table, Error> {
        Table::parse("t.csv".into(), text.as_bytes())
    }

    fn message(text: &[u8]) -> String {
        Table::parse("t.csv".into(), text).unwrap_err().to_string()
    }

    fn starts(text: &[u8], expected: &str) {
        let message = message(text);
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn names_cells_and_lines_are_as_in_the_file() {
        for text in ["a, b\n\n1,\"x\ny\"\n2, z \n", "\u{feff}a,b\r\n\r\n1,\"x\ny\"\r\n2,z"] {
            let table = parse(text).unwrap();
            assert_eq!(table.columns(), ["a", "b"]);
            let cells: Vec<_> = table.cells(1).map(|cell| (cell.text, cell.place().line)).collect();
            assert_eq!(cells, [("x\ny", 3), ("z", 5)]);
        }
    }

    #[test]
    fn files_that_are_not_there_or_not_files() {
        let folder = tempfile::tempdir().unwrap();
        let missing = Table::read(folder.path().join("none.csv")).unwrap_err();
        assert!(matches!(&missing, Error::Missing { path } if path.ends_with("none.csv")));
        assert!(missing.to_string().contains("none.csv: there is no such file"));
        let unreadable = Table::read(folder.path()).unwrap_err();
        assert!(matches!(&unreadable, Error::Unreadable { .. }), "{unreadable}");
        let file = folder.path().join("some.csv");
        std::fs::write(&file, "a\n1\n").unwrap();
        assert_eq!(Table::read(file).unwrap().len(), 1);
    }

    #[test]
    fn files_without_samples() {
        assert!(matches!(parse(""), Err(Error::Empty { .. })));
        assert!(matches!(parse("\n\r\n"), Err(Error::Empty { .. })));
        assert!(matches!(parse("a,b\n"), Err(Error::HeaderOnly { .. })));
        assert!(matches!(parse("a,b"), Err(Error::HeaderOnly { .. })));
    }

    #[test]
    fn broken_lines_are_named() {
        starts(b"a,b\n1,2\n\n3\n", "t.csv, line 4, column 2: 2 cells expected, as the first line has, but found 1");
        starts(b"a,b\r\n1,2\r\n3,4,5\r\n", "t.csv, line 3, column 3: 2 cells expected");
        starts(b"a,b\n1,2\n\"3,4\n5,6\n", "t.csv, line 3, column 2: 2 cells expected");
        starts(b"a,b\n1,2\n3,\xff\n", "t.csv, line 3, column 2: bytes that are not UTF-8");
        starts(b"a,\xff\n1,2\n", "t.csv, line 1, column 2: bytes");
        starts(b"a,b,a\n1,2,3\n", "t.csv, line 1: columns 1 and 3 are both named `a`");
    }

    #[test]
    fn cells_of_numbers() {
        let table = parse("n\n1\n-2.5e3\n\"\"\nnan\n-inf\n1e39\n").unwrap();
        assert!(table.first_text(0).is_none());
        let cells: Vec<_> = table.cells(0).collect();
        assert_eq!((cells[0].number().unwrap(), cells[1].number().unwrap()), (1.0, -2500.0));
        let errors: Vec<_> = cells[2..].iter().map(|cell| cell.number().unwrap_err().to_string()).collect();
        assert!(errors[0].starts_with("t.csv, line 4, column `n`: the cell is empty"));
        assert!(errors[1].starts_with("t.csv, line 5, column `n`: `nan` is not a finite number"));
        assert!(errors[3].starts_with("t.csv, line 7, column `n`: `1e39` is not"));
        let table = parse("n\n1\n12a\n").unwrap();
        assert_eq!(table.first_text(0).unwrap().place().line, 3);
        assert!(matches!(table.cells(0).nth(1).unwrap().number(), Err(Error::NotANumber { .. })));
    }

    #[test]
    fn a_column_that_is_not_there_lists_those_that_are() {
        let error = parse("a,b\n1,2\n").unwrap().column("c", "--drop").unwrap_err().to_string();
        assert_eq!(error, "t.csv: there is no column `c`, which --drop names; there are: a, b");
    }

    proptest! {
        /// Whatever is written comes back, and with the line it was written in.
        #[test]
        fn written_cells_are_read_back(cells in prop::collection::vec("[a-z0-9,\"\n]{1,6}", 1..20), crlf: bool) {
            let ending = if crlf { "\r\n" } else { "\n" };
            let (mut text, mut line, mut expected) = (format!("n,m{ending}"), 2, Vec::new());
            for cell in &cells {
                text += &format!("\"{}\",1{ending}", cell.replace('"', "\"\""));
                expected.push((cell.trim().to_string(), line));
                line += 1 + cell.matches('\n').count() as u64;
            }
            let table = parse(&text).unwrap();
            let read: Vec<_> = table.cells(0).map(|cell| (cell.text.to_string(), cell.place().line)).collect();
            prop_assert_eq!(read, expected);
        }

        #[test]
        fn no_bytes_at_all_can_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = Table::parse("t.csv".into(), &bytes);
        }
    }
}
