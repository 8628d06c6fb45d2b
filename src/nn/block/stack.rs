//! Stacks of blocks: arrays and tuples of blocks are blocks, one after the other on the same stream.

use super::Block;
use crate::core::layout::{split_at, split_last};
use crate::core::params::Params;
use crate::core::size::Cost;
use crate::nn::graph::Graph;
use crate::nn::pass::Pass;
use crate::nn::update::InPlaceUpdate;

/// No block at all.
impl<const N: usize, const C: usize> Block<N, C> for () {
    const COST: Cost = Cost::ZERO;
    const GRAPH: Graph = Graph::List(&[]);
    const PIECES: usize = 0;

    fn infer(&self, _: &mut [[f32; C]; N], _: &mut [f32]) {}
    fn forward(&self, _: &mut [[f32; C]; N], _: &mut [f32], _: &mut [f32], _: &Pass) {}
    fn backward(&self, _: &mut [f32], _: &mut [[f32; C]; N], _: &mut [f32], _: &mut [f32], _: &Pass) {}
}

impl<const N: usize, const C: usize, const L: usize, B: Block<N, C>> Block<N, C> for [B; L] {
    const COST: Cost = B::COST.times(L);
    const GRAPH: Graph = Graph::List(&[B::GRAPH; L]);
    const FROZEN: bool = B::FROZEN;
    const PIECES: usize = B::PIECES * L;

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        for block in self {
            block.infer(x, scratch);
        }
    }

    fn forward(&self, x: &mut [[f32; C]; N], mut saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        for (index, block) in self.iter().enumerate() {
            let (own, rest) = split_at(saved, B::COST.saved);
            block.forward(x, own, scratch, &pass.after(index * B::COST.depth));
            saved = rest;
        }
    }

    fn backward(
        &self,
        mut grad: &mut [f32],
        dx: &mut [[f32; C]; N],
        mut saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        for (index, block) in self.iter().enumerate().rev() {
            let (rest, own) = split_at(saved, index * B::COST.saved);
            let (grad_rest, grad_own) = split_at(grad, index * B::TRAINABLE);
            block.backward(grad_own, dx, own, scratch, &pass.after(index * B::COST.depth));
            (saved, grad) = (rest, grad_rest);
        }
    }

    fn forward_piece(&self, piece: usize, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        let Some((index, block, piece)) = piece_of(self, piece) else { return };
        let own = part(saved, index, B::COST.saved);
        block.forward_piece(piece, x, own, scratch, &pass.after(index * B::COST.depth));
    }

    fn backward_piece(
        &self,
        piece: usize,
        grad: &mut [f32],
        dx: &mut [[f32; C]; N],
        saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        let Some((index, block, piece)) = piece_of(self, piece) else { return };
        let own = part(saved, index, B::COST.saved);
        let grad = part(grad, index, B::TRAINABLE);
        block.backward_piece(piece, grad, dx, own, scratch, &pass.after(index * B::COST.depth));
    }

    fn backward_update(
        &mut self,
        update: &mut InPlaceUpdate,
        dx: &mut [[f32; C]; N],
        mut saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        for (index, block) in self.iter_mut().enumerate().rev() {
            let (rest, own) = split_at(saved, index * B::COST.saved);
            block.backward_update(update, dx, own, scratch, &pass.after(index * B::COST.depth));
            saved = rest;
        }
    }
}

/// The block that a piece of the whole stack belongs to, and which of its own it is.
fn piece_of<const N: usize, const C: usize, B: Block<N, C>>(blocks: &[B], piece: usize) -> Option<(usize, &B, usize)> {
    let index = piece.checked_div(B::PIECES)?;
    Some((index, blocks.get(index)?, piece - index * B::PIECES))
}

/// One of several stretches of equal length.
fn part(values: &mut [f32], index: usize, length: usize) -> &mut [f32] {
    split_at(split_at(values, index * length).1, length).0
}

macro_rules! block_of_tuple {
    ($($name:ident $index:tt),+; $($reversed:ident $reversed_index:tt),+) => {
        impl<const N: usize, const C: usize, $($name: Block<N, C>),+> Block<N, C> for ($($name,)+) {
            const COST: Cost = {
                // Whether something before is trained.
                let mut trained = false;
                $(
                    assert!(
                        !($name::FROZEN && trained),
                        "a frozen block after one that is trained: freeze everything before it as well"
                    );
                    trained |= <$name as Params>::TRAINABLE > 0;
                )+
                let _ = trained;
                Cost::ZERO $(.then($name::COST))+
            };
            const GRAPH: Graph = Graph::List(&[$($name::GRAPH),+]);
            const FROZEN: bool = true $(&& $name::FROZEN)+;
            const PIECES: usize = 0 $(+ $name::PIECES)+;

            fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
                $(self.$index.infer(x, scratch);)+
            }

            fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
                let (mut rest, mut depth) = (saved, 0);
                $(
                    let (own, next) = split_at(rest, $name::COST.saved);
                    self.$index.forward(x, own, scratch, &pass.after(depth));
                    (rest, depth) = (next, depth + $name::COST.depth);
                )+
                let _ = (rest, depth);
            }

            fn backward(
                &self,
                grad: &mut [f32],
                dx: &mut [[f32; C]; N],
                saved: &mut [f32],
                scratch: &mut [f32],
                pass: &Pass,
            ) {
                let (mut rest, mut grad, mut depth) = (saved, grad, <Self as Block<N, C>>::COST.depth);
                $(
                    depth -= $reversed::COST.depth;
                    let (next, own) = split_last(rest, $reversed::COST.saved);
                    let (grad_next, grad_own) = split_last(grad, $reversed::TRAINABLE);
                    self.$reversed_index.backward(grad_own, dx, own, scratch, &pass.after(depth));
                    (rest, grad) = (next, grad_next);
                )+
                let _ = (rest, grad);
            }

            fn forward_piece(
                &self,
                piece: usize,
                x: &mut [[f32; C]; N],
                saved: &mut [f32],
                scratch: &mut [f32],
                pass: &Pass,
            ) {
                let (mut rest, mut depth, mut piece) = (saved, 0, piece);
                $(
                    let (own, next) = split_at(rest, $name::COST.saved);
                    if piece < $name::PIECES {
                        return self.$index.forward_piece(piece, x, own, scratch, &pass.after(depth));
                    }
                    (rest, depth, piece) = (next, depth + $name::COST.depth, piece - $name::PIECES);
                )+
                let _ = (rest, depth, piece);
            }

            fn backward_piece(
                &self,
                piece: usize,
                grad: &mut [f32],
                dx: &mut [[f32; C]; N],
                saved: &mut [f32],
                scratch: &mut [f32],
                pass: &Pass,
            ) {
                let (mut rest, mut grad, mut depth, mut piece) = (saved, grad, 0, piece);
                $(
                    let (own, next) = split_at(rest, $name::COST.saved);
                    let (grad_own, grad_next) = split_at(grad, $name::TRAINABLE);
                    if piece < $name::PIECES {
                        return self.$index.backward_piece(piece, grad_own, dx, own, scratch, &pass.after(depth));
                    }
                    (rest, grad) = (next, grad_next);
                    (depth, piece) = (depth + $name::COST.depth, piece - $name::PIECES);
                )+
                let _ = (rest, grad, depth, piece);
            }

            fn backward_update(
                &mut self,
                update: &mut InPlaceUpdate,
                dx: &mut [[f32; C]; N],
                saved: &mut [f32],
                scratch: &mut [f32],
                pass: &Pass,
            ) {
                let (mut rest, mut depth) = (saved, <Self as Block<N, C>>::COST.depth);
                $(
                    depth -= $reversed::COST.depth;
                    let (next, own) = split_last(rest, $reversed::COST.saved);
                    self.$reversed_index.backward_update(update, dx, own, scratch, &pass.after(depth));
                    rest = next;
                )+
                let _ = rest;
            }
        }
    };
}
block_of_tuple!(A 0; A 0);
block_of_tuple!(A 0, B 1; B 1, A 0);
block_of_tuple!(A 0, B 1, C1 2; C1 2, B 1, A 0);
block_of_tuple!(A 0, B 1, C1 2, D 3; D 3, C1 2, B 1, A 0);
block_of_tuple!(A 0, B 1, C1 2, D 3, E 4; E 4, D 3, C1 2, B 1, A 0);
block_of_tuple!(A 0, B 1, C1 2, D 3, E 4, F 5; F 5, E 4, D 3, C1 2, B 1, A 0);
