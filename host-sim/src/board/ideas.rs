//! Ideas for training beyond the plain step, tried on an emulated board and here.

use std::path::Path;

use serde::Serialize;
use trainlet_app::ideas::{Idea, Learner as _, Room, Samples, VisitIdea, visit};
use trainlet_app::pretrain::{self, Replacing, Seeing, TwoPhases};

use super::cycles::{self, Measured};
use super::emulator::Machine;
use super::{Error, firmware};
use crate::run::stack;

/// What an idea came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trial {
    /// Its name.
    pub idea: &'static str,
    /// Bytes of the trainer, by its own constant.
    pub budget: usize,
    /// The same as the board says.
    pub board_budget: usize,
    /// Bytes of stack below a call of the trainer.
    pub stack: Option<usize>,
    /// Estimated cycles of a Cortex-M4F for each sample of a step, if they were counted.
    pub sample: Option<u64>,
    /// The same for what comes once per step.
    pub update: Option<u64>,
    /// CRC-32 of the weights as they end on the board.
    pub board_crc32: u32,
    /// The same here.
    pub crc32: u32,
}

impl Trial {
    /// Whether board and desktop have the same bytes and bits.
    pub fn is_equal(&self) -> bool {
        (self.budget, self.crc32) == (self.board_budget, self.board_crc32)
    }
}

/// Tries all ideas for so many steps on a machine and here, pre-training in a program of its own; `watcher` hears what the
/// board says. Cycles are counted on a Cortex-M4F if `counted`, which takes longer.
///
/// # Errors
/// No compiler, no emulator, or a program that says something unexpected.
pub fn run(machine: Machine, steps: u32, counted: bool, watcher: &mut dyn FnMut(&str)) -> Result<Vec<Trial>, Error> {
    let programs = [
        (firmware::build_ideas(machine.board(), steps)?, here(steps)),
        (firmware::build_pretrain(machine.board(), steps)?, pretrained_here(steps)),
    ];
    let mut trials = Vec::new();
    for (elf, here) in programs {
        trials.extend(compared(machine, &elf, &here, counted, watcher)?);
    }
    Ok(trials)
}

/// What a program says, beside what has come out here.
fn compared(
    machine: Machine,
    elf: &Path,
    here: &[Here],
    counted: bool,
    watcher: &mut dyn FnMut(&str),
) -> Result<Vec<Trial>, Error> {
    let mut lines = Vec::new();
    let mut keep = |line: &str| {
        watcher(line);
        lines.push(line.to_string());
    };
    let windows = if counted && machine == Machine::Stm32f405 {
        cycles::measure(elf, &mut keep)?
    } else {
        machine.run(elf, &mut keep)?;
        Vec::new()
    };
    let trial = |here: &Here| {
        let trial = lines.iter().find_map(|line| parse(here, line));
        let trial = trial.ok_or_else(|| Error::Unexpected { mode: here.idea, output: lines.join("\n") })?;
        Ok(trial.profiled(&windows))
    };
    here.iter().map(trial).collect()
}

impl Trial {
    /// The same with what steps of one and of two samples take.
    fn profiled(self, windows: &[Measured]) -> Self {
        let of = |what: &str| {
            let name = format!("{}: {what}", self.idea);
            windows.iter().find(|window| window.name == name).map(|window| window.cost.cycles)
        };
        let (one, two) = (of("one"), of("two"));
        let sample = one.zip(two).map(|(one, two)| two.saturating_sub(one));
        let update = one.zip(sample).map(|(one, sample)| one.saturating_sub(sample));
        Self { sample, update, ..self }
    }
}

/// Reads `sam: 36088 bytes, 1164 of stack, CRC-32 01c9cf4b`.
fn parse(here: &Here, line: &str) -> Option<Trial> {
    let mut parts = line.strip_prefix(here.idea)?.strip_prefix(": ")?.split(", ");
    let board_budget = parts.next()?.strip_suffix(" bytes")?.parse().ok()?;
    let stack = parts.next()?.strip_suffix(" of stack").map(str::parse).transpose().ok()?;
    let board_crc32 = u32::from_str_radix(parts.next()?.strip_prefix("CRC-32 ")?, 16).ok()?;
    let Here { idea, budget, crc32 } = *here;
    Some(Trial { idea, budget, board_budget, stack, sample: None, update: None, board_crc32, crc32 })
}

/// An idea on this computer.
struct Here {
    idea: &'static str,
    budget: usize,
    crc32: u32,
}

fn here(steps: u32) -> Vec<Here> {
    stack::large(move || {
        let mut samples = Samples::ZERO;
        samples.make_up();
        let mut rehearsals = Rehearsals { samples, steps, found: Vec::new() };
        visit(&mut Room::Free, &mut rehearsals);
        rehearsals.found
    })
}

fn pretrained_here(steps: u32) -> Vec<Here> {
    fn one<T: TwoPhases>(idea: &'static str, samples: &Samples, steps: u32) -> Here {
        let mut trainer = T::ZERO;
        Here { idea, budget: T::BUDGET.total, crc32: trainer.rehearse(samples, steps) }
    }
    stack::large(move || {
        let mut samples = Samples::ZERO;
        samples.make_up();
        let [first, second] = pretrain::NAMES;
        vec![one::<Replacing>(first, &samples, steps), one::<Seeing>(second, &samples, steps)]
    })
}

struct Rehearsals {
    samples: Samples,
    steps: u32,
    found: Vec<Here>,
}

impl VisitIdea for Rehearsals {
    fn visit<I: Idea>(&mut self, trainer: &mut I::Trainer) {
        let crc32 = self.samples.rehearse::<I>(trainer, self.steps);
        self.found.push(Here { idea: I::NAME, budget: I::Trainer::BUDGET.total, crc32 });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_board_is_understood() {
        let here = Here { idea: "sam", budget: 36_088, crc32: 0x01c9_cf4b };
        let line = "sam: 36088 bytes, 1164 of stack, CRC-32 01c9cf4b";
        let trial = parse(&here, line).unwrap();
        assert!(trial.is_equal() && trial.stack == Some(1164));
        assert!(!parse(&here, &line.replace("01c9", "01ca")).unwrap().is_equal());
        assert!(parse(&here, &line.replace("36088 bytes", "many bytes")).is_none());
        assert!(parse(&here, &format!("a{line}")).is_none(), "`asam` is another one");
    }
}
