//! How the cost of learning from a sample grows with the network, and how near it comes to what the processor can do.

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde::Serialize;
use trainlet::networks::NAMES;

use crate::board;
use crate::networks::{self, Config};
use crate::run;

/// Fewest cycles per multiply-accumulate that a Cortex-M4F takes: a tile of 4 x 5 sums in its 32 registers, VMUL and VADD.
pub const BOUND: f64 = 2.55;

/// Networks from small to large that fit the emulated board.
const USUAL: [&str; 10] = [
    "watch-12x1",
    "flow-7x6",
    "flow-16x2",
    "watch-convnext",
    "watch-resnet",
    "watch-16x2",
    "watch-pyramid",
    "mlp-42-64-32-1",
    "alter-4",
    "watch-24x4r",
];

/// Which networks, and where it goes.
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Question {
    /// Networks by name [default: ten from small to large]
    #[arg(long, value_name = "NAME", num_args = 1.., value_delimiter = ',', value_parser = PossibleValuesParser::new(NAMES))]
    pub configs: Vec<String>,
    /// Write the figures
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<String>,
    /// Draw them: cycles against parameters, with the bound
    #[arg(long, value_name = "FILE.svg")]
    pub svg: Option<String>,
}

/// A network and its cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its name.
    pub config: &'static str,
    /// How many numbers it has.
    pub parameters: usize,
    /// Multiply-accumulates of a sample, forward and backward.
    pub macs: usize,
    /// Cycles of a sample, forward and backward.
    pub cycles: u64,
    /// Cycles per multiply-accumulate.
    pub per_mac: f64,
}

impl Row {
    /// The fewest cycles that its multiply-accumulates take.
    pub fn bound(&self) -> f64 {
        BOUND * self.macs as f64
    }
}

/// Counts the cycles of each on the emulated Cortex-M4F.
///
/// # Errors
/// No compiler, no emulator, a network that does not fit.
pub fn rows(question: &Question) -> Result<Vec<Row>, run::Error> {
    let usual = USUAL.map(String::from);
    let names = if question.configs.is_empty() { &usual[..] } else { &question.configs };
    names.iter().map(|name| row(name)).collect()
}

fn row(name: &str) -> Result<Row, run::Error> {
    let Config { name, parameters, train_macs: macs, .. } = networks::find(name)?;
    let cycles = board::trials::cycles_of_sample(name)?;
    Ok(Row { config: name, parameters, macs, cycles, per_mac: cycles as f64 / macs as f64 })
}
