//! Stacks of blocks: arrays and tuples of blocks are blocks, one after the other on the same stream.

use super::{Block, max};
use crate::pass::Pass;

/// No block at all.
impl<const N: usize, const C: usize> Block<N, C> for () {
    const DEPTH: usize = 0;
    const SAVED: usize = 0;
    const SCRATCH: usize = 0;
    const INFER: usize = 0;
    const MACS: usize = 0;

    fn infer(&self, _: &mut [[f32; C]; N], _: &mut [f32]) {}
    fn forward(&self, _: &mut [[f32; C]; N], _: &mut [f32], _: &mut [f32], _: &Pass) {}
    fn backward(&self, _: &mut Self, _: &mut [[f32; C]; N], _: &mut [f32], _: &mut [f32], _: &Pass) {}
}

impl<const N: usize, const C: usize, const L: usize, B: Block<N, C>> Block<N, C> for [B; L] {
    const DEPTH: usize = L * B::DEPTH;
    const SAVED: usize = L * B::SAVED;
    const SCRATCH: usize = B::SCRATCH;
    const INFER: usize = B::INFER;
    const MACS: usize = L * B::MACS;

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
        grad: &mut Self,
        dx: &mut [[f32; C]; N],
        mut saved: &mut [f32],
        scratch: &mut [f32],
        pass: &Pass,
    ) {
        for (index, (block, grad)) in self.iter().zip(grad).enumerate().rev() {
            let Some((rest, own)) = saved.split_at_mut_checked(index * B::SAVED) else { return };
            block.backward(grad, dx, own, scratch, &pass.after(index * B::DEPTH));
            saved = rest;
        }
    }
}

macro_rules! block_of_tuple {
    ($($name:ident $index:tt),+; $($reversed:ident $reversed_index:tt),+) => {
        impl<const N: usize, const C: usize, $($name: Block<N, C>),+> Block<N, C> for ($($name,)+) {
            const DEPTH: usize = 0 $(+ $name::DEPTH)+;
            const SAVED: usize = 0 $(+ $name::SAVED)+;
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
                grad: &mut Self,
                dx: &mut [[f32; C]; N],
                saved: &mut [f32],
                scratch: &mut [f32],
                pass: &Pass,
            ) {
                let (mut rest, mut depth) = (saved, <Self as Block<N, C>>::DEPTH);
                $(
                    let start = rest.len() - $reversed::SAVED;
                    depth -= $reversed::DEPTH;
                    let Some((next, own)) = rest.split_at_mut_checked(start) else { return };
                    self.$reversed_index.backward(&mut grad.$reversed_index, dx, own, scratch, &pass.after(depth));
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
