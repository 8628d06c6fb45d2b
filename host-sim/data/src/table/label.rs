//! The column that is to be predicted.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::Error;
use super::Table;
use super::cell::{MINUS, is_code, is_missing, number};
use super::evidence::Seen;
use super::row::{Cell, Line};

/// A column's values as class numbers: numbers in ascending order, otherwise texts in lexicographic order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassLabel {
    /// Name of the column.
    pub column: String,
    /// Names of the classes as the training file spells them, at least two.
    pub classes: Vec<String>,
    /// The names are numbers, of which another file may write `1` as `1.0`.
    pub numeric: bool,
}

/// The labels of a training file while they pass by.
#[derive(Debug)]
pub(super) struct Spellings {
    pub column: usize,
    /// The user wants texts, whatever they look like.
    pub as_text: bool,
    /// The line in which each label comes first.
    pub lines: HashMap<String, Line>,
    pub gap: Option<Seen>,
}

/// Class numbers of labels.
pub(super) struct Encoder<'a> {
    label: &'a ClassLabel,
    spelled: HashMap<&'a str, usize>,
    valued: HashMap<Value, usize>,
}

/// A decimal number in its one form: whether it is below 0, its digits without zeros at the ends, the power of ten of the last.
/// Numbers of any length differ if they differ.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Value(bool, String, i64);

impl Spellings {
    pub fn new(column: usize, as_text: bool) -> Self {
        Self { column, as_text, lines: HashMap::new(), gap: None }
    }

    /// Takes a label into account.
    pub fn see(&mut self, cell: Cell) {
        if is_gap(cell, self.as_text) {
            self.gap.get_or_insert_with(|| cell.into());
        } else if !self.lines.contains_key(cell.text) {
            self.lines.insert(cell.text.into(), cell.line);
        }
    }

    /// The classes.
    ///
    /// # Errors
    /// One class alone, a number in two spellings, a number that is not finite.
    pub fn label(self, table: &Table) -> Result<ClassLabel, Error> {
        let column = table.columns()[self.column].clone();
        let mut spelled: Vec<(String, Line)> = self.lines.into_iter().collect();
        spelled.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        let numbers = !self.as_text && spelled.iter().all(|(text, _)| number(text).is_some());
        if numbers {
            let mut lines = HashMap::new();
            for (text, line) in &spelled {
                let place = table.place(*line, self.column);
                let Some(value) = Value::of(text) else { return Err(Error::NotFinite { place, text: text.clone() }) };
                if let Some((other, other_line)) = lines.insert(value, (text.clone(), *line)) {
                    return Err(Error::TwoSpellings { place, text: text.clone(), other, line: other_line.number });
                }
            }
        }
        let numeric = numbers && !spelled.iter().any(|(text, _)| is_code(text));
        if numeric {
            let value = |text: &str| (number(text).unwrap_or(f64::NAN), text.parse().unwrap_or(0_i128));
            spelled.sort_by(|(a, _), (b, _)| {
                let ((a, a_exact), (b, b_exact)) = (value(a), value(b));
                a.total_cmp(&b).then(a_exact.cmp(&b_exact))
            });
        }
        let classes: Vec<String> = spelled.into_iter().map(|(text, _)| text).collect();
        match &classes[..] {
            [] => Err(Error::NothingThere { path: table.path().into(), column }),
            [class] => Err(Error::OneClass { path: table.path().into(), column, class: class.clone() }),
            _ => Ok(ClassLabel { column, classes, numeric }),
        }
    }
}

/// Whether a label is missing: where a text is wanted, only an empty cell is.
pub(super) fn is_gap(cell: Cell, as_text: bool) -> bool {
    if as_text { cell.text.is_empty() } else { is_missing(cell.text) }
}

impl ClassLabel {
    pub(super) fn encoder(&self) -> Encoder<'_> {
        let classes = || self.classes.iter().enumerate();
        let spelled = classes().map(|(class, text)| (&**text, class)).collect();
        let values = classes().filter_map(|(class, text)| Some((Value::of(text)?, class)));
        Encoder { label: self, spelled, valued: if self.numeric { values.collect() } else { HashMap::new() } }
    }
}

impl Encoder<'_> {
    /// The class of a cell; `None` if its label is missing.
    pub fn class(&self, cell: Cell) -> Result<Option<usize>, Error> {
        if let Some(&class) = self.spelled.get(cell.text) {
            return Ok(Some(class));
        }
        if is_gap(cell, false) {
            return Ok(None);
        }
        let value = Value::of(cell.text).filter(|_| !is_code(cell.text));
        match value.and_then(|value| self.valued.get(&value)) {
            Some(&class) => Ok(Some(class)),
            None => {
                let (place, text, known) = (cell.place(), cell.text.into(), self.label.classes.join(", "));
                Err(Error::UnknownLabel { place, text, known })
            }
        }
    }
}

impl Value {
    /// `None` of what is not a finite number.
    fn of(text: &str) -> Option<Self> {
        number(text).filter(|value| value.is_finite())?;
        let text = text.replace(MINUS, "-");
        let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
        let negative = mantissa.starts_with('-');
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{}{fraction}", whole.trim_start_matches(['-', '+']));
        let significant = digits.trim_start_matches('0').trim_end_matches('0');
        if significant.is_empty() {
            return Some(Self(false, String::new(), 0));
        }
        let zeros = digits.len() - digits.trim_end_matches('0').len();
        let power = power.parse::<i64>().ok()?.saturating_add(zeros as i64 - fraction.len() as i64);
        Some(Self(negative, significant.into(), power))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(cells: &[&str]) -> Table {
        let lines: String = cells.iter().map(|cell| format!("{cell},0\n")).collect();
        Table::parse("t.csv", format!("y,x\n{lines}").as_bytes()).unwrap()
    }

    fn fit_as(cells: &[&str], as_text: bool) -> Result<ClassLabel, Error> {
        let (table, mut spellings) = (table(cells), Spellings::new(0, as_text));
        table.scan(|row| {
            spellings.see(row.cell(0));
            Ok(())
        })?;
        spellings.label(&table)
    }

    fn fit(cells: &[&str]) -> Result<ClassLabel, Error> {
        fit_as(cells, false)
    }

    fn encode(label: &ClassLabel, cells: &[&str]) -> Result<Vec<Option<usize>>, Error> {
        let (encoder, mut classes) = (label.encoder(), Vec::new());
        table(cells).scan(|row| {
            classes.push(encoder.class(row.cell(0))?);
            Ok(())
        })?;
        Ok(classes)
    }

    #[test]
    fn numbers_are_sorted_by_value_and_texts_by_letter() {
        let label = fit(&["10", "9.0", "-1", "9.0"]).unwrap();
        assert_eq!(label.classes, ["-1", "9.0", "10"], "as the file spells them");
        assert_eq!(encode(&label, &["9.00", "1e1", "-1.0", "9"]).unwrap(), [1, 2, 0, 1].map(Some));
        let label = fit(&["b", "10", "9", "b"]).unwrap();
        assert_eq!(label.classes, ["10", "9", "b"]);
        assert_eq!(encode(&label, &["b", "9"]).unwrap(), [2, 1].map(Some));
    }

    #[test]
    fn what_is_not_the_same_is_not_made_the_same() {
        for (one, other) in [("1", "01"), ("1", "1.0"), ("-0", "0"), ("100", "1e2")] {
            let message = fit(&["7", one, other]).unwrap_err().to_string();
            for part in [one, other, "one number in two spellings", "line 3", "line 4", "--text y"] {
                assert!(message.contains(part), "{message}");
            }
            assert_eq!(fit_as(&["7", one, other], true).unwrap().classes.len(), 3);
        }
        let large = ["9007199254740993", "9007199254740992", "9007199254740994"];
        let label = fit(&large).unwrap();
        assert_eq!(label.classes, [large[1], large[0], large[2]]);
        assert_eq!(encode(&label, &large).unwrap(), [1, 0, 2].map(Some));
        let codes = fit(&["01", "02", "10"]).unwrap();
        assert_eq!((codes.numeric, &codes.classes[..]), (false, &["01", "02", "10"].map(String::from)[..]));
        assert!(encode(&codes, &["1"]).is_err() && encode(&fit(&["1", "2"]).unwrap(), &["01"]).is_err());
    }

    #[test]
    fn bad_labels_are_named() {
        let message = |cells: &[&str]| fit(cells).unwrap_err().to_string();
        assert!(message(&["a", "a"]).starts_with("t.csv: every sample has the label `a` in column `y`"));
        assert!(message(&["1", "0", "-inf"]).starts_with("t.csv, line 4, column `y`: `-inf` is not a finite"));
        let known = fit(&["0", "1"]).unwrap();
        for text in ["2", "one", "inf"] {
            let message = encode(&known, &["0", text]).unwrap_err().to_string();
            assert!(
                message.starts_with(&format!("t.csv, line 3, column `y`: the label `{text}` is not in")),
                "{message}"
            );
            assert!(message.ends_with("Known: 0, 1"), "{message}");
        }
        assert_eq!(encode(&known, &["0", "", "NA"]).unwrap(), [Some(0), None, None]);
        let with_gap = fit_as(&["a", "NA"], true).unwrap();
        assert_eq!(encode(&with_gap, &["NA", "a"]).unwrap(), [0, 1].map(Some), "a class of that name");
    }
}
