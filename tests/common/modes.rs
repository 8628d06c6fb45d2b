//! What must hold of networks that differ only in what they keep, or in what of them is trained.

use trainlet::core::params::Params;
use trainlet::core::tensor::Tensor;
use trainlet::nn::block::{Frozen, FrozenFirst, MixerBlock};
use trainlet::nn::head::MeanHead;
use trainlet::nn::layer::{BitFit, Gelu};
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;

use super::{analytic, flat, named, parameters, pass, tensor};

/// `N` tokens, `C` channels and any blocks, with a stem and a head that are the same for all.
pub type Around<const N: usize, const C: usize, B> = Net<N, C, PatchEmbedding<N, 2, 1, C>, B, MeanHead<C, 3>>;
/// A block with odd sizes.
pub type Mixer<const N: usize, const C: usize, K, A = Gelu> = MixerBlock<N, C, 5, 3, A, K>;
/// `T` blocks behind `F` that are frozen.
pub type LastOf<const N: usize, const C: usize, const F: usize, const T: usize, K> =
    FrozenFirst<Frozen<[Mixer<N, C, K>; F]>, [Mixer<N, C, K>; T]>;
/// A block whose biases and normalisations alone are trained.
pub type BitFitMixer<const N: usize, const C: usize, K> = MixerBlock<N, C, 5, 3, Gelu, K, BitFit>;

/// Gradient and outputs of a training pass with everything random switched on, as bits, for several samples.
fn traces<M: Model<Input: Tensor>>() -> Vec<Vec<u32>> {
    let model = parameters::<M>(0.5);
    (0..6)
        .map(|sample| {
            let pass = pass(0.2, 0.5, M::COST.depth, sample);
            let input: M::Input = tensor(0.1 + sample as f64, 1.0);
            let mut output = M::Output::ZERO;
            model.forward(&input, &mut output, &mut vec![0.0; M::ACTIVATIONS], &pass);
            let gradient = analytic(&*model, &input, &tensor(0.6, 1.0), &pass);
            output.flat().iter().chain(&gradient).map(|value| value.to_bits()).collect()
        })
        .collect()
}

/// Evaluation too.
fn predictions<M: Model<Input: Tensor>>() -> Vec<u32> {
    let (model, mut output) = (parameters::<M>(0.5), M::Output::ZERO);
    model.infer(&tensor(0.1, 1.0), &mut output, &mut vec![0.0; M::INFER_ARENA]);
    output.flat().iter().map(|value| value.to_bits()).collect()
}

/// The name of every value.
pub fn names<M: Params>() -> Vec<String> {
    flat(&*Box::new(M::ZERO)).into_iter().map(|(name, _)| name).collect()
}

/// The same names, outputs and gradients to the last bit.
pub fn same<A: Model<Input: Tensor>, B: Model<Input: Tensor>>() {
    assert_eq!(names::<A>(), names::<B>());
    assert_eq!(predictions::<A>(), predictions::<B>());
    assert_eq!(traces::<A>(), traces::<B>());
}

/// What a mode saves is what its constants say, and none of it is there for nothing.
pub fn check_arena<M: Model<Input: Tensor>>() {
    check_arena_of(&*parameters::<M>(0.5));
}

/// The same of a model with these parameters.
pub fn check_arena_of<M: Model<Input: Tensor>>(model: &M) {
    const PAINT: u32 = 0x7fc0_dead;
    let written = |arena: &[f32]| arena.iter().map(|value| value.to_bits() != PAINT).collect::<Vec<_>>();
    let (input, mut output): (M::Input, _) = (tensor(0.1, 1.0), M::Output::ZERO);
    let check = |arena: &[f32], length: usize, what: &str| {
        let written = written(arena);
        assert!(written[..length].iter().all(|w| *w), "{what}: {written:?}");
        assert!(!written[length..].iter().any(|w| *w), "{what} needs more than it says");
    };
    let mut arena = vec![f32::from_bits(PAINT); M::ACTIVATIONS + 50];
    model.infer(&input, &mut output, &mut arena);
    check(&arena, M::INFER_ARENA, "evaluation");
    arena.fill(f32::from_bits(PAINT));
    let pass = pass(0.1, 0.0, M::COST.depth, 0);
    model.forward(&input, &mut output, &mut arena, &pass);
    model.backward(&mut vec![0.0; M::TRAINABLE], &input, &output, &mut arena, &pass);
    check(&arena, M::ACTIVATIONS, "training");
}

/// The gradient of a sample without anything random.
pub fn gradient<M: Model<Input: Tensor>>() -> Vec<(String, f32)> {
    let model = parameters::<M>(0.5);
    named(&*model, &analytic(&*model, &tensor(0.1, 1.0), &tensor(0.6, 1.0), &pass(0.0, 0.0, M::COST.depth, 0)))
}

/// The second network is the first with nothing but biases, norms and the head to train: the same gradient of these.
pub fn biases_only<All: Model<Input: Tensor>, Biases: Model<Input: Tensor>>() {
    let (all, biases) = (gradient::<All>(), gradient::<Biases>());
    assert!(!biases.is_empty() && biases.len() < all.len());
    let names: std::collections::BTreeSet<_> = biases.iter().map(|(name, _)| name.clone()).collect();
    assert!(
        names
            .iter()
            .filter(|name| name.contains("blocks"))
            .all(|name| !name.ends_with("weight") || name.contains("norm"))
    );
    let of_all: Vec<_> = all.into_iter().filter(|(name, _)| names.contains(name)).collect();
    assert_eq!(of_all, biases);
}
