//! From options to the settings of the library, with a look at every number.

use std::fs;
use std::ops::RangeBounds;

use trainlet::layer::{Dropout, StochasticDepth};
use trainlet::link::message::Settings;
use trainlet::loss::{Classify as _, LossOptions, NoSuchOption};
use trainlet::monitor::Thresholds;
use trainlet::networks::{MASKED, Network, visible_tokens};
use trainlet::optim::{AdamConfig, MomentumConfig, Schedule, SgdConfig, Shape, WeightDecay};
use trainlet::train::Config;

use crate::ideas::SamName;
use crate::options::{
    ColumnOrder, DataSource, OptimizerName, Options, Part, PretrainOptions, RegularisationOptions, Scaling,
    ScheduleName, StateName, UpdateOptions,
};
use crate::order::Plan;
use crate::pretraining;

/// Options that make no sense.
#[derive(Debug, PartialEq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error("{option} is {value}, but must be {range}")]
    OutOfRange { option: &'static str, value: String, range: &'static str },
    #[error("{option} has no effect here: it belongs to {owner}; leave it out, or choose that")]
    Without { option: &'static str, owner: &'static str },
    #[error(
        "over a line the boards train every weight by batches with Adam: use --optimizer adam or adamw, without --state, \
         --online and --trained"
    )]
    OnBoard,
    #[error("--online changes the weights with each sample and never knows the whole gradient: add --batch 1 --clip 0")]
    Online,
    #[error(
        "--scaling table divides each file by its own largest value, as the notebook did: it cannot be kept with weights \
         (--save), and boards do not know it"
    )]
    OneScale,
    #[error("--noisy-tests is for plain batches on this computer: leave out --online, --sam, --noise and --ema")]
    NoisyTests,
    #[error("--monitor is for plain batches on this computer: leave out --online, --sam, --noise and --ema, or it")]
    Monitor,
    #[error("there is nothing to compare the networks by: give a file with --test")]
    NothingToTest,
    #[error(
        "--sam, --noise and --ema go with --optimizer adam or adamw in f32, on every weight and on this computer: leave out \
         --online, --trained and --state, or them"
    )]
    Ideas,
    #[error("{config} cannot be pre-trained: --pretrain is for {there}")]
    NoPretext { config: String, there: String },
    #[error("--visible is {visible}, but for {config} it must be {there}")]
    Visible { visible: usize, config: String, there: String },
    #[error("a board on a line learns with labels alone: leave --pretrain and --labels out, or use `train`")]
    PretrainOnBoard,
    #[error("{first} and {second} both name {path}; give them different files")]
    SameFile { first: &'static str, second: &'static str, path: String },
}

/// Looks at everything that can be judged without the data.
///
/// # Errors
/// Numbers out of range, options that have no effect, a file that would be written over.
pub fn check(options: &Options) -> Result<(), Error> {
    check_numbers(options)?;
    check_owners(options)?;
    check_ideas(options)?;
    check_pretraining(options)?;
    if options.data.scaling == Scaling::Table && options.save.is_some() {
        return Err(Error::OneScale);
    }
    if options.regularisation.noisy_tests && (options.update.online || options.ideas.any()) {
        return Err(Error::NoisyTests);
    }
    if options.monitor && (options.update.online || options.ideas.any()) {
        return Err(Error::Monitor);
    }
    check_files(options)
}

/// Ideas have numbers in their ranges, and go with one optimiser.
fn check_ideas(Options { ideas, update, .. }: &Options) -> Result<(), Error> {
    within("--rho", ideas.rho, 0.0..=f32::MAX, "at least 0 and finite")?;
    within("--sparsity", ideas.sparsity, 0.0..=1.0, "a share between 0 and 1")?;
    within("--noise", ideas.noise, 0.0..=f32::MAX, "at least 0 and finite")?;
    within("--noise-gate", ideas.noise_gate, 0.0..=f32::MAX, "at least 0 and finite")?;
    within("--ema", ideas.ema, 0.01..=0.25, "between 0.01 and 0.25")?;
    let masked = matches!(ideas.sam, Some(SamName::TopK | SamName::Dynamic | SamName::Fisher));
    let uses = [
        ("--rho", ideas.rho.is_some(), ideas.sam.is_some(), "--sam"),
        ("--sparsity", ideas.sparsity.is_some(), masked, "--sam top-k, dynamic or fisher"),
        ("--noise-shape", ideas.noise_shape.is_some(), ideas.noise.is_some(), "--noise"),
        ("--noise-law", ideas.noise_law.is_some(), ideas.noise.is_some(), "--noise"),
        ("--noise-gate", ideas.noise_gate.is_some(), ideas.noise.is_some(), "--noise"),
        ("--noise-shape", ideas.noise_shape.is_some(), ideas.noise_gate.is_none(), "--noise without --noise-gate"),
    ];
    if let Some((option, .., owner)) = uses.into_iter().find(|(_, given, fits, _)| *given && !fits) {
        return Err(Error::Without { option, owner });
    }
    let adam = matches!(update.optimizer, OptimizerName::Adam | OptimizerName::Adamw);
    let usual = matches!(update.state, None | Some(StateName::F32)) && !update.online && update.trained == Part::All;
    if ideas.any() && !(adam && usual) { Err(Error::Ideas) } else { Ok(()) }
}

/// Looks at what a board cannot do.
///
/// # Errors
/// A way of training that the boards do not have on a line.
pub fn check_for_board(options: &Options) -> Result<(), Error> {
    if options.pretraining != PretrainOptions::default() {
        return Err(Error::PretrainOnBoard);
    }
    let UpdateOptions { optimizer, state, online, trained, .. } = options.update;
    let adam = matches!(optimizer, OptimizerName::Adam | OptimizerName::Adamw);
    let usual = matches!(state, None | Some(StateName::F32)) && !online && trained == Part::All;
    if options.ideas.any() {
        return Err(Error::Ideas);
    }
    if options.data.scaling == Scaling::Table {
        return Err(Error::OneScale);
    }
    if options.regularisation.noisy_tests {
        return Err(Error::Without { option: "--noisy-tests", owner: "train" });
    }
    if options.monitor {
        return Err(Error::Monitor);
    }
    if adam && usual { Ok(()) } else { Err(Error::OnBoard) }
}

/// Looks at what a comparison of board and desktop has no use for, beside what a board cannot do.
///
/// # Errors
/// A file to begin with or to write.
pub fn check_for_twin(options: &Options) -> Result<(), Error> {
    let files = [("--init", &options.init), ("--save", &options.save), ("--json", &options.json)];
    match files.into_iter().find(|(_, file)| file.is_some()) {
        Some((option, _)) => Err(Error::Without { option, owner: "train and board" }),
        None => check_for_board(options),
    }
}

/// Whether there is such a pretext.
fn check_pretraining(options: &Options) -> Result<(), Error> {
    let (config, there) = (&options.config, visible_tokens(&options.config));
    let visible = pretraining::visible(options);
    if options.pretraining.pretrain.is_none() || there.contains(&visible) {
        return Ok(());
    }
    let config = config.clone();
    if there.is_empty() {
        return Err(Error::NoPretext { config, there: list(MASKED) });
    }
    Err(Error::Visible { visible, config, there: list(there) })
}

/// `a, b or c`
fn list(names: &[impl ToString]) -> String {
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    match &names[..] {
        [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        names => names.concat(),
    }
}

fn check_numbers(options: &Options) -> Result<(), Error> {
    let Options { rate, update, regularisation, .. } = options;
    let counts = [
        ("--epochs", Some(options.epochs)),
        ("--batch", Some(options.batch)),
        ("--steps", options.steps),
        ("--pretrain-epochs", options.pretraining.pretrain_epochs),
        ("--pretrain-steps", options.pretraining.pretrain_steps),
        ("--restart-epochs", rate.restart_epochs),
        ("--restart-factor", rate.restart_factor),
    ];
    for (option, value) in counts {
        within(option, value, 1.., "at least 1")?;
    }
    within("--lr", Some(rate.lr), f32::MIN_POSITIVE..=f32::MAX, "above 0 and finite")?;
    within("--pretrain-lr", options.pretraining.pretrain_lr, f32::MIN_POSITIVE..=f32::MAX, "above 0 and finite")?;
    within("--labels", options.pretraining.labels, f32::MIN_POSITIVE..=1.0, "a share above 0, up to 1")?;
    within("--min-lr", rate.min_lr, 0.0..=rate.lr, "between 0 and --lr")?;
    within("--warmup", Some(rate.warmup), 0.0..=1.0, "a share between 0 and 1")?;
    within("--sharpness", rate.sharpness, f32::MIN_POSITIVE..=1.0, "a share above 0, up to 1")?;
    within("--weight-decay", update.weight_decay, 0.0..=f32::MAX, "at least 0 and finite")?;
    within("--momentum", update.momentum, 0.0..1.0, "at least 0 and below 1")?;
    within("--clip", Some(update.clip), 0.0..=f32::MAX, "at least 0 and finite, 0 for no limit")?;
    if update.online && (options.batch, update.clip) != (1, 0.0) {
        return Err(Error::Online);
    }
    within("--dropout", Some(regularisation.dropout), 0.0..1.0, "a probability, at least 0 and below 1")?;
    within("--drop-path", Some(regularisation.drop_path), 0.0..1.0, "a probability, at least 0 and below 1")?;
    within("--label-smoothing", regularisation.label_smoothing, 0.0..1.0, "a share, at least 0 and below 1")?;
    within("--pos-weight", regularisation.pos_weight, f32::MIN_POSITIVE..=f32::MAX, "above 0 and finite")
}

fn within<T: PartialOrd + ToString>(
    option: &'static str,
    value: Option<T>,
    allowed: impl RangeBounds<T>,
    range: &'static str,
) -> Result<(), Error> {
    match value {
        Some(value) if !allowed.contains(&value) => Err(Error::OutOfRange { option, value: value.to_string(), range }),
        _ => Ok(()),
    }
}

fn check_owners(options: &Options) -> Result<(), Error> {
    let Options { data, rate, update, .. } = options;
    let (table, schedule) = (data.data != DataSource::Watch, rate.schedule);
    let momentum = matches!(update.optimizer, OptimizerName::Momentum | OptimizerName::Nesterov);
    let PretrainOptions { pretrain, pretrain_epochs, pretrain_steps, pretrain_lr, masking, visible, .. } =
        options.pretraining;
    let pretrain = pretrain.is_some();
    let restarts = schedule == ScheduleName::WarmRestarts;
    let uses = [
        ("--test", data.test.is_some(), table, "--data FILE.csv"),
        ("--label", data.label.is_some(), table, "--data FILE.csv"),
        ("--drop", !data.drop.is_empty(), table, "--data FILE.csv"),
        ("--plain", !data.plain.is_empty(), table, "--data FILE.csv"),
        ("--column-order", data.column_order != ColumnOrder::File, table, "--data FILE.csv"),
        ("--test-subjects", !data.test_subjects.is_empty(), !table, "--data watch"),
        ("--pretrain-epochs", pretrain_epochs.is_some(), pretrain, "--pretrain masked"),
        ("--pretrain-steps", pretrain_steps.is_some(), pretrain, "--pretrain masked"),
        ("--pretrain-lr", pretrain_lr.is_some(), pretrain, "--pretrain masked"),
        ("--masking", masking.is_some(), pretrain, "--pretrain masked"),
        ("--visible", visible.is_some(), pretrain, "--pretrain masked"),
        ("--min-lr", rate.min_lr.is_some(), schedule != ScheduleName::Constant, "a --schedule that falls"),
        ("--sharpness", rate.sharpness.is_some(), schedule == ScheduleName::SharpCosine, "--schedule sharp-cosine"),
        ("--restart-epochs", rate.restart_epochs.is_some(), restarts, "--schedule warm-restarts"),
        ("--restart-factor", rate.restart_factor.is_some(), restarts, "--schedule warm-restarts"),
        ("--momentum", update.momentum.is_some(), momentum, "--optimizer momentum or nesterov"),
        ("--state", update.state.is_some(), update.optimizer != OptimizerName::Sgd, "any --optimizer but sgd"),
    ];
    match uses.into_iter().find(|(_, given, fits, _)| *given && !fits) {
        Some((option, .., owner)) => Err(Error::Without { option, owner }),
        None => Ok(()),
    }
}

/// A result must not replace the data, nor the other result.
fn check_files(options: &Options) -> Result<(), Error> {
    let data = match &options.data.data {
        DataSource::Watch => None,
        DataSource::File(path) => Some(path),
    };
    let [save, json] = [("--save", &options.save), ("--json", &options.json)];
    let files = [("--data", data), ("--test", options.data.test.as_ref()), ("--init", options.init.as_ref())];
    let read = files.map(|(option, path)| (option, path.cloned()));
    for (first, a) in read.iter().map(|(option, path)| (*option, path)).chain([save]) {
        for (second, b) in [save, json] {
            // Going on from a file and writing the result to it is a way to work.
            let meant = first == second || (first, second) == ("--init", "--save");
            if let (Some(a), Some(b), false) = (a, b, meant)
                && same_file(a, b)
            {
                return Err(Error::SameFile { first, second, path: b.clone() });
            }
        }
    }
    Ok(())
}

/// Whether two names, one of which may not be there yet, lead to one file. Pipes and the like never clash.
fn same_file(a: &str, b: &str) -> bool {
    let identity = |path: &str| match fs::canonicalize(path) {
        Ok(path) => path.is_file().then_some(path),
        Err(_) => std::path::absolute(path).ok(),
    };
    identity(a).is_some_and(|a| identity(b) == Some(a))
}

/// The learning rate of each step of a run.
pub fn schedule(options: &Options, plan: &Plan) -> Schedule {
    let rate = &options.rate;
    let (lr, total, min) = (rate.lr, plan.steps(), rate.min_lr.unwrap_or(0.0));
    let warmup = (rate.warmup * total as f32).round() as u32;
    match rate.schedule {
        ScheduleName::Constant => Schedule { lr, warmup, shape: Shape::Constant },
        // The last step of the warm-up is the first of the cosine.
        ScheduleName::Cosine => {
            let steps = total.saturating_sub(warmup.saturating_sub(1));
            Schedule { lr, warmup, shape: Shape::Cosine { min, steps } }
        }
        ScheduleName::SharpCosine => {
            Schedule::sharp_cosine(lr, warmup, total, rate.sharpness.unwrap_or(DEFAULT_SHARPNESS), min)
        }
        ScheduleName::WarmRestarts => {
            let first = plan.steps_of(rate.restart_epochs.unwrap_or(DEFAULT_RESTART_EPOCHS)).unwrap_or(u32::MAX);
            let multiply = rate.restart_factor.unwrap_or(DEFAULT_RESTART_FACTOR);
            Schedule { lr, warmup, shape: Shape::Restarts { first, multiply, min } }
        }
    }
}

const DEFAULT_SHARPNESS: f32 = 0.15;
const DEFAULT_RESTART_EPOCHS: u32 = 10;
const DEFAULT_RESTART_FACTOR: u32 = 2;
const DEFAULT_MOMENTUM: f32 = 0.9;
const DEFAULT_ADAMW_DECAY: f32 = 0.01;

/// The loss of a network, with the settings that its kind of loss has.
///
/// # Errors
/// A setting of another kind of loss.
pub fn loss<M: Network>(options: &Options) -> Result<M::Loss, Error> {
    M::LOSS.with_options(loss_options(options)).map_err(|option| match option {
        NoSuchOption::LabelSmoothing => Error::Without {
            option: "--label-smoothing",
            owner: "networks with one output per class (watch-12x1, watch-16x2)",
        },
        NoSuchOption::PosWeight => Error::Without {
            option: "--pos-weight",
            owner: "networks with a single output (all but watch-12x1 and watch-16x2)",
        },
    })
}

/// All settings of a trainer on this computer.
///
/// # Errors
/// A setting of another kind of loss.
pub fn config<M: Network, C>(
    options: &Options,
    plan: &Plan,
    optimizer: C,
) -> Result<Config<M::Loss, C, Option<f32>>, Error> {
    Ok(Config {
        seed: options.seed,
        loss: loss::<M>(options)?,
        optimizer,
        schedule: schedule(options, plan),
        clip: clip(options),
        dropout: Dropout { p: options.regularisation.dropout },
        stochastic_depth: StochasticDepth { p: options.regularisation.drop_path },
    })
}

/// All settings of a trainer on a board, which has Adam.
///
/// # Errors
/// A setting of another kind of loss, or another optimiser.
pub fn settings<M: Network>(options: &Options, plan: &Plan) -> Result<Settings, Error> {
    check_for_board(options)?;
    let Config { seed, optimizer: adam, schedule, clip, dropout, stochastic_depth, .. } =
        config::<M, _>(options, plan, adam(options))?;
    Ok(Settings { seed, loss: loss_options(options), adam, schedule, clip, dropout, stochastic_depth })
}

/// The settings of the loss as the user has them.
fn loss_options(options: &Options) -> LossOptions {
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
