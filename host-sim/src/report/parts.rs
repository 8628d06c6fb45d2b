//! A report as tables and sentences, for a terminal and for a page.

use std::fmt::{self, Display, Formatter};

use comfy_table::Table;

/// A report, part by part.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// From top to bottom.
    pub parts: Vec<Part>,
}

/// A part of a report.
#[derive(Clone, Debug)]
pub enum Part {
    /// A table, with a sentence above it if that is not empty.
    Table(String, Box<Table>),
    /// Sentences.
    Text(String),
}

impl Report {
    /// The same with a table.
    pub fn table(self, table: Table) -> Self {
        self.table_under("", table)
    }

    /// The same with a table, and a sentence above it.
    pub fn table_under(mut self, above: impl Into<String>, table: Table) -> Self {
        self.parts.push(Part::Table(above.into(), Box::new(table)));
        self
    }

    /// The same with sentences; without if there are none.
    pub fn text(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        if !text.is_empty() {
            self.parts.push(Part::Text(text));
        }
        self
    }

    /// The same with all that another report has.
    pub fn with(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }
}

impl From<Table> for Report {
    fn from(table: Table) -> Self {
        Self::default().table(table)
    }
}

impl From<String> for Report {
    fn from(text: String) -> Self {
        Self::default().text(text)
    }
}

/// For a terminal, with an empty line between parts.
impl Display for Report {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        for (number, part) in self.parts.iter().enumerate() {
            f.write_str(if number > 0 { "\n\n" } else { "" })?;
            match part {
                Part::Table(above, table) if above.is_empty() => write!(f, "{table}")?,
                Part::Table(above, table) => write!(f, "{above}\n{table}")?,
                Part::Text(text) => f.write_str(text)?,
            }
        }
        Ok(())
    }
}
