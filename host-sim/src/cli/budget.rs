//! `budget`

use std::error::Error;

use super::output::Files;
use crate::networks::budget::Selection;
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
    /// Write the figures
    #[arg(long, value_name = "FILE.json")]
    json: Option<String>,
    /// Draw them: a bar per row, a line per board
    #[arg(long, value_name = "FILE.svg")]
    svg: Option<String>,
}

impl Args {
    /// Compares, and fails where a network does not fit that must.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let Self { selection, pretext, json, svg } = self;
        if *pretext {
            let rows = || Ok::<_, Box<dyn Error>>(selection.pretexts());
            return Files::json(json).report(rows, report::pretexts).map(drop);
        }
        selection.check_optimizer()?;
        let boards: Vec<_> = selection.boards().collect();
        let files = Files::json(json).svg(svg, |rows| bars::budgets(rows, &boards));
        let table = |rows: &[_]| {
            let flash = report::flash(rows, &selection.areas(), selection.save_every);
            [Some(report::budget(rows)), flash].into_iter().flatten().collect::<Vec<_>>().join("\n\n")
        };
        files.report(|| Ok::<_, Box<dyn Error>>(selection.rows()), table)?;
        Ok(selection.check()?)
    }
}

const EXAMPLES: &str = "\
Examples:
  host-sim budget
  host-sim budget --network watch-12x1 flow-7x6 --optimizer momentum
  host-sim budget --network watch-16x2 --mode online-sgd --fits stm32g431
  host-sim budget --network watch-12x1 --mode keep-adam recompute-adam-8bit --save-every 5000
  host-sim budget --network watch-12x1 watch-16x2 --board stm32f405 --svg budget.svg --json budget.json

All figures are constants of the types that the boards' programs use. The stack is the bound that tests hold the trainer to.";
