//! From a raw row to the inputs of a network, as tables for C.

use std::fmt::Write as _;

use trainlet_app::watch::EXERCISES;

use super::inputs::{Codes, Inputs};
use super::number::{c, in_comment, quoted};
use crate::data::preprocessing::Preparation;
use crate::data::{Encoding, Measure, Target, Transform};

/// Names, scales and steps; all their names begin with `prefix`.
pub fn tables(prefix: &str, preparation: &Preparation) -> String {
    match preparation {
        Preparation::Watch { mean, std } => {
            let classes = target(prefix, &Target::Classes(EXERCISES.map(String::from).into()));
            format!(
                "{classes}/* Of each axis of a frame, in g and rad/s: input = (value - mean) / std. The axes of a frame stand side by side,\n   \
                 frame after frame. */\n{}{}",
                floats(prefix, "mean", mean),
                floats(prefix, "std", std)
            )
        }
        Preparation::Table(transform) => table(prefix, transform),
    }
}

fn table(prefix: &str, transform: &Transform) -> String {
    let mut text = target(prefix, &transform.label.target());
    let inputs = Inputs::of(transform);
    let (codes, steps) = steps(prefix, &inputs);
    let upper = prefix.to_uppercase();
    let mut missing = String::from(if inputs.optional { "\n   A missing value gives the input 0." } else { "" });
    if let Some(windowing) = &transform.windowing {
        missing += &format!(
            "\n   A sample is {} rows one after the other, each with the inputs that follow.",
            windowing.frames
        );
    }
    let _ = write!(
        text,
        "/* How an input is made of a cell of its column. First the number x:\n     \
         {upper}_PLAIN    x = value, in 32 bits; of yes and no 1 and 0\n     \
         {upper}_LOG      x = copysignf(log1pf(fabsf(value)), value)\n     \
         {upper}_CENTRED  x = (float)((value - centre) / scale), in 64 bits; dates are seconds since 1970\n     \
         {upper}_CODE     x = the number of the text in codes, or unknown if it is not there\n     \
         {upper}_ONE_HOT  x = 1 if the text is codes[0].text, otherwise 0\n   \
         Where there are quantiles, x becomes its place among them: -sqrt(3) for the first and less, sqrt(3) for the last and more,\n   \
         evenly between, linear from one to the next; several equal ones have the middle of their places.\n   \
         Then the input: (x - mean) / std, or 0 where std is 0.{missing} */\n\
         enum {{ {upper}_PLAIN, {upper}_LOG, {upper}_CENTRED, {upper}_CODE, {upper}_ONE_HOT }};\n\n\
         typedef struct {{ const char *text; float code; }} {prefix}_code;\n\n\
         typedef struct {{\n    const char *column;\n    int kind;\n    double centre, scale;\n    \
         const {prefix}_code *codes;\n    int code_count;\n    const float *quantiles;\n    int quantile_count;\n    \
         float unknown, mean, std;\n}} {prefix}_input;\n\n\
         {codes}static const {prefix}_input {prefix}_inputs[{}] = {{\n{steps}}};\n\n",
        inputs.features.len()
    );
    text
}

/// What the outputs say.
fn target(prefix: &str, target: &Target) -> String {
    match target {
        Target::Classes(classes) => strings(prefix, "classes", "The classes, by number.", classes),
        Target::Values(measures) => {
            let list: Vec<_> = measures.iter().map(|measure| measure.name.clone()).collect();
            let scales: Vec<_> =
                measures.iter().map(|Measure { mean, deviation, .. }| format!("{{{mean:?}, {deviation:?}}}")).collect();
            strings(prefix, "values", "The columns that are predicted.", &list)
                + &format!(
                    "/* A value in the unit of its column is offset + factor * output, in 64 bits. */\n\
                     typedef struct {{ double offset, factor; }} {prefix}_scale;\n\n\
                     static const {prefix}_scale {prefix}_scales[{}] = {{{}}};\n\n",
                    scales.len(),
                    scales.join(", ")
                )
        }
    }
}

/// The codes of texts, and a line for each input.
fn steps(prefix: &str, inputs: &Inputs) -> (String, String) {
    let upper = prefix.to_uppercase();
    let (mut tables, mut steps) = (String::new(), String::new());
    for (index, (column, feature)) in inputs.features.iter().enumerate() {
        let column = &inputs.columns[*column];
        let (mut kind, mut centred, mut codes, mut unknown) = ("PLAIN", (0.0, 1.0), Vec::new(), 0.0);
        match &feature.encoding {
            Encoding::Plain => {}
            Encoding::SignedLog => kind = "LOG",
            Encoding::Centred { centre, scale } => (kind, centred) = ("CENTRED", (*centre, *scale)),
            Encoding::OneHot { value } => (kind, codes) = ("ONE_HOT", vec![(&**value, 1.0)]),
            encoding => {
                if let Some(found) = Codes::of(encoding) {
                    (kind, codes, unknown) = ("CODE", found.texts, found.unknown);
                }
            }
        }
        let table = if codes.is_empty() { "0".into() } else { format!("{prefix}_codes_{index}") };
        if !codes.is_empty() {
            let list: Vec<_> =
                codes.iter().map(|(text, code)| format!("{{{}, {}}}", literal(text), c(*code))).collect();
            let _ = write!(
                tables,
                "/* `{}` */\nstatic const {prefix}_code {table}[{}] = {{{}}};\n\n",
                in_comment(column.name),
                codes.len(),
                list.join(", ")
            );
        }
        let (centre, scale) = centred;
        let mut quantiles = String::from("0");
        if !feature.quantiles.is_empty() {
            quantiles = format!("{prefix}_quantiles_{index}");
            tables += &floats(prefix, &format!("quantiles_{index}"), &feature.quantiles);
        }
        let _ = writeln!(
            steps,
            "    {{{}, {upper}_{kind}, {centre:?}, {scale:?}, {table}, {}, {quantiles}, {}, {}, {}, {}}},",
            literal(column.name),
            codes.len(),
            feature.quantiles.len(),
            c(unknown),
            c(feature.mean),
            c(feature.std)
        );
    }
    (tables, steps)
}

/// C would take some questions for trigraphs.
fn literal(text: &str) -> String {
    quoted(text).replace('?', "\\?")
}

fn strings(prefix: &str, name: &str, about: &str, texts: &[String]) -> String {
    let list: Vec<_> = texts.iter().map(|text| literal(text)).collect();
    format!("/* {about} */\nstatic const char *const {prefix}_{name}[{}] = {{{}}};\n\n", texts.len(), list.join(", "))
}

fn floats(prefix: &str, name: &str, values: &[f32]) -> String {
    let list: Vec<_> = values.iter().map(|value| c(*value)).collect();
    format!("static const float {prefix}_{name}[{}] = {{{}}};\n\n", values.len(), list.join(", "))
}
