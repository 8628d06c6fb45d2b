//! `bench`

use std::error::Error;

use clap::builder::PossibleValuesParser;

use super::board::announce;
use super::output::{Files, note};
use crate::board::cycles::Processor;
use crate::board::emulator::Machine;
use crate::board::{bench, growth};
use crate::networks;
use crate::report;
use crate::report::plot::scatter;

/// Which cycles are counted.
#[derive(Debug, clap::Args)]
#[group(skip)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Build the programs without the assembly of the library
    #[arg(long, conflicts_with = "growth")]
    plain: bool,
    /// Processors whose cycles or instructions are counted [default: all]
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',', conflicts_with = "growth")]
    processor: Vec<Processor>,
    /// List the functions that take the most of each window as well, on the first of the processors; with --json, all of them
    #[arg(long, conflicts_with = "growth")]
    functions: bool,
    /// Count a sample of networks from small to large instead, and compare with the best that the processor can do
    #[arg(long)]
    growth: bool,
    /// Networks by name, with --growth [default: ten from small to large]
    #[arg(
        long = "network", value_name = "NAME", num_args = 1.., value_delimiter = ',', requires = "growth",
        value_parser = PossibleValuesParser::new(networks::names())
    )]
    networks: Vec<String>,
    /// Write all figures; `-` is standard output
    #[arg(long, value_name = "FILE.json")]
    json: Option<String>,
    /// Show what has changed since an earlier run wrote this file with --json
    #[arg(long, value_name = "FILE.json", conflicts_with = "growth")]
    against: Option<String>,
    /// Draw cycles against parameters, with the bound; with --growth
    #[arg(long, value_name = "FILE.svg", requires = "growth")]
    svg: Option<String>,
}

impl Args {
    /// Counts, and prints the table.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let Self { plain, processor, functions, growth, networks, json, against, svg } = self;
        if *growth {
            announce(Machine::Stm32f405);
            let files = Files::json(json).svg(svg, scatter::growth);
            return files.report(|| growth::rows(networks), report::growth).map(drop);
        }
        let processors = if processor.is_empty() { &Processor::ALL[..] } else { processor };
        processors.iter().find_map(|processor| bench::missing(*processor)).map_or(Ok(()), Err)?;
        note("building the programs for QEMU; the first time takes some minutes");
        let files = Files::json(json).against(against);
        let rows = || {
            let rows = bench::run(processors, !plain)?.into_iter();
            Ok::<_, Box<dyn Error>>(rows.map(|row| if *functions { row } else { row.in_sum() }).collect())
        };
        files.report(rows, |rows| report::bench(rows, *functions)).map(drop)
    }
}

const EXAMPLES: &str = "\
Examples:
  host-sim bench
  host-sim bench --functions --json cycles.json
  host-sim bench --plain --processor cortex-m4f
  host-sim bench --against docs/figures/bench.json
  host-sim bench --growth --network watch-12x1 alter-4 --svg growth.svg --json growth.json

Builds the programs in boards/bench and runs them in QEMU; with --growth, a program for each network, forward and backward
pass with everything kept, without the update. The bound is 2.55 cycles for each multiply-accumulate. Instructions are
counted exactly. Cycles of a Cortex-M are an estimate for memories that answer at once, by the tables of the Cortex-M4's
reference manual, and by measurements of others on a Cortex-M33; docs/speed.md has both tables. The figures depend on the
compiler, but not on the speed of your computer.";
