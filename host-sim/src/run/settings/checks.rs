//! A look at every option, before anything else is done.

use std::ops::RangeBounds;

use trainlet::core::setting::{OutOfRange, Setting};

use super::error::Error;
use super::pretext::pretext;
use crate::data::table::Missing;
use crate::networks::{self, Network};
use crate::run::augment::augmentation;
use crate::run::options::ideas::SamName;
use crate::run::options::{
    ColumnOrder, DataSource, Half, OptimizerName, Options, Part, PretrainOptions, Scaling, ScheduleName, StateName,
    UpdateOptions,
};

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
    check_schedule(options)?;
    if options.regularisation.noisy_tests && (options.update.online || options.ideas.any()) {
        return Err(Error::NoisyTests);
    }
    if options.monitor && (options.update.online || options.ideas.any()) {
        return Err(Error::Monitor);
    }
    Ok(())
}

/// Optimisers that make a schedule needless get none.
fn check_schedule(Options { rate, update, .. }: &Options) -> Result<(), Error> {
    let constant = rate.schedule == ScheduleName::Constant;
    match update.optimizer {
        OptimizerName::ScheduleFree | OptimizerName::ScheduleFreeSgd if !constant => Err(Error::ScheduleFree),
        OptimizerName::Ldog if !constant || rate.warmup > 0.0 => Err(Error::Ldog),
        _ => Ok(()),
    }
}

/// Looks for options that have no effect on this network.
///
/// # Errors
/// The first of them.
pub fn check_network(options: &Options, network: &Network) -> Result<(), Error> {
    // The first block is never left out.
    if options.regularisation.drop_path > 0.0 && network.depth < 2 {
        return Err(Error::Without { option: "--drop-path", owner: "networks of several blocks" });
    }
    if options.update.trained == Part::LastBlock && network.has_parts && !network.has_last_block {
        let owner = "networks whose last block can be trained alone, and is --trained head here";
        return Err(Error::Without { option: "--trained last-block", owner });
    }
    Ok(())
}

/// Ideas have numbers in their ranges, and go with one optimiser.
fn check_ideas(Options { ideas, update, .. }: &Options) -> Result<(), Error> {
    setting("--rho", ideas.rho, Setting::Rho)?;
    setting("--sparsity", ideas.sparsity, Setting::Sparsity)?;
    setting("--noise", ideas.noise, Setting::Noise)?;
    setting("--noise-gate", ideas.noise_gate, Setting::NoiseGate)?;
    setting("--ema", ideas.ema, Setting::AverageWidth)?;
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
    let UpdateOptions { optimizer, online, trained, .. } = options.update;
    let adam = matches!(optimizer, OptimizerName::Adam | OptimizerName::Adamw);
    if options.ideas.any() {
        return Err(Error::Ideas);
    }
    if options.update.proximal.is_some() {
        return Err(Error::Without { option: "--proximal", owner: "train" });
    }
    if options.data.scaling == Scaling::Table {
        return Err(Error::OneScale);
    }
    if options.regularisation.noisy_tests {
        return Err(Error::Without { option: "--noisy-tests", owner: "train" });
    }
    if options.folds.is_some() {
        return Err(Error::Without { option: "--folds", owner: "train" });
    }
    if options.rate.rollback.is_some() {
        return Err(Error::Without { option: "--rollback", owner: "train" });
    }
    if options.monitor {
        return Err(Error::Monitor);
    }
    if adam && !online && trained == Part::All { Ok(()) } else { Err(Error::OnBoard) }
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

/// Whether there is such a pretext. Whether there is such a network is found later.
fn check_pretraining(options: &Options) -> Result<(), Error> {
    match networks::find(&options.network) {
        Ok(network) if options.pretraining.pretrain.is_some() => pretext(options, network).map(drop),
        _ => Ok(()),
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
        ("--patience", options.patience),
        ("--restart-epochs", rate.restart_epochs),
        ("--restart-factor", rate.restart_factor),
        ("--window", options.data.window.map(|rows| rows as u32)),
        ("--hop", options.data.hop.map(|rows| rows as u32)),
        ("--vote", options.vote),
    ];
    for (option, value) in counts {
        within(option, value, 1.., "at least 1")?;
    }
    setting("--lr", Some(rate.lr), Setting::Rate)?;
    setting("--pretrain-lr", options.pretraining.pretrain_lr, Setting::Rate)?;
    within("--folds", options.folds, 2.., "at least 2")?;
    within("--validation", options.data.validation, f32::MIN_POSITIVE..1.0, "a share above 0 and below 1")?;
    within("--labels", options.pretraining.labels, f32::MIN_POSITIVE..=1.0, "a share above 0, up to 1")?;
    within("--min-lr", rate.min_lr, 0.0..=rate.lr, "between 0 and --lr")?;
    within("--rollback", rate.rollback, f32::MIN_POSITIVE..1.0, "a share above 0 and below 1")?;
    within("--warmup", Some(rate.warmup), 0.0..=1.0, "a share between 0 and 1")?;
    within("--sharpness", rate.sharpness, f32::MIN_POSITIVE..=1.0, "a share above 0, up to 1")?;
    setting("--weight-decay", update.weight_decay, Setting::WeightDecay)?;
    setting("--momentum", update.momentum, Setting::Momentum)?;
    setting("--proximal", update.proximal, Setting::Pull)?;
    setting("--delta-clip", options.delta_clip, Setting::Clip)?;
    setting("--delta-noise", options.delta_noise, Setting::Noise)?;
    within("--clip", Some(update.clip), 0.0..=f32::MAX, "at least 0 and finite, 0 for no limit")?;
    if update.online && (options.batch, update.clip) != (1, 0.0) {
        return Err(Error::Online);
    }
    augmentation(&regularisation.augment)?;
    setting("--dropout", Some(regularisation.dropout), Setting::Dropout)?;
    setting("--drop-path", Some(regularisation.drop_path), Setting::StochasticDepth)?;
    setting("--label-smoothing", regularisation.label_smoothing, Setting::LabelSmoothing)?;
    setting("--pos-weight", regularisation.pos_weight, Setting::PosWeight)
}

/// A value that the library looks at too, by the same range.
fn setting(option: &'static str, value: Option<f32>, setting: Setting) -> Result<(), Error> {
    let checked = value.map_or(Ok(()), |value| setting.check(value));
    checked.map_err(|OutOfRange { value, setting }| Error::OutOfRange {
        option,
        value: value.to_string(),
        range: setting.range().text(),
    })
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
    let dog = update.optimizer == OptimizerName::Ldog;
    let stateless = dog || matches!(update.optimizer, OptimizerName::Sgd | OptimizerName::ScheduleFreeSgd);
    let momentum = matches!(update.optimizer, OptimizerName::Momentum | OptimizerName::Nesterov);
    let PretrainOptions {
        pretrain,
        pretrain_epochs,
        pretrain_steps,
        pretrain_lr,
        pretrain_target,
        masking,
        visible,
        ..
    } = options.pretraining;
    let pretrain = pretrain.is_some();
    let restarts = schedule == ScheduleName::WarmRestarts;
    let whole = !table && data.validation.is_none() && options.folds.is_none();
    let uses = [
        ("--test", data.test.is_some(), table, "--data FILE.csv"),
        ("--label", !data.label.is_empty(), table, "--data FILE.csv"),
        ("--task", data.task.is_some(), table, "--data FILE.csv"),
        ("--drop", !data.drop.is_empty(), table, "--data FILE.csv"),
        ("--plain", !data.plain.is_empty(), table, "--data FILE.csv"),
        ("--text", !data.text.is_empty(), table, "--data FILE.csv"),
        ("--missing", data.missing != Missing::Refuse, table, "--data FILE.csv"),
        ("--one-hot", data.one_hot, table && data.scaling != Scaling::Table, "--data FILE.csv without --scaling table"),
        ("--scaling quantile", data.scaling == Scaling::Quantile, table, "--data FILE.csv"),
        ("--separator", data.separator.is_some(), table, "--data FILE.csv"),
        ("--decimal", data.decimal.is_some(), table, "--data FILE.csv"),
        ("--dates", data.dates.is_some(), table, "--data FILE.csv"),
        ("--column-order", data.column_order != ColumnOrder::File, table, "--data FILE.csv"),
        ("--test-subjects", !data.test_subjects.is_empty(), !table, "--data watch"),
        ("--without-subjects", !data.without_subjects.is_empty(), !table, "--data watch"),
        ("--only-subjects", !data.only_subjects.is_empty(), whole, "--data watch without --validation and --folds"),
        ("--part", data.part != Half::All, whole, "--data watch without --validation and --folds"),
        ("--init-scaling", options.init_scaling, whole, "--data watch without --validation and --folds"),
        ("--group", data.group.is_some(), table, "--data FILE.csv"),
        ("--test-groups", !data.test_groups.is_empty(), data.group.is_some(), "--group"),
        ("--window", data.window.is_some(), table, "--data FILE.csv"),
        ("--hop", data.hop.is_some(), data.window.is_some(), "--window"),
        ("--by", data.by.is_some(), data.window.is_some(), "--window"),
        ("--time", data.time.is_some(), data.window.is_some(), "--window"),
        ("--vote", options.vote.is_some(), !table || data.window.is_some(), "windows: --data watch or --window"),
        ("--pretrain-epochs", pretrain_epochs.is_some(), pretrain, "--pretrain masked"),
        ("--pretrain-steps", pretrain_steps.is_some(), pretrain, "--pretrain masked"),
        ("--pretrain-lr", pretrain_lr.is_some(), pretrain, "--pretrain masked"),
        ("--pretrain-target", pretrain_target.is_some(), pretrain, "--pretrain masked"),
        ("--masking", masking.is_some(), pretrain, "--pretrain masked"),
        ("--visible", visible.is_some(), pretrain, "--pretrain masked"),
        ("--patience", options.patience.is_some(), data.validation.is_some(), "--keep-best or --validation"),
        ("--min-lr", rate.min_lr.is_some(), schedule != ScheduleName::Constant, "a --schedule that falls"),
        ("--sharpness", rate.sharpness.is_some(), schedule == ScheduleName::SharpCosine, "--schedule sharp-cosine"),
        ("--restart-epochs", rate.restart_epochs.is_some(), restarts, "--schedule warm-restarts"),
        ("--restart-factor", rate.restart_factor.is_some(), restarts, "--schedule warm-restarts"),
        ("--momentum", update.momentum.is_some(), momentum, "--optimizer momentum or nesterov"),
        ("--state", update.state.is_some(), !stateless, "any --optimizer but sgd, schedule-free-sgd and ldog"),
        ("--proximal", update.proximal.is_some(), !dog, "any --optimizer but ldog"),
        ("--weight-decay", update.weight_decay.is_some(), !dog, "any --optimizer but ldog"),
        ("--delta-clip", options.delta_clip.is_some(), update.trained == Part::All, "--trained all"),
        ("--monitor", options.monitor, !dog, "any --optimizer but ldog"),
    ];
    match uses.into_iter().find(|(_, given, fits, _)| *given && !fits) {
        Some((option, .., owner)) => Err(Error::Without { option, owner }),
        None => Ok(()),
    }
}
