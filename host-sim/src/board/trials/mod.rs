//! Trials of the training, made on an emulated board and here.

mod outcome;

pub use outcome::{Outcome, Work};

use std::path::{Path, PathBuf};

use trainlet::networks::Watch12x1;
use trainlet_app::board::STACK;
use trainlet_trials::{Kind, LIST, Trial, TrialState, VisitTrial, visit};

use super::Error;
use super::cycles::{self, Processor};
use super::emulator::Machine;
use super::firmware::Builder;
use crate::networks::stack;
use crate::networks::{Network, modes};
use outcome::{Counted, Here, parse};

/// How trials are made.
#[derive(Clone, Copy, Debug)]
pub struct Conditions {
    /// The emulated board.
    pub machine: Machine,
    /// Steps of each trial.
    pub steps: u32,
    /// Count instructions, and on a Cortex-M4F cycles, which takes longer.
    pub counted: bool,
}

/// An image with trials of a network.
#[derive(Clone, Debug)]
pub struct Image {
    network: &'static Network,
    steps: u32,
    trials: Vec<Here>,
}

/// Makes trials of a network on a machine and here; `watcher` hears what the board says.
///
/// # Errors
/// No compiler, no emulator, a trial that the board has no room for, or a program that says something unexpected.
pub fn run(
    conditions: Conditions,
    network: &'static Network,
    trials: &[&'static str],
    watcher: &mut dyn FnMut(&str),
) -> Result<Vec<Outcome>, Error> {
    let images = images(conditions, network, trials)?;
    let outcomes = images.iter().map(|image| image.run(conditions, &image.build(conditions.machine)?, watcher));
    Ok(in_order(outcomes.collect::<Result<_, _>>()?, trials))
}

/// Outcomes of images in the order in which the trials were named.
pub fn in_order(outcomes: Vec<Vec<Outcome>>, trials: &[&'static str]) -> Vec<Outcome> {
    let mut outcomes = outcomes.concat();
    outcomes.sort_by_key(|outcome| trials.iter().position(|trial| *trial == outcome.trial));
    outcomes
}

/// Cycles to learn from a sample on the emulated Cortex-M4F with everything kept, without the update.
///
/// # Errors
/// As [`run`].
pub fn cycles_of_sample(network: &'static Network) -> Result<u64, Error> {
    let conditions = Conditions { machine: Machine::Stm32f405, steps: 1, counted: true };
    let outcomes = run(conditions, network, &["keep-adam"], &mut |_| ())?;
    Ok(outcomes.iter().find_map(|outcome| outcome.sample?.cycles).unwrap_or(0))
}

/// As many trials to an image as flash has room for: each of them begins with a constant there, as long as the memory that they
/// share. The largest come first, so that an image of small ones has small constants.
///
/// # Errors
/// A trial that the board has no room for.
pub fn images(conditions: Conditions, network: &'static Network, trials: &[&'static str]) -> Result<Vec<Image>, Error> {
    let Conditions { machine, steps, .. } = conditions;
    let room = machine.ram() - STACK;
    let mut images: Vec<Image> = Vec::new();
    let mut found = here(network, trials, steps);
    found.sort_by_key(|here| std::cmp::Reverse(here.state));
    for here in found {
        if here.ram() > room {
            return Err(Error::TooLarge { mode: here.trial, ram: here.ram(), room });
        }
        match images.last_mut() {
            Some(image) if image.ram() * (image.trials.len() + 1) <= machine.flash() / 8 * 5 => image.trials.push(here),
            _ => images.push(Image { network, steps, trials: vec![here] }),
        }
    }
    Ok(images)
}

impl Here {
    /// Bytes of its memory, of the tag in front, and of the cell that hands it out.
    fn ram(&self) -> usize {
        self.state + 2 * align_of::<u64>()
    }
}

impl Image {
    /// Bytes of `.bss`: those of the largest trial.
    pub fn ram(&self) -> usize {
        self.trials.iter().map(Here::ram).max().unwrap_or(0)
    }

    /// Names of its trials.
    pub fn names(&self) -> Vec<&'static str> {
        self.trials.iter().map(|here| here.trial).collect()
    }

    /// Builds the program.
    ///
    /// # Errors
    /// No compiler.
    pub fn build(&self, machine: Machine) -> Result<PathBuf, Error> {
        Ok(Builder::new(machine.board())?.trials(self.network.name, &self.names(), self.steps)?)
    }

    /// Runs it.
    ///
    /// # Errors
    /// No emulator, or a program that says something unexpected.
    pub fn run(
        &self,
        conditions: Conditions,
        elf: &Path,
        watcher: &mut dyn FnMut(&str),
    ) -> Result<Vec<Outcome>, Error> {
        let Conditions { machine, counted, .. } = conditions;
        let mut lines = Vec::new();
        let mut keep = |line: &str| {
            watcher(line);
            lines.push(line.to_string());
        };
        let windows = match (counted, machine) {
            (true, Machine::Stm32f405) => Counted::Windows(cycles::measure(Processor::CortexM4f, elf, &mut keep)?),
            (true, _) => machine.count_instructions(elf, &mut keep).map(|()| Counted::Clock)?,
            (false, _) => machine.run(elf, &mut keep).map(|()| Counted::Not)?,
        };
        let outcome = |here: &Here| {
            let outcome = lines.iter().find_map(|line| parse(here, line, &windows));
            outcome.ok_or_else(|| Error::Unexpected { what: here.trial, output: lines.join("\n") })
        };
        self.trials.iter().map(outcome).collect()
    }
}

/// The modes are those of the network; what they come to is found by its learner. The others have networks of their own.
fn here(network: &'static Network, trials: &[&'static str], steps: u32) -> Vec<Here> {
    let trials = trials.to_vec();
    stack::large(move || {
        let modes = network.modes().into_iter().filter(|mode| trials.contains(&mode.name)).map(|mode| Here {
            trial: mode.name,
            state: mode.state,
            budget: mode.bytes,
            crc32: if steps > 0 { modes::rehearse(network, mode.name, steps) } else { 0 },
        });
        let found = modes.collect();
        let mut rehearsals = Rehearsals { trials, steps, found };
        for kind in [Kind::Idea, Kind::Pretraining, Kind::Block] {
            visit::<Watch12x1>(kind, &mut rehearsals);
        }
        rehearsals.found
    })
}

struct Rehearsals {
    trials: Vec<&'static str>,
    steps: u32,
    found: Vec<Here>,
}

impl VisitTrial for Rehearsals {
    fn visit<T: Trial>(&mut self) {
        if self.trials.contains(&T::NAME) {
            let mut state = Box::new(TrialState::<T>::ZERO);
            let mut rehearse = |steps| state.rehearse(steps).expect("the settings of a trial are in range");
            let crc32 = if self.steps > 0 { rehearse(self.steps) } else { 0 };
            let (size, budget) = (size_of::<TrialState<T>>(), TrialState::<T>::BYTES);
            self.found.push(Here { trial: T::NAME, state: size, budget, crc32 });
        }
    }
}

/// Names of the trials of a kind.
pub fn names(kind: Kind) -> impl Iterator<Item = &'static str> {
    LIST.iter().filter(move |(of, _)| *of == kind).map(|(_, name)| *name)
}

/// All modes, or those that are asked for by name.
pub fn chosen(asked: &[String]) -> Vec<&'static str> {
    let all = asked.is_empty() || asked.iter().any(|name| name == "all");
    names(Kind::Mode).filter(|mode| all || asked.iter().any(|name| name == mode)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks;

    #[test]
    fn what_a_board_has_no_room_for_is_named() {
        let conditions = Conditions { machine: Machine::Stm32f405, steps: 0, counted: false };
        let error = images(conditions, networks::find("notebook").unwrap(), &["keep-adam"]).unwrap_err().to_string();
        assert!(error.contains("keep-adam") && error.contains("bytes"), "{error}");
    }
}
