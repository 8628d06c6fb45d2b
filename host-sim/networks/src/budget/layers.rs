//! About how many cycles each layer of a network takes, by what it computes.

use std::collections::BTreeMap;

use trainlet::nn::graph::Graph;

use super::boards::{Core, Effort};
use crate::Network;

/// A layer and what a sample takes there, forward and backward.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// The name of its parameters, or of the part that it belongs to and what it is.
    pub name: String,
    /// Cycles of a Cortex-M4F, an estimate.
    pub cycles: f64,
}

/// The layers of a network from inputs to outputs; `None` if a part of it does not say what it computes. Their cycles add up to those that
/// the [budget](Core::cycles) has for a sample.
pub fn layers(network: &Network) -> Option<Vec<Layer>> {
    let works = works(network)?;
    let all: f64 = works.iter().map(Work::cycles).sum();
    let total = Core::CortexM4F.cycles(network, Effort { macs: network.train_macs, updates: 0.0, moments: 0 });
    let mut layers: Vec<Layer> = Vec::new();
    for work in works {
        let cycles = total * work.cycles() / all;
        match layers.iter_mut().find(|layer| layer.name == work.name) {
            Some(layer) => layer.cycles += cycles,
            None => layers.push(Layer { name: work.name, cycles }),
        }
    }
    Some(layers)
}

/// What is computed in a layer, forward and backward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Multiply-accumulates of two matrices.
    Matrix,
    /// Of a matrix and a vector.
    Vector,
    /// Of a convolution, or of a function, of one channel each.
    Channel,
    /// Of queries, keys and values.
    Lambda,
    /// Values that go through a GELU or a hyperbolic tangent.
    Curve,
    /// Values that are normalised, 12 or 16 to a token: there is assembly for these.
    Norm,
    /// The same of other numbers.
    OtherNorm,
    /// Values that are added, compared or moved.
    Value,
}

/// A layer, how much of its kind there is, and how many values come out.
struct Work {
    name: String,
    kind: Kind,
    count: usize,
    values: usize,
}

/// Cycles of a Cortex-M4F for a value that comes out of products: it is put there, and its gradient is fetched.
const OUTPUT: f64 = 8.0;
/// The same for a layer, whatever it computes.
const LAYER: f64 = 400.0;

impl Kind {
    /// Cycles of a Cortex-M4F for each: fitted to the samples of the networks that were counted, beginning from the windows of `host-sim
    /// bench`.
    fn cycles(self) -> f64 {
        match self {
            Self::Matrix => 3.3,
            Self::Vector => 4.7,
            Self::Channel => 5.8,
            Self::Lambda => 6.2,
            Self::Curve => 76.0,
            Self::Norm => 38.0,
            Self::OtherNorm => 81.0,
            Self::Value => 17.0,
        }
    }

    fn is_product(self) -> bool {
        matches!(self, Self::Matrix | Self::Vector | Self::Channel | Self::Lambda)
    }
}

impl Work {
    fn cycles(&self) -> f64 {
        let outputs = if self.kind.is_product() { OUTPUT * self.values as f64 } else { 0.0 };
        self.kind.cycles() * self.count as f64 + outputs + LAYER
    }
}

/// `None` as for [`layers`].
fn works(network: &Network) -> Option<Vec<Work>> {
    let leaves = network.leaves();
    let shapes = leaves.iter().map(|leaf| (&*leaf.name, &*leaf.shape)).collect();
    let mut walk = Walk { shapes, works: Vec::new(), is_first: true, forwards: 1 };
    let stream = Stream { tokens: 1, channels: network.inputs };
    walk.part(&network.graph, "", stream)?;
    Some(walk.works)
}

/// The shape `[tokens][channels]` of what goes from one part to the next.
#[derive(Clone, Copy)]
struct Stream {
    tokens: usize,
    channels: usize,
}

impl Stream {
    fn len(self) -> usize {
        self.tokens * self.channels
    }
}

struct Walk<'a> {
    shapes: BTreeMap<&'a str, &'a [usize]>,
    works: Vec<Work>,
    /// Nobody needs the gradient of the inputs.
    is_first: bool,
    /// How many times a part is computed forward for each time backward.
    forwards: usize,
}

impl Walk<'_> {
    /// Writes down a part whose parameters have names that begin with `path`, and gives what comes out of it.
    fn part(&mut self, part: &Graph, path: &str, x: Stream) -> Option<Stream> {
        Some(match part {
            Graph::Unknown => return None,
            Graph::Sequence(parts) => parts.iter().try_fold(x, |x, part| self.part(part, path, x))?,
            Graph::List(elements) | Graph::Part(elements) => self.elements(elements, path, &mut 0, x)?,
            Graph::Named(name, part) => self.part(part, &join(path, name), x)?,
            Graph::Residual(part) => {
                self.part(part, path, x)?;
                self.moved(path, "sum", x)
            }
            Graph::Coupled(first, second) => self.coupled([first, second], path, x)?,
            Graph::Concatenation(parts) => self.side_by_side(parts, path, x)?,
            Graph::Reshape { tokens, channels } => Stream { tokens: *tokens, channels: *channels },
            Graph::Linear => {
                let &[out, inputs] = self.weight(path)? else { return None };
                self.products(path, matrix(x.tokens), x.tokens * out * inputs, Stream { channels: out, ..x })
            }
            Graph::TokenLinear => {
                let &[out, inputs] = self.weight(path)? else { return None };
                self.products(path, Kind::Matrix, x.channels * out * inputs, Stream { tokens: out, ..x })
            }
            Graph::Conv { stride } => {
                let &[out, taps, inputs] = self.weight(path)? else { return None };
                let y = Stream { tokens: x.tokens.div_ceil(*stride), channels: out };
                self.products(path, Kind::Matrix, y.len() * taps * inputs, y)
            }
            Graph::DepthwiseConv => {
                let &[taps, _] = self.weight(path)? else { return None };
                self.products(path, Kind::Channel, x.len() * taps, x)
            }
            Graph::PiecewiseLinear => {
                let &[_, bins, out] = self.weight(path)? else { return None };
                let y = Stream { channels: out, ..x };
                self.is_first = false;
                self.products(path, Kind::Channel, y.len() * bins, y)
            }
            Graph::Lambda => self.lambda(path, x)?,
            Graph::LayerNorm => {
                let kind = if matches!(x.channels, 12 | 16) { Kind::Norm } else { Kind::OtherNorm };
                self.add(path.into(), kind, x)
            }
            Graph::Gelu => self.curve(path, "GELU", x),
            Graph::Tanh => self.curve(path, "tanh", x),
            Graph::Relu => self.moved(path, "ReLU", x),
            Graph::Scale(leaf) | Graph::Offset(leaf) => self.moved(&join(path, leaf), "", x),
            Graph::MaxOfThree => self.moved(path, "maximum", x),
            Graph::Statistics => {
                self.moved(path, "statistics", x);
                Stream { tokens: x.channels, channels: 6 }
            }
            Graph::Mean => {
                self.moved(path, "mean", x);
                Stream { tokens: 1, ..x }
            }
        })
    }

    /// Elements of a list, numbered from `next` on.
    fn elements(&mut self, elements: &[Graph], path: &str, next: &mut usize, mut x: Stream) -> Option<Stream> {
        for element in elements {
            x = match element {
                Graph::Part(inner) => self.elements(inner, path, next, x)?,
                element => {
                    *next += 1;
                    self.part(element, &join(path, &(*next - 1).to_string()), x)?
                }
            };
        }
        Some(x)
    }

    /// Of halves. On the way back each is computed again for its inputs, and then for its gradients.
    fn coupled(&mut self, parts: [&Graph; 2], path: &str, x: Stream) -> Option<Stream> {
        let half = Stream { channels: x.channels / 2, ..x };
        self.forwards += 2;
        for part in parts {
            self.part(part, path, half)?;
        }
        self.forwards -= 2;
        Some(self.moved(path, "sum", x))
    }

    fn side_by_side(&mut self, parts: &[Graph], path: &str, x: Stream) -> Option<Stream> {
        let is_first = self.is_first;
        let mut y = Stream { channels: 0, ..x };
        for part in parts {
            self.is_first = is_first;
            let Stream { tokens, channels } = self.part(part, path, x)?;
            y = Stream { tokens, channels: y.channels + channels };
        }
        Some(y)
    }

    /// About as many as weights and positions have for each token.
    fn lambda(&mut self, path: &str, x: Stream) -> Option<Stream> {
        let count = |name: &str| self.shapes.get(&*join(path, name)).map(|shape| shape.iter().product::<usize>());
        let weights = count("query")? + count("key")? + count("value")? + count("position")?;
        let macs = x.tokens * weights;
        self.products(path, Kind::Lambda, macs, x);
        Some(x)
    }

    fn weight(&self, path: &str) -> Option<&[usize]> {
        self.shapes.get(&*join(path, "weight")).copied()
    }

    /// Forward, and backward for the weights and for the inputs.
    fn products(&mut self, path: &str, kind: Kind, macs: usize, y: Stream) -> Stream {
        let backward = if std::mem::take(&mut self.is_first) { 1 } else { 2 };
        self.works.push(Work { name: path.into(), kind, count: macs * (self.forwards + backward), values: y.len() });
        y
    }

    fn curve(&mut self, path: &str, what: &str, x: Stream) -> Stream {
        self.add(labelled(path, what), Kind::Curve, x)
    }

    fn moved(&mut self, path: &str, what: &str, x: Stream) -> Stream {
        self.add(labelled(path, what), Kind::Value, x)
    }

    /// Once forward and once backward for each value; as much of both again where it is computed again.
    fn add(&mut self, name: String, kind: Kind, x: Stream) -> Stream {
        let count = x.len() * self.forwards.div_ceil(2);
        self.works.push(Work { name, kind, count, values: x.len() });
        x
    }
}

/// A token alone is a vector.
fn matrix(tokens: usize) -> Kind {
    if tokens == 1 { Kind::Vector } else { Kind::Matrix }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.into() } else { format!("{path}.{name}") }
}

fn labelled(path: &str, what: &str) -> String {
    match (path, what) {
        ("", what) => what.into(),
        (path, "") => path.into(),
        (path, what) => format!("{path}: {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::counted::SAMPLES;
    use super::*;

    /// Of the networks in docs/speed.md and the others whose cycles were counted, by the kinds of work alone.
    #[test]
    fn the_work_takes_the_cycles_that_were_counted() {
        for (name, counted) in SAMPLES {
            let works = works(crate::find(name).unwrap()).unwrap();
            let share = works.iter().map(Work::cycles).sum::<f64>() / counted;
            assert!((0.9..=1.1).contains(&share), "{name}: {share} of {counted}");
        }
    }

    #[test]
    fn layers_add_up_to_the_budget_and_have_every_weight() {
        for network in crate::all() {
            let layers = layers(network).unwrap();
            let total = Core::CortexM4F.cycles(network, Effort { macs: network.train_macs, updates: 0.0, moments: 0 });
            let sum: f64 = layers.iter().map(|layer| layer.cycles).sum();
            assert!(
                (sum / total - 1.0).abs() < 1e-9 && layers.iter().all(|layer| layer.cycles > 0.0),
                "{}",
                network.name
            );
            for leaf in network.leaves().iter() {
                let belongs = |layer: &Layer| {
                    leaf.name.strip_prefix(&*layer.name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                };
                assert!(layers.iter().any(belongs), "{}: {}", network.name, leaf.name);
            }
        }
    }

    /// By hand: 16 tokens of 6 values to 12 channels, and backward for the weights alone.
    #[test]
    fn multiply_accumulates_are_those_of_the_network() {
        for name in ["watch-12x1", "flow-7x6", "watch-convnext", "watch-resnext", "alter-10", "notebook"] {
            let network = crate::find(name).unwrap();
            let works = works(network).unwrap();
            let macs = works.iter().filter(|work| work.kind.is_product()).map(|work| work.count).sum::<usize>();
            assert_eq!(macs, network.train_macs, "{name}");
        }
        let works = works(crate::find("watch-12x1").unwrap()).unwrap();
        assert_eq!((&*works[0].name, works[0].count, works[0].values), ("embed", 2 * 16 * 6 * 12, 16 * 12));
    }
}
