//! How many cycles a program takes on a Cortex-M4F or a Cortex-M33F: QEMU counts what it executes, and a table says what each
//! instruction costs. On an RV32IMC, instructions alone.
//!
//! The counts are exact. The cycles are an estimate for memories that answer at once; a board's flash may be slower.

mod code;
mod cortex_m33;
mod cortex_m4;
mod decode;
mod float;
pub mod instruction;
pub mod measure;
mod narrow;
mod plugin;
mod price;
mod processor;
mod profile;
pub mod registers;
mod wide;

use std::io;
use std::path::Path;

use super::{emulator, firmware};
pub use measure::{Cost, Measured};
pub use processor::Processor;

/// A program that cannot be measured.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error(transparent)]
    Firmware(#[from] firmware::Error),
    #[error(transparent)]
    Emulator(#[from] emulator::Error),
    #[error("gcc cannot be started ({0}); on Debian, `apt-get install gcc libc6-dev`")]
    NoGcc(io::Error),
    #[error("{path}: gcc does not make a plugin for QEMU of it; without libc, `apt-get install libc6-dev`:\n{output}")]
    Gcc { path: String, output: String },
    #[error("{path}: cannot be read or written ({source})")]
    File { path: String, source: io::Error },
    #[error("{path}: has no function `{name}`; a program to be measured needs it")]
    NoFunction { path: String, name: &'static str },
    #[error("{path}: QEMU has written a line that is not understood: `{line}`")]
    Line { path: String, line: String },
    #[error(
        "{path}: QEMU has counted {windows} windows, but the program announced {announced}: each needs a line \
         `name|count`"
    )]
    Windows { path: String, windows: usize, announced: usize },
    #[error("{path}: has executed {address:#x}, where no code is")]
    NotCode { path: String, address: u32 },
}

/// Why nothing can be measured here, `None` if it can.
pub fn missing(processor: Processor) -> Option<Error> {
    processor.machine().missing().map(Error::from).or_else(plugin::missing)
}

/// Runs a program to its end, and gives what happened in each of its windows: between `bench_begin` and `bench_end`.
/// `watcher` sees each line that the program prints.
///
/// # Errors
/// Not such a program, or something that this needs is not there.
pub fn measure(processor: Processor, elf: &Path, watcher: &mut dyn FnMut(&str)) -> Result<Vec<Measured>, Error> {
    let image = firmware::Image::read(elf)?;
    let code = code::Code::of(&image, processor.decoder())?;
    let (windows, price) = (profile::run(processor.machine(), elf, &code, watcher)?, processor.price());
    windows.iter().map(|window| measure::measure(window, &code, &price)).collect()
}
