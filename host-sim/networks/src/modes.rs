//! The ways of training that a board can be asked to try, as figures; and the same on this computer.

use trainlet::checkpoint;
use trainlet::core::budget::Budget;
use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose};
use trainlet::networks::Family;
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::{LossOptions, Task};
use trainlet::nn::net::Model;
use trainlet::optim::{AdamConfig, LionConfig, MomentumConfig, Schedule, ScheduleFreeConfig, SgdConfig};
use trainlet::train::train_step;
use trainlet_trials::{BATCH, Kind, LIST, Trial, TrialState, VALUES, VisitTrial, visit};

use super::Network;
use super::learner::weights;
use super::optimizer::{Rule, StateName};
use super::settings::{LearnerSettings, Method, Part};
use super::stack::large;

/// A way of training a network.
#[derive(Clone, Copy, Debug)]
pub struct Mode {
    /// What is kept or trained, then the optimiser, then how its state is kept.
    pub name: &'static str,
    /// RAM of the trainer.
    pub budget: Budget,
    /// Bytes of the trainer, as a trial of a board reports them.
    pub bytes: usize,
    /// Bytes of all that the trial keeps in RAM.
    pub state: usize,
    /// Number of weights that are trained.
    pub trained: usize,
    /// Multiply-accumulates to learn from a sample.
    pub macs: usize,
    /// Samples that usually share an update.
    pub batch: u32,
}

/// Names of all modes.
pub fn names() -> impl Iterator<Item = &'static str> {
    LIST.iter().filter(|(kind, _)| *kind == Kind::Mode).map(|(_, name)| *name)
}

/// All that a network has.
pub fn modes<F: Family>() -> Vec<Mode> {
    let mut found = Found(Vec::new());
    visit::<F>(Kind::Mode, &mut found);
    found.0
}

struct Found(Vec<Mode>);

impl VisitTrial for Found {
    fn visit<T: Trial>(&mut self) {
        self.0.push(Mode {
            name: T::NAME,
            budget: TrialState::<T>::BUDGET,
            bytes: TrialState::<T>::BYTES,
            state: size_of::<TrialState<T>>(),
            trained: <T::Model as Params>::TRAINABLE,
            macs: <T::Model as Model>::COST.train_macs,
            batch: T::USUAL_BATCH,
        });
    }
}

/// How the names of modes begin that train a part of a network. What blocks keep makes no difference to the weights, so that here
/// they keep everything.
const PARTS: [(&str, Part); 3] = [("last-block-", Part::LastBlock), ("biases-", Part::Biases), ("head-", Part::Head)];

/// The settings of a mode of that name on a board, in a run of `steps` steps.
fn settings(mode: &str, steps: u32) -> LearnerSettings {
    let has = |part: &str| mode.contains(part);
    let part = PARTS.into_iter().find(|(start, _)| mode.starts_with(start)).map_or(Part::All, |(_, part)| part);
    let free = ScheduleFreeConfig::new();
    let (rule, rate) = if has("schedule-free-sgd") {
        (Rule::ScheduleFreeSgd(SgdConfig { weight_decay: 0.0 }, free), 2e-2)
    } else if has("schedule-free") {
        (Rule::ScheduleFree(AdamConfig::adamw(0.01), free), 5e-3)
    } else if has("momentum") {
        (Rule::Momentum(MomentumConfig::new(0.9)), 5e-3)
    } else if has("lion") {
        (Rule::Lion(LionConfig { weight_decay: 0.1, ..LionConfig::new() }), 5e-4)
    } else if has("sgd") {
        (Rule::Sgd(SgdConfig { weight_decay: 0.0 }), 2e-2)
    } else {
        (Rule::Adam(AdamConfig::adamw(0.01)), 5e-3)
    };
    let state = if has("bf16") {
        StateName::Bf16
    } else if has("8bit") {
        StateName::Block8
    } else {
        StateName::F32
    };
    let online = mode.starts_with("online-");
    let steps = if online { steps * BATCH as u32 } else { steps };
    LearnerSettings {
        part,
        method: if online { Method::Online } else { Method::BATCHES },
        rule,
        state,
        proximal: None,
        seed: 7,
        loss: LossOptions::default(),
        schedule: Schedule::cosine(rate, steps / 10, steps),
        clip: (!online).then_some(1.0),
        dropout: Dropout { p: 0.1 },
        stochastic_depth: StochasticDepth { p: 0.2 },
    }
}

/// Bytes of a checkpoint of the trainer of this mode, which has those of a board's.
pub fn checkpoint(network: &Network, mode: &str) -> u32 {
    large(|| {
        let mut learner = network.learner(&settings(mode, 1)).expect("every loss has its defaults");
        let length = checkpoint::length(&mut |archive| learner.persist(archive));
        length.expect("a trainer that has just started can be written")
    })
}

/// CRC-32 of the weights after `steps` steps in this mode with the samples of the board's program, as a board must have them.
pub fn rehearse(network: &Network, mode: &str, steps: u32) -> u32 {
    let mut learner = network.learner(&settings(mode, steps)).expect("every loss has its defaults");
    for step in 0..steps {
        let samples: Vec<_> =
            (step * BATCH as u32..(step + 1) * BATCH as u32).map(|index| sample(network, index)).collect();
        let samples = samples.iter().map(|(row, label)| (&row[..], &label[..]));
        train_step(&mut *learner, samples).expect("every class has an output");
    }
    weights(&mut *learner).expect("it is here").crc32()
}

/// Makes up sample number `index`, as the board's program does.
fn sample(network: &Network, index: u32) -> (Vec<f32>, Vec<f32>) {
    let mut random = Key::new(9, Purpose::Order).child(u64::from(index)).stream();
    let row = (0..network.inputs).map(|_| 2.0 * random.uniform() - 1.0).collect();
    let different = if let Task::Classify { classes } = network.task { classes as u32 } else { VALUES };
    (row, vec![(index % different) as f32; network.task.label_len()])
}
