//! What a program on a device must know about the columns of a table, whatever its language.

use trainlet::data::log_frequency;

use super::number::identifiers;
use crate::data::{Encoding, Feature, Missing, Reading, Transform};

/// The columns of a table and what becomes of them.
pub struct Inputs<'a> {
    /// Columns that inputs are made of, in the order in which they are first needed.
    pub columns: Vec<Column<'a>>,
    /// For each input of the network its column, by number, and how that becomes a number.
    pub features: Vec<(usize, &'a Feature)>,
    /// A value may be missing, and counts as the mean then.
    pub optional: bool,
}

/// A column of a table.
pub struct Column<'a> {
    /// As the table has it.
    pub name: &'a str,
    /// The same for a variable.
    pub identifier: String,
    /// What its cells hold.
    pub kind: Kind,
}

/// What the cells of a column hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A number of 32 bits.
    Number,
    /// A number whose differences would be lost in 32 bits.
    Wide,
    /// An integer whose differences would be lost in 64 bits of floating point.
    Integer,
    /// A date or a time.
    Seconds,
    /// Yes or no.
    Boolean,
    /// A text.
    Text,
}

/// The numbers of some texts.
pub struct Codes<'a> {
    /// Each text and its number, in the order of their bytes.
    pub texts: Vec<(&'a str, f32)>,
    /// The number of any other.
    pub unknown: f32,
}

/// From here on not all integers are numbers of 64 bits.
const EXACT: f64 = (1_u64 << 53) as f64;

impl<'a> Inputs<'a> {
    /// Of what training learnt about a table.
    pub fn of(transform: &'a Transform) -> Self {
        let mut names: Vec<&str> = Vec::new();
        let mut kinds = Vec::new();
        let mut features = Vec::new();
        for feature in &transform.features {
            let column = names.iter().position(|name| *name == feature.column).unwrap_or(names.len());
            if column == names.len() {
                names.push(&feature.column);
                kinds.push(Kind::of(feature));
            }
            features.push((column, feature));
        }
        let named = names.iter().zip(identifiers(names.iter().copied())).zip(kinds);
        let columns = named.map(|((name, identifier), kind)| Column { name, identifier, kind }).collect();
        Self { columns, features, optional: transform.missing == Missing::Mean }
    }

    /// The type of a row in a static.
    pub fn row(&self) -> &'static str {
        if self.has_texts() { "Row<'static>" } else { "Row" }
    }

    /// Whether a column has texts.
    pub fn has_texts(&self) -> bool {
        self.columns.iter().any(|column| column.kind == Kind::Text)
    }

    /// Whether a value of this column may be missing.
    pub fn is_optional(&self, column: &Column) -> bool {
        self.optional && column.kind != Kind::Text
    }
}

impl Kind {
    fn of(feature: &Feature) -> Self {
        match (&feature.encoding, &feature.reading) {
            (
                Encoding::Code { .. } | Encoding::Category { .. } | Encoding::Distinct { .. } | Encoding::OneHot { .. },
                _,
            ) => Self::Text,
            (_, Reading::Boolean) => Self::Boolean,
            (_, Reading::Date(_)) => Self::Seconds,
            (Encoding::Centred { centre, .. }, Reading::Number) if centre.abs() >= EXACT => Self::Integer,
            (Encoding::Centred { .. }, _) => Self::Wide,
            (Encoding::Plain | Encoding::SignedLog, _) => Self::Number,
        }
    }
}

impl<'a> Codes<'a> {
    /// Those of an encoding that has a number for each text.
    pub fn of(encoding: &'a Encoding) -> Option<Self> {
        match encoding {
            Encoding::Code { numbers } => {
                let texts = numbers.iter().map(|(text, number)| (&**text, *number as f32)).collect();
                Some(Self { texts, unknown: numbers.len() as f32 })
            }
            Encoding::Category { rows, counts } => {
                let code = |(text, count): (&'a String, &u32)| (&**text, log_frequency(Some(*count), *rows));
                Some(Self { texts: counts.iter().map(code).collect(), unknown: log_frequency(None, *rows) })
            }
            Encoding::Distinct { codes, unknown } => {
                Some(Self { texts: codes.iter().map(|(text, code)| (&**text, *code)).collect(), unknown: *unknown })
            }
            Encoding::Plain | Encoding::SignedLog | Encoding::Centred { .. } | Encoding::OneHot { .. } => None,
        }
    }
}
