//! A pass in pieces gives the bit-identical weights of a pass at once.

use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose};
use trainlet::core::tensor::Tensor;
use trainlet::networks::Watch12x1;
use trainlet::nn::block::{AlterStage, ConvNextBlock, MixerBlock};
use trainlet::nn::head::{FlatHead, MeanHead};
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::PatchEmbedding;
use trainlet::optim::{Adam, AdamConfig, Schedule};
use trainlet::train::{Config, Trainer};

type Stem = PatchEmbedding<15, 3, 3, 6>;
type Mixer = MixerBlock<5, 6, 3, 7>;
type Array = Net<5, 6, Stem, [Mixer; 3], MeanHead<6, 4>>;
/// Stacks within stacks, and one without a block.
type Nested = Net<5, 6, Stem, ([Mixer; 2], (ConvNextBlock<6, 3, 8>, (), Mixer), [Mixer; 0]), FlatHead<5, 6, 4>>;
type Alter = Net<5, 6, Stem, AlterStage<ConvNextBlock<6, 3, 8>, Mixer, 5, 2, 1>, MeanHead<6, 4>>;
type Empty = Net<5, 6, Stem, (), MeanHead<6, 4>>;

fn config() -> Config<CrossEntropy, AdamConfig, true> {
    let config = Config::new(3, CrossEntropy::new(), AdamConfig::adam(), Schedule::constant(1e-2)).clipped(1.0);
    Config { dropout: Dropout { p: 0.2 }, stochastic_depth: StochasticDepth { p: 0.3 }, ..config }
}

fn sample<T: Tensor>(number: u32) -> T {
    let mut random = Key::new(1, Purpose::Order).child(u64::from(number)).stream();
    let mut sample = T::ZERO;
    sample.flat_mut().fill_with(|| 2.0 * random.uniform() - 1.0);
    sample
}

/// Two trainers of this model side by side, and the pieces that the second one's samples have.
macro_rules! same_bits {
    ($model:ty, $classes:expr, $pieces:expr) => {{
        type Own = Trainer<$model, CrossEntropy, Adam<[f32; <$model>::TRAINABLE]>, [f32; <$model>::ARENA]>;
        let [mut whole, mut cut] = [(); 2].map(|()| Box::new(Own::ZERO));
        whole.init(config()).unwrap();
        cut.init(config()).unwrap();
        for number in 0..12 {
            let (input, target) = (sample(number), number as usize % $classes);
            let expected = whole.accumulate(&input, &target, 0.5).unwrap();
            let mut pass = cut.in_pieces(&input, &target, 0.5);
            let mut pieces = 1;
            let loss = loop {
                if let Some(loss) = pass.advance().unwrap() {
                    break loss;
                }
                pieces += 1;
            };
            assert_eq!((loss, pieces), (expected, $pieces));
            assert_eq!(pass.advance(), Ok(Some(loss)), "there is nothing left to be done");
            drop(pass);
            assert_eq!(cut.gradient(), whole.gradient(), "sample {number}");
            if number % 2 == 1 {
                assert_eq!(cut.step(), whole.step());
            }
        }
        assert_eq!(cut.steps(), 6);
    }};
}

#[test]
fn pieces_end_in_the_same_bits() {
    same_bits!(Watch12x1, 7, 2 * 3);
    same_bits!(Array, 4, 2 * 5);
    same_bits!(Nested, 4, 2 * 6);
    same_bits!(Alter, 4, 2 * 7);
    same_bits!(Empty, 4, 2 * 2);
}

type Small = Trainer<Array, CrossEntropy, Adam<[f32; Array::TRAINABLE]>, [f32; Array::ARENA]>;

fn trainer() -> Box<Small> {
    let mut trainer = Box::new(Small::ZERO);
    trainer.init(config()).unwrap();
    trainer
}

/// As one that was never begun if its forward pass is not through; otherwise no step is made of half a gradient.
#[test]
fn a_sample_can_be_given_up() {
    for pieces in 0..2 * Array::PIECES {
        let [mut given_up, mut other] = [trainer(), trainer()];
        let (first, second) = (sample(1), sample(2));
        let mut pass = given_up.in_pieces(&first, &0, 1.0);
        (0..pieces).for_each(|_| assert_eq!(pass.advance(), Ok(None)));
        drop(pass);
        given_up.accumulate(&second, &1, 1.0).unwrap();
        other.accumulate(&second, &1, 1.0).unwrap();
        let [report, expected] = [given_up.step(), other.step()];
        if pieces < Array::PIECES {
            assert_eq!(report, expected);
        } else {
            assert!(!report.applied && given_up.skipped() == 1);
            // The step after that is one as any other.
            given_up.accumulate(&second, &1, 1.0).unwrap();
            assert!(given_up.step().applied);
        }
    }
}

#[test]
fn what_cannot_be_learnt_has_no_part_in_the_step() {
    let (good, mut broken) = (sample(1), sample::<[[f32; 3]; 15]>(2));
    broken[0][0] = f32::NAN;
    let [mut cut, mut whole] = [trainer(), trainer()];
    let learn = |trainer: &mut Small, input: &[[f32; 3]; 15], target: usize| {
        let mut pass = trainer.in_pieces(input, &target, 1.0);
        loop {
            match pass.advance() {
                Ok(None) => {}
                end => break end.map(|loss| loss.unwrap().is_finite()),
            }
        }
    };
    assert_eq!(learn(&mut cut, &good, 1), Ok(true));
    assert!(learn(&mut cut, &good, 4).is_err(), "there are four classes");
    assert_eq!(learn(&mut cut, &broken, 1), Ok(false));
    whole.accumulate(&good, &1, 1.0).unwrap();
    assert!(whole.accumulate(&good, &4, 1.0).is_err());
    whole.accumulate(&broken, &1, 1.0).unwrap();
    assert_eq!((cut.refused(), cut.gradient()), (1, whole.gradient()));
    assert_eq!(cut.step(), whole.step());
}
