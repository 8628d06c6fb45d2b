//! Steps by the gradient at a perturbed point: reference numbers, what they leave alone, and what cannot be done wrong.

mod common;

use common::{flat, tensor};
use trainlet::core::params::{Init, Params, Role};
use trainlet::core::size::Cost;
use trainlet::networks::Watch12x1 as Net;
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::{CrossEntropy, Mse};
use trainlet::nn::net::Model;
use trainlet::nn::pass::Pass;
use trainlet::nn::update::InPlaceUpdate;
use trainlet::optim::{Adam, AdamConfig, AverageConfig, Averaged, Schedule, Sgd, SgdConfig};
use trainlet::train::{
    Ascent, Config, Dynamic, DynamicConfig, Fisher, Mask, NoMask, Sam, SamError, SingleStep, Sparsity, TopK, Trainer,
};

/// The function ½(4a² + b²): its outputs 2a and b have it for their mean squared error.
struct Bowl {
    w: [f32; 2],
}
trainlet::params! {
    [] Bowl { w: leaf(Role::Weight, [2], Init::Constant(1.0)) }
}

impl Model for Bowl {
    type Input = ();
    type Output = [f32; 2];
    const STREAM: usize = 1;
    const COST: Cost = Cost::of::<Self>().with_macs(1, 2);

    fn infer(&self, (): &(), output: &mut [f32; 2], _: &mut [f32]) {
        *output = [2.0 * self.w[0], self.w[1]];
    }

    fn forward(&self, input: &(), output: &mut [f32; 2], arena: &mut [f32], _: &Pass) {
        self.infer(input, output, arena);
    }

    fn backward(&self, grad: &mut [f32], (): &(), doutput: &[f32; 2], _: &mut [f32], _: &Pass) {
        grad[0] += 2.0 * doutput[0];
        grad[1] += doutput[1];
    }

    fn backward_update(
        &mut self,
        update: &mut InPlaceUpdate,
        input: &(),
        doutput: &[f32; 2],
        arena: &mut [f32],
        pass: &Pass,
    ) {
        update.apply(self, |bowl, grad| bowl.backward(grad, input, doutput, arena, pass));
    }
}

fn descent() -> Config<Mse, SgdConfig> {
    Config::new(0, Mse, SgdConfig::default(), Schedule::constant(0.1))
}

fn near(got: [f32; 2], expected: [f32; 2]) {
    for (got, expected) in got.iter().zip(expected) {
        assert!((got - expected).abs() < 2e-7, "{got} instead of {expected}");
    }
}

/// One step in the bowl: the gradient that counted, and the weights after.
fn in_the_bowl<S: Mask>(ascent: Ascent, mask: S::Config) -> ([f32; 2], [f32; 2]) {
    let mut trainer = Sam::<Bowl, Mse, Sgd, [f32; Bowl::ARENA], [f32; 2], S>::ZERO;
    trainer.init(descent(), ascent, mask).unwrap();
    trainer.accumulate(&(), &[0.0; 2], 1.0).unwrap();
    let norm = trainer.perturb().unwrap();
    assert!((norm - 17_f32.sqrt()).abs() < 1e-6);
    trainer.accumulate(&(), &[0.0; 2], 1.0).unwrap();
    let gradient = trainer.gradient().try_into().unwrap();
    assert!(trainer.step().unwrap().applied);
    (gradient, trainer.weights().w)
}

#[test]
fn sam_goes_where_the_closed_form_says() {
    let (gradient, weights) = in_the_bowl::<NoMask>(Ascent::sam(0.05), ());
    near(gradient, [4.194_028_5, 1.012_126_8]);
    near(weights, [0.580_597_15, 0.898_787_3]);
}

#[test]
fn a_mask_leaves_the_norm_that_of_the_whole_gradient() {
    let (gradient, weights) = in_the_bowl::<TopK<[u32; 1]>>(Ascent::sam(0.05), Sparsity(0.5));
    near(gradient, [4.194_028_5, 1.0]);
    near(weights, [0.580_597_15, 0.9]);
}

/// ε = ρ w²g/‖wg‖: at w = (1, 1) that of SAM; at (½, 1), where g = (2, 1) and wg = (1, 1), ρ (½, 1)/√2.
#[test]
fn asam_weighs_by_the_weights() {
    let (gradient, _) = in_the_bowl::<NoMask>(Ascent::asam(0.05), ());
    near(gradient, [4.194_028_5, 1.012_126_8]);
    let mut trainer = Sam::<Bowl, Mse, Sgd, [f32; Bowl::ARENA], [f32; 2]>::ZERO;
    trainer.init(descent(), Ascent::asam(0.1), ()).unwrap();
    trainer.weights_mut().w = [0.5, 1.0];
    trainer.accumulate(&(), &[0.0; 2], 1.0).unwrap();
    let norm = trainer.perturb().unwrap();
    assert!((norm - 5_f32.sqrt()).abs() < 1e-6, "that of g, not of wg: {norm}");
    near(trainer.weights().w, [0.5 + 0.1 * 0.5 / 2_f32.sqrt(), 1.0 + 0.1 / 2_f32.sqrt()]);
}

#[test]
fn a_single_pass_climbs_by_the_gradient_of_the_step_before() {
    let mut trainer = SingleStep::<Bowl, Mse, Sgd, [f32; Bowl::ARENA], [f32; 2]>::ZERO;
    trainer.init(descent(), Ascent::sam(0.05)).unwrap();
    let steps = [
        ([1.0, 1.0], [0.6, 0.9]),
        ([0.6 + 0.048_507_13, 0.9 + 0.012_126_78], [0.340_597_15, 0.808_787_32]),
        ([0.340_597_15 + 0.047_168_96, 0.808_787_32 + 0.016_585_81], [0.185_490_71, 0.726_25]),
    ];
    for (up, down) in steps {
        let before = trainer.weights().w;
        trainer.accumulate(&(), &[0.0; 2], 1.0).unwrap();
        near(trainer.weights().w, up);
        assert_eq!(trainer.predict(&()), [2.0 * before[0], before[1]], "predictions are not up there");
        assert!(trainer.step().applied);
        near(trainer.weights().w, down);
    }
    let before = trainer.weights().w;
    assert!(!trainer.step().applied);
    trainer.accumulate(&(), &[0.0; 2], 1.0).unwrap();
    trainer.zero_grad();
    assert_eq!(trainer.weights().w, before);
    trainer.accumulate(&(), &[0.0; 2], 1.0).unwrap();
    assert_eq!(trainer.weights().w, before, "the gradient of the last step has been forgotten");
}

#[test]
fn fisher_moves_nothing_until_it_has_chosen() {
    let mut trainer = Sam::<Bowl, Mse, Sgd, [f32; Bowl::ARENA], [f32; 2], Fisher<[u32; 1]>>::ZERO;
    trainer.init(descent(), Ascent::sam(0.05), Sparsity(0.5)).unwrap();
    let mut step = || {
        trainer.accumulate(&(), &[0.0; 2], 1.0).unwrap();
        trainer.perturb().unwrap();
        let up = trainer.weights().w;
        trainer.accumulate(&(), &[0.0; 2], 1.0).unwrap();
        trainer.step().unwrap();
        trainer.observe(&(), &[0.0; 2]).unwrap();
        trainer.select();
        (up, trainer.weights().w)
    };
    let (up, down) = step();
    assert_eq!(up, [1.0; 2]);
    near(down, [0.6, 0.9]);
    let (up, _) = step();
    assert!(up[0] > down[0] && up[1] == down[1], "{up:?}");
}

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

/// Its first outputs after a step are not a number: a pass that only the first of two has.
#[test]
fn a_first_pass_that_is_not_finite_skips_the_step() {
    for (ascent, weights) in [(Ascent::sam(0.1), [1.0, 1e30]), (Ascent::asam(0.1), [1.0, 1e12])] {
        let mut trainer = Sam::<Bowl, Mse, Sgd, [f32; Bowl::ARENA], [f32; 2]>::ZERO;
        trainer.init(descent(), ascent, ()).unwrap();
        trainer.weights_mut().w = weights;
        // Far from its target the gradient is large, and weights times gradients are larger; then it is small.
        trainer.accumulate(&(), &[0.0; 2], 1.0).unwrap();
        trainer.perturb().unwrap();
        assert_eq!(trainer.weights().w, weights, "not moved");
        trainer.accumulate(&(), &[2.0, weights[1]], 1.0).unwrap();
        let report = trainer.step().unwrap();
        assert!(!report.applied && !report.grad_norm.is_finite(), "{report:?}");
        assert_eq!((trainer.steps(), trainer.skipped(), trainer.weights().w), (1, 1, weights));
        // It does not linger.
        trainer.weights_mut().w = [1.0; 2];
        trainer.accumulate(&(), &[0.0; 2], 1.0).unwrap();
        trainer.perturb().unwrap();
        trainer.accumulate(&(), &[0.0; 2], 1.0).unwrap();
        assert!(trainer.step().unwrap().applied);
    }
}

#[test]
fn a_refused_first_sample_leaves_a_single_step_where_it_was() {
    let run = |refused: usize| {
        let mut trainer = SingleStep::<Bowl, Mse, Sgd, [f32; Bowl::ARENA], [f32; 2]>::ZERO;
        trainer.init(descent(), Ascent::sam(0.05)).unwrap();
        for _ in 0..3 {
            let before = trainer.weights().w;
            for _ in 0..refused {
                trainer.accumulate(&(), &[f32::NAN; 2], 1.0).unwrap_err();
                assert_eq!(trainer.weights().w, before, "no sample waits for a step");
                assert!(!trainer.step().applied, "a step without a sample");
                assert_eq!(trainer.predict(&()), [2.0 * before[0], before[1]]);
            }
            trainer.accumulate(&(), &[0.0; 2], 1.0).unwrap();
            trainer.accumulate(&(), &[f32::NAN; 2], 1.0).unwrap_err();
            assert!(trainer.step().applied);
        }
        trainer.weights().w
    };
    assert_eq!(run(1), run(0));
    assert_eq!(run(2), run(0));
}
