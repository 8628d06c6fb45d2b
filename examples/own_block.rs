//! A block of your own among the library's: every token hears the one before it. The network tells two knocks in a row from two knocks
//! apart, which a layer that looks at each time step by itself cannot do.
//!
//! docs/own-block.md explains each line of the block and proves its gradient.
#![cfg_attr(target_os = "none", no_std, no_main)]

#[macro_use]
mod entry;

use static_cell::ConstStaticCell;
use trainlet::core::layout::{front, tokens};
use trainlet::core::params::{Init, Params, Role};
use trainlet::core::rng::{Key, Purpose};
use trainlet::core::size::Cost;
use trainlet::nn::block::{Block, ChannelMixing, PreNormResidual};
use trainlet::nn::head::MeanHead;
use trainlet::nn::layer::{Activation, Tanh};
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::{Model, Net};
use trainlet::nn::pass::Pass;
use trainlet::nn::stem::PatchEmbedding;
use trainlet::optim::{Adam, AdamConfig, Schedule};
use trainlet::train::{Config, Trainer};

/// `y[n] = x[n] + gain ⊙ tanh(x[n - 1])`
struct Echo<const C: usize> {
    gain: [f32; C],
}

trainlet::params! {
    [const C: usize] Echo<C> {
        gain: leaf(Role::Weight, [C], Init::Constant(0.5)),
    }
}

impl<const N: usize, const C: usize> Block<N, C> for Echo<C> {
    const COST: Cost = Cost { saved: N * C, infer_scratch: N * C, depth: 1, ..Cost::of::<Self>() };

    fn infer(&self, x: &mut [[f32; C]; N], scratch: &mut [f32]) {
        let heard = front(scratch, N * C);
        Tanh::apply(x.as_flattened(), heard);
        for (x, heard) in x.iter_mut().skip(1).zip(tokens::<C>(heard)) {
            for ((x, heard), gain) in x.iter_mut().zip(heard).zip(&self.gain) {
                *x += gain * *heard;
            }
        }
    }

    fn forward(&self, x: &mut [[f32; C]; N], saved: &mut [f32], _: &mut [f32], _: &Pass) {
        self.infer(x, saved);
    }

    fn backward(&self, grad: &mut [f32], dx: &mut [[f32; C]; N], saved: &mut [f32], _: &mut [f32], _: &Pass) {
        let heard = tokens::<C>(saved);
        for n in 1..N {
            let (before, after) = dx.split_at_mut(n);
            let channels = before[n - 1].iter_mut().zip(&after[0]).zip(&heard[n - 1]);
            for (((before, here), heard), (gain, grad)) in channels.zip(self.gain.iter().zip(&mut *grad)) {
                *grad += *here * heard;
                *before += *here * gain * (1.0 - heard * heard);
            }
        }
    }
}

const STEPS: usize = 12;
/// The block of your own, then a perceptron with 12 hidden units along the 6 channels.
type Blocks = (Echo<6>, PreNormResidual<ChannelMixing<6, 12>, 6>);
type Knocks = Net<STEPS, 6, PatchEmbedding<STEPS, 1, 1, 6>, Blocks, MeanHead<6, 2>>;
type KnocksTrainer = Trainer<Knocks, CrossEntropy, Adam<[f32; Knocks::TRAINABLE]>, [f32; Knocks::ARENA]>;

static TRAINER: ConstStaticCell<KnocksTrainer> = ConstStaticCell::new(KnocksTrainer::ZERO);

const BATCH: u32 = 16;
const UPDATES: u32 = 400;

entry!(start);

fn start() {
    let trainer = TRAINER.take();
    say!("{} weights, {} bytes of RAM in all", Knocks::COUNT, KnocksTrainer::BUDGET.total);
    let schedule = Schedule::cosine(2e-2, 20, UPDATES);
    if let Err(error) = trainer.init(Config::new(1, CrossEntropy::new(), AdamConfig::adam(), schedule).clipped(1.0)) {
        return say!("{error}");
    }
    for update in 0..UPDATES {
        let mut loss = 0.0;
        for number in update * BATCH..(update + 1) * BATCH {
            let (window, class) = record(number);
            loss += trainer.accumulate(&window, &class, 1.0 / BATCH as f32).expect("the class is 0 or 1");
        }
        trainer.step();
        if update % 100 == 99 {
            say!("update {}: loss {:.4}", update + 1, loss / BATCH as f32);
        }
    }

    let right = (0..500).filter(|number| {
        let (window, class) = record(1_000_000 + number);
        let [apart, in_a_row] = trainer.predict(&window);
        (in_a_row > apart) == (class == 1)
    });
    let right = right.count();
    say!("new windows: {right} of 500 right");
    assert!(right > 480);
}

/// Recording number `number`, `[step][1]`: two knocks and noise. Class 1 if they come in a row.
fn record(number: u32) -> ([[f32; 1]; STEPS], usize) {
    let mut random = Key::new(6, Purpose::Order).child(u64::from(number)).stream();
    let class = random.below(2) as usize;
    let gap = if class == 1 { 1 } else { 2 + random.below(4) as usize };
    let first = random.below((STEPS - gap) as u32) as usize;
    let mut window = [[0.0]; STEPS];
    window.iter_mut().for_each(|[reading]| *reading = 0.4 * (random.uniform() - 0.5));
    for knock in [first, first + gap] {
        window[knock][0] += 1.0;
    }
    (window, class)
}
