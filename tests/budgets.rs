//! The stated lengths are the used ones: the arena's high-water mark, for every named network, and the parts of the
//! budget.

use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose};
use trainlet::core::tensor::Tensor;
use trainlet::networks::{Mlp42, Network, Watch12x1};
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Model;
use trainlet::nn::pass::Pass;
use trainlet::optim::{Adam, Momentum, Sgd};
use trainlet::train::{Online, Predictor, Trainer};

/// A bit pattern that no arithmetic produces.
const PAINT: u32 = 0x7fc0_dead;

/// One past the last painted-over value, and how many of those below were never written.
fn high_water(arena: &[f32]) -> (usize, usize) {
    let written = |value: &f32| value.to_bits() != PAINT;
    let mark = arena.iter().rposition(written).map_or(0, |last| last + 1);
    (mark, arena[..mark].iter().filter(|value| !written(value)).count())
}

fn uses_its_arena<M: Network>() {
    let mut weights = Box::new(M::ZERO);
    weights.init(Key::new(1, Purpose::Init));
    let (mut input, mut output) = (Box::new(M::Input::ZERO), M::Output::ZERO);
    input.flat_mut().fill(0.5);
    let paint = || vec![f32::from_bits(PAINT); M::ACTIVATIONS + 100];

    let mut arena = paint();
    weights.infer(&input, &mut output, &mut arena);
    assert_eq!(high_water(&arena), (M::INFER_ARENA, 0), "{}: evaluation", M::NAME);
    assert!(output.flat().iter().all(|y| y.is_finite()));

    let mut arena = paint();
    let key = Key::new(1, Purpose::Mask);
    let pass = Pass::new(Dropout { p: 0.1 }, StochasticDepth { p: 0.0 }, M::COST.depth as u32, key);
    weights.forward(&input, &mut output, &mut arena, &pass);
    weights.backward(&mut vec![0.0; M::TRAINABLE], &input, &output, &mut arena, &pass);
    assert_eq!(high_water(&arena), (M::ACTIVATIONS, 0), "{}: training", M::NAME);
    const { assert!(M::INFER_ARENA < M::ACTIVATIONS) }
}

fn on_a_large_stack(run: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(64 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn every_named_network_uses_its_arena_to_the_last_value() {
    on_a_large_stack(|| {
        macro_rules! each {
            ($($network:ty),+) => { $(uses_its_arena::<$network>();)+ };
        }
        trainlet::builtin!(each);
    });
}

fn adds_up<M: Network>() {
    type Of<M, O> = Trainer<M, <M as Network>::Loss, O, <M as Network>::Arena>;
    type OnlineOf<M, O> = Online<M, <M as Network>::Loss, O, <M as Network>::Online>;
    let word = size_of::<f32>();
    let trained = <M as Params>::TRAINABLE;
    for (budget, size, gradient, state) in [
        (Of::<M, Adam<M::F32>>::BUDGET, size_of::<Of<M, Adam<M::F32>>>(), trained, 8 * trained),
        (Of::<M, Adam<M::Bf16>>::BUDGET, size_of::<Of<M, Adam<M::Bf16>>>(), trained, 4 * trained),
        (Of::<M, Adam<M::Block8>>::BUDGET, size_of::<Of<M, Adam<M::Block8>>>(), trained, 66 * trained.div_ceil(32)),
        (Of::<M, Momentum<M::F32>>::BUDGET, size_of::<Of<M, Momentum<M::F32>>>(), trained, 4 * trained),
        (Of::<M, Sgd>::BUDGET, size_of::<Of<M, Sgd>>(), trained, 0),
        (OnlineOf::<M, Sgd>::BUDGET, size_of::<OnlineOf<M, Sgd>>(), M::COST.max_grad, 0),
        (
            OnlineOf::<M, Momentum<M::Bf16>>::BUDGET,
            size_of::<OnlineOf<M, Momentum<M::Bf16>>>(),
            M::COST.max_grad,
            2 * trained,
        ),
    ] {
        assert_eq!(budget.total, size, "{}", M::NAME);
        assert_eq!(budget.weights, word * M::COUNT);
        assert_eq!(budget.gradients, word * gradient);
        assert!(budget.optimizer >= state && budget.optimizer < state + 64, "{}: {budget:?}", M::NAME);
        assert_eq!(budget.stream + budget.saved + budget.scratch, word * M::ACTIVATIONS);
        assert!(budget.settings < 128, "{}: {}", M::NAME, budget.settings);
    }
    let predictor = Predictor::<M, M::Infer>::BUDGET;
    assert_eq!(predictor.total, size_of::<Predictor<M, M::Infer>>());
    assert_eq!(predictor.total, size_of::<usize>() + (4 * M::INFER_ARENA).next_multiple_of(size_of::<usize>()));
    assert_eq!(predictor.stream + predictor.scratch, 4 * M::INFER_ARENA);
}

#[test]
fn the_parts_of_a_budget_add_up_to_the_type() {
    macro_rules! each {
        ($($network:ty),+) => { $(adds_up::<$network>();)+ };
    }
    trainlet::builtin!(each);
}

/// By hand: embedding, token mixing, channel mixing, head; the first product of a training pass has two thirds.
#[test]
fn multiply_accumulates_are_those_of_the_products() {
    let [embedding, mixing, head] = [16 * 6 * 12, 2 * 12 * 16 * 16 + 2 * 16 * 12 * 24, 12 * 7];
    assert_eq!(Watch12x1::COST.macs, embedding + mixing + head);
    assert_eq!(Watch12x1::COST.train_macs, 2 * embedding + 3 * (mixing + head));
    assert_eq!((Mlp42::COST.macs, Mlp42::COST.train_macs), (42 * 64 + 64 * 32 + 32, 2 * 42 * 64 + 3 * (64 * 32 + 32)));
}

/// The figures that the README states.
#[test]
fn the_default_network_fits_where_the_readme_says() {
    type Small = Trainer<Watch12x1, CrossEntropy, Adam<[f32; Watch12x1::TRAINABLE]>, [f32; Watch12x1::ARENA]>;
    const { assert!(Small::BUDGET.total < 32 * 1024) }
}

/// A program's `static` must not carry a copy of the trainer in flash.
#[test]
fn a_zero_trainer_is_all_zero_bits() {
    static ZERO: Trainer<Watch12x1, CrossEntropy, Adam<[f32; Watch12x1::TRAINABLE]>, [f32; Watch12x1::ARENA]> =
        Trainer::ZERO;
    let mut largest = 0.0f32;
    ZERO.weights.read(&mut |_, values| largest = values.iter().fold(largest, |most, w| most.max(w.abs())));
    assert_eq!((largest, ZERO.steps(), ZERO.skipped()), (0.0, 0, 0));
}
