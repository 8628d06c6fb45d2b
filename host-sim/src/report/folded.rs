//! Wide tables, folded so that a terminal need not break their numbers.

use comfy_table::Table;

use super::{Report, row, table};

/// Characters in a line of a terminal that nobody made wider.
pub const TERMINAL: usize = 80;
/// Between two columns.
const GAP: usize = 3;

/// A column: its name, which may have several lines, and a cell for each row.
pub type Column = (String, Vec<String>);

/// The columns in as many tables as it takes, one below the other. Each begins with `keys`, which say what its rows are.
pub fn folded(above: &str, keys: &[Column], columns: &[Column]) -> Report {
    let room = TERMINAL.saturating_sub(keys.iter().map(width).sum());
    let mut report = Report::default();
    let (mut first, mut taken) = (0, 0);
    for (index, column) in columns.iter().enumerate() {
        if index > first && taken + width(column) > room {
            report = report.table_under(if first == 0 { above } else { "" }, beside(keys, &columns[first..index]));
            (first, taken) = (index, 0);
        }
        taken += width(column);
    }
    report.table_under(if first == 0 { above } else { "" }, beside(keys, &columns[first..]))
}

fn width((name, cells): &Column) -> usize {
    let lines = name.lines().chain(cells.iter().map(String::as_str));
    GAP + lines.map(|line| line.chars().count()).max().unwrap_or(0)
}

fn beside(keys: &[Column], columns: &[Column]) -> Table {
    let columns = || keys.iter().chain(columns);
    let mut all = table(columns().map(|(name, _)| name));
    let rows = columns().map(|(_, cells)| cells.len()).max().unwrap_or(0);
    for index in 0..rows {
        let mut cells = columns().map(|(_, cells)| &*cells[index]);
        all.add_row(row(cells.next().unwrap_or_default(), cells));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_table_comes_in_parts_that_fit_and_lose_nothing() {
        let column = |name: String, cell: &str| (name, vec![format!("{cell}a"), format!("{cell}b")]);
        let keys = [column("key".into(), "key")];
        let columns: Vec<Column> =
            (100..140).map(|number| column(format!("{number}:\nlonger"), &number.to_string())).collect();
        let report = folded("above", &keys, &columns);
        let text = report.to_string();
        assert!(report.parts.len() > 2 && text.starts_with("above\n"), "{text}");
        let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
        assert!((TERMINAL - 9..=TERMINAL).contains(&widest), "{widest}\n{text}");
        assert_eq!(text.matches("keya").count(), report.parts.len());
        let once = |part: String| text.matches(&part).count() == 1;
        assert!((100..140).all(|number| once(format!("{number}:")) && once(format!("{number}a"))), "{text}");
    }

    #[test]
    fn what_is_wider_than_any_terminal_stands_alone() {
        let wide = |name: &str| (name.repeat(90), vec!["1".into()]);
        assert_eq!(folded("", &[wide("k")], &[wide("a"), wide("b")]).parts.len(), 2);
    }
}
