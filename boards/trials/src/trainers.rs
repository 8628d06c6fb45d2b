//! The trainers of the trials, as types.

use trainlet::core::params::Params as _;
use trainlet::extra::masked::Phases;
use trainlet::networks::{Network, Watch12x1};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Model as _;
use trainlet::optim::{Adam, Averaged, Noisy};
use trainlet::train::{NoMask, Online, Sam, SingleStep, Sparsity, Trainer};

pub(crate) type Batches<M, O> = Trainer<M, <M as Network>::Loss, O, <M as Network>::Arena>;
pub(crate) type Singles<M, O> = Online<M, <M as Network>::Loss, O, <M as Network>::Online>;
pub(crate) type F32<M> = <M as Network>::F32;
pub(crate) type Bf16<M> = <M as Network>::Bf16;
pub(crate) type Block8<M> = <M as Network>::Block8;

pub(crate) type Arena = [f32; Watch12x1::ARENA];
pub(crate) type Weights = [f32; Watch12x1::TRAINABLE];
pub(crate) type Bits = [u32; Watch12x1::TRAINABLE.div_ceil(32)];
/// As many copies as a mask of half the weights needs.
pub(crate) type Half = [f32; HALF.moved(Watch12x1::TRAINABLE)];
pub(crate) type AdamF32 = Adam<Weights>;
pub(crate) type Plain<O> = Trainer<Watch12x1, CrossEntropy, O, Arena>;
pub(crate) type TwoPasses<K, S> = Sam<Watch12x1, CrossEntropy, AdamF32, Arena, K, S>;
pub(crate) type OnePass = SingleStep<Watch12x1, CrossEntropy, AdamF32, Arena, Weights>;
pub(crate) type AllOfThem = Sam<Watch12x1, CrossEntropy, Averaged<Noisy<AdamF32>, Weights>, Arena, Weights, NoMask>;
pub(crate) type Both<P> = Phases<P, Watch12x1>;

pub(crate) const HALF: Sparsity = Sparsity(0.5);
