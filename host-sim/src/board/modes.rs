//! Every way of training, tried on an emulated board and here.

use std::path::{Path, PathBuf};

use serde::Serialize;
use trainlet::networks::{Family, VisitFamily, visit_family};
use trainlet_app::board::STACK;
use trainlet_app::modes::{Memory, NAMES, Rehearse, VisitMode, visit};

use super::cycles::{self, Measured};
use super::emulator::Machine;
use super::{Error, firmware};
use crate::run::stack;

/// What a mode came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trial {
    /// Name of the mode.
    pub mode: &'static str,
    /// Bytes of the trainer, by its own constant.
    pub budget: usize,
    /// The same as the board says.
    pub board_budget: usize,
    /// Bytes of stack below a call of the trainer, if the board can tell.
    pub stack: Option<usize>,
    /// What a sample takes, without dropout and stochastic depth.
    pub sample: Work,
    /// What an update of the weights takes, unless each sample makes it.
    pub update: Work,
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

    /// The same with what the profiler has counted, which is more than the board's clock can tell.
    fn profiled(self, windows: &[Measured]) -> Self {
        let of = |what: &str, otherwise: Work| {
            let name = format!("{}: {what}", self.mode);
            let cost = windows.iter().find(|window| window.name == name).map(|window| window.cost);
            cost.map_or(otherwise, |cost| Work { instructions: cost.instructions, cycles: Some(cost.cycles) })
        };
        Self { sample: of("sample", self.sample), update: of("update", self.update), ..self }
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

/// A program with as many modes of a network as a board has room for.
#[derive(Clone, Debug)]
pub struct Group {
    machine: Machine,
    network: &'static str,
    steps: u32,
    modes: Vec<Here>,
    /// Bytes of their memory: the whole `.bss` of the program.
    pub ram: usize,
}

/// A mode here, on this computer.
#[derive(Clone, Copy, Debug)]
struct Here {
    mode: &'static str,
    /// Bytes of trainer, sample and the cell that hands them out.
    ram: usize,
    budget: usize,
    crc32: u32,
}

/// Tries modes of a network for so many steps on a machine and here; `watcher` hears what the board says.
///
/// # Errors
/// No compiler, no emulator, a mode that the board has no room for, or a program that says something unexpected.
pub fn run(
    machine: Machine,
    network: &'static str,
    modes: &[&'static str],
    steps: u32,
    watcher: &mut dyn FnMut(&str),
) -> Result<Vec<Trial>, Error> {
    let mut trials = Vec::new();
    for group in groups(machine, network, modes, steps)? {
        trials.extend(group.run(&group.build()?, watcher)?);
    }
    trials.sort_by_key(|trial| modes.iter().position(|mode| *mode == trial.mode));
    Ok(trials)
}

/// Cycles to learn from a sample on the emulated Cortex-M4F with everything kept, without the update.
///
/// # Errors
/// As [`run`].
pub fn cycles_of_sample(network: &'static str) -> Result<u64, Error> {
    let trials = run(Machine::Stm32f405, network, &["keep-adam"], 1, &mut |_| ())?;
    Ok(trials.iter().find_map(|trial| trial.sample.cycles).unwrap_or(0))
}

/// The programs that [`run`] builds.
///
/// # Errors
/// A mode that the board has no room for.
pub fn groups(
    machine: Machine,
    network: &'static str,
    modes: &[&'static str],
    steps: u32,
) -> Result<Vec<Group>, Error> {
    let room = machine.ram() - STACK;
    let mut groups: Vec<Group> = Vec::new();
    for here in here(network, modes, steps) {
        let Here { mode, ram, .. } = here;
        if ram > room {
            return Err(Error::TooLarge { mode, ram, room });
        }
        match groups.iter_mut().find(|group| group.ram + ram <= room) {
            Some(group) => {
                group.modes.push(here);
                group.ram += ram;
            }
            None => groups.push(Group { machine, network, steps, modes: vec![here], ram }),
        }
    }
    Ok(groups)
}

impl Group {
    /// Builds the program, in place of the group before.
    ///
    /// # Errors
    /// No compiler.
    pub fn build(&self) -> Result<PathBuf, Error> {
        let names: Vec<_> = self.modes.iter().map(|here| here.mode).collect();
        Ok(firmware::build_modes(self.machine.board(), self.network, &names, self.steps)?)
    }

    /// Runs it.
    ///
    /// # Errors
    /// No emulator, or a program that says something unexpected.
    pub fn run(&self, elf: &Path, watcher: &mut dyn FnMut(&str)) -> Result<Vec<Trial>, Error> {
        let mut lines = Vec::new();
        let mut keep = |line: &str| {
            watcher(line);
            lines.push(line.to_string());
        };
        let windows = if self.machine == Machine::Stm32f405 {
            cycles::measure(elf, &mut keep)?
        } else {
            self.machine.count_instructions(elf, &mut keep)?;
            Vec::new()
        };
        let trial = |here: &Here| {
            let trial = lines.iter().find_map(|line| parse(here, line));
            let trial = trial.ok_or_else(|| Error::Unexpected { mode: here.mode, output: lines.join("\n") })?;
            Ok(trial.profiled(&windows))
        };
        self.modes.iter().map(trial).collect()
    }
}

/// Reads `keep-adam: 30472 bytes, 1164 of stack, 419 + 127 us, CRC-32 01c9cf4b`. By the emulator's clock a microsecond is a
/// thousand instructions.
fn parse(here: &Here, line: &str) -> Option<Trial> {
    let mut parts = line.strip_prefix(here.mode)?.strip_prefix(": ")?.split(", ");
    let board_budget = parts.next()?.strip_suffix(" bytes")?.parse().ok()?;
    let stack = parts.next()?.strip_suffix(" of stack").map(str::parse).transpose().ok()?;
    let (sample, update) = parts.next()?.strip_suffix(" us")?.split_once(" + ")?;
    let board_crc32 = u32::from_str_radix(parts.next()?.strip_prefix("CRC-32 ")?, 16).ok()?;
    let Here { mode, budget, crc32, .. } = *here;
    let work = |micros: &str| Some(Work { instructions: 1000 * micros.parse::<u64>().ok()?, cycles: None });
    let (sample, update) = (work(sample)?, work(update)?);
    Some(Trial { mode, budget, board_budget, stack, sample, update, board_crc32, crc32 })
}

fn here(network: &str, modes: &[&'static str], steps: u32) -> Vec<Here> {
    let modes = modes.to_vec();
    stack::large(move || visit_family(network, EachMode { modes, steps })).unwrap_or_default()
}

struct EachMode {
    modes: Vec<&'static str>,
    steps: u32,
}

impl VisitFamily for EachMode {
    type Result = Vec<Here>;

    fn visit<F: Family>(self) -> Vec<Here> {
        let mut rehearsals = Rehearsals { of: self, found: Vec::new() };
        visit::<F>(&mut rehearsals);
        rehearsals.found
    }
}

struct Rehearsals {
    of: EachMode,
    found: Vec<Here>,
}

impl VisitMode for Rehearsals {
    fn visit<T: Rehearse>(&mut self, mode: &'static str) {
        let EachMode { modes, steps } = &self.of;
        if modes.contains(&mode) {
            let mut memory = Box::new(Memory::<T>::ZERO);
            let crc32 = if *steps > 0 { memory.rehearse(*steps) } else { 0 };
            self.found.push(Here { mode, ram: Memory::<T>::RAM, budget: T::BUDGET.total, crc32 });
        }
    }
}

/// All modes, or those that are asked for by name.
pub fn chosen(names: &[String]) -> Vec<&'static str> {
    let all = names.is_empty() || names.iter().any(|name| name == "all");
    NAMES.iter().copied().filter(|mode| all || names.iter().any(|name| name == mode)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_board_is_understood() {
        let here = Here { mode: "keep-adam", ram: 0, budget: 30_472, crc32: 0x01c9_cf4b };
        let line = "keep-adam: 30472 bytes, 1164 of stack, 419 + 127 us, CRC-32 01c9cf4b";
        let trial = parse(&here, line).unwrap();
        let counted = (trial.stack, trial.sample.instructions, trial.update.instructions);
        assert_eq!(counted, (Some(1164), 419_000, 127_000));
        assert!(trial.is_equal());
        let other = parse(&here, &line.replace("01c9", "01ca")).unwrap();
        assert!(!other.is_equal());
        assert!(parse(&here, &line.replace("30472 bytes", "many bytes")).is_none());
        assert!(parse(&here, &line.replace("keep-adam", "keep-adam-8bit")).is_none());
        let silent = line.replace("1164 of stack", "stack not measured");
        assert_eq!(parse(&here, &silent).unwrap().stack, None);
    }

    #[test]
    fn groups_fill_the_board_and_lose_nothing() {
        let modes = chosen(&[]);
        for machine in Machine::ALL {
            let groups = groups(machine, "watch-16x2", &modes, 0).unwrap();
            let mut names: Vec<_> = groups.iter().flat_map(|group| group.modes.iter().map(|here| here.mode)).collect();
            names.sort_unstable();
            let mut expected = modes.clone();
            expected.sort_unstable();
            assert_eq!(names, expected);
            assert!(groups.iter().all(|group| group.ram <= machine.ram() - STACK));
        }
        let error = groups(Machine::Stm32f405, "notebook", &["keep-adam"], 0).unwrap_err().to_string();
        assert!(error.contains("keep-adam") && error.contains("bytes"), "{error}");
    }
}
