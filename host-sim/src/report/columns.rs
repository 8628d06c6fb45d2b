//! What the columns of a training file were taken for.

use super::folded::TERMINAL;
use super::{Report, left, number, table};
use crate::data::table::{ColumnSummary, Kind, Style, Summary};

/// A line for each kind of column, the columns in the order of the file.
pub fn columns(summary: &Summary) -> Report {
    let Summary { path, separator, samples, left_out, frames, columns } = summary;
    let (samples, count) = (number(*samples), number(columns.len()));
    let what = if *frames > 1 { format!("windows of {frames} rows") } else { "samples".into() };
    let mut head = format!("{path}: {samples} {what} of {count} columns, separated by {separator}");
    if *left_out > 0 {
        let why = if *frames > 1 { "no label is that of most rows" } else { "a value is missing" };
        head += &format!("; {} {what} left out, because {why}", number(*left_out));
    }
    let mut kinds: Vec<(String, Vec<String>)> = Vec::new();
    for column in columns {
        let (kind, name) = (kind(&column.kind), name(column));
        match kinds.iter_mut().find(|(other, _)| *other == kind) {
            Some((_, names)) => names.push(name),
            None => kinds.push((kind, vec![name])),
        }
    }
    let mut rows = table([left("taken for"), left("columns")]);
    rows.set_width(TERMINAL as u16);
    for (kind, names) in kinds {
        rows.add_row([left(&kind), left(&names.join(", "))]);
    }
    Report::default().table_under(head, rows)
}

fn kind(kind: &Kind) -> String {
    let styled = |kind: &str, style: &Style| match &style.written {
        Some(written) => format!("{kind}, {written}"),
        None => kind.into(),
    };
    match kind {
        Kind::Label { .. } => "label: a class".into(),
        Kind::Value => "label: a value".into(),
        Kind::Number(style) => styled("number", style),
        Kind::NumberWithLogarithm(style) => styled("number with logarithm", style),
        Kind::NumberCentred(style) => styled("number, centred", style),
        Kind::Boolean => "boolean".into(),
        Kind::Date(style) => styled("date or time", style),
        Kind::Categories { .. } => "categories by their share".into(),
        Kind::OneHot { .. } => "categories, an input each".into(),
        Kind::Constant => "constant, says nothing".into(),
        Kind::Beside => "tells what belongs together".into(),
        Kind::Dropped => "dropped".into(),
    }
}

fn name(ColumnSummary { column, kind, missing }: &ColumnSummary) -> String {
    match kind {
        Kind::Label { classes } => format!("{column} ({classes} classes)"),
        Kind::Categories { values } | Kind::OneHot { values } => format!("{column} ({values})"),
        _ if *missing > 0 => format!("{column} ({missing} missing)"),
        _ => column.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::table::Separator;

    #[test]
    fn every_kind_has_a_line() {
        let column = |column: &str, kind, missing| ColumnSummary { column: column.into(), kind, missing };
        let dates = Style { written: Some("YYYY-MM-DD".into()) };
        let summary = Summary {
            path: "t.csv".into(),
            separator: Separator::Semicolon,
            samples: 1200,
            left_out: 3,
            frames: 1,
            columns: vec![
                column("id", Kind::Dropped, 0),
                column("size", Kind::NumberWithLogarithm(Style::default()), 2),
                column("day", Kind::Date(dates), 0),
                column("kind", Kind::Categories { values: 5 }, 0),
                column("rate", Kind::NumberWithLogarithm(Style::default()), 0),
                column("y", Kind::Label { classes: 2 }, 0),
            ],
        };
        let text = columns(&summary).to_string();
        let lines: Vec<_> = text.lines().map(str::trim).collect();
        assert_eq!(
            lines[0],
            "t.csv: 1,200 samples of 6 columns, separated by semicolons; 3 samples left out, because a value is missing"
        );
        for (start, end) in [
            ("dropped", "id"),
            ("number with logarithm", "size (2 missing), rate"),
            ("date or time, YYYY-MM-DD", "day"),
            ("categories by their share", "kind (5)"),
            ("label", "y (2 classes)"),
        ] {
            assert!(lines.iter().any(|line| line.starts_with(start) && line.ends_with(end)), "{start}: {text}");
        }
    }
}
