//! What networks need in each way of training, and which boards have it.

pub mod boards;
mod counted;
pub mod flash;
pub mod layers;
pub mod pretexts;

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde::Serialize;
use trainlet::core::budget::Budget;

use super::modes::{self, Mode};
use super::optimizer::OptimizerName;
use super::{Network, all, listed};
use boards::{BOARDS, Board, Effort, Weights};
use flash::{Area, Wear};

/// Bytes of stack that a trainer takes at most on a Cortex-M4F; tests measure that it stays below.
pub const STACK: usize = 1792;

/// Which networks, which modes, and which boards.
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Selection {
    /// Networks by name [default: all]
    #[arg(long = "network", value_name = "NAME", num_args = 1.., value_parser = PossibleValuesParser::new(networks()))]
    pub networks: Vec<String>,
    /// Ways of training by name, or `predict` and `predict-int8` [default: all]
    #[arg(long = "mode", value_name = "MODE", num_args = 1.., value_parser = PossibleValuesParser::new(all_modes()))]
    pub modes: Vec<String>,
    /// Boards by name [default: all]
    #[arg(long = "board", value_name = "NAME", num_args = 1.., value_parser = PossibleValuesParser::new(all_boards()))]
    pub boards: Vec<String>,
    /// Only the ways of training with this optimiser; adam and adamw need the same, momentum and nesterov too
    #[arg(long, value_enum)]
    pub optimizer: Option<OptimizerName>,
    /// Steps from one save in flash to the next, for what it takes until the flash is worn out
    #[arg(long, value_name = "STEPS", default_value_t = flash::USUALLY)]
    pub save_every: u32,
    /// List the ways of training that fit this board, and predictions that --mode names; fail if a network that is named has none
    #[arg(long, value_name = "BOARD", value_parser = PossibleValuesParser::new(boards::NAMES))]
    pub fits: Option<String>,
}

const ALL: &str = "all";
/// Nothing is learnt; the weights are in RAM.
const PREDICT: &str = "predict";
/// The same from weights in bytes.
const PREDICT_INT8: &str = "predict-int8";
const PREDICTIONS: [&str; 2] = [PREDICT, PREDICT_INT8];

fn networks() -> Vec<&'static str> {
    all().iter().map(|network| network.name).chain([ALL]).collect()
}

fn all_modes() -> Vec<&'static str> {
    super::modes::names().chain([ALL, PREDICT, PREDICT_INT8]).collect()
}

fn all_boards() -> Vec<&'static str> {
    boards::NAMES.into_iter().chain([ALL]).collect()
}

/// Whether something is asked about by name; no name stands for all.
fn is_asked(names: &[String], name: &str) -> bool {
    names.is_empty() || names.iter().any(|asked| asked == name || asked == ALL)
}

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

/// A network and the ways of training that fit a board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fitting {
    /// Name of the network.
    pub network: &'static str,
    /// Names of the modes, as they are listed: what is fast and exact comes first.
    pub modes: Vec<&'static str>,
}

/// A network that does not fit where it should.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{network} does not fit {board} in any way that is asked about: {mode}, which needs least, is {missing} bytes too \
     large; ask about other modes, or take a smaller network"
)]
pub struct DoesNotFit {
    network: &'static str,
    mode: &'static str,
    board: &'static str,
    missing: usize,
}

/// No way of training is left of those that are listed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotListed {
    /// With this optimiser.
    #[error(
        "ldog is in none of the ways of training that are listed: it needs the bytes of --optimizer sgd, and 12 for each array of weights; \
         `train --optimizer ldog --lr 1 --schedule constant --warmup 0` says how many that are"
    )]
    Ldog,
    /// With this optimiser among the modes that are asked about.
    #[error("no --mode that is asked about has this --optimizer: leave out one of the two options")]
    Together,
    /// The networks that are asked about have other modes.
    #[error("no --network that is asked about has this --mode; others that have it: {there}")]
    OtherNetworks {
        /// Their names.
        there: String,
    },
}

impl Selection {
    /// Whether some way of training has the optimiser that is asked about.
    ///
    /// # Errors
    /// None has.
    pub fn check_optimizer(&self) -> Result<(), NotListed> {
        match self.optimizer {
            None => Ok(()),
            Some(_) if modes::names().any(|mode| self.is_asked(mode)) => Ok(()),
            Some(OptimizerName::Ldog) => Err(NotListed::Ldog),
            Some(_) => Err(NotListed::Together),
        }
    }

    /// The boards that are asked about.
    pub fn boards(&self) -> impl Iterator<Item = Board> {
        BOARDS.into_iter().filter(|board| is_asked(&self.boards, board.name))
    }

    /// Where those of them keep checkpoints that do.
    pub fn areas(&self) -> Vec<Area> {
        self.boards().filter_map(|board| flash::area(&board, self.save_every)).collect()
    }

    /// A row per network and mode.
    pub fn rows(&self) -> Vec<Row> {
        all()
            .iter()
            .filter(|network| is_asked(&self.networks, network.name))
            .flat_map(|network| self.rows_of(network))
            .collect()
    }

    /// Why there is no row.
    pub fn why_nothing(&self) -> NotListed {
        let rows = Self { networks: Vec::new(), ..self.clone() }.rows();
        let networks = rows.chunk_by(|a, b| a.network == b.network).map(|rows| rows[0].network);
        NotListed::OtherNetworks { there: listed(networks) }
    }

    /// A row per network and pretext.
    pub fn pretexts(&self) -> Vec<pretexts::Row> {
        all().iter().filter(|network| is_asked(&self.networks, network.name)).flat_map(pretexts::rows).collect()
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

    /// The board of `--fits`.
    pub fn must_fit(&self) -> Option<Board> {
        BOARDS.into_iter().find(|board| self.fits.as_deref() == Some(board.name))
    }

    /// What fits a board of all that is asked about, network by network.
    pub fn fitting(&self, board: &Board) -> Vec<Fitting> {
        let rows = self.rows();
        let of_network = |rows: &[Row]| {
            let fits = rows.iter().filter(|row| self.can_fit(row) && row.total <= board.ram);
            Fitting { network: rows[0].network, modes: fits.map(|row| row.mode).collect() }
        };
        rows.chunk_by(|a, b| a.network == b.network).map(of_network).collect()
    }

    /// Whether every network that is named fits a board.
    ///
    /// # Errors
    /// The first that cannot.
    pub fn check(&self, board: &Board) -> Result<(), DoesNotFit> {
        let rows = self.rows();
        for rows in rows.chunk_by(|a, b| a.network == b.network) {
            let is_named = self.networks.iter().any(|name| name == rows[0].network);
            let least = rows.iter().filter(|row| self.can_fit(row)).min_by_key(|row| row.total);
            match least {
                Some(Row { network, mode, total, .. }) if is_named && *total > board.ram => {
                    return Err(DoesNotFit { network, mode, board: board.name, missing: total - board.ram });
                }
                _ => (),
            }
        }
        Ok(())
    }

    /// Whether a network that fits in this way does what is asked for: a prediction is no training, unless it is asked about by name.
    fn can_fit(&self, row: &Row) -> bool {
        !PREDICTIONS.contains(&row.mode) || self.modes.iter().any(|mode| mode == row.mode)
    }

    /// A mode's name begins with what is kept or trained, and goes on with the optimiser.
    fn is_asked(&self, mode: &str) -> bool {
        let optimizer = self.optimizer.is_none_or(|optimizer| {
            let is_free = matches!(optimizer, OptimizerName::ScheduleFree | OptimizerName::ScheduleFreeSgd);
            let fits = mode.contains("schedule-free") == is_free
                && (optimizer != OptimizerName::ScheduleFree || !mode.ends_with("-sgd"));
            fits && mode.contains(match optimizer {
                OptimizerName::Adam | OptimizerName::Adamw => "adam",
                OptimizerName::Lion => "lion",
                OptimizerName::Sgd => "sgd",
                OptimizerName::ScheduleFree => "schedule-free",
                OptimizerName::ScheduleFreeSgd => "schedule-free-sgd",
                OptimizerName::Ldog => "dog",
                OptimizerName::Momentum | OptimizerName::Nesterov => "momentum",
            })
        });
        is_asked(&self.modes, mode) && (optimizer || PREDICTIONS.contains(&mode))
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
    use super::*;

    fn ask() -> Selection {
        let (networks, modes, boards) = (Vec::new(), Vec::new(), Vec::new());
        Selection { networks, modes, boards, optimizer: None, save_every: 500, fits: None }
    }

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
        let modes = all_modes().iter().filter(|mode| ![ALL, PREDICT_INT8].contains(mode)).count();
        for network in all() {
            let (in_bytes, others): (Vec<_>, Vec<_>) =
                all_rows.iter().filter(|row| row.network == network.name).partition(|row| row.mode == PREDICT_INT8);
            assert_eq!(in_bytes.len(), usize::from(network.int8.is_some()), "{}", network.name);
            let rows = others.len();
            assert!(rows == modes || rows + 3 == modes, "{}: {rows} of {modes}", network.name);
        }
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let fits = |networks: &[&str], board: &str, mode: &str| {
            let networks = networks.iter().map(|network| network.to_string()).collect();
            let selection = Selection { networks, modes: vec![mode.into()], fits: Some(board.into()), ..ask() };
            let board = selection.must_fit().unwrap();
            (selection.check(&board), selection.fitting(&board))
        };
        assert_eq!(fits(&["watch-12x1"], "stm32f405", "all").0, Ok(()));
        let (checked, fitting) = fits(&["flow-7x6"], "stm32g431", "all");
        assert_eq!(checked, Ok(()), "some do not fit, which is no failure");
        assert!(fitting[0].modes.contains(&"recompute-adam-8bit") && !fitting[0].modes.contains(&"keep-adam"));
        assert_eq!(fits(&["flow-7x6"], "stm32g431", "keep-adam").0.unwrap_err().mode, "keep-adam");
        assert_eq!(fits(&["watch-12x1", "notebook"], "rp2350", "all").0.unwrap_err().network, "notebook");
        let (checked, fitting) = fits(&["watch-12x1"], "stm32f405", "predict-int8");
        assert_eq!((checked, &fitting[0].modes[..]), (Ok(()), &["predict-int8"][..]));
        assert_eq!(fits(&["notebook"], "stm32f405", "predict").0.unwrap_err().mode, "predict");
        let (checked, fitting) = fits(&["all"], "rp2350", "keep-adam");
        assert_eq!(checked, Ok(()), "none is named");
        let none: Vec<_> = fitting.iter().filter(|fitting| fitting.modes.is_empty()).map(|none| none.network).collect();
        assert_eq!(none, ["notebook"]);
    }

    #[test]
    fn boards_networks_and_optimisers_can_be_chosen() {
        let (networks, boards) = (vec!["flow-7x6".into()], vec!["nrf52840".into()]);
        let selection = Selection { networks, boards, optimizer: Some(OptimizerName::Nesterov), ..ask() };
        let rows = selection.rows();
        assert!(rows.iter().all(|row| row.network == "flow-7x6" && row.on.len() == 1), "{rows:?}");
        assert!(rows.iter().all(|row| row.mode.contains("momentum") || PREDICTIONS.contains(&row.mode)), "{rows:?}");
        assert!(rows.len() == 6 && rows[0].total > rows[4].total && rows[0].macs > rows[4].macs);
        assert!(rows[5].total < rows[4].total, "bytes: {rows:?}");
    }

    #[test]
    fn what_is_not_listed_is_told() {
        let check = |optimizer, modes: &[&str]| {
            let modes = modes.iter().map(|mode| mode.to_string()).collect();
            Selection { optimizer: Some(optimizer), modes, ..ask() }.check_optimizer()
        };
        use clap::ValueEnum as _;
        for optimizer in OptimizerName::value_variants() {
            let expected = if *optimizer == OptimizerName::Ldog { Err(NotListed::Ldog) } else { Ok(()) };
            assert_eq!(check(*optimizer, &[]), expected, "{optimizer:?}");
        }
        assert_eq!(check(OptimizerName::Lion, &["keep-adam", PREDICT]), Err(NotListed::Together));
        assert_eq!(ask().check_optimizer(), Ok(()));
        let (networks, modes) = (vec!["watch-convnext".into()], vec![PREDICT_INT8.into()]);
        let selection = Selection { networks, modes, ..ask() };
        assert!(selection.rows().is_empty());
        let why = selection.why_nothing().to_string();
        assert!(why.contains("watch-12x1, watch-16x2") && !why.contains("watch-convnext"), "{why}");
    }

    #[test]
    fn a_slower_board_takes_longer() {
        let row = &Selection { networks: vec!["watch-12x1".into()], ..ask() }.rows()[0];
        let millis = |name: &str| row.on.iter().find(|on| on.board == name).unwrap().millis;
        assert!(millis("stm32f405") < millis("nrf52840") && millis("nrf52840") < millis("esp32c3"), "{row:?}");
    }
}
