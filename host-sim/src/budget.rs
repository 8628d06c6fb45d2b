//! What networks need, and which boards have it.

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde::Serialize;
use trainlet::budget::Budget;
use trainlet::networks::{NAMES, Network, Visit, visit};
use trainlet::optim::{Adam, Momentum, Sgd};
use trainlet::params::Params;
use trainlet::tensor::Tensor;
use trainlet::train::{Predictor, Trainer};
use trainlet_app::board::ram;

use crate::options::OptimizerName;

/// A board and its RAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Board {
    /// Its name.
    pub name: &'static str,
    /// Bytes of RAM for the variables and the stack of a program.
    pub ram: usize,
    /// What it is.
    pub about: &'static str,
}

/// From small to large.
pub const BOARDS: [Board; 5] = [
    Board { name: "stm32g431", ram: 32 << 10, about: "Cortex-M4F, 170 MHz" },
    Board { name: "stm32f405", ram: ram::STM32F405, about: "Cortex-M4F, 168 MHz; 64 KiB of CCM beside" },
    Board { name: "nrf52840", ram: ram::NRF52840, about: "Cortex-M4F, 64 MHz" },
    Board { name: "esp32c3", ram: ram::ESP32C3, about: "RV32IMC, 160 MHz; what esp-hal leaves of 400 KiB" },
    Board { name: "rp2350", ram: 520 << 10, about: "Cortex-M33, 150 MHz" },
];
const BOARD_NAMES: [&str; BOARDS.len()] =
    [BOARDS[0].name, BOARDS[1].name, BOARDS[2].name, BOARDS[3].name, BOARDS[4].name];

/// Bytes of stack that the trainer takes at the most on a Cortex-M4F; tests measure that it stays below.
pub const STACK: usize = 2048;

/// Which networks, which boards, and where it goes.
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Question {
    /// Networks by name [default: all]
    #[arg(long = "config", value_name = "NAME", num_args = 1.., value_parser = PossibleValuesParser::new(names("all")))]
    pub configs: Vec<String>,
    /// Boards by name [default: all]
    #[arg(long = "board", value_name = "NAME", num_args = 1.., value_parser = PossibleValuesParser::new(boards("all")))]
    pub boards: Vec<String>,
    /// The optimiser that trains; adam and adamw need the same, momentum and nesterov too
    #[arg(long, value_enum, default_value_t = OptimizerName::Adam)]
    pub optimizer: OptimizerName,
    /// Fail unless every network can be trained on this board
    #[arg(long, value_name = "BOARD", value_parser = PossibleValuesParser::new(BOARD_NAMES))]
    pub fits: Option<String>,
    /// Write the figures
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<String>,
    /// Draw them: a bar per network, a line per board
    #[arg(long, value_name = "FILE.svg")]
    pub svg: Option<String>,
}

fn names(all: &'static str) -> Vec<&'static str> {
    NAMES.iter().copied().chain([all]).collect()
}

fn boards(all: &'static str) -> Vec<&'static str> {
    BOARD_NAMES.into_iter().chain([all]).collect()
}

/// What is done with a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Every weight is trained, every pre-activation kept.
    Train,
    /// Nothing is learnt; the weights are in RAM.
    Predict,
}

/// A network in one mode, in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Name of the network.
    pub config: &'static str,
    /// What is done with it.
    pub mode: Mode,
    /// How many numbers it learns.
    pub parameters: usize,
    /// Multiply-accumulates per sample.
    pub macs: usize,
    /// RAM by role.
    pub budget: Budget,
    /// One sample.
    pub sample: usize,
    /// At the most.
    pub stack: usize,
    /// All of it.
    pub total: usize,
    /// What each board has left; below 0 it does not fit.
    pub left: Vec<Left>,
}

/// What a board has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Name of the board.
    pub board: &'static str,
    /// Bytes.
    pub bytes: i64,
}

/// A network that does not fit where it should.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{config} cannot be trained on {board}: {missing} bytes are missing; take a smaller network, or an --optimizer with less \
     state"
)]
pub struct DoesNotFit {
    config: &'static str,
    board: String,
    missing: u64,
}

impl Question {
    /// The boards that are asked about.
    pub fn boards(&self) -> impl Iterator<Item = Board> {
        let all = self.boards.is_empty() || self.boards.iter().any(|name| name == "all");
        BOARDS.into_iter().filter(move |board| all || self.boards.iter().any(|name| name == board.name))
    }

    /// Two rows per network.
    pub fn rows(&self) -> Vec<Row> {
        let all = self.configs.is_empty() || self.configs.iter().any(|name| name == "all");
        let asked = NAMES.iter().filter(|name| all || self.configs.iter().any(|config| config == *name));
        asked.filter_map(|name| visit(name, Measure(self))).flatten().collect()
    }

    /// Whether every network can be trained where `--fits` says.
    ///
    /// # Errors
    /// The first that cannot.
    pub fn check(&self) -> Result<(), DoesNotFit> {
        let Some(name) = &self.fits else { return Ok(()) };
        let Some(board) = BOARDS.iter().find(|board| board.name == name) else { return Ok(()) };
        match self.rows().iter().find(|row| row.mode == Mode::Train && row.total > board.ram) {
            Some(row) => {
                let missing = (row.total - board.ram) as u64;
                Err(DoesNotFit { config: row.config, board: name.clone(), missing })
            }
            None => Ok(()),
        }
    }
}

struct Measure<'a>(&'a Question);

impl Visit for Measure<'_> {
    type Result = [Row; 2];

    fn visit<M: Network>(self) -> [Row; 2] {
        let train = match self.0.optimizer {
            OptimizerName::Adam | OptimizerName::Adamw => Trainer::<M, M::Loss, Adam<M::F32>, M::Arena>::BUDGET,
            OptimizerName::Sgd => Trainer::<M, M::Loss, Sgd, M::Arena>::BUDGET,
            OptimizerName::Momentum | OptimizerName::Nesterov => {
                Trainer::<M, M::Loss, Momentum<M::F32>, M::Arena>::BUDGET
            }
        };
        let predict = Predictor::<M, M::Infer>::BUDGET;
        let weights = size_of::<M>();
        let predict = Budget { weights, total: predict.total + weights, ..predict };
        [(Mode::Train, M::TRAIN_MACS, train), (Mode::Predict, M::MACS, predict)].map(|(mode, macs, budget)| {
            let sample = size_of::<M::Input>();
            let total = budget.total + sample + STACK;
            let left = |board: Board| Left { board: board.name, bytes: board.ram as i64 - total as i64 };
            let left = self.0.boards().map(left).collect();
            let parameters = <M as Params>::COUNT;
            debug_assert_eq!(sample, 4 * M::Input::LEN);
            Row { config: M::NAME, mode, parameters, macs, budget, sample, stack: STACK, total, left }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask() -> Question {
        let (configs, boards) = (Vec::new(), Vec::new());
        Question { configs, boards, optimizer: OptimizerName::Adam, fits: None, json: None, svg: None }
    }

    #[test]
    fn the_parts_add_up_and_boards_have_the_rest() {
        for row in ask().rows() {
            let Budget { weights, gradients, optimizer, stream, saved, scratch, settings, total } = row.budget;
            assert_eq!(weights + gradients + optimizer + stream + saved + scratch + settings, total, "{row:?}");
            assert_eq!(row.total, total + row.sample + row.stack);
            assert!(row.left.iter().zip(BOARDS).all(|(left, board)| left.bytes + row.total as i64 == board.ram as i64));
        }
        assert_eq!(ask().rows().len(), 2 * NAMES.len());
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let fits = |config: &str, board: &str, optimizer| {
            let (configs, fits) = (vec![config.into()], Some(board.into()));
            Question { configs, fits, optimizer, ..ask() }.check()
        };
        assert_eq!(fits("watch-12x1", "stm32f405", OptimizerName::Adam), Ok(()));
        let error = fits("watch-12x1", "stm32g431", OptimizerName::Adam).unwrap_err();
        assert_eq!(
            (error.config, &*error.board, error.missing),
            ("watch-12x1", "stm32g431", 30_472 + 384 + 2048 - 32_768)
        );
        assert_eq!(fits("watch-12x1", "stm32g431", OptimizerName::Sgd), Ok(()));
        assert_eq!(fits("all", "rp2350", OptimizerName::Adam).unwrap_err().config, "notebook");
    }

    #[test]
    fn boards_and_networks_can_be_chosen() {
        let question = Question { configs: vec!["flow-7x6".into()], boards: vec!["nrf52840".into()], ..ask() };
        let rows = question.rows();
        assert!(rows.iter().all(|row| row.config == "flow-7x6" && row.left.len() == 1), "{rows:?}");
        assert!(rows[0].total > rows[1].total && rows[0].macs > rows[1].macs);
    }
}
