//! Trials on an emulated board, which several machines can share.

use serde::Serialize;

use crate::board::emulator::Machine;
use crate::board::trials::{Conditions, Image, Outcome, images, in_order};
use crate::networks::Network;
use crate::run;
use crate::study::Error;
use crate::study::shards::Runs;

/// What fixes what an image says: the trials of an image are compiled together, and take the instructions that they take together.
#[derive(Serialize)]
struct Job<'a> {
    board: Machine,
    network: &'static str,
    steps: u32,
    counted: bool,
    trials: Vec<&'static str>,
    #[serde(skip)]
    image: &'a Image,
}

/// Makes trials of a network on a machine and here, in the order in which they are named; `None` if some are for other machines.
/// `watcher` hears what the board says.
///
/// # Errors
/// A board that cannot be emulated, parts that are none.
pub fn emulated(
    conditions: Conditions,
    network: &'static Network,
    trials: &[&'static str],
    runs: &mut Runs,
    watcher: &mut dyn FnMut(&str),
) -> Result<Option<Vec<Outcome>>, Error> {
    let Conditions { machine, steps, counted } = conditions;
    let images = images(conditions, network, trials).map_err(run::Error::from)?;
    let jobs: Vec<_> = images
        .iter()
        .map(|image| Job { board: machine, network: network.name, steps, counted, trials: image.names(), image })
        .collect();
    let make = |jobs: &[&Job]| {
        let made = jobs.iter().map(|job| job.image.run(conditions, &job.image.build(machine)?, watcher));
        Ok(made.collect::<Result<Vec<_>, _>>().map_err(run::Error::from)?)
    };
    let outcomes = runs.outcomes::<_, _, Error>(&jobs, make)?;
    Ok(outcomes.map(|outcomes| in_order(outcomes, trials)))
}
