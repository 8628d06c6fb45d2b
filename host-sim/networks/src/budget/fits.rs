//! Which ways of training fit a board.

use super::boards::{BOARDS, Board};
use super::{PREDICTIONS, Row, Selection};

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

impl Selection {
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
}

#[cfg(test)]
mod tests {
    use super::super::selection::tests::ask;
    use super::*;

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
}
