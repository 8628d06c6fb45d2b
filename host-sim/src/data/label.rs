//! The column that is to be predicted.

use serde::{Deserialize, Serialize};

use super::table::{Cell, Table};
use super::{Error, Options};

/// A column's values as class numbers: numbers in ascending order, otherwise texts in lexicographic order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Label {
    /// Name of the column.
    pub column: String,
    /// Names of the classes, at least two.
    pub classes: Vec<String>,
    /// The names are numbers, of which `1` and `1.0` are the same.
    pub numeric: bool,
}

impl Label {
    pub(super) fn fit(table: &Table, options: &Options) -> Result<Self, Error> {
        let column = table.column(&options.label, "--label")?;
        let numeric = table.first_text(column).is_none();
        let mut label = Self { column: options.label.clone(), classes: Vec::new(), numeric };
        for cell in table.cells(column) {
            label.classes.push(label.class_of(cell)?);
        }
        label.classes.sort_unstable();
        label.classes.dedup();
        if numeric {
            let value = |class: &String| class.parse().unwrap_or(f64::NAN);
            label.classes.sort_by(|a, b| value(a).total_cmp(&value(b)));
        }
        match &label.classes[..] {
            [class] => {
                let (path, column, class) = (table.path().into(), label.column, class.clone());
                Err(Error::OneClass { path, column, class })
            }
            _ => Ok(label),
        }
    }

    /// The class numbers of all samples of a table.
    pub(super) fn encode(&self, table: &Table) -> Result<Vec<usize>, Error> {
        let column = table.column(&self.column, "--label")?;
        table.cells(column).map(|cell| self.index_of(cell)).collect()
    }

    fn index_of(&self, cell: Cell) -> Result<usize, Error> {
        let known = self.class_of(cell).map(|class| self.classes.iter().position(|known| *known == class));
        match known {
            Ok(Some(index)) => Ok(index),
            Err(error @ Error::EmptyCell { .. }) => Err(error),
            _ => {
                let (place, text, known) = (cell.place(), cell.text.into(), self.classes.join(", "));
                Err(Error::UnknownLabel { place, text, known })
            }
        }
    }

    /// The class to which a cell belongs, in its one spelling.
    fn class_of(&self, cell: Cell) -> Result<String, Error> {
        cell.not_empty()?;
        if !self.numeric {
            return Ok(cell.text.into());
        }
        match cell.text.parse::<f64>() {
            // -0 + 0 is 0.
            Ok(number) if number.is_finite() => Ok((number + 0.0).to_string()),
            _ => Err(cell.not_finite()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(cells: &[&str]) -> Table {
        let lines: String = cells.iter().map(|cell| format!("{cell},0\n")).collect();
        Table::parse("t.csv".into(), format!("y,x\n{lines}").as_bytes()).unwrap()
    }

    fn fit(cells: &[&str]) -> Result<Label, Error> {
        Label::fit(&table(cells), &Options { label: "y".into(), ..Options::default() })
    }

    #[test]
    fn numbers_are_sorted_by_value_and_texts_by_letter() {
        let label = fit(&["10", "9", "-1", "9.0", "1e1"]).unwrap();
        assert_eq!(label.classes, ["-1", "9", "10"]);
        assert_eq!(label.encode(&table(&["9.00", "10", "-1.0"])).unwrap(), [1, 2, 0]);
        let label = fit(&["b", "10", "9", "b"]).unwrap();
        assert_eq!(label.classes, ["10", "9", "b"]);
        assert_eq!(label.encode(&table(&["b", "9"])).unwrap(), [2, 1]);
    }

    #[test]
    fn bad_labels_are_named() {
        let message = |cells: &[&str]| fit(cells).unwrap_err().to_string();
        assert!(message(&["a", "a"]).starts_with("t.csv: every sample has the label `a` in column `y`"));
        assert!(message(&["1", "1.0"]).contains("the label `1`"));
        assert!(message(&["a", "", "b"]).starts_with("t.csv, line 3, column `y`: the cell is empty"));
        assert!(message(&["1", "0", "NaN"]).starts_with("t.csv, line 4, column `y`: `NaN` is not a finite"));
        let known = fit(&["0", "1"]).unwrap();
        for text in ["2", "one", "inf"] {
            let message = known.encode(&table(&["0", text])).unwrap_err().to_string();
            assert!(
                message.starts_with(&format!("t.csv, line 3, column `y`: the label `{text}` is not in")),
                "{message}"
            );
            assert!(message.ends_with("Known: 0, 1"), "{message}");
        }
        assert!(matches!(known.encode(&table(&["0", ""])), Err(Error::EmptyCell { .. })));
    }
}
