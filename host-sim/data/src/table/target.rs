//! What a table is to predict, and how the cells of a row become a label.

use serde::{Deserialize, Serialize};

use super::feature::Feature;
use super::label::{ClassLabel, Encoder};
use super::row::Row;
use super::{Error, Measure, Table, Target};

/// What is predicted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Label {
    /// A class.
    Class(ClassLabel),
    /// Values.
    Values {
        /// One by one, as inputs are read and standardised.
        values: Vec<Feature>,
    },
}

/// Reads the labels of a table.
pub(super) enum Labels<'a> {
    Class(usize, Encoder<'a>),
    Values(Vec<(usize, &'a Feature)>),
}

impl Label {
    /// What a data set with such labels predicts.
    pub fn target(&self) -> Target {
        match self {
            Self::Class(label) => Target::Classes(label.classes.clone()),
            Self::Values { values } => Target::Values(values.iter().map(measure).collect()),
        }
    }

    /// Reads labels from the columns of a table.
    pub(super) fn of(&self, table: &Table) -> Result<Labels<'_>, Error> {
        let column = |name: &str| table.column(name, "the training file");
        Ok(match self {
            Self::Class(label) => Labels::Class(column(&label.column)?, label.encoder()),
            Self::Values { values } => {
                let of_values = values.iter().map(|value| Ok((column(&value.column)?, value)));
                Labels::Values(of_values.collect::<Result<_, Error>>()?)
            }
        })
    }
}

fn measure(feature: &Feature) -> Measure {
    let (mean, deviation) = feature.in_units();
    Measure { name: feature.column.clone(), mean, deviation }
}

impl Labels<'_> {
    /// Whether nothing is missing from the label of a row.
    pub fn are_there(&self, row: &Row) -> Result<bool, Error> {
        match self {
            Self::Class(column, encoder) => Ok(encoder.class(row.cell(*column))?.is_some()),
            Self::Values(values) => Ok(values.iter().all(|(column, value)| value.is_there(row.cell(*column)))),
        }
    }

    /// Adds the numbers of the label of a row.
    pub fn push(&self, row: &Row, labels: &mut Vec<f32>) -> Result<(), Error> {
        match self {
            Self::Class(column, encoder) => {
                let cell = row.cell(*column);
                labels.push(encoder.class(cell)?.ok_or_else(|| cell.missing_label())? as f32);
            }
            Self::Values(values) => {
                for (column, value) in values {
                    let cell = row.cell(*column);
                    labels.push(value.input(cell)?.ok_or_else(|| cell.missing_label())?);
                }
            }
        }
        Ok(())
    }
}
