//! From a raw row to the inputs of a network, in Rust.

use trainlet_app::watch::EXERCISES;

use super::inputs::{Codes, Column, Inputs, Kind};
use super::number::{in_comment, quoted, rust};
use crate::data::preprocessing::Preparation;
use crate::data::table::Windowing;
use crate::data::{Encoding, Feature, Measure, Reading, Target, Transform, watch};
use crate::networks::Network;

/// Names, scales and the function that applies them.
pub fn items(network: &Network, preparation: &Preparation) -> String {
    match preparation {
        Preparation::Watch { mean, std } => INPUT.to_string() + &frames(network.inputs / watch::AXES, mean, std),
        Preparation::Table(transform) => inputs(transform),
    }
}

/// The same for a table, whatever its network, whose type is called `Network`.
pub fn inputs(transform: &Transform) -> String {
    INPUT.to_string() + &table(transform)
}

const INPUT: &str =
    "/// A sample as the network takes it.\npub type Input = <Network as trainlet::nn::net::Model>::Input;\n\n";

/// Of the watch.
fn frames(frames: usize, mean: &[f32], std: &[f32]) -> String {
    target(&Target::Classes(EXERCISES.map(String::from).into()))
        + &scaler(mean, std, "axis")
        + &format!(
            "/// The input for frames in g and rad/s.\npub fn inputs(frames: &[[f32; {axes}]; {frames}]) -> Input {{\n    \
             let mut input = <Input as trainlet::core::tensor::Tensor>::ZERO;\n    \
             let values = trainlet::core::tensor::Tensor::flat_mut(&mut input);\n    \
             for (to, frame) in values.chunks_exact_mut({axes}).zip(frames) {{\n        \
             let mut frame = *frame;\n        SCALER.apply(&mut frame);\n        \
             for (to, value) in to.iter_mut().zip(frame) {{\n            *to = value;\n        }}\n    }}\n    \
             input\n}}\n",
            axes = watch::AXES,
        )
}

fn table(transform: &Transform) -> String {
    let inputs = Inputs::of(transform);
    let columns: Vec<_> = transform.features.iter().map(|feature| feature.column.clone()).collect();
    let [mean, std] =
        [|feature: &Feature| feature.mean, |feature: &Feature| feature.std].map(|of| transform.features.iter().map(of));
    target(&transform.label.target())
        + &names("COLUMNS", "The column that each input comes from.", &columns)
        + &scaler(&mean.collect::<Vec<_>>(), &std.collect::<Vec<_>>(), "input's number")
        + &codes(&inputs)
        + &quantiles(&inputs)
        + &row(&inputs, transform)
        + &function(&inputs, transform.windowing.as_ref())
}

/// What the outputs say.
fn target(target: &Target) -> String {
    match target {
        Target::Classes(classes) => names(
            "CLASSES",
            "The classes, by number: that of an output is `trainlet::nn::loss::classes::class(&output)`.",
            classes,
        ),
        Target::Values(measures) => {
            let list: Vec<_> = measures.iter().map(|measure| measure.name.clone()).collect();
            let values: Vec<_> = (0..)
                .zip(measures)
                .map(|(index, Measure { mean, deviation, .. })| {
                    format!("({mean:?} + {deviation:?} * f64::from(output[{index}])) as f32")
                })
                .collect();
            let count = list.len();
            names("VALUES", "The columns that are predicted.", &list)
                + &format!(
                    "/// The predicted values in the units of their columns, bit for bit as host-sim computes them.\n\
                     #[allow(clippy::approx_constant, clippy::excessive_precision)]\n\
                     pub fn values(output: &[f32; {count}]) -> [f32; {count}] {{\n    [{}]\n}}\n\n",
                    values.join(", ")
                )
        }
    }
}

fn names(constant: &str, about: &str, names: &[String]) -> String {
    let list: Vec<_> = names.iter().map(|name| quoted(name)).collect();
    format!("/// {about}\npub const {constant}: [&str; {}] = [{}];\n\n", names.len(), list.join(", "))
}

fn scaler(mean: &[f32], std: &[f32], what: &str) -> String {
    let count = mean.len();
    let [mean, std] = [mean, std].map(|values| values.iter().map(|value| rust(*value)).collect::<Vec<_>>().join(", "));
    format!(
        "/// Mean and standard deviation of each {what}, over the training data.\n#[rustfmt::skip]\n\
         #[allow(clippy::approx_constant, clippy::excessive_precision)]\n\
         pub static SCALER: trainlet::data::Scaler<{count}> = trainlet::data::Scaler {{\n    \
         mean: [{mean}],\n    std: [{std}],\n}};\n\n"
    )
}

/// Name of the codes of a column.
fn codes_of(column: &Column) -> String {
    format!("CODES_OF_{}", column.identifier.to_uppercase())
}

fn codes(inputs: &Inputs) -> String {
    let mut text = String::new();
    for (column, feature) in &inputs.features {
        let Some(Codes { texts, .. }) = Codes::of(&feature.encoding) else { continue };
        let column = &inputs.columns[*column];
        let list: Vec<_> = texts.iter().map(|(text, code)| format!("({}, {})", quoted(text), rust(*code))).collect();
        text += &format!(
            "/// The texts of the column `{}` and their numbers.\n#[rustfmt::skip]\n\
             #[allow(clippy::approx_constant, clippy::excessive_precision)]\n\
             pub static {}: [(&str, f32); {}] = [{}];\n\n",
            in_comment(column.name),
            codes_of(column),
            list.len(),
            list.join(", ")
        );
    }
    text
}

/// Name of the quantiles of a column.
fn quantiles_of(column: &Column) -> String {
    format!("QUANTILES_OF_{}", column.identifier.to_uppercase())
}

fn quantiles(inputs: &Inputs) -> String {
    let mut text = String::new();
    for (column, feature) in inputs.features.iter().filter(|(_, feature)| !feature.quantiles.is_empty()) {
        let column = &inputs.columns[*column];
        let list: Vec<_> = feature.quantiles.iter().map(|edge| rust(*edge)).collect();
        text += &format!(
            "/// The quantiles among which the numbers of the column `{}` have their places.\n#[rustfmt::skip]\n\
             #[allow(clippy::approx_constant, clippy::excessive_precision)]\n\
             pub static {}: [f32; {}] = [{}];\n\n",
            in_comment(column.name),
            quantiles_of(column),
            list.len(),
            list.join(", ")
        );
    }
    text
}

fn row(inputs: &Inputs, transform: &Transform) -> String {
    let lifetime = if inputs.has_texts() { "<'a>" } else { "" };
    let missing = if inputs.optional { ", `None` where a value is missing" } else { "" };
    let mut text = format!(
        "/// A row as it is measured{missing}.\n#[derive(Clone, Copy, Debug, PartialEq)]\npub struct Row{lifetime} {{\n"
    );
    for column in &inputs.columns {
        let kind = match column.kind {
            Kind::Number => "f32",
            Kind::Wide | Kind::Seconds => "f64",
            Kind::Integer => "i64",
            Kind::Boolean => "bool",
            Kind::Text => "&'a str",
        };
        let kind = if inputs.is_optional(column) { format!("Option<{kind}>") } else { kind.into() };
        let about = about(column, transform);
        text += &format!("    /// `{}`{about}\n    pub {}: {kind},\n", in_comment(column.name), column.identifier);
    }
    text + "}\n\n"
}

/// What a reader of the struct cannot see from the type.
fn about(column: &Column, transform: &Transform) -> String {
    let reading =
        transform.features.iter().find(|feature| feature.column == column.name).map(|feature| &feature.reading);
    match (column.kind, reading) {
        (Kind::Seconds, _) => ", in seconds since 1970, or since midnight if there is no date".into(),
        (_, Some(Reading::Formatted(format))) => format!(", in the table with {}", in_comment(&format.describe())),
        _ => String::new(),
    }
}

fn function(inputs: &Inputs, windowing: Option<&Windowing>) -> String {
    let numbers: Vec<_> = inputs
        .features
        .iter()
        .enumerate()
        .map(|(index, (column, feature))| number(inputs, &inputs.columns[*column], feature, index))
        .collect();
    let helper = if inputs.features.iter().any(|(_, feature)| Codes::of(&feature.encoding).is_some()) {
        "/// The number of a text; `unknown` of one that the training data do not have.\n\
         fn code(codes: &[(&str, f32)], text: &str, unknown: f32) -> f32 {\n    \
         codes.iter().find(|(known, _)| *known == text).map_or(unknown, |(_, code)| *code)\n}\n\n"
    } else {
        ""
    };
    let place = if inputs.features.iter().any(|(_, feature)| !feature.quantiles.is_empty()) {
        "/// Its place among the quantiles; what is not finite stays so.\n\
         fn place(number: f32, quantiles: &[f32]) -> f32 {\n    \
         if number.is_finite() { trainlet::data::among_quantiles(number, quantiles) } else { number }\n}\n\n"
    } else {
        ""
    };
    let (argument, rows, is_long) = match windowing {
        Some(windowing) => {
            (format!("rows: &[Row; {}]", windowing.frames), "rows", "window of rows, one after the other in time")
        }
        None => ("row: &Row".into(), "core::slice::from_ref(row)", "row"),
    };
    format!(
        "{helper}{place}/// The standardised numbers of a row, bit for bit as host-sim computes them; `None` if a value is not a finite number or too\n\
         /// far from those of the training data.\n#[allow(clippy::approx_constant, clippy::excessive_precision)]\n\
         pub fn numbers(row: &Row) -> Option<[f32; COLUMNS.len()]> {{\n    let mut numbers = [\n        {},\n    ];\n    \
         let finite = |numbers: &[f32]| numbers.iter().all(|number| number.is_finite());\n    \
         if !finite(&numbers) {{\n        return None;\n    }}\n    SCALER.apply(&mut numbers);\n    \
         finite(&numbers).then_some(numbers)\n}}\n\n\
         /// The input for a {is_long}; `None` if there is none for a row.\n\
         pub fn inputs({argument}) -> Option<Input> {{\n    \
         let mut input = <Input as trainlet::core::tensor::Tensor>::ZERO;\n    \
         let values = trainlet::core::tensor::Tensor::flat_mut(&mut input);\n    \
         for (to, row) in values.chunks_exact_mut(COLUMNS.len()).zip({rows}) {{\n        \
         for (to, number) in to.iter_mut().zip(numbers(row)?) {{\n            *to = number;\n        }}\n    }}\n    \
         Some(input)\n}}\n",
        numbers.join(",\n        ")
    )
}

/// The number of an input before it is standardised.
fn number(inputs: &Inputs, column: &Column, feature: &Feature, index: usize) -> String {
    let place = format!("row.{}", column.identifier);
    match &feature.encoding {
        Encoding::OneHot { value } => {
            return placed(column, feature, format!("f32::from({place} == {})", quoted(value)));
        }
        encoding => {
            if let Some(Codes { unknown, .. }) = Codes::of(encoding) {
                let code = format!("code(&{}, {place}, {})", codes_of(column), rust(unknown));
                return placed(column, feature, code);
            }
        }
    }
    if !inputs.is_optional(column) {
        return placed(column, feature, of_value(&place, column.kind, &feature.encoding));
    }
    // A missing value is the mean.
    let mean = format!("SCALER.mean[{index}]");
    match placed(column, feature, of_value("value", column.kind, &feature.encoding)) {
        same if same == "value" => format!("{place}.unwrap_or({mean})"),
        // A call of one function is written as its name.
        number => match number.strip_suffix("(value)") {
            Some(function) => format!("{place}.map_or({mean}, {function})"),
            None => format!("{place}.map_or({mean}, |value| {number})"),
        },
    }
}

/// The place of a number among the quantiles, if its column has some.
fn placed(column: &Column, feature: &Feature, number: String) -> String {
    if feature.quantiles.is_empty() { number } else { format!("place({number}, &{})", quantiles_of(column)) }
}

fn of_value(value: &str, kind: Kind, encoding: &Encoding) -> String {
    let narrow = match kind {
        Kind::Boolean => format!("f32::from({value})"),
        Kind::Number => value.into(),
        Kind::Wide | Kind::Integer | Kind::Seconds | Kind::Text => format!("{value} as f32"),
    };
    match (encoding, kind) {
        (Encoding::SignedLog, _) => format!("trainlet::data::signed_log1p({narrow})"),
        (Encoding::Centred { centre, scale }, Kind::Integer) => {
            let (whole, rest) = (centre.trunc(), centre - centre.trunc());
            format!("(((i128::from({value}) - {}) as f64 - {rest:?}) / {scale:?}) as f32", whole as i128)
        }
        (Encoding::Centred { centre, scale }, _) => {
            let value = if kind == Kind::Boolean { format!("f64::from(u8::from({value}))") } else { value.into() };
            let centre = if *centre < 0.0 { format!("({centre:?})") } else { format!("{centre:?}") };
            format!("(({value} - {centre}) / {scale:?}) as f32")
        }
        _ => narrow,
    }
}
