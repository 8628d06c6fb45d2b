//! Training samples per second, one thread: forward, backward, clipping and Adam, on random data of the real shape.

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use trainlet::core::rng::{Key, Purpose, Stream};
use trainlet::core::tensor::Tensor;
use trainlet::networks::{Family, Flow16x2, Network, Watch12x1};
use trainlet::nn::loss::Supervised;
use trainlet::optim::{Adam, AdamConfig, Schedule};
use trainlet::train::{Config, Trainer};

/// Samples per step, and steps per run.
const RUNS: [Run; 2] = [Run { batch: 32, steps: 300 }, Run { batch: 1, steps: 2000 }];

#[derive(Clone, Copy)]
struct Run {
    batch: usize,
    steps: usize,
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "batch {}", self.batch)
    }
}

fn main() {
    divan::main();
}

#[divan::bench(name = "flow-16x2", args = RUNS, sample_count = 5, sample_size = 1)]
fn flow_16x2(bencher: Bencher, run: Run) {
    train::<Flow16x2>(bencher, run);
}

#[divan::bench(name = "flow-16x2, slopes kept", args = RUNS, sample_count = 5, sample_size = 1)]
fn flow_16x2_with_slopes(bencher: Bencher, run: Run) {
    train::<<Flow16x2 as Family>::KeepSlopes>(bencher, run);
}

#[divan::bench(name = "watch-12x1", args = RUNS, sample_count = 5, sample_size = 1)]
fn watch_12x1(bencher: Bencher, run: Run) {
    train::<Watch12x1>(bencher, run);
}

#[divan::bench(name = "watch-12x1, slopes kept", args = RUNS, sample_count = 5, sample_size = 1)]
fn watch_12x1_with_slopes(bencher: Bencher, run: Run) {
    train::<<Watch12x1 as Family>::KeepSlopes>(bencher, run);
}

fn train<M: Network>(bencher: Bencher, Run { batch, steps }: Run) {
    let mut stream = Key::new(0, Purpose::Order).stream();
    let samples: Vec<_> = (0..batch * steps).map(|_| sample::<M>(&mut stream)).collect();
    let mut trainer = Box::new(Trainer::<M, M::Loss, Adam<M::F32>, M::Arena>::ZERO);
    let config = Config::new(0, M::LOSS, AdamConfig::adam(), Schedule::constant(5e-3)).clipped(1.0);
    bencher.counter(ItemsCount::new(samples.len())).bench_local(|| {
        trainer.init(config).unwrap();
        for batch in samples.chunks(batch) {
            let share = 1.0 / batch.len() as f32;
            for (input, class) in batch {
                trainer.accumulate(input, &M::Loss::target([*class as f32]), share).expect("a class of this network");
            }
            black_box(trainer.step());
        }
    });
}

fn sample<M: Network>(stream: &mut Stream) -> (M::Input, usize) {
    let mut input = M::Input::ZERO;
    input.flat_mut().fill_with(|| normal(stream));
    (input, stream.bits() as usize % <M::Loss as Supervised<M::Output>>::TASK.classes())
}

/// Of mean 0 and deviation 1, near enough to normal: the sum of 12 uniform numbers.
fn normal(stream: &mut Stream) -> f32 {
    (0..12).map(|_| stream.uniform()).sum::<f32>() - 6.0
}
