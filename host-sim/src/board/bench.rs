//! The cycles that the library takes on a Cortex-M4F, how many they should be at most, and what it takes on other processors.

use std::collections::BTreeMap;

use serde::Serialize;

use super::cycles::{self, Measured, Processor};
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
    /// What the cycles per unit should be at most on a Cortex-M4F.
    pub limit: Option<f64>,
    /// By processor.
    pub figures: BTreeMap<Processor, Figures>,
}

/// What a window comes to on a processor.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// All of it.
    pub cost: Cost,
    /// Cycles per unit, or instructions where those are all that is known.
    pub per_unit: f64,
    /// The costliest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<Function>,
}

impl Row {
    /// The same without the functions.
    pub fn in_sum(mut self) -> Self {
        self.figures.values_mut().for_each(|figures| figures.functions.clear());
        self
    }
}

/// A function's part in it, without what it calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What it costs.
    pub cost: Cost,
}

/// What something costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// Instructions that are executed.
    pub instructions: u64,
    /// Cycles that they take, as an estimate; an RV32IMC has none.
    pub cycles: Option<u64>,
}

impl Cost {
    /// Cycles, or instructions where those are all that is known.
    pub fn size(self) -> u64 {
        self.cycles.unwrap_or(self.instructions)
    }
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

/// In `boards/bench`.
pub const PROGRAMS: [&str; 7] =
    ["kernels", "watch-12x1", "watch-16x2", "flow-16x2", "flow-7x6", "mlp-42-64-32-1", "bytes"];

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
pub const WINDOWS: [(&str, &str, Option<[f64; 2]>); 39] = [
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
    ("watch-12x1: prediction from bytes", SAMPLE, None),
    ("watch-16x2: prediction from bytes", SAMPLE, None),
    ("flow-16x2: prediction from bytes", SAMPLE, None),
    ("flow-7x6: prediction from bytes", SAMPLE, None),
    ("mlp-42-64-32-1: prediction from bytes", SAMPLE, None),
];

/// Why nothing can be measured on a processor here, `None` if it can.
pub fn missing(processor: Processor) -> Option<Error> {
    let compiler = firmware::missing(processor.machine().board()).map(Error::from);
    compiler.or_else(|| cycles::missing(processor).map(Error::from))
}

/// A row for each window of all programs, with the figures of these processors; with what the library has in assembly or
/// without.
///
/// # Errors
/// As [`measure`].
pub fn run(processors: &[Processor], assembly: bool) -> Result<Vec<Row>, Error> {
    let mut rows: Vec<Row> = Vec::new();
    for &processor in processors {
        for measured in measure(processor, &PROGRAMS, assembly)? {
            match rows.iter_mut().find(|row| row.window == measured.window) {
                Some(row) => row.figures.extend(measured.figures),
                None => rows.push(measured),
            }
        }
    }
    Ok(rows)
}

/// Builds programs of `boards/bench` for a processor, runs them in QEMU and gives a row for each of their windows.
///
/// # Errors
/// QEMU, gcc or a compiler for the programs is not there.
pub fn measure(processor: Processor, programs: &[&'static str], assembly: bool) -> Result<Vec<Row>, Error> {
    let folder = firmware::Builder::new(processor.machine().board())?.bench(programs, assembly)?;
    let mut rows = Vec::new();
    for program in programs {
        for measured in cycles::measure(processor, &folder.join(program), &mut |_| ())? {
            rows.push(row(processor, program, measured, assembly)?);
        }
    }
    Ok(rows)
}

fn row(processor: Processor, program: &'static str, measured: Measured, assembly: bool) -> Result<Row, Error> {
    let Measured { name: window, count, cost: all, functions } = measured;
    let Some((_, unit, limits)) = WINDOWS.into_iter().find(|(name, ..)| *name == window) else {
        return Err(Error::Unlisted { program, window });
    };
    let cost = |cycles::Cost { instructions, cycles }| {
        let cycles = (processor != Processor::Rv32imc).then_some(cycles);
        Cost { instructions, cycles }
    };
    let functions = functions.into_iter().map(|(name, part)| Function { name, cost: cost(part) }).collect();
    let cost = cost(all);
    let limit = limits.map(|[with, without]| if assembly { with } else { without });
    let per_unit = cost.size() as f64 / count as f64;
    let figures = BTreeMap::from([(processor, Figures { cost, per_unit, functions })]);
    Ok(Row { window, unit, count, limit, figures })
}
