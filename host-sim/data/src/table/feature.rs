//! One input of a network: which column it comes from, and how a cell becomes a number.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trainlet::data::{Scaler, among_quantiles, log_frequency, signed_log1p};

use super::Error;
use super::cell::{boolean, is_missing, long_integer, number, number_f32};
use super::dates::DateFormat;
use super::number::NumberFormat;
use super::row::Cell;

/// One input of the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// Name of its column.
    pub column: String,
    /// How the cells of the column are written.
    #[serde(default, skip_serializing_if = "Reading::is_number")]
    pub reading: Reading,
    /// How what a cell says becomes a number.
    pub encoding: Encoding,
    /// Quantiles of that number in the training file, among which it is mapped to its place; none where it stays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantiles: Vec<f32>,
    /// Mean of that number in the training file.
    pub mean: f32,
    /// Population standard deviation of that number in the training file; 0 makes the input 0.
    pub std: f32,
}

/// How the cells of a column of values are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// As programs write numbers.
    #[default]
    Number,
    /// As people write numbers.
    Formatted(NumberFormat),
    /// Words for yes and no, 1 and 0.
    Boolean,
    /// Dates, as seconds.
    Date(DateFormat),
}

/// How what a cell says becomes a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// The value itself.
    Plain,
    /// sign(x) ln(1 + |x|) of the value.
    SignedLog,
    /// (x - centre) / scale in 64 bits, for values that lie close together and far from 0.
    Centred {
        /// Halfway between the smallest and the largest value of the training file.
        centre: f64,
        /// Half of what lies between them; above 0.
        scale: f64,
    },
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
    /// As [`Category`](Self::Category), but texts with the same count have different codes around the one that they would share.
    Distinct {
        /// The code of each text.
        codes: BTreeMap<String, f32>,
        /// The code of an unknown one.
        unknown: f32,
    },
    /// 1 for this text, 0 for any other.
    OneHot {
        /// The text.
        value: String,
    },
}

impl Feature {
    /// Column, offset and divisor of each of its scales. One that cannot be is not a number.
    pub(crate) fn scales(&self) -> Vec<(String, f32, f32)> {
        let mut scales = vec![(self.column.clone(), self.mean, self.std)];
        if let Encoding::Centred { centre, scale } = self.encoding {
            let possible = scale > 0.0 && scale.is_finite();
            scales.push((self.column.clone(), centre as f32, if possible { scale as f32 } else { f32::NAN }));
        }
        let rises = self.quantiles.is_sorted() && self.quantiles.len() != 1;
        scales
            .extend(self.quantiles.iter().map(|edge| (self.column.clone(), *edge, if rises { 1.0 } else { f32::NAN })));
        scales
    }

    /// The number of a cell before standardisation; `None` if its value is missing.
    pub(super) fn number(&self, cell: Cell) -> Result<Option<f32>, Error> {
        Ok(Some(match &self.encoding {
            Encoding::Code { numbers } => numbers.get(cell.text).map_or(numbers.len() as f32, |number| *number as f32),
            Encoding::Category { rows, counts } => log_frequency(counts.get(cell.text).copied(), *rows),
            Encoding::Distinct { codes, unknown } => codes.get(cell.text).copied().unwrap_or(*unknown),
            Encoding::OneHot { value } => f32::from(u8::from(cell.text == value)),
            _ if is_missing(cell.text) => return Ok(None),
            Encoding::Plain => self.reading.value_f32(cell)?,
            Encoding::SignedLog => signed_log1p(self.reading.value_f32(cell)?),
            Encoding::Centred { centre, scale } => {
                let value = (self.reading.distance(cell, *centre)? / scale) as f32;
                if value.is_finite() { value } else { return Err(not_finite(cell)) }
            }
        }))
    }

    /// Its place among the quantiles, if there are any.
    pub(super) fn place(&self, number: f32) -> f32 {
        if self.quantiles.is_empty() { number } else { among_quantiles(number, &self.quantiles) }
    }

    /// The standardised number of a cell; `None` if its value is missing.
    pub(super) fn input(&self, cell: Cell) -> Result<Option<f32>, Error> {
        let Some(number) = self.number(cell)? else { return Ok(None) };
        let mut input = [self.place(number)];
        Scaler { mean: [self.mean], std: [self.std] }.apply(&mut input);
        if input[0].is_finite() { Ok(Some(input[0])) } else { Err(not_finite(cell)) }
    }

    /// Mean and deviation of the value itself, of an encoding that keeps distances.
    pub(super) fn in_units(&self) -> (f64, f64) {
        let (mean, deviation) = (f64::from(self.mean), f64::from(self.std));
        match self.encoding {
            Encoding::Centred { centre, scale } => (centre + scale * mean, scale * deviation),
            _ => (mean, deviation),
        }
    }

    /// Whether a cell has a value; a text always is one.
    pub(super) fn is_there(&self, cell: Cell) -> bool {
        let of_value = matches!(self.encoding, Encoding::Plain | Encoding::SignedLog | Encoding::Centred { .. });
        !(of_value && is_missing(cell.text))
    }
}

impl Reading {
    fn is_number(&self) -> bool {
        *self == Self::Number
    }

    /// The value of a text that is written in this way.
    pub fn read(&self, text: &str) -> Option<f64> {
        match self {
            Self::Number => number(text),
            Self::Formatted(format) => format.read(text),
            Self::Boolean => boolean(text).map(|yes| f64::from(u8::from(yes))),
            Self::Date(format) => format.read(text),
        }
    }

    pub(super) fn value(&self, cell: Cell) -> Result<f64, Error> {
        self.read(cell.text).ok_or_else(|| self.other(cell))
    }

    /// The value less `centre`. Long integers are subtracted as integers: nothing of them is rounded off.
    fn distance(&self, cell: Cell, centre: f64) -> Result<f64, Error> {
        match (self, long_integer(cell.text)) {
            (Self::Number, Some(integer)) => {
                let whole = centre.trunc();
                Ok(integer.saturating_sub(whole as i128) as f64 - (centre - whole))
            }
            _ => Ok(self.value(cell)? - centre),
        }
    }

    fn value_f32(&self, cell: Cell) -> Result<f32, Error> {
        let value = match self {
            // Rounded once.
            Self::Number => number_f32(cell.text),
            _ => self.read(cell.text).map(|value| value as f32),
        };
        let value = value.ok_or_else(|| self.other(cell))?;
        if value.is_finite() { Ok(value) } else { Err(not_finite(cell)) }
    }

    fn other(&self, cell: Cell) -> Error {
        let expected = match self {
            Self::Number => "a number".into(),
            Self::Formatted(format) => format!("a number ({})", format.describe()),
            Self::Boolean => "a word for yes or no".into(),
            Self::Date(format) => format!("a date or time ({})", format.describe()),
        };
        Error::OfAnotherKind { place: cell.place(), text: cell.text.into(), expected }
    }
}

pub(super) fn not_finite(cell: Cell) -> Error {
    Error::NotFinite { place: cell.place(), text: cell.text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divisors_that_cannot_be_are_not_numbers() {
        let divisor = |scale| {
            let (column, encoding) = ("a".into(), Encoding::Centred { centre: 1.7e9, scale });
            let (reading, quantiles) = (Reading::Number, Vec::new());
            let feature = Feature { column, reading, encoding, quantiles, mean: 0.0, std: 1.0 };
            feature.scales()[1].2
        };
        assert_eq!(divisor(2.0), 2.0);
        let ranked = |quantiles: &[f32]| {
            let (column, quantiles) = ("a".into(), quantiles.to_vec());
            let (reading, encoding) = (Reading::Number, Encoding::Plain);
            let feature = Feature { column, reading, encoding, quantiles, mean: 0.0, std: 1.0 };
            feature.scales()[1..].iter().all(|(_, _, divisor)| *divisor == 1.0)
        };
        assert!(ranked(&[-1.0, 2.0, 2.0]) && !ranked(&[2.0, 1.0]) && !ranked(&[2.0]));
        assert!([0.0, -1.0, f64::NAN, f64::INFINITY].iter().all(|scale| divisor(*scale).is_nan()));
    }
}
