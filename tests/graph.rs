//! What networks say that they compute names each of their parameters once.

use std::collections::BTreeSet;

use trainlet::networks::Family;
use trainlet::nn::block::{Checkpointed, ConvNextBlock, Frozen, FrozenFirst, MixerBlock, PreNormResidual, TokenMixing};
use trainlet::nn::graph::Graph;
use trainlet::nn::head::{FlatHead, MeanHead, ReconstructionHead};
use trainlet::nn::layer::Tanh;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::{ConvStem, DenseStem, PatchEmbedding, Positioned, Statistics};

/// Adds the names of the parameters of a part.
fn collect(part: &Graph, path: &str, names: &mut Vec<String>) {
    let mut leaves = |leaves: &[&str]| names.extend(leaves.iter().map(|leaf| format!("{path}{leaf}")));
    match part {
        Graph::Unknown => panic!("`{path}` does not say what it computes"),
        Graph::Linear | Graph::TokenLinear | Graph::Conv { .. } | Graph::DepthwiseConv => leaves(&["weight", "bias"]),
        Graph::LayerNorm | Graph::PiecewiseLinear => leaves(&["weight", "bias"]),
        Graph::Lambda => leaves(&["query", "key", "value", "position"]),
        Graph::Scale(leaf) | Graph::Offset(leaf) => leaves(&[leaf]),
        Graph::Named(name, part) => collect(part, &format!("{path}{name}."), names),
        Graph::Residual(part) => collect(part, path, names),
        Graph::Coupled(first, second) => [first, second].into_iter().for_each(|part| collect(part, path, names)),
        Graph::Sequence(parts) | Graph::Concatenation(parts) => {
            parts.iter().for_each(|part| collect(part, path, names));
        }
        Graph::List(elements) => {
            let mut next = 0;
            elements.iter().for_each(|element| number(element, path, &mut next, names));
        }
        Graph::Part(_) => panic!("`{path}` is a part of no list"),
        Graph::Reshape { .. } | Graph::Gelu | Graph::Tanh | Graph::Relu => {}
        Graph::MaxOfThree | Graph::Statistics | Graph::Mean => {}
    }
}

/// The same of an element of a list, or of several, which are numbered from `next` on.
fn number(element: &Graph, path: &str, next: &mut usize, names: &mut Vec<String>) {
    if let Graph::Part(elements) = element {
        elements.iter().for_each(|element| number(element, path, next, names));
    } else {
        collect(element, &format!("{path}{next}."), names);
        *next += 1;
    }
}

#[track_caller]
fn check<M: Model>() {
    let (mut said, mut there) = (Vec::new(), BTreeSet::new());
    collect(&M::GRAPH, "", &mut said);
    M::ZERO.read(&mut |leaf, _| assert!(there.insert(leaf.path.to_string())));
    assert_eq!(said.len(), there.len(), "{said:?}");
    assert_eq!(BTreeSet::from_iter(said), there);
}

#[track_caller]
fn check_family<F: Family>() {
    check::<F>();
    check::<F::KeepSlopes>();
    check::<F::Recompute>();
    check::<F::BlockInput>();
    check::<F::Checkpoint>();
    check::<F::LastBlock>();
    check::<F::Biases>();
    check::<F::Head>();
}

#[test]
fn all_networks_and_their_variants_name_each_parameter_once() {
    macro_rules! check_all {
        ($($network:ty),+) => {{ $(check_family::<$network>();)+ }};
    }
    // The largest does not fit the stack of a test in a build without optimisation.
    let large = std::thread::Builder::new().stack_size(64 << 20).spawn(|| trainlet::builtin!(check_all));
    large.unwrap().join().unwrap();
}

#[test]
fn parts_that_no_network_of_the_list_has_do_so_too() {
    type Blocks = (
        [ConvNextBlock<8, 3, 8, Tanh>; 2],
        FrozenFirst<Frozen<[MixerBlock<5, 8, 4, 4>; 1]>, [MixerBlock<5, 8, 4, 4>; 2]>,
    );
    check::<Net<5, 8, Positioned<ConvStem<9, 1, 3, 2, 8>, 5, 8>, Blocks, FlatHead<5, 8, 3>>>();
    check::<Net<1, 8, Statistics<DenseStem<18, 8, 8>, 3, 3>, (), ReconstructionHead<8, 3>>>();
    type Single = PreNormResidual<TokenMixing<5, 4>, 8>;
    check::<Net<5, 8, PatchEmbedding<9, 1, 2, 8>, Checkpointed<Single, 2, 3>, MeanHead<8, 3>>>();
}
