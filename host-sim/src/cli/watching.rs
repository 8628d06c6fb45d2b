//! How a run is looked at while it goes on.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::live::{self, Screen};
use super::progress::Progress;
use super::tensorboard::TensorBoard;
use crate::run::epochs::Event;
use crate::run::options::Options;

/// Beside the line of progress, or in its place.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Watching {
    /// Write loss and rate of each step, and the results of each epoch, to a new event file in this folder, for TensorBoard
    #[arg(long, value_name = "DIR", conflicts_with = "folds", help_heading = HEADING)]
    tensorboard: Option<String>,
    /// Fill the terminal with curves, the confusion matrix and the time that is left, while the run goes on; q stops it as Ctrl-C does
    #[arg(long, conflicts_with = "folds", help_heading = HEADING)]
    tui: bool,
}

const HEADING: &str = "Watching the run";

impl Watching {
    /// Whether a run with these options can be looked at in this way.
    pub fn check(&self, options: &Options) -> Result<(), live::Refused> {
        if self.tui { live::check(options.json.as_deref()) } else { Ok(()) }
    }

    /// Whether the run takes the terminal.
    pub fn is_live(&self) -> bool {
        self.tui
    }

    /// Begins to look. `stop` becomes true when the user has had enough.
    pub fn start(&self, options: &Options, stop: &Arc<AtomicBool>) -> Result<Watchers<'_>, Box<dyn Error>> {
        self.check(options)?;
        let board = self.tensorboard.as_deref().map(TensorBoard::new).transpose()?;
        let shown = match self.tui {
            true => Shown::Live(Screen::start(&options.network, stop.clone())?),
            false => Shown::Line(Progress::new()),
        };
        Ok(Watchers { shown, board })
    }
}

/// All that hear of a run.
pub struct Watchers<'a> {
    shown: Shown,
    board: Option<TensorBoard<'a>>,
}

enum Shown {
    Line(Progress),
    Live(Screen),
}

impl Watchers<'_> {
    /// Passes on what happened.
    pub fn hear(&mut self, event: Event) {
        match &mut self.shown {
            Shown::Line(progress) => progress.show(event),
            Shown::Live(screen) => screen.hear(event),
        }
        self.board.iter_mut().for_each(|board| board.hear(event));
    }

    /// Leaves the terminal to others. Fails if not all that was heard is on the disk.
    pub fn finish(self) -> Result<(), Box<dyn Error>> {
        match self.shown {
            Shown::Line(progress) => progress.finish(),
            Shown::Live(screen) => drop(screen),
        }
        self.board.map_or(Ok(()), TensorBoard::finish)
    }
}
