//! What a board has, and what a candidate takes of it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use trainlet::core::budget::Budget;
use trainlet::core::tensor::Tensor;
use trainlet::networks::{Network, Watch12x1};
use trainlet::nn::net::Model;
use trainlet::optim::Adam;
use trainlet::train::Trainer;
use trainlet_app::board::STACK;
use trainlet_app::node::Memory;
use trainlet_worker::message::{Figures, Mode};

use crate::networks::budget::boards::{BOARDS, Board, Effort};

/// What a candidate may take.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Name of the board, if one is named.
    pub board: Option<String>,
    /// Bytes of RAM for variables and stack.
    pub ram: usize,
    /// Bytes of flash for the program, with the weights once more.
    pub flash: Option<usize>,
    /// Milliseconds to learn from a sample.
    pub latency: Option<f64>,
}

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub usize);

impl FromStr for Bytes {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const MESSAGE: &str = "write bytes, KiB, KB, MiB or MB: 64KiB, 65536";
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
        let unit = match text[digits.len()..].trim().to_ascii_lowercase().as_str() {
            "" | "b" => 1.0,
            "kib" | "k" => 1024.0,
            "kb" => 1000.0,
            "mib" | "m" => 1_048_576.0,
            "mb" => 1e6,
            _ => return Err(MESSAGE),
        };
        let number: f64 = digits.parse().map_err(|_| MESSAGE)?;
        let bytes = number * unit;
        if (1.0..1e12).contains(&bytes) { Ok(Self(bytes as usize)) } else { Err(MESSAGE) }
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_multiple_of(1024) { write!(f, "{}KiB", self.0 / 1024) } else { write!(f, "{}", self.0) }
    }
}

/// Bytes of a program that trains, without weights and data, in flash: what tests hold the boards' programs to, and the board's own part.
const PROGRAM: usize = 48 << 10;

/// RAM that the program `node` has beside trainer and stack, and beside the three buffers of a sample: the link, and counters.
const NODE: usize = {
    const fn beside<M: Network>() -> usize {
        let trainer = Trainer::<M, M::Loss, Adam<M::F32>, M::Arena>::BUDGET.total;
        Memory::<M>::RAM - trainer - 3 * size_of::<f32>() * <M as Model>::Input::LEN
    }
    // Lengths are rounded up to whole words of 64 bits.
    beside::<Watch12x1>().next_multiple_of(8) + 8
};

/// All RAM of the program `node` with a trainer of this size: variables and stack.
pub fn ram(inputs: usize, trainer: &Budget) -> usize {
    trainer.total + 3 * size_of::<f32>() * inputs + NODE + STACK
}

/// RAM that is left for a trainer.
pub fn for_trainer(inputs: usize, ram: usize) -> usize {
    ram.saturating_sub(3 * size_of::<f32>() * inputs + NODE + STACK)
}

/// Flash of a program with the weights as constants.
pub fn flash(parameters: usize) -> usize {
    PROGRAM + size_of::<f32>() * parameters
}

/// Samples that usually share an update.
const BATCH: f64 = 32.0;

/// Milliseconds to learn from a sample, a thirty-second of the update included.
pub fn millis(board: &Board, figures: &Figures, mode: &Mode) -> f64 {
    let effort = Effort { macs: mode.train_macs, updates: figures.parameters as f64 / BATCH, moments: 2 };
    board.core.usual_cycles(effort) / (1e3 * board.mhz)
}

/// The boards that times are given for: the one that is named, or one of each kind.
pub fn boards(limits: &Limits) -> Vec<Board> {
    let named = |board: &Board| limits.board.as_deref() == Some(board.name);
    let usual = |board: &Board| ["stm32f405", "esp32c3"].contains(&board.name);
    let found: Vec<_> = BOARDS.into_iter().filter(named).collect();
    if found.is_empty() { BOARDS.into_iter().filter(usual).collect() } else { found }
}

impl Limits {
    /// The way of training that takes least time among those that fit, states of more bits first; or why none fits.
    pub fn choose(&self, figures: &Figures) -> Result<Mode, String> {
        let fits = |mode: &&Mode| ram(figures.inputs, &mode.budget) <= self.ram;
        let by_time = |mode: &&Mode| (mode.state, mode.train_macs, mode.memory);
        let least = figures.modes.iter().map(|mode| ram(figures.inputs, &mode.budget)).min().unwrap_or(0);
        let mode = figures.modes.iter().filter(fits).min_by_key(by_time);
        let mode = *mode.ok_or_else(|| {
            format!("needs {least} bytes of RAM, {} more than there are", least - self.ram.min(least))
        })?;
        if let Some(limit) = self.flash.filter(|limit| flash(figures.parameters) > *limit) {
            return Err(format!("needs {} bytes of flash of {limit}", flash(figures.parameters)));
        }
        let slowest = boards(self).first().map_or(0.0, |board| millis(board, figures, &mode));
        if let Some(limit) = self.latency.filter(|limit| slowest > *limit) {
            return Err(format!("takes {slowest:.2} ms per sample of {limit}"));
        }
        Ok(mode)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trainlet::optim::State;

    #[test]
    fn bytes_are_read_with_their_units() {
        for (text, bytes) in
            [("64KiB", 65_536), ("64 kib", 65_536), ("64KB", 64_000), ("65536", 65_536), ("1.5MiB", 1_572_864)]
        {
            assert_eq!(text.parse(), Ok(Bytes(bytes)), "{text}");
        }
        assert!(["", "KiB", "64 apples", "-1", "0"].iter().all(|text| text.parse::<Bytes>().is_err()));
        assert_eq!(Bytes(65_536).to_string(), "64KiB");
    }

    /// What is said of RAM is that of the node's type, or a little more.
    #[test]
    fn ram_is_that_of_the_node() {
        fn check<M: Network>() {
            check_state::<M, M::F32>();
            check_state::<M, M::Bf16>();
            check_state::<M, M::Block8>();
        }
        fn check_state<M: Network, S: State>() {
            let said = ram(M::Input::LEN, &Trainer::<M, M::Loss, Adam<S>, M::Arena>::BUDGET);
            let needed = Memory::<M, S>::RAM + STACK;
            assert!((needed..needed + 32).contains(&said), "{} {}: {said} for {needed}", M::NAME, S::NAME);
        }
        check::<Watch12x1>();
        check::<trainlet::networks::Flow7x6>();
        check::<trainlet::networks::Mlp42>();
        check::<trainlet::networks::WatchPyramid>();
    }
}
