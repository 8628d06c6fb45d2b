//! The cycles that the library takes on a Cortex-M4F, and how many they should be at most.

use serde::Serialize;

use super::cycles::{self, Cost};
use super::firmware;

/// A piece of work and what it costs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// What is done.
    pub window: String,
    /// What it is counted in.
    pub unit: &'static str,
    /// How many of them.
    pub count: u64,
    /// Instructions that are executed.
    pub instructions: u64,
    /// Cycles that they take, as an estimate.
    pub cycles: u64,
    /// The same per unit.
    pub cycles_per_unit: f64,
    /// What that should be at most.
    pub limit: Option<f64>,
    /// The costliest first.
    pub functions: Vec<Function>,
}

/// A function's part in it, without what it calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Instructions that are executed.
    pub instructions: u64,
    /// Cycles that they take, as an estimate.
    pub cycles: u64,
}

/// Work that cannot be measured.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error(transparent)]
    Cycles(#[from] cycles::Error),
    #[error(transparent)]
    Firmware(#[from] firmware::Error),
    #[error("`{program}` has a window `{window}`, which is not in the list of {here}", here = file!())]
    Unlisted { program: &'static str, window: String },
}

/// In `boards/bench-m4`.
const PROGRAMS: [&str; 6] = ["kernels", "watch-12x1", "watch-16x2", "flow-16x2", "flow-7x6", "mlp-42-64-32-1"];

const MAC: &str = "MAC";
const ELEMENT: &str = "element";
const PARAMETER: &str = "parameter";
const SAMPLE: &str = "sample";
const STEP: &str = "step";
const PIECE: &str = "piece";
/// A millisecond at 168 MHz, after which a program can look at its sensor.
const LONGEST_PIECE: f64 = 168_000.0;

/// All windows of all programs in their order: what they are counted in, and the most cycles that a unit should take with
/// what is in assembly and without.
pub const WINDOWS: [(&str, &str, Option<[f64; 2]>); 34] = [
    ("matmul forward", MAC, Some([3.0, 3.9])),
    ("matmul forward, twice", MAC, Some([3.0, 3.9])),
    ("matmul backward, input", MAC, Some([3.3, 4.4])),
    ("matmul backward, weights", MAC, Some([3.3, 4.4])),
    ("token mixing, 16 x 12: forward", MAC, Some([3.6, 4.6])),
    ("token mixing, 16 x 12: backward", MAC, Some([3.6, 4.6])),
    ("token mixing, 14 x 16: forward", MAC, Some([3.6, 4.6])),
    ("token mixing, 14 x 16: backward", MAC, Some([3.6, 4.6])),
    ("GELU forward", ELEMENT, Some([32.0; 2])),
    ("GELU backward", ELEMENT, Some([48.0; 2])),
    ("LayerNorm forward", ELEMENT, Some([14.0; 2])),
    ("LayerNorm backward", ELEMENT, Some([26.0; 2])),
    ("watch-12x1: sample", SAMPLE, Some([223_000.0; 2])),
    ("watch-12x1: Adam", PARAMETER, Some([50.0; 2])),
    ("watch-12x1: prediction", SAMPLE, Some([76_000.0; 2])),
    ("watch-12x1: piece, a block forward", PIECE, Some([LONGEST_PIECE; 2])),
    ("watch-12x1: piece, a block backward", PIECE, Some([LONGEST_PIECE; 2])),
    ("watch-12x1: sample, slopes kept", SAMPLE, Some([223_000.0; 2])),
    ("watch-16x2: sample", SAMPLE, None),
    ("watch-16x2: Adam", PARAMETER, Some([50.0; 2])),
    ("watch-16x2: prediction", SAMPLE, None),
    ("flow-16x2: sample", SAMPLE, None),
    ("flow-16x2: Adam", PARAMETER, Some([50.0; 2])),
    ("flow-16x2: prediction", SAMPLE, None),
    ("flow-7x6: sample", SAMPLE, None),
    ("flow-7x6: Adam", PARAMETER, Some([50.0; 2])),
    ("flow-7x6: prediction", SAMPLE, None),
    ("mlp-42-64-32-1: sample", SAMPLE, None),
    ("mlp-42-64-32-1: Adam", PARAMETER, Some([50.0; 2])),
    ("mlp-42-64-32-1: prediction", SAMPLE, Some([20_000.0; 2])),
    ("mlp-42-64-32-1: sample, 4 side by side", SAMPLE, None),
    ("mlp-42-64-32-1: sample, 8 side by side", SAMPLE, None),
    ("mlp-42-64-32-1: training step, batch 32", STEP, Some([1_600_000.0; 2])),
    ("mlp-42-64-32-1: training step, batch 1", STEP, Some([330_000.0; 2])),
];

/// Why nothing can be measured here, `None` if it can.
pub fn missing() -> Option<Error> {
    let compiler = firmware::missing(firmware::Board::Stm32f405).map(Error::from);
    compiler.or_else(|| cycles::missing().map(Error::from))
}

/// Builds the programs of `boards/bench-m4`, with what the library has in assembly or without, runs them in QEMU and gives a
/// row for each of their windows.
///
/// # Errors
/// QEMU, gcc or a compiler for the programs is not there.
pub fn run(assembly: bool) -> Result<Vec<Row>, Error> {
    let folder = firmware::Builder::new(firmware::Board::Stm32f405)?.bench(assembly)?;
    let mut rows = Vec::new();
    for program in PROGRAMS {
        for measured in cycles::measure(&folder.join(program), &mut |_| ())? {
            rows.push(row(program, measured, assembly)?);
        }
    }
    Ok(rows)
}

fn row(program: &'static str, measured: cycles::Measured, assembly: bool) -> Result<Row, Error> {
    let cycles::Measured { name: window, count, cost: Cost { instructions, cycles }, functions } = measured;
    let Some((_, unit, limits)) = WINDOWS.into_iter().find(|(name, ..)| *name == window) else {
        return Err(Error::Unlisted { program, window });
    };
    let functions = functions.into_iter().map(|(name, cost)| {
        let Cost { instructions, cycles } = cost;
        Function { name, instructions, cycles }
    });
    let limit = limits.map(|[with, without]| if assembly { with } else { without });
    let (cycles_per_unit, functions) = (cycles as f64 / count as f64, functions.collect());
    Ok(Row { window, unit, count, instructions, cycles, cycles_per_unit, limit, functions })
}
