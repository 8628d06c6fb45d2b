//! How the cost of learning from a sample grows with the network, and how near it comes to what the processor can do.

use serde::Serialize;

use super::{Error, trials};
use crate::networks::{self, Network};

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

/// A network and its cost.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Its name.
    pub network: &'static str,
    /// Number of its weights.
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

/// Counts the cycles of each on the emulated Cortex-M4F; without names, of ten built-in networks from small to large.
///
/// # Errors
/// No compiler, no emulator, a network that does not fit.
pub fn rows(names: &[String]) -> Result<Vec<Row>, Error> {
    let usual = || USUAL.into_iter().filter(|usual| networks::names().any(|name| name == *usual)).map(String::from);
    let names = if names.is_empty() { usual().collect() } else { names.to_vec() };
    names.iter().map(|name| row(networks::find(name)?)).collect()
}

fn row(network: &'static Network) -> Result<Row, Error> {
    let &Network { name, parameters, train_macs: macs, .. } = network;
    let cycles = trials::cycles_of_sample(network)?;
    Ok(Row { network: name, parameters, macs, cycles, per_mac: cycles as f64 / macs as f64 })
}
