//! What separates the cells of a line.

use std::fmt;

use clap::ValueEnum;
use csv::ReaderBuilder;
use serde::Serialize;

/// Separators of cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Separator {
    /// `,`
    Comma,
    /// `;`, as programs write it where numbers have a decimal comma
    Semicolon,
    /// The tab
    Tab,
}

/// How many lines are looked at.
const LINES: usize = 100;

impl Separator {
    const ALL: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    pub(super) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// The one that gives all of the first lines the same number of cells, the most if there are several; otherwise the one
    /// that gives the first line the most. `None` if two do equally well.
    pub(super) fn recognise(first_bytes: &[u8]) -> Option<Self> {
        let counts = Self::ALL.map(|separator| (separator, cells(first_bytes, separator)));
        let even = |cells: &[usize]| cells.iter().all(|count| *count == cells[0]);
        let width = |cells: &[usize]| cells.first().copied().unwrap_or(0);
        let best = counts.iter().map(|(_, cells)| (even(cells) && width(cells) > 1, width(cells))).max()?;
        if best.1 <= 1 {
            return Some(Self::Comma);
        }
        let mut found = counts.iter().filter(|(_, cells)| (even(cells), width(cells)) == best);
        match (found.next(), found.next()) {
            (Some((separator, _)), None) => Some(*separator),
            _ => None,
        }
    }
}

/// The number of cells in each of the first lines, but for the last of them, which may not be all there.
fn cells(first_bytes: &[u8], separator: Separator) -> Vec<usize> {
    let mut builder = ReaderBuilder::new();
    builder.flexible(true).has_headers(false).delimiter(separator.byte());
    let records = builder.from_reader(first_bytes).into_byte_records().map_while(Result::ok);
    let mut counts: Vec<_> = records.take(LINES + 1).map(|cells| cells.len()).collect();
    if counts.len() > 2 {
        counts.pop();
    }
    counts
}

impl fmt::Display for Separator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comma => "commas",
            Self::Semicolon => "semicolons",
            Self::Tab => "tabs",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gives_all_lines_as_many_cells_separates_them() {
        for (text, separator) in [
            ("a,b\n1,2\n", Separator::Comma),
            ("a;b;c\n1,5;2,5;x\n", Separator::Semicolon),
            ("a\tb, c\td\n1\t\"2,5\"\t3\n", Separator::Tab),
            ("a,b;c\n\"1,1\",2\n3,4\n", Separator::Comma),
            ("a\n1\n", Separator::Comma),
            ("a,b,c\n1;2\n3,4,5\n", Separator::Comma),
            ("", Separator::Comma),
        ] {
            assert_eq!(Separator::recognise(text.as_bytes()), Some(separator), "{text:?}");
        }
        assert_eq!(Separator::recognise(b"a;b,c\n1;2,3\n"), None);
    }
}
