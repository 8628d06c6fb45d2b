//! Stacks of blocks: arrays and tuples of blocks are blocks, one after the other on the same stream.

use super::{Block, max};
use crate::core::params::Params;
use crate::nn::pass::Pass;
use crate::nn::update::InPlaceUpdate;

/// No block at all.
impl<const N: usize, const C: usize> Block<N, C> for () {
    const DEPTH: usize = 0;
    const SAVED: usize = 0;
    const SCRATCH: usize = 0;
    const INFER: usize = 0;
    const MACS: usize = 0;

    fn infer(&self, _: &mut [[f32; C]; N], _: &mut [f32]) {}
    fn forward(&self, _: &mut [[f32; C]; N], _: &mut [f32], _: &mut [f32], _: &Pass) {}
    fn backward(&self, _: &mut [f32], _: &mut [[f32; C]; N], _: &mut [f32], _: &mut [f32], _: &Pass) {}
}

impl<const N: usize, const C: usize, const L: usize, B: Block<N, C>> Block<N, C> for [B; L] {
    const DEPTH: usize = L * B::DEPTH;
    const SAVED: usize = L * B::SAVED;
    const SCRATCH: usize = B::SCRATCH;
    const INFER: usize = B::INFER;
    const MACS: usize = L * B::MACS;
    const TRAIN_MACS: usize = L * B::TRAIN_MACS;
    const UNIT: usize = B::UNIT;
    const FROZEN: bool = B::FROZEN;

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        for block in self {
            block.infer(x, scratch);
        }
    }

    fn forward(&self, x: &mut [[f32; C]; N], mut saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
        for (index, block) in self.iter().enumerate() {
            let Some((own, rest)) = saved.split_at_mut_checked(B::SAVED) else { return };
            block.forward(x, own, scratch, &pass.after(index * B::DEPTH));
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
            let Some((rest, own)) = saved.split_at_mut_checked(index * B::SAVED) else { return };
            let Some((grad_rest, grad_own)) = grad.split_at_mut_checked(index * B::TRAINABLE) else { return };
            block.backward(grad_own, dx, own, scratch, &pass.after(index * B::DEPTH));
            (saved, grad) = (rest, grad_rest);
        }
    }

    fn backward_update(
        &mut self,
        updates: &mut InPlaceUpdate,
        dx: &mut [[f32; C]; N],
        mut saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        for (index, block) in self.iter_mut().enumerate().rev() {
            let Some((rest, own)) = saved.split_at_mut_checked(index * B::SAVED) else { return };
            block.backward_update(updates, dx, own, scratch, &pass.after(index * B::DEPTH));
            saved = rest;
        }
    }
}

/// What comes before the last values, and these.
fn split_last(values: &mut [f32], count: usize) -> Option<(&mut [f32], &mut [f32])> {
    values.split_at_mut_checked(values.len().checked_sub(count)?)
}

macro_rules! block_of_tuple {
    ($($name:ident $index:tt),+; $($reversed:ident $reversed_index:tt),+) => {
        impl<const N: usize, const C: usize, $($name: Block<N, C>),+> Block<N, C> for ($($name,)+) {
            const DEPTH: usize = 0 $(+ $name::DEPTH)+;
            const SAVED: usize = {
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
                0 $(+ $name::SAVED)+
            };
            const SCRATCH: usize = {
                let mut most = 0;
                $(most = max(most, $name::SCRATCH);)+
                most
            };
            const INFER: usize = {
                let mut most = 0;
                $(most = max(most, $name::INFER);)+
                most
            };
            const MACS: usize = 0 $(+ $name::MACS)+;
            const TRAIN_MACS: usize = 0 $(+ $name::TRAIN_MACS)+;
            const UNIT: usize = {
                let mut most = 0;
                $(most = max(most, $name::UNIT);)+
                most
            };
            const FROZEN: bool = true $(&& $name::FROZEN)+;

            fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
                $(self.$index.infer(x, scratch);)+
            }

            fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], pass: &Pass) {
                let (mut rest, mut depth) = (saved, 0);
                $(
                    let Some((own, next)) = rest.split_at_mut_checked($name::SAVED) else { return };
                    self.$index.forward(x, own, scratch, &pass.after(depth));
                    (rest, depth) = (next, depth + $name::DEPTH);
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
                let (mut rest, mut grad, mut depth) = (saved, grad, <Self as Block<N, C>>::DEPTH);
                $(
                    depth -= $reversed::DEPTH;
                    let Some((next, own)) = split_last(rest, $reversed::SAVED) else { return };
                    let Some((grad_next, grad_own)) = split_last(grad, $reversed::TRAINABLE) else { return };
                    self.$reversed_index.backward(grad_own, dx, own, scratch, &pass.after(depth));
                    (rest, grad) = (next, grad_next);
                )+
                let _ = (rest, grad);
            }

            fn backward_update(
                &mut self,
                updates: &mut InPlaceUpdate,
                dx: &mut [[f32; C]; N],
                saved: &mut [f32],
                scratch: &mut [f32],
                pass: &Pass,
            ) {
                let (mut rest, mut depth) = (saved, <Self as Block<N, C>>::DEPTH);
                $(
                    depth -= $reversed::DEPTH;
                    let Some((next, own)) = split_last(rest, $reversed::SAVED) else { return };
                    self.$reversed_index.backward_update(updates, dx, own, scratch, &pass.after(depth));
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
