//! `--tui`: a run that fills the terminal, with curves and results as they come.

mod charts;
mod curve;
mod draw;
mod results;
mod screen;
mod view;

use std::io::{self, IsTerminal as _};

pub use screen::Screen;

use crate::run::output::STDOUT;
use crate::run::quiet::is_quiet;

/// Why there is no such view.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Figures go to the same place.
    #[error(
        "--tui fills the terminal that --json - writes the figures to: give --json a file, or leave one of the two out"
    )]
    Figures,
    /// Nothing is to be shown.
    #[error("--tui shows the run and --quiet hides it: leave one of the two out")]
    Quiet,
    /// There is nothing to draw on.
    #[error(
        "--tui needs a terminal for its input and its output: start it there without redirecting them, or leave it out"
    )]
    NoTerminal,
}

/// Whether a run can fill the terminal whose figures go to `json`.
pub fn check(json: Option<&str>) -> Result<(), Refused> {
    match () {
        () if json == Some(STDOUT) => Err(Refused::Figures),
        () if is_quiet() => Err(Refused::Quiet),
        () if !(io::stdout().is_terminal() && io::stdin().is_terminal()) => Err(Refused::NoTerminal),
        () => Ok(()),
    }
}

#[cfg(test)]
mod tests;
