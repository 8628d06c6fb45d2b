//! The graphs by themselves; that ONNX Runtime computes with them what host-sim does, `examples/exchange/test_onnx.py` shows.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message as _;
use trainlet::nn::graph::Graph;

use super::proto::{Model, Node};
use super::{Refused, Trained, file, model};
use crate::networks::tree::Weights;
use crate::networks::{self, Network};

/// Weights without a meaning, each of another value.
fn trained(network: &'static Network) -> Trained {
    let mut weights = Weights::zero(network.leaves().clone());
    (1..).zip(&mut weights.values).for_each(|(number, value)| *value = number as f32 / 1024.0);
    Trained { network, weights, preparation: None }
}

/// A network that says something else about itself.
fn with_graph(graph: Graph) -> Trained {
    let mut network = networks::find("mlp-42-64-32-1").unwrap().clone();
    network.graph = graph;
    trained(Box::leak(Box::new(network)))
}

#[test]
fn every_network_becomes_a_graph_that_is_whole_and_has_all_weights_by_name() {
    for network in networks::all() {
        let trained = trained(network);
        let bytes = file(&trained).unwrap();
        let model = Model::decode(&*bytes).unwrap();
        assert_eq!(model.encode_to_vec(), bytes, "{}", network.name);
        let graph = model.graph.unwrap();
        let mut known: BTreeSet<&str> = graph.input.iter().map(|input| &*input.name).collect();
        let mut numbers = BTreeMap::new();
        for tensor in &graph.initializer {
            assert!(known.insert(&tensor.name), "{}: two of {}", network.name, tensor.name);
            numbers.insert(&*tensor.name, tensor);
        }
        let mut used = BTreeSet::new();
        for node in &graph.node {
            used.extend(node.input.iter().map(|name| &**name));
            assert!(node.input.iter().all(|name| known.contains(&**name)), "{}: {node:?}", network.name);
            assert!(node.output.iter().all(|name| known.insert(name)), "{}: {node:?}", network.name);
        }
        assert!(graph.output.iter().all(|output| known.contains(&*output.name)));
        assert!(numbers.keys().all(|name| used.contains(name)), "{}: numbers that nothing uses", network.name);
        for (leaf, values) in trained.weights.iter() {
            let tensor = numbers[&*leaf.name];
            assert!(tensor.dims.iter().map(|length| *length as usize).eq(leaf.shape.iter().copied()), "{}", leaf.name);
            assert!(values.iter().flat_map(|value| value.to_le_bytes()).eq(tensor.raw_data.iter().copied()));
        }
    }
}

/// The whole of a small graph, as a reader of the file would draw it.
#[test]
fn a_perceptron_has_these_nodes() {
    let model = model(&trained(networks::find("mlp-42-64-32-1").unwrap())).unwrap();
    let line = |node: &Node| format!("{} {} -> {}", node.op_type, node.input.join(" "), node.output.join(" "));
    let lines: Vec<_> = model.graph.unwrap().node.iter().map(line).collect();
    assert_eq!(
        lines,
        [
            "Reshape inputs constant_0 -> Reshape_0",
            "Transpose embed.0.weight -> Transpose_1",
            "MatMul Reshape_0 Transpose_1 -> MatMul_2",
            "Add MatMul_2 embed.0.bias -> Add_3",
            "Relu Add_3 -> Relu_4",
            "Transpose embed.1.weight -> Transpose_5",
            "MatMul Relu_4 Transpose_5 -> MatMul_6",
            "Add MatMul_6 embed.1.bias -> Add_7",
            "Relu Add_7 -> Relu_8",
            "Transpose head.weight -> Transpose_9",
            "MatMul Relu_8 Transpose_9 -> MatMul_10",
            "Add MatMul_10 head.bias -> Add_11",
            "Reshape Add_11 constant_7 -> logits",
            "Neg logits -> Neg_13",
            "Concat Neg_13 logits -> Concat_14",
            "Sigmoid Concat_14 -> probabilities",
            "ArgMax Concat_14 -> class",
        ]
    );
}

#[test]
fn graphs_that_are_not_those_of_their_network_are_refused() {
    const LAYER: Graph = Graph::Named("0", &Graph::Linear);
    let refused = |graph| model(&with_graph(graph)).unwrap_err();
    let Refused::Unknown { part } = refused(Graph::Named("embed", &Graph::Unknown)) else { panic!() };
    assert_eq!(part, "embed");
    let Refused::NoLeaf { leaf } = refused(Graph::Named("embod", &LAYER)) else { panic!() };
    assert_eq!(leaf, "embod.0.weight");
    let Refused::Unused { leaf } = refused(Graph::Named("embed", &LAYER)) else { panic!() };
    assert_eq!(leaf, "embed.1.bias");
    let wrong = refused(Graph::Sequence(&[Graph::Reshape { tokens: 2, channels: 21 }, Graph::Named("embed", &LAYER)]));
    assert_eq!(wrong.to_string(), "its part `embed.0` takes 42 and gets 21; correct the `GRAPH` of what is before it");
}
