//! What a column is taken for. All of its cells decide: one odd cell among numbers is a mistake, not a reason to take the numbers
//! for text.

use std::collections::BTreeSet;

use super::Error;
use super::Table;
use super::evidence::{Range, Seen};
use super::feature::Reading;
use super::number::NumberFormat;
use super::plain::Plain;
use super::profile::{FEW, Profile};

/// What a column is taken for.
#[derive(Debug)]
pub(super) enum Taken {
    /// For values.
    Values {
        reading: Reading,
        range: Range,
        /// What lies between its ends, exactly.
        span: f64,
        /// Dates and booleans know no logarithm.
        linear: bool,
    },
    /// For texts: the different ones, if there are at most [`FEW`].
    Categories(Option<BTreeSet<String>>),
}

impl Profile {
    /// The column as text, whatever its cells look like.
    pub fn into_text(self) -> Taken {
        Taken::Categories((self.texts.len() <= FEW).then_some(self.texts))
    }

    /// What the column is taken for.
    ///
    /// # Errors
    /// Cells that do not say one thing.
    pub fn decide(self, table: &Table) -> Result<Taken, Error> {
        let column = || table.columns()[self.column].clone();
        if self.present == 0 {
            return Err(Error::NothingThere { path: table.path().into(), column: column() });
        }
        if self.booleans == self.present && self.boolean_words > 0 {
            return Ok(Taken::Values { reading: Reading::Boolean, range: Range::BOOLEAN, span: 1.0, linear: true });
        }
        if self.plain.count == self.present {
            return self.decide_plain(table);
        }
        if self.dates.hits == self.present {
            return self.decide_dates(table);
        }
        if let Some(taken) = self.decide_formatted(table)? {
            return Ok(taken);
        }
        if let Some((seen, kind)) = self.odd_cell() {
            let Seen { line, text } = seen;
            return Err(Error::OddCell { place: table.place(line, self.column), text, kind });
        }
        Ok(self.into_text())
    }

    /// Whether `count` cells are almost all of those that have a value.
    fn almost_all(&self, count: u64) -> bool {
        10 * count >= 9 * self.present
    }

    fn decide_plain(self, table: &Table) -> Result<Taken, Error> {
        let many_codes = 10 * self.plain.codes >= self.present;
        let Plain { range, too_large, code, others, length, uneven, .. } = &self.plain;
        let place = |seen: &Seen| table.place(seen.line, self.column);
        if let Some(seen) = too_large {
            return Err(Error::NotFinite { place: place(seen), text: seen.text.clone() });
        }
        if let Some(seen) = code {
            if many_codes || !(*others || *uneven) {
                return Ok(self.into_text());
            }
            let (place, text) = (place(seen), seen.text.clone());
            return Err(Error::OddCell { place, text, kind: "numbers without zeros before them" });
        }
        // Milliseconds since 1970, from 2001 to 2065.
        let milliseconds = !(*others || *uneven) && *length == Some(13) && range.largest < 3e12;
        Ok(Taken::Values { reading: Reading::Number, range: *range, span: self.plain.span(), linear: milliseconds })
    }

    fn decide_dates(self, table: &Table) -> Result<Taken, Error> {
        let mut formats = self.dates.formats;
        let (first, range) = formats.swap_remove(0);
        let order = first.order();
        if let Some((other, _)) = formats.iter().find(|(other, _)| other.order() != order) {
            let (path, column) = (table.path().into(), table.columns()[self.column].clone());
            let (one, other) = (first.describe(), other.describe());
            return Err(Error::DateOrder { path, column, one, other });
        }
        Ok(Taken::Values { reading: Reading::Date(first), range, span: range.span(), linear: true })
    }

    /// Numbers as people write them, if all cells are that in one way.
    fn decide_formatted(&self, table: &Table) -> Result<Option<Taken>, Error> {
        let Self { plain, numbers, .. } = self;
        if numbers.hits + plain.count != self.present {
            return Ok(None);
        }
        let fits = |format: &NumberFormat| {
            let undecorated = format.prefix.is_empty() && format.suffix.is_empty();
            let grouped = format.thousands.is_none() || !plain.ungrouped;
            plain.count == 0
                || (undecorated && grouped && !plain.technical && (format.decimal == '.' || !plain.with_point))
        };
        let formats: Vec<_> = numbers.formats.iter().filter(|(format, _)| fits(format)).collect();
        let Some((simplest, _)) = formats.first() else { return Ok(None) };
        if self.almost_all(plain.count) && !simplest.is_bare() {
            return Ok(None);
        }
        // 1,234 alone does not say what its comma is.
        let grouped = |format: &NumberFormat| (format.thousands, format.decimal) == (Some(','), '.');
        let two_meanings = simplest.decimal == ',' && numbers.formats.iter().any(|(format, _)| grouped(format));
        let thousands = formats.iter().find(|(format, _)| grouped(format));
        let (format, range) = match (two_meanings, thousands, self.rules.commas_separate) {
            (true, Some(thousands), true) => thousands,
            (true, None, true) => return Ok(None),
            (true, Some(_), false) => {
                let (path, column) = (table.path().into(), table.columns()[self.column].clone());
                return Err(Error::Decimal { path, column });
            }
            _ => formats[0],
        };
        let range = if plain.count > 0 { range.joined(plain.range) } else { *range };
        Ok(Some(Taken::Values {
            reading: Reading::Formatted(format.clone()),
            range,
            span: range.span(),
            linear: false,
        }))
    }

    /// A cell that is unlike almost all others, and what those are.
    fn odd_cell(&self) -> Option<(Seen, &'static str)> {
        let Self { plain, numbers, dates, .. } = self;
        let number_like = plain.count + numbers.hits + numbers.others + self.hexadecimal;
        if self.almost_all(plain.count) || (number_like == self.present && plain.count > 0) {
            return self.not_plain.clone().map(|seen| (seen, "numbers"));
        }
        if self.almost_all(numbers.hits) || (number_like == self.present && numbers.hits > 0) {
            return numbers.miss.clone().map(|seen| (seen, "numbers written in another way"));
        }
        let date_like = dates.hits + dates.others;
        if self.almost_all(dates.hits) || date_like == self.present {
            // A plain number among dates was never taken for one.
            return dates.miss.clone().or(self.not_plain.clone()).map(|seen| (seen, "dates written in another way"));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::super::profile::Rules;
    use super::super::row::Row;
    use super::super::{DateOrder, Decimal};
    use super::*;

    /// What a column of these cells, separated by bars, is taken for.
    fn decide_by(rules: Rules, cells: &[&str]) -> Result<Taken, String> {
        let lines: String = cells.iter().map(|cell| format!("\"{cell}\"\n")).collect();
        let table = Table::parse("t.csv", format!("x\n{lines}").as_bytes()).map_err(|error| error.to_string())?;
        let mut profile = Profile::new(0, rules);
        let see = |row: &Row| {
            profile.see(row.cell(0));
            Ok(())
        };
        table.scan(see).unwrap();
        profile.decide(&table).map_err(|error| error.to_string())
    }

    const USUAL: Rules = Rules { decimal: None, dates: None, commas_separate: true };

    fn decide(cells: &[&str]) -> Result<Taken, String> {
        decide_by(USUAL, cells)
    }

    /// The values that the cells are read as.
    fn values(cells: &[&str]) -> Vec<f64> {
        match decide(cells) {
            Ok(Taken::Values { reading, .. }) => cells.iter().map(|cell| reading.read(cell).unwrap()).collect(),
            other => panic!("{cells:?}: {other:?}"),
        }
    }

    fn is_text(cells: &[&str]) -> bool {
        matches!(decide(cells), Ok(Taken::Categories(_)))
    }

    /// Twenty numbers and this cell in line 12.
    fn among_numbers(odd: &str) -> Result<Taken, String> {
        let mut cells: Vec<String> = (0..20).map(|i| (100 * i).to_string()).collect();
        cells.insert(10, odd.into());
        decide(&cells.iter().map(String::as_str).collect::<Vec<_>>())
    }

    #[test]
    fn one_odd_cell_among_numbers_is_an_error_that_names_it() {
        for odd in ["1_000", "50%", "0x1F", "1,234", "$5", "5 kg", "007", "none", "true", "2024-01-01", "--"] {
            let message = among_numbers(odd).unwrap_err();
            for part in
                ["t.csv, line 12, column `x`: ", &format!("`{odd}`"), "stands among numbers", "--text x", "--missing"]
            {
                assert!(message.contains(part), "{message} lacks {part}");
            }
        }
        for fine in ["\u{2212}5", "(5)", "1e3", "NA", "?", ""] {
            assert!(matches!(among_numbers(fine), Ok(Taken::Values { .. })), "{fine}");
        }
    }

    #[test]
    fn numbers_of_people_are_read_where_all_cells_are_alike() {
        assert_eq!(values(&["$5", "-$1,234.50", "($7)"]), [5.0, -1234.5, -7.0]);
        assert_eq!(values(&["50%", "7.5%"]), [50.0, 7.5]);
        assert_eq!(values(&["5 kg", "12 kg"]), [5.0, 12.0]);
        assert_eq!(values(&["999", "1,234", "2,500"]), [999.0, 1234.0, 2500.0]);
        assert_eq!(values(&["1,5", "2,25", "3"]), [1.5, 2.25, 3.0]);
        assert_eq!(values(&["1.234,5", "12,25"]), [1234.5, 12.25]);
        assert_eq!(values(&["3", "(4)", "5"]), [3.0, -4.0, 5.0]);
        for (cells, odd) in [
            (&["5", "$5", "7", "$8"][..], "`$5`"),
            (&["$5", "€5"], "`€5`"),
            (&["5 kg", "5 lb"], "`5 lb`"),
            (&["1,234", "1500", "7"], "`1,234`"),
            (&["0x1F", "12"], "`0x1F`"),
            (&["1,5", "1.5"], "`1,5`"),
        ] {
            let message = decide(cells).unwrap_err();
            assert!(message.contains(odd) && message.contains("--text x"), "{cells:?}: {message}");
        }
    }

    #[test]
    fn a_comma_with_two_meanings_is_asked_about_where_commas_do_not_separate() {
        let cells = ["1,234", "5,678"];
        assert_eq!(values(&cells), [1234.0, 5678.0]);
        let semicolons = Rules { commas_separate: false, ..USUAL };
        let message = decide_by(semicolons, &cells).unwrap_err();
        assert!(message.contains("--decimal point") && message.contains("--decimal comma"), "{message}");
        for (decimal, value) in [(Decimal::Point, 1234.0), (Decimal::Comma, 1.234)] {
            let Ok(Taken::Values { reading, .. }) = decide_by(Rules { decimal: Some(decimal), ..semicolons }, &cells)
            else {
                panic!()
            };
            assert_eq!(reading.read("1,234"), Some(value));
        }
        let points = Rules { decimal: Some(Decimal::Comma), ..USUAL };
        let Ok(Taken::Values { reading, .. }) = decide_by(points, &["1.234", "12"]) else { panic!() };
        assert_eq!(reading.read("1.234"), Some(1234.0));
    }

    #[test]
    fn codes_are_texts_and_words_for_yes_and_no_are_one_column() {
        assert!(is_text(&["0x1F", "0x20"]));
        assert!(is_text(&["00123", "00124", "10001"]) && is_text(&["01", "1", "2"]));
        assert_eq!(values(&["true", "FALSE", "True"]), [1.0, 0.0, 1.0]);
        assert_eq!(values(&["yes", "n", "Y", "0"]), [1.0, 0.0, 1.0, 0.0]);
        assert_eq!(values(&["on", "off", "t", "f"]), [1.0, 0.0, 1.0, 0.0]);
        assert!(is_text(&["yes", "no", "maybe"]) && is_text(&["m", "f"]) && is_text(&["tcp", "7", "8"]));
    }

    #[test]
    fn dates_are_numbers_where_the_column_says_which() {
        let day = 86_400.0;
        let differences = |cells: &[&str]| {
            let values = values(cells);
            values.iter().map(|value| (value - values[0]) / day).collect::<Vec<_>>()
        };
        assert_eq!(differences(&["2024-02-28", "2024-03-01"]), [0.0, 2.0]);
        assert_eq!(differences(&["03/04/2024", "13/04/2024"]), [0.0, 10.0]);
        assert_eq!(differences(&["03/04/2024", "03/14/2024"]), [0.0, 10.0]);
        assert_eq!(differences(&["2024-01-01T00:00:00Z", "2024-01-01T14:00:00+02:00"]), [0.0, 0.5]);
        let message = decide(&["03/04/2024", "05/06/2024"]).unwrap_err();
        assert!(
            message.contains("DD/MM/YYYY as well as MM/DD/YYYY") && message.contains("--dates day-first"),
            "{message}"
        );
        let month_first = Rules { dates: Some(DateOrder::MonthFirst), ..USUAL };
        assert!(matches!(
            decide_by(month_first, &["03/04/2024", "05/06/2024"]),
            Ok(Taken::Values { linear: true, .. })
        ));
        let mixed = decide(&["13/04/2024", "04/14/2024"]).unwrap_err();
        assert!(mixed.contains("line 3") && mixed.contains("dates written in another way"), "{mixed}");
        let Ok(Taken::Values { linear, .. }) = decide(&["1700000000000", "1700000000999"]) else { panic!() };
        assert!(linear, "milliseconds");
        assert!(is_text(&["1.2.3", "1.10.2"]), "versions are not dates");
    }
}
