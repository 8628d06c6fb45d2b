//! `budget`

use std::error::Error;

use super::output::Files;
use super::page::PageOptions;
use crate::networks::budget::{Row, Selection};
use crate::report;
use crate::report::plot::bars;

/// Which networks, modes and boards, and where the figures go.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    selection: Selection,
    /// List what pre-training costs instead, beside training: RAM and multiply-accumulates
    #[arg(long, conflicts_with_all = ["modes", "boards", "optimizer", "fits", "svg"])]
    pretext: bool,
    /// List every network in every mode, not only the best mode for each board
    #[arg(long)]
    all: bool,
    /// Write the figures; `-` is standard output
    #[arg(long, value_name = "FILE.json")]
    json: Option<String>,
    /// Draw them: a bar per row, a line per board
    #[arg(long, value_name = "FILE.svg")]
    svg: Option<String>,
    #[command(flatten)]
    page: PageOptions,
}

impl Args {
    /// Compares, and fails where a network does not fit that must.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let Self { selection, pretext, all, json, svg, page } = self;
        if *pretext {
            let rows = || Ok::<_, Box<dyn Error>>(selection.pretexts());
            return Files::json(json).page("What pre-training costs", page).report(rows, report::pretexts).map(drop);
        }
        selection.check_optimizer()?;
        let boards: Vec<_> = selection.boards().collect();
        let must_fit = selection.must_fit();
        let is_wide = *all || !(selection.networks.is_empty() && selection.modes.is_empty());
        let rows = selection.rows();
        if rows.is_empty() {
            return Err(selection.why_nothing().into());
        }
        let is_drawn = !is_wide || rows.len() <= MOST_BARS;
        if svg.is_some() && !is_drawn {
            let count = rows.len();
            return Err(format!(
                "--svg: {count} bars fit no screen; choose {MOST_BARS} at most by --network and --mode"
            )
            .into());
        }
        let draw = |rows: &[Row]| {
            if is_wide { bars::budgets(rows, &boards) } else { bars::budgets(&first_modes(rows), &boards) }
        };
        let files = Files::json(json).page("What networks need, and what boards have", page);
        let files = if is_drawn { files.svg(svg, draw) } else { files };
        let table = |rows: &[_]| match must_fit {
            Some(board) => report::fitting(&selection.fitting(&board), board.name),
            None if is_wide => report::budget(rows).with(report::flash(rows, &selection.areas(), selection.save_every)),
            None => {
                report::best(&boards.iter().map(|board| (board.name, selection.fitting(board))).collect::<Vec<_>>())
            }
        };
        files.report(|| Ok::<_, Box<dyn Error>>(rows), table)?;
        Ok(must_fit.map_or(Ok(()), |board| selection.check(&board))?)
    }
}

/// Bars of a picture, which a screen shows at once.
const MOST_BARS: usize = 24;

/// Each network in the mode that is listed first.
fn first_modes(rows: &[Row]) -> Vec<Row> {
    rows.chunk_by(|a, b| a.network == b.network).filter_map(|rows| rows.first().cloned()).collect()
}

const EXAMPLES: &str = "\
Examples:
  host-sim budget                                   for each network and board the best way of training that fits
  host-sim budget --fits stm32g431                  all ways that fit
  host-sim budget --network watch-12x1 flow-7x6 --optimizer momentum
  host-sim budget --network watch-16x2 --mode online-sgd --fits stm32g431
  host-sim budget --network watch-12x1 --mode keep-adam recompute-adam-8bit --save-every 5000
  host-sim budget --network watch-12x1 watch-16x2 --board stm32f405 --svg budget.svg --json budget.json

All figures are constants of the types that the boards' programs use. The stack is the bound that tests hold the trainer to.";
