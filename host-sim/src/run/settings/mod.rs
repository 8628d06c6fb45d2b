//! From options to the settings of the library.

mod checks;
mod error;
mod pretext;

pub use checks::{check, check_for_board, check_for_twin, check_network};
pub use error::Error;
pub use pretext::pretext;

use trainlet::extra::monitor::Thresholds;
use trainlet::link::message::Settings;
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::{LossOptions, NoSuchOption};
use trainlet::optim::{
    AdamConfig, DogConfig, LionConfig, LrShape, MomentumConfig, Schedule, ScheduleFreeConfig, SgdConfig, WeightDecay,
};

use crate::data::sampler::Plan;
use crate::networks::Network;
use crate::networks::optimizer::Rule;
use crate::networks::settings::{LearnerSettings, Method, Refused};
use crate::run::options::{OptimizerName, Options, RegularisationOptions, ScheduleName};

/// The learning rate of each step of a run.
pub fn schedule(options: &Options, plan: &Plan) -> Schedule {
    let rate = &options.rate;
    let (lr, total, min) = (rate.lr, plan.steps(), rate.min_lr.unwrap_or(0.0));
    let warmup = (rate.warmup * total as f32).round() as u32;
    match rate.schedule {
        ScheduleName::Constant => Schedule { lr, warmup, shape: LrShape::Constant },
        // The last step of the warm-up is the first of the cosine.
        ScheduleName::Cosine => {
            let steps = total.saturating_sub(warmup.saturating_sub(1));
            Schedule { lr, warmup, shape: LrShape::Cosine { min, steps } }
        }
        ScheduleName::SharpCosine => {
            Schedule::sharp_cosine(lr, warmup, total, rate.sharpness.unwrap_or(DEFAULT_SHARPNESS), min)
        }
        ScheduleName::WarmRestarts => {
            let first = plan.steps_of(rate.restart_epochs.unwrap_or(DEFAULT_RESTART_EPOCHS)).unwrap_or(u32::MAX);
            let multiply = rate.restart_factor.unwrap_or(DEFAULT_RESTART_FACTOR);
            Schedule { lr, warmup, shape: LrShape::Restarts { first, multiply, min } }
        }
    }
}

const DEFAULT_SHARPNESS: f32 = 0.15;
const DEFAULT_RESTART_EPOCHS: u32 = 10;
const DEFAULT_RESTART_FACTOR: u32 = 2;
const DEFAULT_MOMENTUM: f32 = 0.9;
const DEFAULT_ADAMW_DECAY: f32 = 0.01;

/// All settings of a learner on this computer.
///
/// # Errors
/// A value out of its range.
pub fn learner(options: &Options, plan: &Plan) -> Result<LearnerSettings, Error> {
    let schedule = schedule(options, plan);
    let steps = plan.steps();
    let ideas = &options.ideas;
    let (method, rule) = if ideas.any() {
        let epoch = plan.steps_of(1).unwrap_or(u32::MAX);
        (ideas.method(epoch, steps), ideas.rule(adam(options), schedule.warmup, steps)?)
    } else if options.update.online {
        (Method::Online, rule(options))
    } else {
        let noisy_tests = options.regularisation.noisy_tests;
        (Method::Batches { thresholds: thresholds(options), noisy_tests }, rule(options))
    };
    Ok(LearnerSettings {
        part: options.update.trained,
        method,
        rule,
        state: options.update.state.unwrap_or_default(),
        proximal: options.update.proximal,
        seed: options.seed,
        loss: loss_options(options),
        schedule,
        clip: clip(options),
        dropout: Dropout { p: options.regularisation.dropout },
        stochastic_depth: StochasticDepth { p: options.regularisation.drop_path },
    })
}

fn rule(options: &Options) -> Rule {
    match options.update.optimizer {
        OptimizerName::Adam | OptimizerName::Adamw => Rule::Adam(adam(options)),
        OptimizerName::Lion => Rule::Lion(lion(options)),
        OptimizerName::ScheduleFree => {
            let decay = options.update.weight_decay.unwrap_or(0.0);
            Rule::ScheduleFree(AdamConfig::adamw(decay), ScheduleFreeConfig::new())
        }
        OptimizerName::ScheduleFreeSgd => Rule::ScheduleFreeSgd(sgd(options), ScheduleFreeConfig::new()),
        OptimizerName::Ldog => Rule::LayerDog(DogConfig::new()),
        OptimizerName::Sgd => Rule::Sgd(sgd(options)),
        OptimizerName::Momentum | OptimizerName::Nesterov => Rule::Momentum(momentum(options)),
    }
}

/// What is wrong with settings that a learner does not take.
pub fn refused(refused: Refused) -> Error {
    match refused {
        Refused::Option(option) => no_such_option(option),
        Refused::Setting(error) => error.into(),
    }
}

/// What is wrong with options of a loss that a network does not have.
pub fn no_such_option(option: NoSuchOption) -> Error {
    match option {
        NoSuchOption::LabelSmoothing => {
            Error::Without { option: "--label-smoothing", owner: "networks with one output per class" }
        }
        NoSuchOption::PosWeight => Error::Without { option: "--pos-weight", owner: "networks with a single output" },
    }
}

/// All settings of a trainer on a board, which has Adam.
///
/// # Errors
/// A setting of another kind of loss, or another optimiser.
pub fn settings(options: &Options, network: &Network, plan: &Plan) -> Result<Settings, Error> {
    check_for_board(options)?;
    let loss = loss_options(options);
    network.judge(loss).map_err(no_such_option)?;
    let LearnerSettings { seed, schedule, clip, dropout, stochastic_depth, .. } = learner(options, plan)?;
    Ok(Settings { seed, loss, adam: adam(options), schedule, clip, dropout, stochastic_depth })
}

/// The settings of the loss as the user has them.
pub fn loss_options(options: &Options) -> LossOptions {
    let RegularisationOptions { label_smoothing, pos_weight, .. } = options.regularisation;
    LossOptions { label_smoothing, pos_weight }
}

/// Settings of Adam and AdamW.
pub fn adam(options: &Options) -> AdamConfig {
    match (options.update.optimizer, options.update.weight_decay) {
        (OptimizerName::Adamw, decay) => AdamConfig::adamw(decay.unwrap_or(DEFAULT_ADAMW_DECAY)),
        (_, Some(decay)) => AdamConfig { weight_decay: WeightDecay::Coupled(decay), ..AdamConfig::adam() },
        (_, None) => AdamConfig::adam(),
    }
}

/// Where the verdicts of a watched run begin.
pub fn thresholds(options: &Options) -> Option<Thresholds> {
    let adam = matches!(options.update.optimizer, OptimizerName::Adam | OptimizerName::Adamw);
    options.monitor.then_some(if adam { Thresholds::adam() } else { Thresholds::sgd() })
}

/// Settings of Lion.
pub fn lion(options: &Options) -> LionConfig {
    LionConfig { weight_decay: options.update.weight_decay.unwrap_or(0.0), ..LionConfig::new() }
}

/// Settings of gradient descent.
pub fn sgd(options: &Options) -> SgdConfig {
    SgdConfig { weight_decay: options.update.weight_decay.unwrap_or(0.0) }
}

/// Settings of gradient descent with either kind of momentum.
pub fn momentum(options: &Options) -> MomentumConfig {
    MomentumConfig {
        nesterov: options.update.optimizer == OptimizerName::Nesterov,
        weight_decay: options.update.weight_decay.unwrap_or(0.0),
        ..MomentumConfig::new(options.update.momentum.unwrap_or(DEFAULT_MOMENTUM))
    }
}

/// Largest norm of a gradient, if there is one.
pub fn clip(options: &Options) -> Option<f32> {
    (options.update.clip > 0.0).then_some(options.update.clip)
}
