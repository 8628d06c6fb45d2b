//! Which networks, modes and boards are asked about.

use clap::Args;
use clap::builder::PossibleValuesParser;

use super::boards::{self, BOARDS, Board};
use super::flash::{self, Area};
use super::{PREDICT, PREDICT_INT8, PREDICTIONS};
use crate::modes;
use crate::optimizer::OptimizerName;
use crate::{Network, all, listed};

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

fn networks() -> Vec<&'static str> {
    all().iter().map(|network| network.name).chain([ALL]).collect()
}

fn all_modes() -> Vec<&'static str> {
    modes::names().chain([ALL, PREDICT, PREDICT_INT8]).collect()
}

fn all_boards() -> Vec<&'static str> {
    boards::NAMES.into_iter().chain([ALL]).collect()
}

/// Whether something is asked about by name; no name stands for all.
fn is_asked(names: &[String], name: &str) -> bool {
    names.is_empty() || names.iter().any(|asked| asked == name || asked == ALL)
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

    /// Why there is no row.
    pub fn why_nothing(&self) -> NotListed {
        let rows = Self { networks: Vec::new(), ..self.clone() }.rows();
        let networks = rows.chunk_by(|a, b| a.network == b.network).map(|rows| rows[0].network);
        NotListed::OtherNetworks { there: listed(networks) }
    }

    /// The networks that are asked about.
    pub(super) fn of_list(&self) -> impl Iterator<Item = &'static Network> {
        all().iter().filter(|network| is_asked(&self.networks, network.name))
    }

    /// A mode's name begins with what is kept or trained, and goes on with the optimiser.
    pub(super) fn is_asked(&self, mode: &str) -> bool {
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
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn ask() -> Selection {
        let (networks, modes, boards) = (Vec::new(), Vec::new(), Vec::new());
        Selection { networks, modes, boards, optimizer: None, save_every: 500, fits: None }
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
}
