//! Raw rows as constants: what a sensor would give.

use std::path::Path;

use super::Project;
use crate::data::source::DataSource;
use crate::data::table::Label;
use crate::data::{Error, Feature, Measure, Table, Target};
use crate::export::{Column, Inputs, Kind, quoted, rust};

/// Rows at most, of a table.
const MOST: usize = 48;

/// The static of the rows.
pub fn rows(project: &Project) -> Result<String, Error> {
    let Project { data, transform, train, .. } = project;
    let DataSource::File(path) = &data.data else { return Ok(String::new()) };
    let table = Table::open(Path::new(path), data.separator)?;
    // From all over a table; of recordings what makes some windows.
    let (step, count) = match &transform.windowing {
        Some(windowing) => (1, windowing.frames + 4 * windowing.hop),
        None => (train.len() / MOST, MOST),
    };
    let (names, inputs) = (table.columns(), Inputs::of(transform));
    let place = |name: &str| names.iter().position(|column| column == name);
    let mut list = Vec::new();
    for cells in table.every(step, count)? {
        let cell = |name: &str| place(name).map_or("", |place| &*cells[place]);
        let fields: Option<Vec<_>> = inputs
            .columns
            .iter()
            .map(|column| {
                let feature = transform.features.iter().find(|feature| feature.column == column.name)?;
                Some(format!("{}: {}", column.identifier, value(&inputs, column, feature, cell(column.name))?))
            })
            .collect();
        let Some(fields) = fields else { continue };
        let label = label(&transform.label, &train.target, &cell);
        list.push(format!("    (Row {{ {} }}, {label}),\n", fields.join(", ")));
    }
    Ok(format!(
        "/// Rows of the training file, as a sensor would give them, and their labels.\n#[rustfmt::skip]\n\
         #[allow(clippy::approx_constant, clippy::excessive_precision)]\n\
         pub static ROWS: [({}, Option<Label>); {}] = [\n{}];\n",
        inputs.row(),
        list.len(),
        list.concat()
    ))
}

/// A cell as Rust writes it; `None` if there is no such value.
fn value(inputs: &Inputs, column: &Column, feature: &Feature, text: &str) -> Option<String> {
    if column.kind == Kind::Text {
        return Some(quoted(text));
    }
    let read = feature.reading.read(text);
    let value = match column.kind {
        Kind::Number => read.map(|value| rust(value as f32)),
        Kind::Wide | Kind::Seconds => read.map(|value| format!("{value:?}")),
        Kind::Integer => text.parse::<i64>().ok().map(|value| value.to_string()),
        Kind::Boolean => read.map(|value| (value != 0.0).to_string()),
        Kind::Text => None,
    };
    match (inputs.is_optional(column), value) {
        (true, Some(value)) => Some(format!("Some({value})")),
        (true, None) => Some("None".into()),
        (false, value) => value,
    }
}

/// The label of a row as an `Option<Label>`.
fn label<'a>(label: &Label, target: &Target, cell: &dyn Fn(&str) -> &'a str) -> String {
    let numbers = match (label, target) {
        (Label::Class(label), Target::Classes(classes)) => {
            let text = cell(&label.column);
            classes.iter().position(|class| class == text).map(|class| vec![class as f32])
        }
        (Label::Values { values }, Target::Values(measures)) => {
            let standardised = |(feature, measure): (&Feature, &Measure)| {
                let value = feature.reading.read(cell(&feature.column))?;
                Some(((value - measure.mean) / measure.deviation) as f32)
            };
            values.iter().zip(measures).map(standardised).collect()
        }
        _ => None,
    };
    match numbers {
        Some(numbers) => format!("Some([{}])", numbers.iter().map(|value| rust(*value)).collect::<Vec<_>>().join(", ")),
        None => "None".into(),
    }
}
