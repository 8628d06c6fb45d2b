//! Steps by the gradient at a perturbed point, in a bowl where the closed form says where they lead.

use trainlet::core::params::{Init, Role};
use trainlet::core::size::Cost;
use trainlet::nn::loss::Mse;
use trainlet::nn::net::Model;
use trainlet::nn::pass::Pass;
use trainlet::nn::update::InPlaceUpdate;
use trainlet::optim::{Schedule, Sgd, SgdConfig};
use trainlet::train::{Ascent, Config, Fisher, Mask, NoMask, Sam, SingleStep, Sparsity, TopK};

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
fn a_single_pass_is_perturbed_by_the_gradient_of_the_step_before() {
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
