//! What has changed since figures were written to a file.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Report, number, row, table};

/// A table of the figures that differ, are new or are gone; both are what `--json` writes.
pub fn changes(before: &Value, now: &Value) -> Report {
    let (before, now) = (figures(before), figures(now));
    let mut changed = table(["changed", "before", "now", "difference"]);
    let names = before.keys().chain(now.keys().filter(|name| !before.contains_key(*name)));
    let mut count = 0;
    for name in names {
        let (before, now) = (before.get(name).copied(), now.get(name).copied());
        if before != now {
            let cells = [before, now].map(|figure| figure.map_or("-".into(), shown));
            changed.add_row(row(name, cells.into_iter().chain([difference(before, now)])));
            count += 1;
        }
    }
    if count == 0 { format!("None of {} figures has changed.", now.len()).into() } else { changed.into() }
}

/// All numbers, by where they stand; rows are told apart by their names. Not which functions make up a window: the sum is there.
fn figures(rows: &Value) -> BTreeMap<String, f64> {
    let mut figures = BTreeMap::new();
    collect(rows, "", &mut figures);
    figures
}

fn collect(value: &Value, place: &str, figures: &mut BTreeMap<String, f64>) {
    let below =
        |name: &str| [place, name].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" ");
    match value {
        Value::Number(figure) => drop(figures.insert(place.into(), figure.as_f64().unwrap_or(f64::NAN))),
        Value::Array(rows) => rows.iter().for_each(|row| collect(row, &below(&names(row)), figures)),
        Value::Object(fields) => {
            fields
                .iter()
                .filter(|(name, _)| *name != "functions")
                .for_each(|(name, value)| collect(value, &below(name), figures));
        }
        Value::String(_) | Value::Bool(_) | Value::Null => {}
    }
}

/// The texts of a row.
fn names(row: &Value) -> String {
    let texts = row.as_object().into_iter().flatten().filter_map(|(_, value)| value.as_str());
    texts.collect::<Vec<_>>().join(", ")
}

fn shown(figure: f64) -> String {
    if figure.fract() == 0.0 && figure >= 0.0 { number(figure as usize) } else { format!("{figure:.3}") }
}

/// In percent of the earlier one.
fn difference(before: Option<f64>, now: Option<f64>) -> String {
    match (before, now) {
        (Some(before), Some(now)) if before != 0.0 => format!("{:+.1} %", 100.0 * (now - before) / before),
        (None, _) => "new".into(),
        (_, None) => "gone".into(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_is_shown_with_its_row() {
        let before = json!([
            {"window": "sample", "figures": {"m4f": {"cycles": 200_000, "functions": [{"name": "f", "cycles": 1}]}}},
            {"window": "gone", "figures": {"m4f": {"cycles": 7}}},
        ]);
        let now = json!([
            {"window": "sample", "figures": {"m4f": {"cycles": 190_000, "functions": [{"name": "g", "cycles": 2}]}}},
            {"window": "new", "figures": {"m4f": {"cycles": 0.5}}},
        ]);
        let table = changes(&before, &now).to_string();
        let lines: Vec<_> =
            table.lines().skip(2).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        let expected = [
            "gone figures m4f cycles 7 - gone",
            "sample figures m4f cycles 200,000 190,000 -5.0 %",
            "new figures m4f cycles - 0.500 new",
        ];
        assert_eq!(lines, expected, "{table}");
        assert_eq!(changes(&now, &now).to_string(), "None of 2 figures has changed.");
    }
}
