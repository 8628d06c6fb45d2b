//! Training on a board: real or emulated, over its serial line; and the cycles that it takes there.

pub mod bench;
pub mod cycles;
pub mod emulator;
pub mod firmware;
pub mod growth;
pub mod inspect;
pub mod line;
pub mod lockstep;
pub mod place;
pub mod remote;
pub mod trials;
pub mod twin;

pub use place::Place;

use std::io;

use crc::{CRC_32_ISO_HDLC, Crc};
use trainlet::link::client;

use crate::data::preprocessing::Prepared;
use crate::run::options::Options;

/// A board that cannot be used as wished.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error(transparent)]
    Firmware(#[from] firmware::Error),
    #[error(transparent)]
    Emulator(#[from] emulator::Error),
    #[error(transparent)]
    Cycles(#[from] cycles::Error),
    #[error("{port}: cannot be opened ({source}); check its name and that no other program uses it. {there}")]
    Port { port: String, source: serialport::Error, there: String },
    #[error("{0}; the same command again goes on where the board is, unless it has lost its power")]
    Link(String),
    #[error(
        "{place} does not answer: check that it runs the program `node`, that the line goes both ways (TX to RX, RX to TX, \
         ground), and that --baud is what the program has"
    )]
    Silent { place: String },
    #[error(
        "{place} trains `{found}`, not `{wanted}`: use --config {found}, or flash the program with {choice}={wanted}"
    )]
    OtherNetwork { place: String, found: String, wanted: &'static str, choice: &'static str },
    #[error(
        "{place} trains another `{network}` than this program has: both must be built from the same version of trainlet"
    )]
    OtherVersion { place: String, network: String },
    #[error(
        "{place} has learnt something else, {steps} steps of another run: save it with --fetch FILE.safetensors, or give \
         it up with --restart"
    )]
    Occupied { place: String, steps: u32 },
    #[error("the trial `{mode}` needs {ram} bytes, but the board has {room}; take a smaller network, or leave it out")]
    TooLarge { mode: &'static str, ram: usize, room: usize },
    #[error("the board says nothing that is expected of the trial `{mode}`:\n{output}")]
    Unexpected { mode: &'static str, output: String },
    #[error("the weights that came from the board have CRC-32 {found:08x}, but it says {expected:08x}")]
    Weights { found: u32, expected: u32 },
}

impl From<client::Error<io::Error>> for Error {
    fn from(error: client::Error<io::Error>) -> Self {
        Self::Link(error.to_string())
    }
}

/// A number for the run with these options and data, by which a board knows it again. Not 0.
///
/// # Errors
/// None that options can lead to.
pub fn run_number(options: &Options, prepared: &Prepared) -> Result<u32, serde_json::Error> {
    let crc = Crc::<u32>::new(&CRC_32_ISO_HDLC);
    let mut digest = crc.digest();
    // Where the results go makes no difference.
    digest.update(&serde_json::to_vec(&Options { save: None, json: None, ..options.clone() })?);
    for (row, label) in prepared.train.samples() {
        row.iter().for_each(|value| digest.update(&value.to_le_bytes()));
        digest.update(&(label as u64).to_le_bytes());
    }
    Ok(digest.finalize().max(1))
}
