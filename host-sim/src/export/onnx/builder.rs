//! Puts nodes and numbers into a graph.

use super::proto::{Attribute, Graph, Node, Tensor, Type};

/// A graph that grows. Every value has a name of its own.
#[derive(Default)]
pub struct Builder {
    pub graph: Graph,
}

impl Builder {
    /// An operator on values; the name of what it gives.
    pub fn node(&mut self, operator: &str, inputs: &[&str], attributes: &[Attribute]) -> String {
        let name = format!("{operator}_{}", self.graph.node.len());
        self.graph.node.push(Node {
            input: inputs.iter().map(|input| input.to_string()).collect(),
            output: vec![name.clone()],
            name: name.clone(),
            op_type: operator.into(),
            attribute: attributes.into(),
        });
        name
    }

    /// The same, with the name that users know the value by.
    pub fn output(&mut self, name: &str, operator: &str, inputs: &[&str], attributes: &[Attribute]) -> String {
        self.node(operator, inputs, attributes);
        if let Some(node) = self.graph.node.last_mut() {
            node.output = vec![name.into()];
        }
        name.into()
    }

    /// Numbers by the name of a parameter.
    pub fn parameter(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.tensor(name.into(), Type::Float, shape, bytes);
    }

    /// Numbers that belong to an operator.
    pub fn floats(&mut self, shape: &[usize], values: impl IntoIterator<Item = f32>) -> String {
        self.constant(Type::Float, shape, values.into_iter().flat_map(f32::to_le_bytes).collect())
    }

    /// A number.
    pub fn float(&mut self, value: f32) -> String {
        self.floats(&[], [value])
    }

    /// Numbers of 64 bits.
    pub fn doubles(&mut self, shape: &[usize], values: impl IntoIterator<Item = f64>) -> String {
        self.constant(Type::Double, shape, values.into_iter().flat_map(f64::to_le_bytes).collect())
    }

    /// Whole numbers, a shape or a list of axes.
    pub fn ints(&mut self, shape: &[usize], values: impl IntoIterator<Item = i64>) -> String {
        self.constant(Type::Int64, shape, values.into_iter().flat_map(i64::to_le_bytes).collect())
    }

    /// A list of them.
    pub fn list(&mut self, values: &[i64]) -> String {
        self.ints(&[values.len()], values.iter().copied())
    }

    /// What is chosen.
    pub fn mask(&mut self, values: impl IntoIterator<Item = bool>) -> String {
        let bytes: Vec<u8> = values.into_iter().map(u8::from).collect();
        self.constant(Type::Bool, &[bytes.len()], bytes)
    }

    /// Some of the elements along an axis.
    pub fn slice(&mut self, x: &str, axis: i64, from: usize, to: usize) -> String {
        let [from, to, axis] = [from as i64, to as i64, axis].map(|value| self.list(&[value]));
        self.node("Slice", &[x, &from, &to, &axis], &[])
    }

    /// Numbers of another type.
    pub fn cast(&mut self, x: &str, to: Type) -> String {
        self.node("Cast", &[x], &[Attribute::int("to", to as i64)])
    }

    fn constant(&mut self, kind: Type, shape: &[usize], bytes: Vec<u8>) -> String {
        let name = format!("constant_{}", self.graph.initializer.len());
        self.tensor(name.clone(), kind, shape, bytes);
        name
    }

    fn tensor(&mut self, name: String, kind: Type, shape: &[usize], raw_data: Vec<u8>) {
        let dims = shape.iter().map(|length| *length as i64).collect();
        self.graph.initializer.push(Tensor { dims, data_type: kind as i32, name, raw_data });
    }
}
