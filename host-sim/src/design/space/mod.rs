//! Which networks are tried: their types as text, sized so that they take from a quarter to all of the RAM that is allowed.

mod sequences;
mod shape;
mod tables;

use serde::Serialize;
use trainlet::nn::loss::Task;
use trainlet_worker::message::Memory;

pub use shape::Shape;

/// What a network has to do.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Problem {
    /// Numbers of a sample.
    pub inputs: usize,
    /// `(frames, channels)` of a window of a recording, whose frames follow each other; `None` of the row of a table.
    pub window: Option<(usize, usize)>,
    /// What is predicted.
    #[serde(skip)]
    pub task: Task,
}

impl Problem {
    /// Outputs of a network.
    pub fn outputs(&self) -> usize {
        match self.task {
            Task::Classify { classes } => classes,
            Task::Regress { values } => values,
        }
    }

    /// The type of the loss.
    pub fn loss(&self) -> &'static str {
        match self.task {
            Task::Classify { .. } => "CrossEntropy",
            Task::Regress { .. } => "Mse",
        }
    }
}

/// A network that is tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Its name: the kind and the measures.
    pub name: String,
    /// What it is, in a line.
    pub about: String,
    /// Its type, whose names are those of trainlet.
    pub keep: String,
    /// The types of its variants that keep less or more for the backward pass, by the names of
    /// [`network!`](trainlet::network!).
    pub variants: Vec<(&'static str, String)>,
}

impl Proposal {
    /// The type in a mode.
    pub fn of(&self, memory: Memory) -> &str {
        let name = match memory {
            Memory::Keep => return &self.keep,
            Memory::KeepSlopes => "KeepSlopes",
            Memory::Recompute => "Recompute",
            Memory::BlockInput => "BlockInput",
        };
        self.variants.iter().find(|(variant, _)| *variant == name).map_or(&self.keep, |(_, of)| of)
    }
}

/// Most inputs of a network: more would take minutes to compile and do not fit a board.
pub const MAX_INPUTS: usize = 4096;
/// Most outputs.
pub const MAX_OUTPUTS: usize = 256;

/// Shares of the RAM that the networks of a kind are sized for.
const SHARES: [f64; 4] = [0.95, 0.65, 0.4, 0.2];

/// The networks for a problem whose trainers may take about `bytes` of RAM, without doubles, at least one.
pub fn proposals(problem: &Problem, bytes: usize) -> Vec<Proposal> {
    let kinds = match problem.window {
        None => tables::kinds(problem),
        Some(window) => sequences::kinds(problem, window),
    };
    let mut proposals: Vec<Proposal> = Vec::new();
    for kind in kinds {
        for share in SHARES.iter().take(kind.sizes) {
            let limit = share * bytes as f64;
            let shape = kind.shapes.iter().rev().find(|shape| (shape.bytes() as f64) < limit);
            proposals.extend(shape.map(|shape| shape.proposal(problem)));
        }
        // The smallest of all may fit where an estimate is too careful.
        if proposals.is_empty() {
            proposals.extend(kind.shapes.first().map(|shape| shape.proposal(problem)));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    proposals.retain(|proposal| seen.insert(proposal.name.clone()));
    proposals
}

/// Networks that differ in size alone, in order of it.
struct Kind {
    shapes: Vec<Shape>,
    /// How many of them are tried.
    sizes: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(inputs: usize, window: Option<(usize, usize)>, classes: usize) -> Problem {
        Problem { inputs, window, task: Task::Classify { classes } }
    }

    #[test]
    fn there_are_about_two_dozen_and_few_of_many_inputs() {
        for (problem, bytes, least, most) in [
            (problem(4, None, 3), 60_000, 12, 26),
            (problem(64, None, 10), 60_000, 12, 26),
            (problem(96, Some((16, 6)), 7), 60_000, 12, 26),
            (problem(32, Some((32, 1)), 2), 20_000, 8, 26),
            (problem(200, None, 40), 60_000, 3, 20),
            (problem(1, None, 2), 60_000, 4, 26),
            (problem(4096, None, 2), 60_000, 1, 26),
        ] {
            let names: Vec<_> = proposals(&problem, bytes).into_iter().map(|proposal| proposal.name).collect();
            assert!((least..=most).contains(&names.len()), "{problem:?}: {} {names:?}", names.len());
        }
    }
}
