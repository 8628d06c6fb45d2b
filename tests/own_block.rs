//! A block and a residual branch that are not in the library: one file, one trait each.

mod common;

use common::{check_gradient, tensor};
use trainlet::core::layout::{front, tokens};
use trainlet::core::params::{Init, Params, Role};
use trainlet::core::size::Cost;
use trainlet::nn::block::{Block, Branch, MixerBlock, Normed, PreNormResidual};
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

/// `gain u`: a residual branch, whose block and leaves have names of its own.
struct Gain<const C: usize> {
    gain: [f32; C],
}

trainlet::params! {
    [const C: usize] Gain<C> as ["own", "own_norm"] {
        gain: leaf(Role::Weight, [C], Init::Constant(0.1)),
    }
}

impl<const N: usize, const C: usize> Branch<N, C> for Gain<C> {
    const COST: Cost = Cost { scratch: N * C, ..Cost::of::<Self>() };

    fn infer(&self, u: &mut [[f32; C]], _: &mut [f32]) {
        for u in u {
            u.iter_mut().zip(&self.gain).for_each(|(u, gain)| *u *= gain);
        }
    }

    fn forward(&self, u: &mut [[f32; C]], _: &mut [f32], scratch: &mut [f32], _: &Pass) {
        Branch::<N, C>::infer(self, u, scratch);
    }

    fn backward(
        &self,
        grad: &mut [f32],
        u: &Normed<C>,
        dy: &mut [[f32; C]],
        _: &mut [f32],
        scratch: &mut [f32],
        _: &Pass,
    ) {
        let input = tokens::<C>(front(scratch, N * C));
        u.write_to(input);
        for (dy, u) in dy.iter_mut().zip(input) {
            for ((dy, u), (gain, grad)) in dy.iter_mut().zip(u).zip(self.gain.iter().zip(&mut *grad)) {
                *grad += *dy * *u;
                *dy *= gain;
            }
        }
    }
}

#[test]
fn a_branch_names_its_leaves_and_its_normalisation() {
    type Own = Net<5, 3, PatchEmbedding<5, 2, 1, 3>, [PreNormResidual<Gain<3>, 3>; 2], MeanHead<3, 2>>;
    let mut names = Vec::new();
    Own::ZERO.read(&mut |leaf, _| names.push(leaf.path.to_string()));
    assert!(names.contains(&"blocks.1.own.gain".into()) && names.contains(&"blocks.0.own_norm.bias".into()));
    check_gradient::<Own>(&tensor(0.1, 1.0), 0.0, 0.3);
}
