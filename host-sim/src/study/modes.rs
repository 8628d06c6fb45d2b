//! Ways of training: the cost of each on a board, and its accuracy on new people.

use clap::builder::PossibleValuesParser;
use serde::Serialize;
use trainlet_trials::{Kind, trains_a_part};

use crate::board::emulator::Machine;
use crate::board::trials::{self, Conditions, Outcome, chosen};
use crate::networks;
use crate::run;
use crate::run::options::{OptimizerName, Options, Part, ScheduleName, StateName};
use crate::study::Error;
use crate::study::boards::emulated;
use crate::study::shards::{Runs, ShardOptions};
use crate::study::sweep::{self, Group, repeated, sweep};

/// Which networks and modes, and where.
#[derive(Clone, Debug, PartialEq, clap::Args)]
#[group(skip)]
pub struct Args {
    /// The network
    #[arg(long, value_name = "NAME", default_value = networks::default(), value_parser = PossibleValuesParser::new(networks::names()))]
    pub network: String,
    /// Modes by name [default: all]
    #[arg(long = "mode", value_name = "MODE", num_args = 1.., value_parser = PossibleValuesParser::new(names()))]
    pub modes: Vec<String>,
    /// The emulated board
    #[arg(long, value_enum, value_name = "BOARD", default_value_t = Machine::Stm32f405)]
    pub qemu: Machine,
    /// Steps of two samples each, after which the weights are compared
    #[arg(long, default_value_t = 3, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub steps: u32,
    /// Train each mode on the watch recordings too, three times for each of five pairs of new people
    #[arg(long)]
    pub accuracy: bool,
    /// Write the figures; `-` is standard output
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<String>,
    /// Show what has changed since an earlier run wrote this file with --json
    #[arg(long, value_name = "FILE.json")]
    pub against: Option<String>,
    /// Several machines.
    #[command(flatten)]
    pub shards: ShardOptions,
}

/// Names of the modes, and one that stands for all.
pub fn names() -> Vec<&'static str> {
    trials::names(Kind::Mode).chain(["all"]).collect()
}

/// A mode of a network.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// What the board reported.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Bytes of a sample.
    pub input: usize,
    /// Number of the network's weights.
    pub parameters: usize,
    /// Accuracy on the windows of new people: mean over [`FOLDS`] and [`SEEDS`].
    pub accuracy: Option<f32>,
}

impl Row {
    /// Trainer, sample and stack, if the board can measure its stack.
    pub fn bytes(&self) -> Option<usize> {
        Some(self.outcome.board_budget + self.input + self.outcome.stack?)
    }
}

/// Modes whose weights differ between the board and here.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("board and desktop differ in {0}: they must be built from the same version")]
pub struct Different(pub String);

/// Tries the modes; `None` if some runs are for other machines.
///
/// # Errors
/// A board that cannot be emulated, data that are not there, parts that are none.
pub fn rows(args: &Args, runs: &mut Runs, watcher: &mut dyn FnMut(&str)) -> Result<Option<Vec<Row>>, Error> {
    let network = networks::find(&args.network).map_err(run::Error::from)?;
    if !network.has_parts && args.modes.iter().any(|mode| trains_a_part(mode)) {
        return Err(run::Error::from(networks::Error::Whole { network: network.name }).into());
    }
    let modes = chosen(&args.modes);
    let conditions = Conditions { machine: args.qemu, steps: args.steps, counted: true };
    let outcomes = emulated(conditions, network, &modes, runs, watcher)?;
    let accurate = if args.accuracy { &modes[..] } else { &[] };
    let accuracies = accuracies(network.name, accurate, runs)?;
    let (Some(outcomes), Some(accuracies)) = (outcomes, accuracies) else { return Ok(None) };
    let (input, parameters) = (size_of::<f32>() * network.inputs, network.parameters);
    let mut accuracies = accuracies.into_iter();
    let row = |outcome| Row { outcome, input, parameters, accuracy: accuracies.next() };
    Ok(Some(outcomes.into_iter().map(row).collect()))
}

/// Checks that board and desktop have the same weights.
///
/// # Errors
/// The modes in which they differ.
pub fn check(rows: &[Row]) -> Result<(), Different> {
    let different: Vec<_> = rows.iter().filter(|row| !row.outcome.is_equal()).map(|row| row.outcome.trial).collect();
    if different.is_empty() { Ok(()) } else { Err(Different(different.join(", "))) }
}

/// People who are tested on, each of them once.
pub const FOLDS: [[u32; 2]; 5] = [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10]];
/// Seeds of each.
pub const SEEDS: [u64; 3] = [0, 1, 2];

/// Mean accuracy over [`FOLDS`] and [`SEEDS`] of a network trained in each of these modes; `None` if some runs are for other machines.
///
/// # Errors
/// A network for other data, parts that are none.
fn accuracies(network: &str, modes: &[&str], runs: &mut Runs) -> Result<Option<Vec<f32>>, Error> {
    let group = |mode: &&str| {
        let options = Options { network: network.into(), ..options(mode) };
        Group { name: mode.to_string(), runs: repeated(&options, SEEDS.len() as u64) }
    };
    let outcomes = sweep(&modes.iter().map(group).collect::<Vec<_>>(), runs)?;
    let mean = |of: &Vec<_>| of.iter().map(|of: &sweep::Outcome| of.accuracy).sum::<f32>() / of.len() as f32;
    Ok(outcomes.map(|outcomes| outcomes.iter().map(mean).collect()))
}

/// What `train` calls a mode. The activations make no difference to the weights. Without Adam's scaling of the gradient the
/// learning rate must be another one.
pub fn options(mode: &str) -> Options {
    let has = |part: &str| mode.contains(part);
    let mut options = Options::default();
    let online = has("online");
    if online {
        (options.batch, options.update.clip, options.update.online) = (1, 0.0, true);
    }
    let momentum = (OptimizerName::Momentum, if online { 4e-3 } else { 5e-2 });
    let sgd = (OptimizerName::Sgd, if online { 2e-2 } else { 2e-1 });
    let adam = (OptimizerName::Adam, if online { 1e-3 } else { options.rate.lr });
    if has("schedule-free") {
        options.rate.schedule = ScheduleName::Constant;
    }
    (options.update.optimizer, options.rate.lr) = if has("schedule-free-sgd") {
        (OptimizerName::ScheduleFreeSgd, 0.5)
    } else if has("schedule-free") {
        (OptimizerName::ScheduleFree, 1e-2)
    } else if has("momentum") {
        momentum
    } else if has("lion") {
        (OptimizerName::Lion, 1e-3)
    } else if has("sgd") {
        sgd
    } else {
        adam
    };
    let states = [("bf16", StateName::Bf16), ("8bit", StateName::Block8)];
    options.update.state = states.into_iter().find(|(part, _)| has(part)).map(|(_, state)| state);
    let parts = [("last-block", Part::LastBlock), ("biases", Part::Biases), ("head", Part::Head)];
    if let Some((_, part)) = parts.into_iter().find(|(name, _)| has(name)) {
        options.update.trained = part;
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_is_a_way_to_train() {
        for mode in trials::names(Kind::Mode) {
            let options = Options { steps: Some(2), epochs: 25, ..options(mode) };
            assert!(run::check(&options).is_ok(), "{mode}: {options:?}");
        }
        let online = options("online-momentum-8bit").update;
        assert_eq!((online.online, online.optimizer), (true, OptimizerName::Momentum));
        assert_eq!((online.state, online.trained), (Some(StateName::Block8), Part::All));
        assert_eq!(options("head-adam").update.trained, Part::Head);
        assert_eq!(options("keep-adam"), Options::default());
    }
}
