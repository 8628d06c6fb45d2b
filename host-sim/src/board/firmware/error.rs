//! What can go wrong with a firmware.

use std::io;

/// A firmware that cannot be built or read.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error("{folder}: the sources of the firmware are not there; run host-sim from a checkout of trainlet")]
    NoSources { folder: String },
    #[error(
        "there is no compiler for {triple}: run `rustup target add {triple}`, or, on Debian without rustup, \
         `apt-get install rustc-web rust-web-src lld`"
    )]
    NoCompiler { triple: &'static str },
    #[error("{variable} is `{found}`, but the compilers for {triple} on this computer are: {there}")]
    OtherCompiler { variable: &'static str, found: String, triple: &'static str, there: String },
    #[error("{path}: is not there; `host-sim new --board {board}` writes a project with such firmware")]
    NoFirmware { path: String, board: &'static str },
    #[error("cargo cannot be started ({source}); install Rust from rustup.rs")]
    NoCargo { source: io::Error },
    #[error("the firmware for {board} does not build:\n{output}")]
    Build { board: &'static str, output: String },
    #[error("{path}: cannot be read ({source})")]
    Unreadable { path: String, source: io::Error },
    #[error("{path}: cannot be written ({source})")]
    NotWritten { path: String, source: io::Error },
    #[error("{path}: is not an ELF file ({source})")]
    NotElf { path: String, source: object::Error },
}
