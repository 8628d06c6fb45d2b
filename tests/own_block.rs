//! A block that is not in the library: one file, one trait.

mod common;

use common::{check_gradient, tensor};
use trainlet::core::layout::tokens;
use trainlet::core::params::{Init, Params, Role};
use trainlet::core::size::Cost;
use trainlet::nn::block::{Block, MixerBlock};
use trainlet::nn::head::MeanHead;
use trainlet::nn::net::Net;
use trainlet::nn::pass::Pass;
use trainlet::nn::stem::PatchEmbedding;

/// `x + gain x[previous token]`: every token hears the one before it.
struct Echo<const C: usize> {
    gain: [f32; C],
}

trainlet::params! {
    [const C: usize] Echo<C> {
        gain: leaf(Role::Weight, [C], Init::Constant(0.1)),
    }
}

impl<const N: usize, const C: usize> Block<N, C> for Echo<C> {
    const COST: Cost = Cost { saved: N * C, depth: 1, ..Cost::of::<Self>() };

    fn infer(&self, x: &mut [[f32; C]; N], _: &mut [f32]) {
        for n in (1..N).rev() {
            let (earlier, later) = x.split_at_mut(n);
            for ((x, previous), gain) in later[0].iter_mut().zip(&earlier[n - 1]).zip(&self.gain) {
                *x += gain * previous;
            }
        }
    }

    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], scratch: &mut [f32], _: &Pass) {
        saved.copy_from_slice(x.as_flattened());
        self.infer(x, scratch);
    }

    fn backward(&self, grad: &mut [f32], dx: &mut [[f32; C]; N], saved: &mut [f32], _: &mut [f32], _: &Pass) {
        let input = tokens::<C>(saved);
        for n in 1..N {
            let (earlier, later) = dx.split_at_mut(n);
            for (c, dx) in later[0].iter().enumerate() {
                grad[c] += dx * input[n - 1][c];
                earlier[n - 1][c] += self.gain[c] * dx;
            }
        }
    }
}

#[test]
fn it_composes_with_the_librarys() {
    type Own = Net<5, 3, PatchEmbedding<5, 2, 1, 3>, (Echo<3>, [MixerBlock<5, 3, 4, 2>; 2], Echo<3>), MeanHead<3, 2>>;
    let mut names = Vec::new();
    Own::ZERO.read(&mut |leaf, _| names.push(leaf.path.to_string()));
    assert!(names.contains(&"blocks.0.gain".into()) && names.contains(&"blocks.1.1.channel_norm.bias".into()));
    check_gradient::<Own>(&tensor(0.1, 1.0), 0.1, 0.0);
}
