//! Trials of the training, made on an emulated board and here.

use std::path::{Path, PathBuf};

use serde::Serialize;
use trainlet::networks::Watch12x1;
use trainlet_app::board::STACK;
use trainlet_trials::{Kind, LIST, Trial, TrialState, VisitTrial, visit};

use super::Error;
use super::cycles::{self, Measured};
use super::emulator::Machine;
use super::firmware::Builder;
use crate::networks::{Network, modes};
use crate::stack;

/// Result of a trial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Name of the trial.
    pub trial: &'static str,
    /// Bytes of the trainer, by its own constant.
    pub budget: usize,
    /// The same as the board says.
    pub board_budget: usize,
    /// Bytes of stack below a call of the trainer, if the board can tell.
    pub stack: Option<usize>,
    /// What a step takes for each of its samples, without dropout and stochastic depth, if that was counted.
    pub sample: Option<Work>,
    /// What a step takes beside.
    pub update: Option<Work>,
    /// CRC-32 of the final weights on the board.
    pub board_crc32: u32,
    /// The same here.
    pub crc32: u32,
}

impl Outcome {
    /// Whether board and desktop have the same bytes and bits.
    pub fn is_equal(&self) -> bool {
        (self.budget, self.crc32) == (self.board_budget, self.board_crc32)
    }
}

/// What something takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Work {
    /// Instructions.
    pub instructions: u64,
    /// Cycles of a Cortex-M4F, as an estimate.
    pub cycles: Option<u64>,
}

impl Work {
    fn minus(self, other: Self) -> Self {
        let cycles = self.cycles.zip(other.cycles).map(|(all, part)| all.saturating_sub(part));
        Self { instructions: self.instructions.saturating_sub(other.instructions), cycles }
    }
}

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

/// A trial here, on this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Here {
    trial: &'static str,
    /// Bytes of all its memory.
    state: usize,
    budget: usize,
    crc32: u32,
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
    let mut outcomes = Vec::new();
    for image in images(conditions, network, trials)? {
        outcomes.extend(image.run(conditions, &image.build(conditions.machine)?, watcher)?);
    }
    Ok(outcomes)
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

/// As many trials to an image as flash has room for: each memory begins as a constant there, zeros but for its tag.
///
/// # Errors
/// A trial that the board has no room for.
pub fn images(conditions: Conditions, network: &'static Network, trials: &[&'static str]) -> Result<Vec<Image>, Error> {
    let Conditions { machine, steps, .. } = conditions;
    let room = machine.ram() - STACK;
    let mut images: Vec<Image> = Vec::new();
    for here in here(network, trials, steps) {
        if here.ram() > room {
            return Err(Error::TooLarge { mode: here.trial, ram: here.ram(), room });
        }
        match images.last_mut() {
            Some(image) if image.constants() + here.state <= machine.flash() / 2 => image.trials.push(here),
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

    fn constants(&self) -> usize {
        self.trials.iter().map(|here| here.state).sum()
    }

    /// Builds the program.
    ///
    /// # Errors
    /// No compiler.
    pub fn build(&self, machine: Machine) -> Result<PathBuf, Error> {
        let names: Vec<_> = self.trials.iter().map(|here| here.trial).collect();
        Ok(Builder::new(machine.board())?.trials(self.network.name, &names, self.steps)?)
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
            (true, Machine::Stm32f405) => Counted::Windows(cycles::measure(elf, &mut keep)?),
            (true, Machine::RiscvVirt) => machine.count_instructions(elf, &mut keep).map(|()| Counted::Clock)?,
            (false, _) => machine.run(elf, &mut keep).map(|()| Counted::Not)?,
        };
        let outcome = |here: &Here| {
            let outcome = lines.iter().find_map(|line| parse(here, line, &windows));
            outcome.ok_or_else(|| Error::Unexpected { mode: here.trial, output: lines.join("\n") })
        };
        self.trials.iter().map(outcome).collect()
    }
}

/// What was counted.
enum Counted {
    Not,
    /// By the emulator's clock, to which a microsecond is a thousand instructions.
    Clock,
    /// By the profiler.
    Windows(Vec<Measured>),
}

impl Counted {
    /// A step of this many samples, which took `micros` by the board's clock.
    fn step(&self, trial: &str, samples: &str, micros: &str) -> Option<Work> {
        match self {
            Self::Not => None,
            Self::Clock => Some(Work { instructions: 1000 * micros.parse::<u64>().ok()?, cycles: None }),
            Self::Windows(windows) => {
                let name = format!("{trial}: {samples}");
                let cost = windows.iter().find(|window| window.name == name)?.cost;
                Some(Work { instructions: cost.instructions, cycles: Some(cost.cycles) })
            }
        }
    }
}

/// Reads `keep-adam: 30472 bytes, 1164 of stack, 419 + 546 us, CRC-32 01c9cf4b`.
fn parse(here: &Here, line: &str, counted: &Counted) -> Option<Outcome> {
    let mut parts = line.strip_prefix(here.trial)?.strip_prefix(": ")?.split(", ");
    let board_budget = parts.next()?.strip_suffix(" bytes")?.parse().ok()?;
    let stack = parts.next()?.strip_suffix(" of stack").map(str::parse).transpose().ok()?;
    let (one, two) = parts.next()?.strip_suffix(" us")?.split_once(" + ")?;
    let board_crc32 = u32::from_str_radix(parts.next()?.strip_prefix("CRC-32 ")?, 16).ok()?;
    let Here { trial, budget, crc32, .. } = *here;
    let [one, two] = [("one", one), ("two", two)].map(|(samples, micros)| counted.step(trial, samples, micros));
    let sample = one.zip(two).map(|(one, two)| two.minus(one));
    let update = one.zip(sample).map(|(one, sample)| one.minus(sample));
    Some(Outcome { trial, budget, board_budget, stack, sample, update, board_crc32, crc32 })
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
            let crc32 = if self.steps > 0 { state.rehearse(self.steps) } else { 0 };
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
    fn a_line_of_the_board_is_understood() {
        let here = Here { trial: "keep-adam", state: 0, budget: 30_472, crc32: 0x01c9_cf4b };
        let line = "keep-adam: 30472 bytes, 1164 of stack, 546 + 965 us, CRC-32 01c9cf4b";
        let outcome = parse(&here, line, &Counted::Clock).unwrap();
        let work = |instructions| Some(Work { instructions, cycles: None });
        assert_eq!((outcome.stack, outcome.sample, outcome.update), (Some(1164), work(419_000), work(127_000)));
        assert!(outcome.is_equal());
        let understood = |line: &str| parse(&here, line, &Counted::Not);
        assert_eq!(understood(line).map(|outcome| outcome.sample), Some(None));
        assert!(!understood(&line.replace("01c9", "01ca")).unwrap().is_equal());
        assert_eq!(understood(&line.replace("30472 bytes", "many bytes")), None);
        assert_eq!(understood(&line.replace("keep-adam", "keep-adam-8bit")), None);
        assert_eq!(understood(&format!("a{line}")), None);
        let silent = line.replace("1164 of stack", "stack not measured");
        assert_eq!(understood(&silent).unwrap().stack, None);
    }

    #[test]
    fn what_a_board_has_no_room_for_is_named() {
        let conditions = Conditions { machine: Machine::Stm32f405, steps: 0, counted: false };
        let error = images(conditions, networks::find("notebook").unwrap(), &["keep-adam"]).unwrap_err().to_string();
        assert!(error.contains("keep-adam") && error.contains("bytes"), "{error}");
    }
}
