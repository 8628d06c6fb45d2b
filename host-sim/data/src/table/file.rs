//! A CSV file as it is: names, and rows of cells that pass by in order, as often as need be.

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use csv::{Reader, ReaderBuilder, StringRecord};

use super::folder::files;
use super::input::{Input, unreadable};
use super::lines::Lines;
use super::row::{Line, Row};
use super::{Error, Place, Separator};

/// A CSV file with a line of column names. Its rows stay in the file: nothing is kept but the names.
///
/// A folder of such files is one table: they have the same columns and are read in the order of their names.
#[derive(Debug)]
pub struct Table {
    input: Input,
    separator: Separator,
    columns: Vec<String>,
    /// The other files of a folder.
    others: Vec<Table>,
    /// The folder, if it is one.
    folder: Option<String>,
}

/// How many bytes are looked at to find out what separates cells.
const FIRST: usize = 1 << 16;

impl Table {
    /// Opens a file; white space around names and cells does not count.
    ///
    /// # Errors
    /// The file is not there, cannot be read, is empty, of another kind or not UTF-8, or has two columns of one name.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::open(path.as_ref(), None)
    }

    /// [`read`](Self::read) with a separator that the user knows.
    ///
    /// # Errors
    /// As [`read`](Self::read), and without a separator where two are equally likely.
    pub fn open(path: &Path, separator: Option<Separator>) -> Result<Self, Error> {
        if !path.is_dir() {
            return Self::of(Input::open(path)?, separator);
        }
        let mut files = files(path)?.into_iter().map(|file| Self::of(Input::open(&file)?, separator));
        let folder = path.display().to_string();
        let Some(first) = files.next() else { return Err(Error::EmptyFolder { path: folder }) };
        let first = first?;
        let others = files.map(|file| file?.with_columns_of(&first)).collect::<Result<_, _>>()?;
        Ok(Self { others, folder: Some(folder), ..first })
    }

    /// This file, if its columns are those of another one.
    fn with_columns_of(self, first: &Self) -> Result<Self, Error> {
        if self.columns == first.columns {
            return Ok(self);
        }
        let [found, expected] = [&self.columns, &first.columns].map(|columns| columns.join(", "));
        Err(Error::OtherColumns { path: self.input.path, first: first.input.path.clone(), found, expected })
    }

    fn of(input: Input, separator: Option<Separator>) -> Result<Self, Error> {
        let separator = match separator.or(Separator::recognise(&input.first_bytes(FIRST)?)) {
            Some(separator) => separator,
            None => return Err(Error::Separator { path: input.path }),
        };
        let mut table = Self { input, separator, columns: Vec::new(), others: Vec::new(), folder: None };
        let mut reader = table.reader()?;
        let mut header = StringRecord::new();
        if !table.next(&mut reader, &mut header)? {
            return Err(Error::Empty { path: table.input.path });
        }
        let line = table.check(&mut reader, &header)?;
        table.columns = header.iter().map(|name| name.trim().to_string()).collect();
        if let Some((first, second)) = duplicate(&table.columns) {
            let (path, column) = (table.input.path, table.columns[first].clone());
            return Err(Error::DuplicateColumn { path, line, column, first: first + 1, second: second + 1 });
        }
        Ok(table)
    }

    /// A file with these bytes.
    #[cfg(test)]
    pub(super) fn parse(path: &str, bytes: &[u8]) -> Result<Self, Error> {
        Self::of(Input::of_bytes(path, bytes)?, None)
    }

    /// The name of the file or folder.
    pub fn path(&self) -> &str {
        self.folder.as_deref().unwrap_or(&self.input.path)
    }

    /// Names of the columns in file order.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// What separates its cells.
    pub fn separator(&self) -> Separator {
        self.separator
    }

    /// The index of a column by name; `wanted_by` says in the message who asks.
    pub(super) fn column(&self, name: &str, wanted_by: &'static str) -> Result<usize, Error> {
        self.columns.iter().position(|column| column == name).ok_or_else(|| Error::NoSuchColumn {
            path: self.path().into(),
            column: name.into(),
            wanted_by,
            there: self.columns.join(", "),
        })
    }

    /// A cell by line and column, for messages.
    pub(super) fn place(&self, line: Line, column: usize) -> Place {
        let file = line.file.checked_sub(1).and_then(|other| self.others.get(other)).unwrap_or(self);
        Place { path: file.input.path.clone(), line: line.number, column: self.columns[column].clone() }
    }

    /// The cells of every `step`th row from the first on, at most `count` rows.
    ///
    /// # Errors
    /// A file that cannot be read as a table.
    pub fn every(&self, step: usize, count: usize) -> Result<Vec<Vec<String>>, Error> {
        let (mut rows, mut number) = (Vec::new(), 0_usize);
        self.scan(|row| {
            number += 1;
            if rows.len() < count && (number - 1).is_multiple_of(step.max(1)) {
                rows.push((0..self.columns.len()).map(|column| row.cell(column).text.into()).collect());
            }
            Ok(())
        })?;
        Ok(rows)
    }

    /// Shows every row to `each`, from top to bottom.
    ///
    /// # Errors
    /// The first of `each`; a line with too few or too many cells, the names of the columns once more, a NUL byte, bytes that
    /// are not UTF-8, a quote that nothing closes; no rows at all.
    pub(super) fn scan(&self, mut each: impl FnMut(&Row) -> Result<(), Error>) -> Result<(), Error> {
        for (file, table) in std::iter::once(self).chain(&self.others).enumerate() {
            table.scan_file(|number, cells| each(&Row::new(self, Line { file, number }, cells)))?;
        }
        Ok(())
    }

    fn scan_file(&self, mut each: impl FnMut(u64, &StringRecord) -> Result<(), Error>) -> Result<(), Error> {
        let mut reader = self.reader()?;
        let mut cells = StringRecord::new();
        self.next(&mut reader, &mut cells)?;
        let mut rows = 0_u64;
        while self.next(&mut reader, &mut cells)? {
            let line = self.check(&mut reader, &cells)?;
            if cells.len() != self.columns.len() {
                let (path, expected) = (self.input.path.clone(), self.columns.len());
                return Err(Error::Ragged { path, line, found: cells.len(), expected });
            }
            if cells.iter().map(str::trim).eq(self.columns.iter()) {
                return Err(Error::RepeatedHeader { path: self.input.path.clone(), line });
            }
            each(line, &cells)?;
            rows += 1;
        }
        if rows == 0 { Err(Error::HeaderOnly { path: self.input.path.clone() }) } else { Ok(()) }
    }

    fn reader(&self) -> Result<Reader<Lines<Box<dyn Read>>>, Error> {
        let separator = self.separator.byte();
        let lines = Lines::new(self.input.read()?, separator);
        Ok(ReaderBuilder::new().flexible(true).has_headers(false).delimiter(separator).from_reader(lines))
    }

    /// Reads the next row, if there is one.
    fn next(&self, reader: &mut Reader<Lines<Box<dyn Read>>>, cells: &mut StringRecord) -> Result<bool, Error> {
        reader.read_record(cells).map_err(|error| {
            if let csv::ErrorKind::Utf8 { pos, err } = error.kind() {
                let line = reader.get_mut().line_of(pos.as_ref().map_or(0, csv::Position::byte));
                return Error::NotUtf8 { path: self.input.path.clone(), line, column: err.field() + 1 };
            }
            unreadable(&self.input.path, error.into())
        })
    }

    /// The line of a row that has been read, if it is text to its end.
    fn check(&self, reader: &mut Reader<Lines<Box<dyn Read>>>, cells: &StringRecord) -> Result<u64, Error> {
        let line = reader.get_mut().line_of(cells.position().map_or(0, csv::Position::byte));
        if let Some(line) = reader.get_ref().open_quote() {
            return Err(Error::OpenQuote { path: self.input.path.clone(), line });
        }
        match cells.iter().position(|cell| cell.contains('\0')) {
            Some(column) => Err(Error::Nul { path: self.input.path.clone(), line, column: column + 1 }),
            None => Ok(line),
        }
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
        Table::parse("t.csv", text.as_bytes())
    }

    /// The cells of a column and their lines.
    fn cells(table: &Table, column: usize) -> Result<Vec<(String, u64)>, Error> {
        let mut cells = Vec::new();
        table.scan(|row| {
            let cell = row.cell(column);
            cells.push((cell.text.into(), cell.line.number));
            Ok(())
        })?;
        Ok(cells)
    }

    fn read(bytes: &[u8]) -> Result<Vec<(String, u64)>, Error> {
        cells(&Table::parse("t.csv", bytes)?, 0)
    }

    fn starts(text: &[u8], expected: &str) {
        let message = read(text).unwrap_err().to_string();
        assert!(message.contains(&format!("t.csv{expected}")), "{message}");
    }

    #[test]
    fn names_cells_and_lines_are_as_in_the_file() {
        for text in ["a, b\n\n1,\"x\ny\"\n2, z \n", "\u{feff}a,b\r\n\r\n1,\"x\ny\"\r\n2,z", "a,b\r\r1,\"x\ny\"\r2,z\r"]
        {
            let table = parse(text).unwrap();
            assert_eq!(table.columns(), ["a", "b"]);
            for _ in 0..2 {
                assert_eq!(cells(&table, 1).unwrap(), [("x\ny".into(), 3), ("z".into(), 5)], "{text:?}");
            }
        }
    }

    #[test]
    fn files_that_are_not_there_or_not_files() {
        let folder = tempfile::tempdir().unwrap();
        let missing = Table::read(folder.path().join("none.csv")).unwrap_err();
        assert!(matches!(&missing, Error::Missing { path } if path.ends_with("none.csv")));
        assert!(missing.to_string().contains("none.csv: there is no such file"));
        let empty = Table::read(folder.path()).unwrap_err();
        assert!(matches!(&empty, Error::EmptyFolder { .. }), "{empty}");
    }

    #[test]
    fn files_without_samples() {
        assert!(matches!(parse(""), Err(Error::Empty { .. })));
        assert!(matches!(parse("\n\r\n"), Err(Error::Empty { .. })));
        assert!(matches!(read(b"a,b\n"), Err(Error::HeaderOnly { .. })));
        assert!(matches!(read(b"a,b"), Err(Error::HeaderOnly { .. })));
    }

    #[test]
    fn broken_lines_are_named() {
        starts(b"a,b\n1,2\n\n3\n", ", line 4, column 2: 2 cells expected, as the first line has, but found 1");
        starts(b"a,b\r\n1,2\r\n3,4,5\r\n", ", line 3, column 3: 2 cells expected");
        starts(b"a,b\r1,2\r3,4,5\r", ", line 3, column 3: 2 cells expected");
        starts(b"a,b\n1,2\n\"3,4\n5,6\n", ", line 3: a quote opens here, but nothing closes it");
        starts(b"a,b\n1,2\n3,\"4", ", line 3: a quote opens here");
        starts(b"a,\"b\n1,2\n", ", line 1: a quote opens here");
        starts(b"a,b\n1,2\n3,\xff\n", ", line 3, column 2: bytes that are not UTF-8");
        starts(b"a,\xff\n1,2\n", ", line 1, column 2: bytes");
        starts(b"a,b\n1,2\n3,4\0\n", ", line 3, column 2: a NUL byte");
        starts(b"a,b,a\n1,2,3\n", ", line 1: columns 1 and 3 are both named `a`");
        starts(b"a,b\n1,2\na, b\n3,4\n", ", line 3: the names of the columns stand here once more");
    }

    #[test]
    fn a_separator_that_is_not_clear_must_be_chosen() {
        let table = parse("a;b;c\n1,5;2;x\n").unwrap();
        assert_eq!((table.columns().len(), table.separator()), (3, Separator::Semicolon));
        let error = parse("a;b,c\n1;2,3\n").unwrap_err().to_string();
        assert!(error.contains("t.csv: ") && error.contains("--separator"), "{error}");
    }

    #[test]
    fn a_column_that_is_not_there_lists_those_that_are() {
        let error = parse("a,b\n1,2\n").unwrap().column("c", "--drop").unwrap_err().to_string();
        assert!(error.ends_with("t.csv: there is no column `c`, which --drop names; there are: a, b"), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Whatever is written comes back, and with the line it was written in.
        #[test]
        fn written_cells_are_read_back(cells in prop::collection::vec("[a-z0-9,\"\n]{1,6}", 1..20), ending in 0..3_usize) {
            let ending = ["\n", "\r\n", "\r"][ending];
            let (mut text, mut line, mut expected) = (format!("n,m{ending}"), 2, Vec::new());
            for cell in &cells {
                text += &format!("\"{}\",1{ending}", cell.replace('"', "\"\""));
                expected.push((cell.trim().to_string(), line));
                line += 1 + cell.matches('\n').count() as u64;
            }
            let table = Table { separator: Separator::Comma, ..parse(&text).unwrap() };
            prop_assert_eq!(super::tests::cells(&table, 0).unwrap(), expected);
        }

        #[test]
        fn no_bytes_at_all_can_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = read(&bytes);
        }
    }
}
