//! What networks need in each way of training, and which boards have it.

pub mod boards;
mod counted;
mod fits;
pub mod flash;
pub mod layers;
pub mod pretexts;
mod selection;

use serde::Serialize;
use trainlet::core::budget::Budget;

use super::Network;
use super::modes::{self, Mode};
use boards::{Board, Effort, Weights};
pub use fits::{DoesNotFit, Fitting};
use flash::Wear;
pub use selection::{NotListed, Selection};

/// Bytes of stack that a trainer takes at most on a Cortex-M4F; tests measure that it stays below.
pub const STACK: usize = 1792;

/// Nothing is learnt; the weights are in RAM.
const PREDICT: &str = "predict";
/// The same from weights in bytes.
const PREDICT_INT8: &str = "predict-int8";
const PREDICTIONS: [&str; 2] = [PREDICT, PREDICT_INT8];

/// A network in one mode, in bytes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Name of the network.
    pub network: &'static str,
    /// How it is trained, or that it only predicts.
    pub mode: &'static str,
    /// Number of its weights.
    pub parameters: usize,
    /// How many of them are trained.
    pub trained: usize,
    /// Multiply-accumulates per sample.
    pub macs: usize,
    /// RAM by role: the trainer and one sample.
    pub budget: Budget,
    /// At most.
    pub stack: usize,
    /// All of it.
    pub total: usize,
    /// Bytes of a checkpoint; a program adds some of its own. `None` where nothing is learnt.
    pub checkpoint: Option<u32>,
    /// What each board makes of it.
    pub on: Vec<OnBoard>,
}

/// What a board makes of a network.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OnBoard {
    /// Name of the board.
    pub board: &'static str,
    /// Bytes that it has left; below 0 the network does not fit.
    pub left: i64,
    /// Milliseconds per sample, an estimate; `None` where there is nothing to go by.
    pub millis: Option<f64>,
    /// Its saves, on a board that keeps checkpoints.
    pub flash: Option<Wear>,
}

impl Selection {
    /// A row per network and mode.
    pub fn rows(&self) -> Vec<Row> {
        self.of_list().flat_map(|network| self.rows_of(network)).collect()
    }

    /// A row per network and pretext.
    pub fn pretexts(&self) -> Vec<pretexts::Row> {
        self.of_list().flat_map(pretexts::rows).collect()
    }

    fn rows_of(&self, network: &Network) -> Vec<Row> {
        let mut rows = Vec::new();
        for Mode { name, budget, trained, macs, batch, .. } in network.modes() {
            if self.is_asked(name) {
                let saved = modes::checkpoint(network, name);
                let moments =
                    [("adam", 2), ("lion", 1), ("momentum", 1), ("schedule-free-sgd", 1), ("schedule-free", 2)]
                        .into_iter()
                        .find(|(rule, _)| name.contains(rule));
                let moments = moments.map_or(0, |(_, moments)| moments);
                let effort = Effort { macs, updates: trained as f64 / f64::from(batch), moments };
                let millis = |board: &Board| Some(board.millis(network, effort));
                let row = Row { trained, macs, ..self.row(network, name, budget, millis) };
                rows.push(self.with_saves(row, saved, batch));
            }
        }
        let in_bytes = network.int8.map(|int8| (PREDICT_INT8, int8.budget, Weights::Bytes));
        for (name, budget, weights) in
            [(PREDICT, network.predictor_budget, Weights::Floats)].into_iter().chain(in_bytes)
        {
            if self.is_asked(name) {
                let millis = |board: &Board| board.core.prediction(network, weights).map(|of| board.of_cycles(of));
                rows.push(self.row(network, name, budget, millis));
            }
        }
        rows
    }

    /// Of a network that only predicts.
    fn row(
        &self,
        network: &Network,
        mode: &'static str,
        budget: Budget,
        millis: impl Fn(&Board) -> Option<f64>,
    ) -> Row {
        let sample = size_of::<f32>() * network.inputs;
        let budget = budget.with_buffers(sample, 0, budget.total + sample);
        let total = budget.total + STACK;
        let on = |board: Board| {
            let left = board.ram as i64 - total as i64;
            OnBoard { board: board.name, left, millis: millis(&board), flash: None }
        };
        let on = self.boards().map(on).collect();
        let (network, parameters, macs) = (network.name, network.parameters, network.macs);
        Row { network, mode, parameters, trained: 0, macs, budget, stack: STACK, total, checkpoint: None, on }
    }

    /// The same of one that is trained, with checkpoints of as many bytes, and batches of as many samples.
    fn with_saves(&self, mut row: Row, checkpoint: u32, batch: u32) -> Row {
        for (on, board) in row.on.iter_mut().zip(self.boards()) {
            let step = on.millis.map(|millis| millis * f64::from(batch));
            on.flash = step.and_then(|step| flash::wear(&board, checkpoint, self.save_every, step));
        }
        row.checkpoint = Some(checkpoint);
        row
    }
}

#[cfg(test)]
mod tests {
    use super::super::all;
    use super::boards::BOARDS;
    use super::selection::tests::ask;
    use super::*;

    #[test]
    fn the_parts_add_up_and_boards_have_the_rest() {
        let all_rows = ask().rows();
        for row in &all_rows {
            let Budget { weights, gradients, optimizer, copies, stream, saved, scratch, settings, data, link, total } =
                row.budget;
            let parts = [weights, gradients, optimizer, copies, stream, saved, scratch, settings, data, link];
            assert_eq!(parts.iter().sum::<usize>(), total, "{row:?}");
            assert!(data > 0 && link == 0 && row.total == total + row.stack);
            assert!(row.on.iter().zip(BOARDS).all(|(on, board)| on.left + row.total as i64 == board.ram as i64));
            assert!(row.on.iter().all(|on| on.millis.is_none_or(|millis| millis > 0.0 && millis.is_finite())));
            let is_known = row.mode != PREDICT_INT8
                || counted::prediction(boards::Core::CortexM4F, row.network, Weights::Bytes).is_some();
            assert!(row.on.iter().all(|on| on.millis.is_some() == is_known), "{row:?}");
        }
        let modes = modes::names().chain([PREDICT]).count();
        for network in all() {
            let (in_bytes, others): (Vec<_>, Vec<_>) =
                all_rows.iter().filter(|row| row.network == network.name).partition(|row| row.mode == PREDICT_INT8);
            assert_eq!(in_bytes.len(), usize::from(network.int8.is_some()), "{}", network.name);
            let rows = others.len();
            assert!(rows == modes || rows + 3 == modes, "{}: {rows} of {modes}", network.name);
        }
    }

    #[test]
    fn a_slower_board_takes_longer() {
        let row = &Selection { networks: vec!["watch-12x1".into()], ..ask() }.rows()[0];
        let millis = |name: &str| row.on.iter().find(|on| on.board == name).unwrap().millis;
        assert!(millis("stm32f405") < millis("nrf52840") && millis("nrf52840") < millis("esp32c3"), "{row:?}");
    }
}
