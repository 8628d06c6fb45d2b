//! Steps by the gradient at a perturbed point, of a network: what they leave alone, and what cannot be done wrong.

mod common;

use common::{flat, tensor};
use trainlet::core::params::Params;
use trainlet::networks::Watch12x1 as Net;
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Model;
use trainlet::optim::{Adam, AdamConfig, AverageConfig, Averaged, Schedule};
use trainlet::train::{
    Ascent, Config, Dynamic, DynamicConfig, Fisher, Mask, NoMask, Sam, SamError, SingleStep, Sparsity, TopK, Trainer,
};

type Whole = [f32; Net::TRAINABLE];
type Words = [u32; Net::TRAINABLE.div_ceil(32)];
type WatchAdam = Adam<Whole>;
type Plain<O> = Trainer<Net, CrossEntropy, O, [f32; Net::ARENA]>;
type Watch<S, K = Whole> = Sam<Net, CrossEntropy, WatchAdam, [f32; Net::ARENA], K, S>;
type Single = SingleStep<Net, CrossEntropy, WatchAdam, [f32; Net::ARENA], Whole>;

/// Everything random switched on.
fn config<O>(optimizer: O) -> Config<CrossEntropy, O, true> {
    let config = Config::new(5, CrossEntropy::new(), optimizer, Schedule::constant(1e-2)).clipped(0.5);
    Config { dropout: Dropout { p: 0.3 }, stochastic_depth: StochasticDepth { p: 0.5 }, ..config }
}

fn bits(weights: &Net) -> Vec<u32> {
    flat(weights).into_iter().map(|(_, weight)| weight.to_bits()).collect()
}

fn window(number: usize) -> (<Net as Model>::Input, usize) {
    (tensor(number as f64, 1.0), number % 7)
}

/// The samples of a step.
fn pass<S: Mask, K: trainlet::core::tensor::Tensor>(trainer: &mut Watch<S, K>, step: usize) {
    for (input, class) in (3 * step..3 * step + 3).map(window) {
        trainer.accumulate(&input, &class, 1.0 / 3.0).unwrap();
    }
}

/// With a way of no length, both gradients are one, mask for mask, and the run is that of a plain trainer to the last bit.
#[test]
fn both_passes_have_the_same_masks() {
    let (mut sam, mut single, mut plain) =
        (Box::new(Watch::<NoMask>::ZERO), Box::new(Single::ZERO), Box::new(Plain::<WatchAdam>::ZERO));
    sam.init(config(AdamConfig::adam()), Ascent::sam(0.0), ()).unwrap();
    single.init(config(AdamConfig::adam()), Ascent::sam(0.0)).unwrap();
    plain.init(config(AdamConfig::adam())).unwrap();
    for step in 0..10 {
        pass(&mut sam, step);
        let first = sam.gradient().to_vec();
        sam.perturb().unwrap();
        pass(&mut sam, step);
        assert_eq!(sam.gradient(), first, "step {step}");
        sam.step().unwrap();
        for (input, class) in (3 * step..3 * step + 3).map(window) {
            single.accumulate(&input, &class, 1.0 / 3.0).unwrap();
            plain.accumulate(&input, &class, 1.0 / 3.0).unwrap();
        }
        single.step();
        plain.step();
        assert_eq!(bits(sam.weights()), bits(&plain.weights), "step {step}");
        assert_eq!(bits(single.weights()), bits(&plain.weights), "step {step}");
    }
}

/// The weights come back to the bit from a far way, after which predictions are as before; as many are moved as the mask says.
fn comes_back<S: Mask, K: trainlet::core::tensor::Tensor>(ascent: Ascent, mask: S::Config, moved: usize) {
    let mut trainer = Box::new(Watch::<S, K>::ZERO);
    trainer.init(config(AdamConfig::adam()), ascent, mask).unwrap();
    for step in 0..4 {
        let before = bits(trainer.weights());
        let prediction = trainer.predict(&window(1).0);
        pass(&mut trainer, step);
        trainer.perturb().unwrap();
        let up = bits(trainer.weights());
        let changed = before.iter().zip(&up).filter(|(a, b)| a != b).count();
        // Some gradients are too small to change their weight.
        assert!(changed <= moved && changed * 10 >= moved * 9, "{changed} of {moved}");
        assert_eq!(trainer.predict(&window(1).0), prediction);
        assert_eq!(bits(trainer.weights()), up);
        pass(&mut trainer, step);
        trainer.zero_grad();
        assert_eq!(bits(trainer.weights()), before, "step {step}");
        pass(&mut trainer, step);
        trainer.perturb().unwrap();
        pass(&mut trainer, step);
        trainer.step().unwrap();
    }
}

#[test]
fn weights_come_back_to_the_bit() {
    const HALF: Sparsity = Sparsity(0.5);
    let dynamic = DynamicConfig { sparsity: HALF, every: 2, rate: 0.5, end: 10 };
    comes_back::<NoMask, Whole>(Ascent::sam(1e3), (), Net::TRAINABLE);
    comes_back::<NoMask, Whole>(Ascent::asam(1e4), (), Net::TRAINABLE);
    comes_back::<TopK<Words>, Whole>(Ascent::sam(1e3), HALF, 701);
    comes_back::<Dynamic<Words>, [f32; HALF.moved(Net::TRAINABLE)]>(Ascent::sam(1e3), dynamic, 701);
    comes_back::<Dynamic<Words>, Whole>(Ascent::sam(1e3), DynamicConfig { sparsity: Sparsity(0.2), ..dynamic }, 1122);
    // The room for copies is the limit.
    comes_back::<TopK<Words>, [f32; 100]>(Ascent::sam(1e3), HALF, 100);
}

#[test]
fn the_order_of_calls_is_looked_after() {
    let mut trainer = Box::new(Watch::<NoMask>::ZERO);
    trainer.init(config(AdamConfig::adam()), Ascent::sam(0.05), ()).unwrap();
    let before = bits(trainer.weights());
    assert_eq!(trainer.perturb(), Err(SamError::NoSamples));
    assert_eq!(trainer.step(), Err(SamError::NotPerturbed));
    pass(&mut trainer, 0);
    assert_eq!(trainer.step(), Err(SamError::NotPerturbed));
    trainer.perturb().unwrap();
    assert_eq!(trainer.perturb(), Err(SamError::AlreadyPerturbed));
    let (input, class) = window(0);
    trainer.accumulate(&input, &class, 1.0).unwrap();
    assert_eq!(trainer.step(), Err(SamError::OtherSamples { first: 3, second: 1 }));
    for number in [1, 2, 3] {
        let (input, class) = window(number);
        trainer.accumulate(&input, &class, 1.0).unwrap();
    }
    let misuse = trainer.step().unwrap_err();
    assert_eq!(misuse, SamError::OtherSamples { first: 3, second: 4 });
    assert!(misuse.to_string().contains("the first had 3 and the second has 4"), "{misuse}");
    trainer.zero_grad();
    assert_eq!((bits(trainer.weights()), trainer.steps()), (before, 0));
    pass(&mut trainer, 0);
    trainer.perturb().unwrap();
    pass(&mut trainer, 0);
    assert!(trainer.step().unwrap().applied && trainer.steps() == 1);
}

#[test]
fn a_gradient_that_is_not_finite_moves_nothing() {
    let mut trainer = Box::new(Watch::<NoMask>::ZERO);
    trainer.init(config(AdamConfig::adam()), Ascent::asam(0.05), ()).unwrap();
    let before = bits(trainer.weights());
    let pass = |trainer: &mut Watch<NoMask>| trainer.accumulate(&[[0.5; 6]; 16], &0, f32::INFINITY).unwrap();
    pass(&mut trainer);
    assert!(!trainer.perturb().unwrap().is_finite());
    assert_eq!(bits(trainer.weights()), before);
    pass(&mut trainer);
    assert!(!trainer.step().unwrap().applied);
    assert_eq!((bits(trainer.weights()), trainer.steps(), trainer.skipped()), (before, 1, 1));

    let mut trainer = Box::new(Single::ZERO);
    trainer.init(config(AdamConfig::adam()), Ascent::sam(0.05)).unwrap();
    trainer.accumulate(&[[0.5; 6]; 16], &0, f32::INFINITY).unwrap();
    assert!(!trainer.step().applied);
    let before = bits(trainer.weights());
    trainer.accumulate(&[[0.5; 6]; 16], &0, 1.0).unwrap();
    assert_eq!(bits(trainer.weights()), before, "nothing to perturb by");
    assert!(trainer.step().applied);
}

#[test]
fn a_budget_is_a_copy_and_a_bit_per_weight() {
    let plain = Plain::<WatchAdam>::BUDGET;
    assert_eq!((plain.copies, plain.total), (0, 30_472));
    assert_eq!(Watch::<NoMask>::BUDGET.total, size_of::<Watch<NoMask>>());
    assert_eq!(Watch::<NoMask>::BUDGET.copies, 4 * 1403);
    type Half = Watch<TopK<Words>, [f32; Sparsity(0.5).moved(Net::TRAINABLE)]>;
    assert_eq!(Half::BUDGET.total, size_of::<Half>());
    assert_eq!(Half::BUDGET.copies, 4 * 701 + 4 * 44);
    assert_eq!(Watch::<Dynamic<Words>>::BUDGET.copies, 4 * 1403 + 4 * 44);
    assert_eq!(Watch::<Fisher<Words>>::BUDGET.copies, 4 * 1403 + 4 * 44);
    assert_eq!((Single::BUDGET.copies, Single::BUDGET.total), (4 * 1403, size_of::<Single>()));
    let averaged = Plain::<Averaged<WatchAdam, Whole>>::BUDGET;
    assert_eq!((averaged.copies, averaged.total), (4 * 1403, size_of::<Plain<Averaged<WatchAdam, Whole>>>()));
    for budget in [plain, Watch::<NoMask>::BUDGET, Half::BUDGET, Single::BUDGET, averaged] {
        assert_eq!((budget.weights, budget.gradients, budget.total % 4), (plain.weights, plain.gradients, 0));
        assert!(budget.settings < 200, "{budget:?}");
    }
}

#[test]
fn the_average_predicts_and_the_weights_go_on() {
    let (mut averaged, mut plain) =
        (Box::new(Plain::<Averaged<WatchAdam, Whole>>::ZERO), Box::new(Plain::<WatchAdam>::ZERO));
    let (adam, average) = (AdamConfig::adam(), AverageConfig { gamma: 3.0 });
    averaged.init(config((adam, average))).unwrap();
    plain.init(config(adam)).unwrap();
    let probe = window(9).0;
    assert_eq!(averaged.predict(&probe), plain.predict(&probe), "without a step there is no average");
    let mut expected = vec![0.0_f32; Net::COUNT];
    for step in 0..10 {
        let (input, class) = window(step);
        averaged.accumulate(&input, &class, 1.0).unwrap();
        plain.accumulate(&input, &class, 1.0).unwrap();
        averaged.step();
        plain.step();
        assert_eq!(bits(&averaged.weights), bits(&plain.weights));
        let rest = 1.0 - (1.0 - 1.0 / (step + 1) as f64).powi(4);
        for (e, (_, w)) in expected.iter_mut().zip(flat(&plain.weights)) {
            *e += rest as f32 * (w - *e);
        }
    }
    let prediction = averaged.predict(&probe);
    assert_ne!(prediction, plain.predict(&probe));
    assert_eq!(bits(&averaged.weights), bits(&plain.weights), "a look at the average changes nothing");
    averaged.swap_average();
    for ((_, w), e) in flat(&averaged.weights).iter().zip(expected) {
        assert!((w - e).abs() < 1e-6, "{w} instead of {e}");
    }
    plain.weights = std::mem::replace(&mut averaged.weights, Net::ZERO);
    assert_eq!(plain.predict(&probe), prediction);
}
