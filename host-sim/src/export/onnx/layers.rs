//! What a network computes, part by part, as nodes.

use std::collections::BTreeMap;

use trainlet::nn::graph::Graph;
use trainlet::nn::layer::LayerNorm;

use super::Refused;
use super::builder::Builder;
use super::proto::Attribute;
use crate::networks::tree::Weights;

/// A value `[batch][tokens][channels]`.
#[derive(Clone, Debug)]
pub struct Stream {
    pub name: String,
    pub tokens: usize,
    pub channels: usize,
}

/// The same with other channels.
fn with_channels(name: String, channels: usize, x: &Stream) -> Stream {
    Stream { name, channels, ..*x }
}

/// The same with other tokens.
fn with_tokens(name: String, tokens: usize, x: &Stream) -> Stream {
    Stream { name, tokens, ..*x }
}

/// Writes parts of a network behind each other.
pub struct Layers<'a> {
    pub to: &'a mut Builder,
    /// Those that no part has used yet.
    unused: BTreeMap<&'a str, (&'a [usize], &'a [f32])>,
}

/// Where channels come before tokens.
const SWAPPED: [i64; 3] = [0, 2, 1];

impl<'a> Layers<'a> {
    pub fn new(to: &'a mut Builder, weights: &'a Weights) -> Self {
        let leaf = |(leaf, values)| -> (&'a str, (&'a [usize], &'a [f32])) {
            let leaf: &'a crate::networks::tree::Leaf = leaf;
            (&leaf.name, (&leaf.shape, values))
        };
        Self { to, unused: weights.iter().map(leaf).collect() }
    }

    /// The first parameter that no part has used.
    pub fn unused(&self) -> Option<&'a str> {
        self.unused.keys().next().copied()
    }

    /// A part whose parameters have names that begin with `path`.
    pub fn part(&mut self, part: &Graph, path: &str, x: Stream) -> Result<Stream, Refused> {
        Ok(match part {
            Graph::Unknown => return Err(Refused::Unknown { part: path.into() }),
            Graph::Sequence(parts) => parts.iter().try_fold(x, |x, part| self.part(part, path, x))?,
            Graph::List(elements) | Graph::Part(elements) => self.elements(elements, path, &mut 0, x)?,
            Graph::Named(name, part) => self.part(part, &join(path, name), x)?,
            Graph::Residual(part) => {
                let y = self.part(part, path, x.clone())?;
                self.add(&x, &y)
            }
            Graph::Coupled(first, second) => self.coupled([first, second], path, &x)?,
            Graph::Concatenation(parts) => {
                let outputs: Vec<_> =
                    parts.iter().map(|part| self.part(part, path, x.clone())).collect::<Result<_, _>>()?;
                self.side_by_side(&outputs)
            }
            Graph::Reshape { tokens, channels } => self.reshape(*tokens, *channels, x),
            Graph::Linear => self.linear(path, x)?,
            Graph::TokenLinear => self.token_linear(path, x)?,
            Graph::Conv { stride } => self.conv(path, *stride, x)?,
            Graph::DepthwiseConv => self.depthwise(path, x)?,
            Graph::LayerNorm => self.layer_norm(path, x)?,
            Graph::Lambda => self.lambda(path, &x)?,
            Graph::PiecewiseLinear => self.piecewise(path, &x)?,
            Graph::Scale(leaf) => self.with_leaf("Mul", path, leaf, x)?,
            Graph::Offset(leaf) => self.with_leaf("Add", path, leaf, x)?,
            Graph::Gelu => self.gelu(x),
            Graph::Tanh => Stream { name: self.to.node("Tanh", &[&x.name], &[]), ..x },
            Graph::Relu => Stream { name: self.to.node("Relu", &[&x.name], &[]), ..x },
            Graph::MaxOfThree => {
                let options = [("kernel_shape", &[3][..]), ("pads", &[1, 1])];
                let options = options.map(|(name, values)| Attribute::ints(name, values));
                self.along_tokens(x, |to, x| to.node("MaxPool", &[x], &options))
            }
            Graph::Statistics => self.statistics(&x),
            Graph::Mean => with_tokens(self.over_tokens("ReduceMean", &x.name), 1, &x),
        })
    }

    /// Elements of a list, numbered from `next` on.
    fn elements(&mut self, elements: &[Graph], path: &str, next: &mut usize, mut x: Stream) -> Result<Stream, Refused> {
        for element in elements {
            x = match element {
                Graph::Part(inner) => self.elements(inner, path, next, x)?,
                element => {
                    *next += 1;
                    self.part(element, &join(path, &(*next - 1).to_string()), x)?
                }
            };
        }
        Ok(x)
    }

    /// The value and the shape of a parameter, which is used nowhere else.
    pub fn leaf<const DIMENSIONS: usize>(
        &mut self,
        path: &str,
        leaf: &str,
    ) -> Result<(String, [usize; DIMENSIONS]), Refused> {
        let name = join(path, leaf);
        let Some((shape, values)) = self.unused.remove(&*name) else { return Err(Refused::NoLeaf { leaf: name }) };
        let Ok(lengths) = shape.try_into() else {
            return Err(Refused::Shape { part: name, takes: format!("{DIMENSIONS} axes"), gets: format!("{shape:?}") });
        };
        self.to.parameter(&name, shape, values);
        Ok((name, lengths))
    }

    /// Makes sure that a part gets what it takes.
    pub fn check(path: &str, takes: usize, gets: usize) -> Result<(), Refused> {
        let refused = || Refused::Shape { part: path.into(), takes: takes.to_string(), gets: gets.to_string() };
        (takes == gets).then_some(()).ok_or_else(refused)
    }

    pub fn transposed(&mut self, x: &str, axes: &[i64]) -> String {
        self.to.node("Transpose", &[x], &[Attribute::ints("perm", axes)])
    }

    fn add(&mut self, x: &Stream, y: &Stream) -> Stream {
        Stream { name: self.to.node("Add", &[&x.name, &y.name], &[]), ..x.clone() }
    }

    fn side_by_side(&mut self, parts: &[Stream]) -> Stream {
        let names: Vec<&str> = parts.iter().map(|part| &*part.name).collect();
        let name = self.to.node("Concat", &names, &[Attribute::int("axis", 2)]);
        let channels = parts.iter().map(|part| part.channels).sum();
        Stream { name, channels, tokens: parts.first().map_or(0, |part| part.tokens) }
    }

    fn coupled(&mut self, parts: [&Graph; 2], path: &str, x: &Stream) -> Result<Stream, Refused> {
        let half = x.channels / 2;
        let left = with_channels(self.to.slice(&x.name, 2, 0, half), half, x);
        let right = with_channels(self.to.slice(&x.name, 2, half, x.channels), half, x);
        let change = self.part(parts[0], path, right.clone())?;
        let left = self.add(&left, &change);
        let change = self.part(parts[1], path, left.clone())?;
        let right = self.add(&right, &change);
        Ok(self.side_by_side(&[left, right]))
    }

    fn reshape(&mut self, tokens: usize, channels: usize, x: Stream) -> Stream {
        if (x.tokens, x.channels) == (tokens, channels) {
            return x;
        }
        let mut name = x.name;
        let (there, wanted) = (x.tokens * x.channels, tokens * channels);
        if there < wanted {
            let flat = self.to.list(&[0, there as i64]);
            name = self.to.node("Reshape", &[&name, &flat], &[]);
            let zeros = self.to.list(&[0, 0, 0, (wanted - there) as i64]);
            name = self.to.node("Pad", &[&name, &zeros], &[]);
        }
        let shape = self.to.list(&[0, tokens as i64, channels as i64]);
        Stream { name: self.to.node("Reshape", &[&name, &shape], &[]), tokens, channels }
    }

    fn linear(&mut self, path: &str, x: Stream) -> Result<Stream, Refused> {
        let ((weight, [out, inputs]), (bias, [_])) = (self.leaf(path, "weight")?, self.leaf(path, "bias")?);
        Self::check(path, inputs, x.channels)?;
        let weight = self.transposed(&weight, &[1, 0]);
        let product = self.to.node("MatMul", &[&x.name, &weight], &[]);
        Ok(with_channels(self.to.node("Add", &[&product, &bias], &[]), out, &x))
    }

    fn token_linear(&mut self, path: &str, x: Stream) -> Result<Stream, Refused> {
        let ((weight, [out, inputs]), (bias, [_])) = (self.leaf(path, "weight")?, self.leaf(path, "bias")?);
        Self::check(path, inputs, x.tokens)?;
        let product = self.to.node("MatMul", &[&weight, &x.name], &[]);
        let axis = self.to.list(&[1]);
        let column = self.to.node("Unsqueeze", &[&bias, &axis], &[]);
        Ok(with_tokens(self.to.node("Add", &[&product, &column], &[]), out, &x))
    }

    fn layer_norm(&mut self, path: &str, x: Stream) -> Result<Stream, Refused> {
        let ((weight, [channels]), (bias, [_])) = (self.leaf(path, "weight")?, self.leaf(path, "bias")?);
        Self::check(path, channels, x.channels)?;
        let options = [Attribute::int("axis", -1), Attribute::float("epsilon", LayerNorm::<1>::EPSILON)];
        Ok(Stream { name: self.to.node("LayerNormalization", &[&x.name, &weight, &bias], &options), ..x })
    }

    fn with_leaf(&mut self, operator: &str, path: &str, leaf: &str, x: Stream) -> Result<Stream, Refused> {
        let name = if operator == "Mul" { self.leaf::<1>(path, leaf)?.0 } else { self.leaf::<2>(path, leaf)?.0 };
        Ok(Stream { name: self.to.node(operator, &[&x.name, &name], &[]), ..x })
    }

    /// x Φ(x); an operator of its own has only newer versions of ONNX.
    fn gelu(&mut self, x: Stream) -> Stream {
        let [half, one, root] = [0.5, 1.0, std::f32::consts::FRAC_1_SQRT_2].map(|value| self.to.float(value));
        let scaled = self.to.node("Mul", &[&x.name, &root], &[]);
        let erf = self.to.node("Erf", &[&scaled], &[]);
        let twice = self.to.node("Add", &[&erf, &one], &[]);
        let phi = self.to.node("Mul", &[&twice, &half], &[]);
        Stream { name: self.to.node("Mul", &[&x.name, &phi], &[]), ..x }
    }

    /// Kernels in ONNX's order on `[batch][channels][tokens]`.
    pub fn along_tokens(&mut self, x: Stream, f: impl FnOnce(&mut Builder, &str) -> String) -> Stream {
        let before = self.transposed(&x.name, &SWAPPED);
        let after = f(self.to, &before);
        Stream { name: self.transposed(&after, &SWAPPED), ..x }
    }

    /// One token of all, by a reduction.
    pub fn over_tokens(&mut self, operator: &str, x: &str) -> String {
        self.to.node(operator, &[x], &[Attribute::ints("axes", &[1])])
    }
}

/// The name of a part of `path`.
fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.into() } else { format!("{path}.{name}") }
}
