//! Training on a board: real or emulated, over its serial line; and the cycles that it takes there.

pub mod adaptation;
pub mod bench;
pub mod cycles;
pub mod emulator;
pub mod firmware;
pub mod growth;
pub mod inspect;
pub mod line;
pub mod lockstep;
pub mod place;
pub mod rehearsal;
pub mod remote;
pub mod simulated;
pub mod sources;
pub mod trials;
mod watchdog;

pub use place::Place;

use std::io;

use trainlet::link::client;

use crate::networks::learner::LearnerError;

/// A board that cannot be used.
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
    #[error(
        "{0}; the same command again continues where the board is; where its last save was, if it has lost its power"
    )]
    Link(String),
    #[error(
        "{place} does not answer: check that it runs the program `node`, that the line goes both ways (TX to RX, RX to TX, \
         ground), and that --baud is that of the program"
    )]
    Silent { place: String },
    #[error(
        "{place} trains `{found}`, not `{wanted}`: use --network {found}, or flash the program with {choice}={wanted}"
    )]
    OtherNetwork { place: String, found: String, wanted: &'static str, choice: &'static str },
    #[error(
        "the optimiser of {place} keeps a number as `{found}`, not `{wanted}`: use --state {found}, or flash the program with \
         {choice}={wanted}"
    )]
    OtherState { place: String, found: String, wanted: &'static str, choice: &'static str },
    #[error(
        "{place} trains another `{network}` than this program has: both must be built from the same version of trainlet"
    )]
    OtherVersion { place: String, network: String },
    #[error(
        "{place} has made {steps} steps of another run: save it with --fetch FILE.safetensors, or give \
         it up with --restart"
    )]
    Occupied { place: String, steps: u32 },
    #[error("the trial `{mode}` needs {ram} bytes, but the board has {room}; take a smaller network, or leave it out")]
    TooLarge { mode: &'static str, ram: usize, room: usize },
    #[error("the board says nothing that is expected of `{what}`:\n{output}")]
    Unexpected { what: &'static str, output: String },
    #[error(transparent)]
    Network(#[from] crate::networks::Error),
    #[error("the weights that came from the board have CRC-32 {found:08x}, but it says {expected:08x}")]
    Weights { found: u32, expected: u32 },
}

impl From<Error> for LearnerError {
    fn from(error: Error) -> Self {
        Self::Board(Box::new(error))
    }
}

impl From<client::Error<io::Error>> for Error {
    fn from(error: client::Error<io::Error>) -> Self {
        Self::Link(error.to_string())
    }
}
