//! From raw rows to the inputs of a network, as nodes. Whatever a column holds, the graph takes a number for it: texts as the numbers
//! that [`Column`] lists.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Refused;
use super::builder::Builder;
use super::proto::{Attribute, Type, ValueInfo};
use crate::data::{Encoding, Feature, Transform};
use crate::export::inputs::{Codes, Inputs, Kind};

/// A column of the matrix that the graph takes.
#[derive(Debug, PartialEq, Serialize)]
pub struct Column<'a> {
    /// As the table has it.
    column: &'a str,
    /// What its numbers are.
    kind: &'static str,
    /// The number of each text.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    codes: BTreeMap<&'a str, f32>,
    /// The number of any other text.
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<f32>,
}

/// Nodes between raw rows and inputs, and the columns of the rows. A sample of `frames` rows has as many.
pub fn table<'a>(
    to: &mut Builder,
    transform: &'a Transform,
    frames: usize,
) -> Result<(String, Vec<Column<'a>>), Refused> {
    let inputs = Inputs::of(transform);
    if let Some(column) = inputs.columns.iter().find(|column| column.kind == Kind::Integer) {
        return Err(Refused::Integer { column: column.name.into() });
    }
    let is_wide = inputs.features.iter().any(|(_, feature)| matches!(feature.encoding, Encoding::Centred { .. }));
    let (kind, precision) = if is_wide { (Type::Double, "64") } else { (Type::Float, "32") };
    let shape = [frames, inputs.columns.len()];
    let shape = if transform.windowing.is_some() { &shape[..] } else { &shape[1..] };
    let about = format!("rows of the table in numbers of {precision} bits; the metadata `columns` say which");
    to.graph.input.push(ValueInfo::batch("rows", kind, shape, &about));
    let columns = columns(&inputs);
    let mut steps = Steps { to, features: inputs.features.iter().map(|(_, feature)| *feature).collect() };
    let mut x = steps.chosen("rows", inputs.features.iter().map(|(column, _)| *column));
    x = steps.centred(x, is_wide);
    x = steps.logarithm(x, is_wide);
    x = steps.one_hot(x, &columns, &inputs);
    x = steps.among_quantiles(x);
    x = steps.standardised(x);
    if inputs.optional {
        x = steps.without_missing(x);
    }
    Ok((x, columns))
}

fn columns<'a>(inputs: &Inputs<'a>) -> Vec<Column<'a>> {
    let describe = |(number, of): (usize, &crate::export::Column<'a>)| {
        let kind = match of.kind {
            Kind::Boolean => "1 for yes, 0 for no",
            Kind::Seconds => "seconds since 1970, or since midnight",
            Kind::Text => "the number of the text in codes, or unknown",
            Kind::Number | Kind::Wide | Kind::Integer => "the value",
        };
        let mut column = Column { column: of.name, kind, codes: BTreeMap::new(), unknown: None };
        for (_, feature) in inputs.features.iter().filter(|(column, _)| *column == number) {
            if let Encoding::OneHot { value } = &feature.encoding {
                let next = column.codes.len() as f32;
                column.codes.insert(value, next);
                column.unknown = Some(-1.0);
            } else if let Some(Codes { texts, unknown }) = Codes::of(&feature.encoding) {
                column.codes.extend(texts);
                column.unknown = Some(unknown);
            }
        }
        column
    };
    inputs.columns.iter().enumerate().map(describe).collect()
}

/// What is done to all inputs at once.
struct Steps<'b, 'a> {
    to: &'b mut Builder,
    features: Vec<&'a Feature>,
}

impl Steps<'_, '_> {
    /// The column of each input.
    fn chosen(&mut self, rows: &str, columns: impl Iterator<Item = usize>) -> String {
        let columns: Vec<i64> = columns.map(|column| column as i64).collect();
        let columns = self.to.list(&columns);
        self.to.node("Gather", &[rows, &columns], &[Attribute::int("axis", -1)])
    }

    fn centred(&mut self, x: String, is_wide: bool) -> String {
        if !is_wide {
            return x;
        }
        let of = |feature: &&Feature| match feature.encoding {
            Encoding::Centred { centre, scale } => (centre, scale),
            _ => (0.0, 1.0),
        };
        let (centres, scales): (Vec<_>, Vec<_>) = self.features.iter().map(of).unzip();
        let [centres, scales] = [centres, scales].map(|values| self.to.doubles(&[values.len()], values));
        let distance = self.to.node("Sub", &[&x, &centres], &[]);
        self.to.node("Div", &[&distance, &scales], &[])
    }

    /// sign(x) ln(1 + |x|), in 64 bits: there is no operator that is exact near 0.
    fn logarithm(&mut self, x: String, is_wide: bool) -> String {
        let mask: Vec<_> = self.features.iter().map(|feature| feature.encoding == Encoding::SignedLog).collect();
        if !mask.contains(&true) {
            return if is_wide { self.to.cast(&x, Type::Float) } else { x };
        }
        let wide = if is_wide { x } else { self.to.cast(&x, Type::Double) };
        let (size, sign) = (self.to.node("Abs", &[&wide], &[]), self.to.node("Sign", &[&wide], &[]));
        let one = self.to.doubles(&[], [1.0]);
        let sum = self.to.node("Add", &[&size, &one], &[]);
        let logarithm = self.to.node("Log", &[&sum], &[]);
        let signed = self.to.node("Mul", &[&sign, &logarithm], &[]);
        let chosen = self.where_(mask, &signed, &wide);
        self.to.cast(&chosen, Type::Float)
    }

    fn one_hot(&mut self, x: String, columns: &[Column], inputs: &Inputs) -> String {
        let code = |(column, feature): &(usize, &Feature)| match &feature.encoding {
            Encoding::OneHot { value } => columns[*column].codes.get(&**value).copied(),
            _ => None,
        };
        let codes: Vec<Option<f32>> = inputs.features.iter().map(code).collect();
        if codes.iter().all(Option::is_none) {
            return x;
        }
        let numbers = self.to.floats(&[codes.len()], codes.iter().map(|code| code.unwrap_or_default()));
        let equal = self.to.node("Equal", &[&x, &numbers], &[]);
        let equal = self.to.cast(&equal, Type::Float);
        self.where_(codes.iter().map(Option::is_some).collect(), &equal, &x)
    }

    /// The place among quantiles, as [`among_quantiles`](trainlet::data::among_quantiles) has it.
    fn among_quantiles(&mut self, x: String) -> String {
        let most = self.features.iter().map(|feature| feature.quantiles.len()).max().unwrap_or_default();
        if most == 0 {
            return x;
        }
        let padded = self.features.iter().flat_map(|feature| {
            let edges = feature.quantiles.iter().copied();
            edges.chain(std::iter::repeat(f32::INFINITY)).take(most)
        });
        let edges = self.to.floats(&[self.features.len(), most], padded);
        let last_axis = self.to.list(&[-1]);
        let column = self.to.node("Unsqueeze", &[&x, &last_axis], &[]);
        let below = self.to.node("Less", &[&edges, &column], &[]);
        let up_to = self.to.node("LessOrEqual", &[&edges, &column], &[]);
        let low = self.extreme("ReduceMax", &below, &edges, f32::NEG_INFINITY);
        let above = self.to.node("Greater", &[&edges, &column], &[]);
        let high = self.extreme("ReduceMin", &above, &edges, f32::INFINITY);
        let [below, up_to] = [below, up_to].map(|mask| self.counted(&mask, &last_axis));
        let place = self.place(&x, [&low, &high], [&below, &up_to]);
        // NaN, a missing value, stays what it is.
        let is_missing = self.to.node("IsNaN", &[&x], &[]);
        let place = self.to.node("Where", &[&is_missing, &x, &place], &[]);
        self.where_(self.features.iter().map(|feature| !feature.quantiles.is_empty()).collect(), &place, &x)
    }

    /// From the quantiles around a number, and how many are below it and up to it, to its place.
    fn place(&mut self, x: &str, [low, high]: [&str; 2], [below, up_to]: [&str; 2]) -> String {
        let counts: Vec<f32> = self.features.iter().map(|feature| feature.quantiles.len().max(2) as f32).collect();
        let width = [counts.len()];
        let last = self.to.floats(&width, counts.iter().map(|count| count - 1.0));
        let counts = self.to.floats(&width, counts);
        let [zero, half, one, two] = [0.0, 0.5, 1.0, 2.0].map(|value| self.to.float(value));
        let (way, gap) = (self.to.node("Sub", &[x, low], &[]), self.to.node("Sub", &[high, low], &[]));
        let share = self.to.node("Div", &[&way, &gap], &[]);
        let before = self.to.node("Sub", &[below, &one], &[]);
        let between = self.to.node("Add", &[&before, &share], &[]);
        let is_last = self.to.node("GreaterOrEqual", &[below, &counts], &[]);
        let between = self.to.node("Where", &[&is_last, &last, &between], &[]);
        let is_first = self.to.node("LessOrEqual", &[below, &zero], &[]);
        let between = self.to.node("Where", &[&is_first, &zero, &between], &[]);
        let sum = self.to.node("Add", &[&before, up_to], &[]);
        let middle = self.to.node("Mul", &[&sum, &half], &[]);
        let is_one = self.to.node("Greater", &[up_to, below], &[]);
        let place = self.to.node("Where", &[&is_one, &middle, &between], &[]);
        let place = self.to.node("Div", &[&place, &last], &[]);
        let place = self.to.node("Mul", &[&place, &two], &[]);
        let place = self.to.node("Sub", &[&place, &one], &[]);
        let reach = self.to.float(3f32.sqrt());
        self.to.node("Mul", &[&place, &reach], &[])
    }

    /// The largest or the smallest of the edges that are meant.
    fn extreme(&mut self, operator: &str, mask: &str, edges: &str, otherwise: f32) -> String {
        let otherwise = self.to.float(otherwise);
        let meant = self.to.node("Where", &[mask, edges, &otherwise], &[]);
        self.to.node(operator, &[&meant], &[Attribute::ints("axes", &[-1]), Attribute::int("keepdims", 0)])
    }

    fn counted(&mut self, mask: &str, axis: &str) -> String {
        let ones = self.to.cast(mask, Type::Float);
        self.to.node("ReduceSum", &[&ones, axis], &[Attribute::int("keepdims", 0)])
    }

    fn standardised(&mut self, x: String) -> String {
        let of = |feature: &&Feature| (feature.mean, feature.std);
        let (means, deviations): (Vec<_>, Vec<_>) = self.features.iter().map(of).unzip();
        let changes: Vec<bool> = deviations.iter().map(|deviation| *deviation > 0.0).collect();
        let x = scaled(self.to, &x, means, deviations.iter().map(|std| if *std > 0.0 { *std } else { 1.0 }).collect());
        if changes.iter().all(|changes| *changes) {
            return x;
        }
        let zero = self.to.float(0.0);
        self.where_(changes, &x, &zero)
    }

    /// A missing value counts as the mean.
    fn without_missing(&mut self, x: String) -> String {
        let is_missing = self.to.node("IsNaN", &[&x], &[]);
        let zero = self.to.float(0.0);
        self.to.node("Where", &[&is_missing, &zero, &x], &[])
    }

    fn where_(&mut self, mask: Vec<bool>, x: &str, otherwise: &str) -> String {
        let mask = self.to.mask(mask);
        self.to.node("Where", &[&mask, x, otherwise], &[])
    }
}

/// Standardised by columns.
pub fn scaled(to: &mut Builder, x: &str, means: Vec<f32>, deviations: Vec<f32>) -> String {
    let [means, deviations] = [means, deviations].map(|values| to.floats(&[values.len()], values));
    let centred = to.node("Sub", &[x, &means], &[]);
    to.node("Div", &[&centred, &deviations], &[])
}
