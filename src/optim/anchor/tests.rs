use super::*;
use crate::core::params::{Init, Params, Role};
use crate::core::rng::{Key, Purpose};
use crate::nn::block::{Frozen, FrozenFirst};
use crate::nn::layer::Linear;
use std::boxed::Box;
use std::vec::Vec;

struct Scale<const N: usize> {
    scale: [f32; N],
}
crate::params! {
    [const N: usize] Scale<N> { scale: leaf(Role::Norm, [N], Init::Constant(0.75)) }
}

/// Leaves of all kinds of start, some of them not trained, longer than a piece and shorter.
type Tree = (Linear<9, 7>, Frozen<Linear<2, 3>>, FrozenFirst<Frozen<[Scale<3>; 2]>, [Linear<5, 8>; 2]>, Scale<70>);

const SEED: u64 = 11;

fn drawn() -> Box<Tree> {
    let mut tree = Box::new(Tree::ZERO);
    tree.init(Key::new(SEED, Purpose::Init));
    tree
}

/// All that an anchor hands out for weights that have moved, in parts that begin where pieces do.
fn handed_out<A: Anchor>(anchor: &mut A, in_blocks: bool) -> Vec<f32> {
    let mut found = Vec::new();
    let mut tree = drawn();
    anchor.begin();
    tree.walk_trained(&mut |leaf, weights, first| {
        weights.fill(9.0);
        let half = pieces(first, weights.len(), in_blocks).next().unwrap().end;
        for part in [0..half, half..weights.len()] {
            let (start, mut end) = (first + part.start, first + part.start);
            anchor.compare(leaf, &mut weights[part], start, in_blocks, &mut |places, weights, values| {
                assert_eq!((places.len(), places.len(), places.start), (weights.len(), values.len(), end));
                assert!(weights.iter().all(|w| *w == 9.0) && places.len() <= 32);
                end = places.end;
                found.extend_from_slice(values);
            });
        }
    });
    found
}

#[test]
fn every_anchor_has_the_weights_of_the_start() {
    let mut expected = Vec::new();
    let mut tree = drawn();
    tree.walk_trained(&mut |_, values, _| expected.extend_from_slice(values));
    assert_eq!(expected.len(), Tree::TRAINABLE);

    let mut redrawn = Redrawn::<Tree>::ZERO;
    redrawn.init(Seed(SEED));
    let mut stored = Stored::<Tree>::ZERO;
    stored.init(StoredWeights(Box::leak(drawn())));
    let mut copied = Copied::<[f32; Tree::TRAINABLE]>::ZERO;
    copied.init(());
    copied.begin();
    tree.walk_trained(&mut |leaf, weights, first| copied.compare(leaf, weights, first, false, &mut |_, _, _| {}));
    for in_blocks in [false, true] {
        assert_eq!(handed_out(&mut redrawn, in_blocks), expected);
        assert_eq!(handed_out(&mut stored, in_blocks), expected);
        assert_eq!(handed_out(&mut copied, in_blocks), expected);
    }
    assert_eq!([size_of_val(&redrawn), size_of_val(&stored)], [8, size_of::<usize>()]);
}
