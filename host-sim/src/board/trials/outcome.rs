//! What a board says of its trials, beside what has come out here.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use trainlet_trials::LIST;

use crate::board::cycles::Measured;

/// Name of a trial. Not `&str` in a struct that is read, which serde would borrow from the file.
pub type Name = &'static str;

/// Result of a trial.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Name of the trial.
    #[serde(deserialize_with = "known")]
    pub trial: Name,
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

/// The name of a trial in a file.
fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Name, D::Error> {
    let name = String::deserialize(deserializer)?;
    let known = LIST.iter().find(|(_, known)| *known == name).map(|(_, known)| *known);
    known.ok_or_else(|| D::Error::custom(format_args!("there is no trial `{name}`")))
}

/// What something takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// A trial here, on this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Here {
    pub trial: &'static str,
    /// Bytes of all its memory.
    pub state: usize,
    pub budget: usize,
    pub crc32: u32,
}

/// What was counted.
pub(super) enum Counted {
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
pub(super) fn parse(here: &Here, line: &str, counted: &Counted) -> Option<Outcome> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
