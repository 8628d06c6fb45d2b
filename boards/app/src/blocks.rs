//! Small networks of every kind of block, trained one after the other, so that a board can be compared with a desktop.

use static_cell::ConstStaticCell;
use trainlet::core::budget::assert_fits;
use trainlet::core::checksum::crc32;
use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose};
use trainlet::core::tensor::Tensor;
use trainlet::nn::block::{
    AlterStage, Checkpointed, ConvNextBlock, LambdaBlock, MixerBlock, ResNetBlock, ResNextBlock, Reversible,
    ReversibleBlock, SeparableBlock,
};
use trainlet::nn::head::{Downsampled, MeanHead};
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::{CrossEntropy, Loss};
use trainlet::nn::net::{Model, Net};
use trainlet::nn::stem::{ConvStem, InceptionStem, PatchEmbedding, Positioned};
use trainlet::optim::{Adam, AdamConfig, Optimizer, Schedule};
use trainlet::train::{Config, Trainer};

use crate::board::{Board, STACK};
use crate::report::line;

/// Any blocks on 7 tokens of 6 channels: sizes that fit no tile.
type Around<B> = Net<7, 6, PatchEmbedding<7, 2, 1, 6>, B, MeanHead<6, 3>>;
/// Any stem that makes 4 tokens of them.
type Halved<S> = Net<4, 6, S, MixerBlock<4, 6, 5, 9>, MeanHead<6, 3>>;
type Mixer = MixerBlock<7, 6, 5, 9>;
type Separable = SeparableBlock<6, 9, 5>;

macro_rules! networks {
    ($($cell:ident $name:literal = $model:ty;)+) => {
        $(static $cell: ConstStaticCell<Memory<$model, { <$model>::TRAINABLE }, { <$model>::ARENA }>> =
            ConstStaticCell::new(Memory::ZERO);)+

        /// Bytes of all of them.
        const RAM: usize = 0 $(+ size_of::<ConstStaticCell<Memory<$model, { <$model>::TRAINABLE }, { <$model>::ARENA }>>>())+;

        /// Trains each of them on its own memory.
        fn run_each<B: Board>(board: &mut B) {
            $(if let Some(memory) = $cell.try_take() {
                let crc = memory.train();
                line(board, format_args!("{}: CRC-32 {crc:08x}", $name));
            })+
        }

        /// The name of each, and the CRC-32 of the weights that it ends with, for a computer to compare.
        pub fn each(visit: &mut dyn FnMut(&str, u32)) {
            $(let mut memory = Memory::<$model, { <$model>::TRAINABLE }, { <$model>::ARENA }>::ZERO;
            visit($name, memory.train());)+
        }
    };
}

networks! {
    MIXER "mixer" = Around<[Mixer; 2]>;
    REVERSIBLE "reversible" = Around<Reversible<ReversibleBlock<7, 3, 4, 5>, 2>>;
    CONVNEXT "convnext" = Around<[ConvNextBlock<6, 3, 9>; 2]>;
    RESNET "resnet" = Around<[ResNetBlock<6, 3>; 2]>;
    RESNEXT "resnext" = Around<[ResNextBlock<6, 8, 2, 3>; 2]>;
    SEPARABLE "separable" = Around<[Separable; 2]>;
    CHECKPOINTED "separable, checkpointed" = Around<Checkpointed<Separable, 1, 2>>;
    ALTER "alter" = Around<AlterStage<Separable, Mixer, 4, 1, 2>>;
    LAMBDA "lambda" = Around<(LambdaBlock<7, 6, 2, 3, 3, 2, 13, 5>, LambdaBlock<7, 6, 3, 4, 2, 1, 3, 5>)>;
    INCEPTION "inception" = Halved<Positioned<InceptionStem<7, 2, 3, 2, 8, 2, 6>, 4, 6>>;
    OVERLAPPING "overlapping" = Halved<ConvStem<7, 2, 4, 2, 6>>;
    PYRAMID "pyramid" = Net<
        7, 6, PatchEmbedding<7, 2, 1, 6>, ConvNextBlock<6, 3, 9>,
        Downsampled<6, 4, 5, 2, [ConvNextBlock<5, 3, 6>; 1], MeanHead<5, 3>>,
    >;
}

/// Steps of each.
const STEPS: u32 = 100;
/// Samples per step.
const BATCH: u32 = 2;

/// A trainer and its sample.
struct Memory<M: Model, const TRAINABLE: usize, const ARENA: usize>
where
    CrossEntropy: Loss<M::Output>,
    Adam<[f32; TRAINABLE]>: Optimizer,
{
    trainer: Trainer<M, CrossEntropy, Adam<[f32; TRAINABLE]>, [f32; ARENA]>,
    input: M::Input,
}

impl<M, const TRAINABLE: usize, const ARENA: usize> Memory<M, TRAINABLE, ARENA>
where
    M: Model<Input: Tensor>,
    CrossEntropy: Loss<M::Output, Target = usize>,
{
    const ZERO: Self = Self { trainer: Trainer::ZERO, input: Tensor::ZERO };

    /// Makes all steps with dropout and stochastic depth, and gives the CRC-32 of the weights.
    fn train(&mut self) -> u32 {
        let Self { trainer, input } = self;
        let config =
            Config::new(7, CrossEntropy::new(), AdamConfig::adamw(0.01), Schedule::cosine(5e-3, STEPS / 10, STEPS));
        let (dropout, stochastic_depth) = (Dropout { p: 0.1 }, StochasticDepth { p: 0.2 });
        trainer.init(Config { dropout, stochastic_depth, ..config }.clipped(1.0));
        for index in 0..STEPS * BATCH {
            let mut random = Key::new(9, Purpose::Order).child(u64::from(index)).stream();
            input.flat_mut().iter_mut().for_each(|x| *x = 2.0 * random.uniform() - 1.0);
            let _ = trainer.accumulate(input, &(index as usize % 3), 1.0 / BATCH as f32);
            if index % BATCH == BATCH - 1 {
                trainer.step();
            }
        }
        crc32(&trainer.weights)
    }
}

/// Trains all of them and says what came of it.
pub fn run<B: Board>(board: &mut B) -> ! {
    const { assert_fits(RAM + STACK, B::RAM) };
    line(board, format_args!("trainlet blocks on {}, {STEPS} steps of {BATCH}, {RAM} bytes", B::NAME));
    run_each(board);
    board.exit();
    loop {
        core::hint::spin_loop();
    }
}
