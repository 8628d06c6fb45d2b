//! Trained networks as ONNX: the whole way from raw rows to probabilities, with the weights as they are named and shaped in PyTorch.

mod builder;
mod layers;
mod others;
mod proto;
mod rows;
#[cfg(test)]
mod tests;

use prost::Message as _;
use trainlet::nn::loss::Task;
use trainlet_app::watch::EXERCISES;

use super::Trained;
use crate::data::preprocessing::Preparation;
use crate::data::{Measure, Target, watch};
use builder::Builder;
use layers::{Layers, Stream};
use proto::{Attribute, Entry, Model, OperatorSet, Type, ValueInfo};
use rows::Column;

/// The operators are those of this version, from 2022. Newer ones save nothing here, and fewer programs know them.
const OPSET: i64 = 17;
/// The version of the file's structure that goes with it.
const IR_VERSION: i64 = 8;

/// A network, or what was learnt about its data, that ONNX has no nodes for.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Refused {
    #[error("its part `{part}` does not say what it computes; give the type a `GRAPH` (trainlet::nn::graph)")]
    Unknown { part: String },
    #[error("its graph names a parameter `{leaf}`, which is not there or used twice; correct its `GRAPH`")]
    NoLeaf { leaf: String },
    #[error("its graph has no use for the parameter `{leaf}`; correct the `GRAPH` of the part that has it")]
    Unused { leaf: String },
    #[error("its part `{part}` takes {takes} and gets {gets}; correct the `GRAPH` of what is before it")]
    Shape { part: String, takes: String, gets: String },
    #[error(
        "the column `{column}` has integers beyond 2^53, which no number of a graph holds; leave it out with --drop"
    )]
    Integer { column: String },
}

/// A file with everything that is known.
///
/// # Errors
/// A part of the network does not say what it computes.
pub fn file(trained: &Trained) -> Result<Vec<u8>, Refused> {
    Ok(model(trained)?.encode_to_vec())
}

fn model(trained: &Trained) -> Result<Model, Refused> {
    let Trained { network, weights, preparation } = trained;
    let mut to = Builder::default();
    let (name, columns) = inputs(&mut to, trained)?;
    let mut layers = Layers::new(&mut to, weights);
    let x = layers.part(&network.graph, "", Stream { name, tokens: 1, channels: network.inputs })?;
    if let Some(leaf) = layers.unused() {
        return Err(Refused::Unused { leaf: leaf.into() });
    }
    Layers::check("output", network.outputs, x.tokens * x.channels)?;
    let target = preparation.as_ref().map(target);
    outputs(&mut to, &x, network.task, target.as_ref());
    to.graph.name = network.name.into();
    Ok(Model {
        ir_version: IR_VERSION,
        producer_name: "trainlet".into(),
        producer_version: env!("CARGO_PKG_VERSION").into(),
        doc_string: network.about.into(),
        graph: Some(to.graph),
        opset_import: vec![OperatorSet { domain: String::new(), version: OPSET }],
        metadata_props: metadata(network.name, columns.as_deref(), target.as_ref()),
    })
}

/// From what users have to the inputs of the network, `[batch][1][inputs]`, and the columns of a table.
fn inputs<'a>(to: &mut Builder, trained: &'a Trained) -> Result<(String, Option<Vec<Column<'a>>>), Refused> {
    let width = trained.network.inputs;
    let (x, columns) = match &trained.preparation {
        None => {
            to.graph.input.push(ValueInfo::batch("inputs", Type::Float, &[width], "samples as the network takes them"));
            ("inputs".into(), None)
        }
        Some(Preparation::Watch { mean, std }) => {
            let shape = [width / watch::AXES, watch::AXES];
            to.graph.input.push(ValueInfo::batch("rows", Type::Float, &shape, "frames in g and rad/s"));
            (rows::scaled(to, "rows", mean.to_vec(), std.to_vec()), None)
        }
        Some(Preparation::Table(transform)) => {
            let (x, columns) = rows::table(to, transform, width / transform.features.len().max(1))?;
            (x, Some(columns))
        }
    };
    let shape = to.list(&[0, 1, width as i64]);
    Ok((to.node("Reshape", &[&x, &shape], &[]), columns))
}

fn target(preparation: &Preparation) -> Target {
    match preparation {
        Preparation::Watch { .. } => Target::Classes(EXERCISES.map(String::from).into()),
        Preparation::Table(transform) => transform.label.target(),
    }
}

/// Logits, probabilities and the number of a class; or values in their units.
fn outputs(to: &mut Builder, x: &Stream, task: Task, target: Option<&Target>) {
    let width = x.tokens * x.channels;
    let flat = to.list(&[0, width as i64]);
    match task {
        Task::Classify { classes } => {
            let logits = to.output("logits", "Reshape", &[&x.name, &flat], &[]);
            to.graph.output.push(ValueInfo::batch("logits", Type::Float, &[width], "outputs of the network"));
            probabilities(to, &logits, width);
            let about = "probability of each class";
            to.graph.output.push(ValueInfo::batch("probabilities", Type::Float, &[classes], about));
            to.graph.output.push(ValueInfo::batch("class", Type::Int64, &[], "number of the class, from 0"));
        }
        Task::Regress { values } => {
            let outputs = to.node("Reshape", &[&x.name, &flat], &[]);
            in_units(to, &outputs, target);
            to.graph.output.push(ValueInfo::batch("values", Type::Float, &[values], "the values that are predicted"));
        }
    }
}

/// A single output is the logit of class 1 of two.
fn probabilities(to: &mut Builder, logits: &str, width: usize) {
    let axis = Attribute::int("axis", 1);
    let scores = if width == 1 {
        let other = to.node("Neg", &[logits], &[]);
        let both = to.node("Concat", &[&other, logits], std::slice::from_ref(&axis));
        to.output("probabilities", "Sigmoid", &[&both], &[]);
        both
    } else {
        to.output("probabilities", "Softmax", &[logits], std::slice::from_ref(&axis));
        logits.into()
    };
    to.output("class", "ArgMax", &[&scores], &[axis, Attribute::int("keepdims", 0)]);
}

fn in_units(to: &mut Builder, outputs: &str, target: Option<&Target>) {
    let measures = match target {
        Some(Target::Values(measures)) => &measures[..],
        _ => &[],
    };
    if measures.is_empty() {
        to.output("values", "Identity", &[outputs], &[]);
        return;
    }
    let of = |Measure { mean, deviation, .. }: &Measure| (*mean, *deviation);
    let (means, deviations): (Vec<_>, Vec<_>) = measures.iter().map(of).unzip();
    let [means, deviations] = [means, deviations].map(|values| to.doubles(&[values.len()], values));
    let wide = to.cast(outputs, Type::Double);
    let scaled = to.node("Mul", &[&wide, &deviations], &[]);
    let shifted = to.node("Add", &[&scaled, &means], &[]);
    to.output("values", "Cast", &[&shifted], &[Attribute::int("to", Type::Float as i64)]);
}

/// Texts beside the graph, JSON but for the name.
fn metadata(network: &str, columns: Option<&[Column]>, target: Option<&Target>) -> Vec<Entry> {
    let json = |value: serde_json::Value| value.to_string();
    let predicted = target.map(|target| match target {
        Target::Classes(classes) => ("classes", json(serde_json::json!(classes))),
        Target::Values(values) => {
            let names: Vec<_> = values.iter().map(|value| &value.name).collect();
            ("values", json(serde_json::json!(names)))
        }
    });
    let columns = columns.map(|columns| ("columns", json(serde_json::json!(columns))));
    let entries = [Some(("network", network.to_string())), columns, predicted].into_iter().flatten();
    entries.map(|(key, value)| Entry { key: key.into(), value }).collect()
}
