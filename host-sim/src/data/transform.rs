//! From the cells of a table to the inputs of a network.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trainlet::data::{Scaler, ScalerFit, log_frequency, signed_log1p};

use super::table::{Cell, Table};
use super::{Dataset, Error, Label};

/// What the user says about the columns of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The column to predict.
    pub label: String,
    /// Columns to leave out.
    pub drop: Vec<String>,
    /// Columns of numbers that are taken as they are, without the logarithm.
    pub plain: Vec<String>,
}

/// Everything learned from a training file that it takes to feed another file to the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transform {
    /// What is predicted.
    pub label: Label,
    /// The inputs of the network in order: columns of numbers as in the file, then columns of text.
    pub features: Vec<Feature>,
}

/// One input of the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// Name of its column.
    pub column: String,
    /// How a cell becomes a number.
    pub encoding: Encoding,
    /// Mean of that number in the training file.
    pub mean: f32,
    /// Population standard deviation of that number in the training file; 0 makes the input 0.
    pub std: f32,
}

/// How a cell becomes a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// The number itself.
    Plain,
    /// sign(x) ln(1 + |x|) of the number.
    SignedLog,
    /// The number of the text in the order of the training file, as many as there are of an unknown one.
    Code {
        /// The number of each text.
        numbers: BTreeMap<String, u32>,
    },
    /// ln(count / rows) of the text, ln(0.5 / rows) of an unknown one.
    Category {
        /// Rows of the training file.
        rows: u32,
        /// How many of them have each text.
        counts: BTreeMap<String, u32>,
    },
}

impl Transform {
    /// Learns from a training file.
    ///
    /// # Errors
    /// A column that isn't there, a label in `drop` or `plain`, text in `plain`, an empty or non-finite cell among
    /// numbers, fewer than two classes, nothing left to learn from.
    pub fn fit(table: &Table, options: &Options) -> Result<Self, Error> {
        let label = Label::fit(table, options)?;
        for (option, names) in [("--drop", &options.drop), ("--plain", &options.plain)] {
            for name in names {
                table.column(name, option)?;
                if *name == options.label {
                    return Err(Error::LabelTwice { column: name.clone(), option });
                }
            }
        }
        let (mut numbers, mut texts) = (Vec::new(), Vec::new());
        for (index, column) in table.columns().iter().enumerate() {
            if *column != options.label && !options.drop.contains(column) {
                let encoding = Encoding::fit(table, index, options.plain.contains(column))?;
                let kind = if matches!(encoding, Encoding::Category { .. }) { &mut texts } else { &mut numbers };
                kind.push(Feature::fit(table, index, encoding)?);
            }
        }
        numbers.append(&mut texts);
        if numbers.is_empty() {
            return Err(Error::NoFeatures { path: table.path().into() });
        }
        Ok(Self { label, features: numbers })
    }

    /// Takes numbers as they are and numbers texts, and scales nothing.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn raw(table: &Table, options: &Options) -> Result<Self, Error> {
        let fitted = Self::fit(table, options)?;
        let raw = |Feature { column, .. }: Feature| {
            let encoding = Encoding::code(table, table.column(&column, "the training file")?);
            Ok(Feature { column, encoding, mean: 0.0, std: 1.0 })
        };
        Ok(Self { features: fitted.features.into_iter().map(raw).collect::<Result<_, Error>>()?, ..fitted })
    }

    /// Inputs and labels of a file whose columns may come in any order, beside others.
    ///
    /// # Errors
    /// A column of the training file that isn't there, an empty or non-finite cell or text among numbers, a label
    /// that the training file has not.
    pub fn labelled(&self, table: &Table) -> Result<Dataset, Error> {
        let labels = self.label.encode(table)?;
        Ok(Dataset { labels, ..self.unlabelled(table)? })
    }

    /// Inputs of a file that needs no label; one that is there is not looked at.
    ///
    /// # Errors
    /// As [`labelled`](Self::labelled), but for the labels.
    pub fn unlabelled(&self, table: &Table) -> Result<Dataset, Error> {
        let width = self.features.len();
        let mut values = vec![0.0; width * table.len()];
        for (offset, feature) in self.features.iter().enumerate() {
            let column = table.column(&feature.column, "the trained network")?;
            for (cell, value) in table.cells(column).zip(values.iter_mut().skip(offset).step_by(width)) {
                *value = feature.value(cell)?;
            }
        }
        let (name, classes) = (table.path().into(), self.label.classes.clone());
        Ok(Dataset { name, classes, width, values, labels: Vec::new() })
    }
}

impl Feature {
    fn fit(table: &Table, column: usize, encoding: Encoding) -> Result<Self, Error> {
        let mut fit = ScalerFit::ZERO;
        for cell in table.cells(column) {
            fit.push(&[encoding.number(cell)?]);
        }
        let Scaler { mean: [mean], std: [std] } = fit.finish();
        let column = table.columns()[column].clone();
        if !(mean.is_finite() && std.is_finite()) {
            return Err(Error::SpreadTooFar { path: table.path().into(), column });
        }
        Ok(Self { column, encoding, mean, std })
    }

    /// The standardised number of a cell.
    fn value(&self, cell: Cell) -> Result<f32, Error> {
        let mut value = [self.encoding.number(cell)?];
        Scaler { mean: [self.mean], std: [self.std] }.apply(&mut value);
        if value[0].is_finite() { Ok(value[0]) } else { Err(cell.not_finite()) }
    }
}

impl Encoding {
    fn fit(table: &Table, column: usize, plain: bool) -> Result<Self, Error> {
        match table.first_text(column) {
            None if plain => Ok(Self::Plain),
            None => Ok(Self::SignedLog),
            Some(cell) if plain => Err(Error::PlainText { place: cell.place(), text: cell.text.into() }),
            Some(_) => {
                let mut counts = BTreeMap::new();
                table.cells(column).for_each(|cell| *counts.entry(cell.text.to_string()).or_insert(0) += 1);
                Ok(Self::Category { rows: counts.values().sum(), counts })
            }
        }
    }

    fn code(table: &Table, column: usize) -> Self {
        if table.first_text(column).is_none() {
            return Self::Plain;
        }
        let mut numbers = BTreeMap::new();
        for cell in table.cells(column) {
            let next = numbers.len() as u32;
            numbers.entry(cell.text.to_string()).or_insert(next);
        }
        Self::Code { numbers }
    }

    fn number(&self, cell: Cell) -> Result<f32, Error> {
        match self {
            Self::Code { numbers } => Ok(numbers.get(cell.text).map_or(numbers.len() as f32, |number| *number as f32)),
            Self::Plain => cell.number(),
            Self::SignedLog => cell.number().map(signed_log1p),
            Self::Category { rows, counts } => Ok(log_frequency(counts.get(cell.text).copied(), *rows)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TRAIN: &str = "id,size,kind,port,same,label\n\
        1,0,tcp,80,7,no\n\
        2,1e3,udp,80,7,yes\n\
        3,-1000,tcp,443,7,no\n\
        4,4e9,tcp,80,7,yes\n";

    fn table(text: &str) -> Table {
        Table::parse("t.csv".into(), text.as_bytes()).unwrap()
    }

    fn options(drop: &[&str], plain: &[&str]) -> Options {
        let owned = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
        Options { label: "label".into(), drop: owned(drop), plain: owned(plain) }
    }

    fn fitted() -> Transform {
        Transform::fit(&table(TRAIN), &options(&["id"], &["port"])).unwrap()
    }

    fn fit_error(text: &str, options: &Options) -> String {
        Transform::fit(&table(text), options).unwrap_err().to_string()
    }

    #[test]
    fn features_are_numbers_then_categories_standardised() {
        let transform = fitted();
        let names: Vec<_> = transform.features.iter().map(|feature| feature.column.as_str()).collect();
        assert_eq!(names, ["size", "port", "same", "kind"]);
        let set = transform.labelled(&table(TRAIN)).unwrap();
        assert_eq!((set.len(), set.width, &set.labels[..]), (4, 4, &[0, 1, 0, 1][..]));
        assert_eq!(set.classes, ["no", "yes"]);
        let (log, rare, often) = (|x: f64| x.signum() * x.abs().ln_1p(), 0.25f64.ln(), 0.75f64.ln());
        let columns =
            [[0.0, log(1e3), log(-1e3), log(4e9)], [80.0, 80.0, 443.0, 80.0], [0.0; 4], [often, rare, often, often]];
        for (feature, raw) in columns.into_iter().enumerate() {
            let mean = raw.iter().sum::<f64>() / 4.0;
            let std = (raw.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 4.0).sqrt();
            for (row, x) in set.rows().zip(raw) {
                let expected = if std > 0.0 { (x - mean) / std } else { 0.0 };
                assert!((f64::from(row[feature]) - expected).abs() < 1e-6, "feature {feature}: {row:?}");
            }
        }
    }

    #[test]
    fn another_file_may_have_other_columns_in_another_order_and_new_categories() {
        let transform = fitted();
        let set = transform.unlabelled(&table("kind,extra,same,port,size\nicmp,x,9,80,0\n")).unwrap();
        assert!(set.labels.is_empty() && set.len() == 1);
        let kind = &transform.features[3];
        assert_eq!(set.row(0)[3], (log_frequency(None, 4) - kind.mean) / kind.std);
        assert_eq!(set.row(0)[2], 0.0, "a constant stays out of it");
        let labelled = transform.labelled(&table(TRAIN)).unwrap();
        assert_eq!(set.row(0)[..2], labelled.row(0)[..2]);
    }

    #[test]
    fn columns_that_cannot_be_used_are_named() {
        let none = options(&[], &[]);
        let there = "there are: id, size, kind, port, same, label";
        let missing = |option: &str| format!("t.csv: there is no column `x`, which {option} names; {there}");
        assert_eq!(fit_error(TRAIN, &Options { label: "x".into(), ..none.clone() }), missing("--label"));
        assert_eq!(fit_error(TRAIN, &options(&["x"], &[])), missing("--drop"));
        assert_eq!(fit_error(TRAIN, &options(&[], &["x"])), missing("--plain"));
        assert_eq!(fit_error(TRAIN, &options(&["label"], &[])), "column `label` is the label; take it out of --drop");
        let text = fit_error(TRAIN, &options(&[], &["kind"]));
        assert!(text.starts_with("t.csv, line 2, column `kind`: `tcp` is text, but only numbers can be --plain"));
        let nothing = fit_error("a,label\n1,0\n2,1\n", &options(&["a"], &[]));
        assert!(nothing.starts_with("t.csv: no column is left to learn from"), "{nothing}");
        let far = fit_error("a,label\n3e38,0\n-3e38,1\n", &options(&[], &["a"]));
        assert!(far.starts_with("t.csv: the values of column `a` spread too far"), "{far}");
        let less = fitted().labelled(&table("size,port,same,label\n1,2,3,no\n")).unwrap_err().to_string();
        assert!(less.starts_with("t.csv: there is no column `kind`, which the trained network names"), "{less}");
        assert!(
            matches!(fitted().labelled(&table("size\n1\n")), Err(Error::NoSuchColumn { column, .. }) if column == "label")
        );
    }

    #[test]
    fn cells_that_cannot_be_used_are_named() {
        for (cell, says) in [("", "the cell is empty"), ("nan", "`nan` is not a finite"), ("-inf", "`-inf` is not a")] {
            let message = fit_error(&format!("a,label\n1,0\n\"{cell}\",1\n"), &options(&[], &[]));
            assert!(message.starts_with(&format!("t.csv, line 3, column `a`: {says}")), "{message}");
        }
        let test = table("size,port,same,kind,label\n1,2,3,tcp,no\n1,high,3,tcp,no\n");
        let message = fitted().labelled(&test).unwrap_err().to_string();
        assert!(message.starts_with("t.csv, line 3, column `port`: `high` is not a number"), "{message}");
        let far = table("size,port,same,kind\n1,2,3,tcp\n1,3e38,3,tcp\n");
        let narrow = Transform::fit(&table("size,label\n1,0\n1.000001,1\n"), &options(&[], &["size"])).unwrap();
        assert!(fitted().unlabelled(&far).is_ok());
        assert!(narrow.unlabelled(&table("size\n3e38\n")).is_err(), "overflows once divided by the deviation");
    }

    proptest! {
        /// Any finite numbers become finite inputs of mean 0 and deviation 1 (or 0), and the transform outlives its
        /// file.
        #[test]
        fn any_numbers_are_standardised_and_saved(
            rows in prop::collection::vec((any::<f32>(), "[a-c]?", any::<bool>()), 2..40)
        ) {
            prop_assume!(rows.iter().any(|row| row.2) && rows.iter().any(|row| !row.2));
            prop_assume!(rows.iter().any(|row| !row.1.is_empty()));
            let lines: String = rows.iter().map(|(a, b, label)| format!("{a},{b},{label}\n")).collect();
            let table = table(&format!("a,b,label\n{lines}"));
            let Ok(transform) = Transform::fit(&table, &options(&[], &[])) else {
                prop_assert!(rows.iter().any(|row| !row.0.is_finite()));
                return Ok(());
            };
            let saved = serde_json::to_string(&transform).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Transform>(&saved).unwrap(), &transform);
            let set = transform.labelled(&table).unwrap();
            for feature in 0..set.width {
                let column: Vec<f64> = set.rows().map(|row| f64::from(row[feature])).collect();
                let mean = column.iter().sum::<f64>() / column.len() as f64;
                let square = column.iter().map(|x| x * x).sum::<f64>() / column.len() as f64;
                prop_assert!(mean.abs() < 1e-4, "{}", mean);
                prop_assert!(square == 0.0 || (square - 1.0).abs() < 1e-4, "{}", square);
            }
        }
    }
}
