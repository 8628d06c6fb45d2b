//! Builds what runs on the boards, and measures it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use clap::ValueEnum;
use serde::Serialize;

pub use super::image::{Image, Sizes};
use super::toolchain::{Firmware, compiler};
use crate::networks;

/// Boards whose programs can be built without a compiler of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Board {
    /// Cortex-M4F, 128 KiB of RAM
    Stm32f405,
    /// Cortex-M4F, 256 KiB of RAM
    Nrf52840,
    /// RV32IMC, 400 KiB of RAM
    Esp32c3,
    /// RV32IMC, in QEMU only
    RiscvVirt,
}

/// What a board can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// Trains on the data in flash.
    Standalone,
    /// Is a trainer on a serial line.
    Node,
}

/// Where a board's reports go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Over its serial line.
    Hardware,
    /// Through a debug probe (`defmt`).
    Probe,
}

/// A program that cannot be built or read.
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
    #[error("cargo cannot be started ({source}); install Rust from rustup.rs")]
    NoCargo { source: io::Error },
    #[error("the firmware for {board} does not build:\n{output}")]
    Build { board: &'static str, output: String },
    #[error("{path}: cannot be read ({source})")]
    Unreadable { path: String, source: io::Error },
    #[error("{path}: is not an ELF file ({source})")]
    NotElf { path: String, source: object::Error },
}

impl Board {
    /// All that can be built here.
    pub const ALL: [Self; 4] = [Self::Stm32f405, Self::Nrf52840, Self::Esp32c3, Self::RiscvVirt];

    /// Name, and that of its folder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stm32f405 => "stm32f405",
            Self::Nrf52840 => "nrf52840",
            Self::Esp32c3 => "esp32c3",
            Self::RiscvVirt => "riscv-virt",
        }
    }

    /// The compiler's name for its processor.
    pub fn triple(self) -> &'static str {
        match self {
            Self::Stm32f405 | Self::Nrf52840 => "thumbv7em-none-eabihf",
            Self::Esp32c3 | Self::RiscvVirt => "riscv32imc-unknown-none-elf",
        }
    }

    fn firmware(self) -> Firmware {
        Firmware { folder: self.name(), triple: self.triple(), core: self.core(), profile: "release" }
    }

    /// What its programs take from the standard library, should that have to be compiled too.
    fn core(self) -> &'static str {
        if self == Self::Esp32c3 { "core,alloc" } else { "core" }
    }
}

impl Program {
    fn name(self) -> &'static str {
        match self {
            Self::Standalone => "standalone",
            Self::Node => "node",
        }
    }
}

/// Of the network that the programs `node` and `modes` train; read by `boards/app/build.rs`.
pub const CHOICE: &str = "TRAINLET_NETWORK";
/// Of what the blocks of the program `standalone` keep.
const ACTIVATIONS: &str = "TRAINLET_ACTIVATIONS";
/// Of the modes of the program `modes`.
const MODES: &str = "TRAINLET_MODES";
/// Of its steps.
const STEPS: &str = "TRAINLET_STEPS";

/// Why the board's programs could not be built here, `None` if they can.
pub fn missing(board: Board) -> Option<Error> {
    compiler(board.triple()).err()
}

/// Builds a program for the board itself, unless that has been done, and gives the ELF file. `network` is what `node`
/// trains.
///
/// # Errors
/// No compiler, or it finds an error.
pub fn build(board: Board, program: Program, target: Target, network: &str) -> Result<PathBuf, Error> {
    let (name, features) = match target {
        Target::Hardware => ("hardware", ""),
        Target::Probe => ("probe", "defmt"),
    };
    build_variant(board, program.name(), features, &format!("{network}-{name}"), &[(CHOICE, network)])
}

/// What the blocks of a network keep for the backward pass; its weights come out the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Activations {
    /// Everything
    Keep,
    /// The slopes of activations as well: the fastest
    KeepSlopes,
    /// The input of each branch
    Recompute,
    /// The input of each block
    BlockInput,
}

impl Activations {
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().into())
    }
}

/// Builds the program that trains on the data in flash in QEMU, and gives the ELF file.
///
/// # Errors
/// No compiler, or it finds an error.
pub fn build_standalone(board: Board, activations: Activations) -> Result<PathBuf, Error> {
    emulated(board, Program::Standalone, networks::DEFAULT, activations)
}

/// Builds the program that is a trainer on a serial line in QEMU, and gives the ELF file.
///
/// # Errors
/// No compiler, or it finds an error.
pub fn build_node(board: Board, network: &str, activations: Activations) -> Result<PathBuf, Error> {
    emulated(board, Program::Node, network, activations)
}

fn emulated(board: Board, program: Program, network: &str, activations: Activations) -> Result<PathBuf, Error> {
    let name = activations.name();
    let variables = [(CHOICE, network), (ACTIVATIONS, &*name)];
    build_for_qemu(board, program.name(), &format!("{network}-{name}"), &variables)
}

fn build_for_qemu(board: Board, program: &str, variant: &str, variables: &[(&str, &str)]) -> Result<PathBuf, Error> {
    build_variant(board, program, left_out(board), variant, variables)
}

/// Builds a program and keeps it under a name of its own, so that no other variant takes its place before it is used. All
/// variants share what they have in common, of which the board's own crates take most time.
fn build_variant(
    board: Board,
    program: &str,
    features: &str,
    variant: &str,
    variables: &[(&str, &str)],
) -> Result<PathBuf, Error> {
    static BUILDING: [Mutex<()>; Board::ALL.len()] = [const { Mutex::new(()) }; Board::ALL.len()];
    let guard = BUILDING.get(board as usize).map(Mutex::lock);
    let elf = board.firmware().build_program(program, features, variables)?;
    let kept = elf.with_file_name(format!("{program}-{variant}"));
    let copied = fs::copy(&elf, &kept);
    drop(guard);
    copied.map_err(|source| Error::Unreadable { path: elf.display().to_string(), source })?;
    Ok(kept)
}

/// Builds the program that tries these modes in QEMU, for so many steps each, and gives the ELF file.
///
/// # Errors
/// No compiler, or it finds an error.
pub fn build_modes(board: Board, network: &str, modes: &[&str], steps: u32) -> Result<PathBuf, Error> {
    let variables = [(CHOICE, network), (MODES, &modes.join(",")), (STEPS, &steps.to_string())];
    build_for_qemu(board, "modes", network, &variables)
}

/// Builds the program that tries each idea for training in QEMU, for so many steps, and gives the ELF file.
///
/// # Errors
/// No compiler, or it finds an error.
pub fn build_ideas(board: Board, steps: u32) -> Result<PathBuf, Error> {
    let steps = steps.to_string();
    build_for_qemu(board, "ideas", &steps, &[(STEPS, &steps)])
}

/// Builds the program that pre-trains in QEMU and goes on with labels, in so many steps, and gives the ELF file.
///
/// # Errors
/// No compiler, or it finds an error.
pub fn build_pretrain(board: Board, steps: u32) -> Result<PathBuf, Error> {
    let steps = steps.to_string();
    build_for_qemu(board, "pretrain", &steps, &[(STEPS, &steps)])
}

/// Builds the program that trains every kind of block in QEMU, and gives the ELF file.
///
/// # Errors
/// No compiler, or it finds an error.
pub fn build_blocks(board: Board) -> Result<PathBuf, Error> {
    build_for_qemu(board, "blocks", "all", &[])
}

/// Builds the programs whose cycles are counted, unless that has been done, and gives the folder that they are in. The
/// library has what it has in assembly, or none of it.
///
/// # Errors
/// No compiler, or it finds an error.
pub fn build_bench(assembly: bool) -> Result<PathBuf, Error> {
    let firmware = Firmware { folder: "bench-m4", ..Board::Stm32f405.firmware() };
    if assembly {
        firmware.build("target", &["--bins"], &[])
    } else {
        firmware.build("target/plain", &["--bins", "--no-default-features"], &[])
    }
}

/// The feature that leaves out what QEMU does not have.
fn left_out(board: Board) -> &'static str {
    if board == Board::Stm32f405 { "qemu" } else { "" }
}

/// A program and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Built {
    /// Name of the board.
    pub board: &'static str,
    /// Name of the program.
    pub program: &'static str,
    /// Its size.
    pub sizes: Sizes,
    /// Bytes of code and constants without the board's own crates and without recordings.
    pub training: u64,
}

impl Built {
    fn measure(board: Board, program: &'static str, elf: &Path) -> Result<Self, Error> {
        let image = Image::read(elf)?;
        Ok(Self { board: board.name(), program, sizes: image.sizes()?, training: image.training()? })
    }
}

/// [`Built::program`] of the program `standalone` with code as short as possible.
pub const SMALL: &str = "standalone, small";

/// Builds the program that trains on the data in flash in QEMU with code as short as possible, and gives the ELF file.
///
/// # Errors
/// No compiler, or it finds an error.
pub fn build_small() -> Result<PathBuf, Error> {
    let firmware = Firmware { profile: "size", ..Board::Stm32f405.firmware() };
    let program = Program::Standalone.name();
    let arguments = ["--no-default-features", "--features", left_out(Board::Stm32f405), "--bin", program];
    Ok(firmware.build("target", &arguments, &[])?.join(program))
}

/// Builds both programs of these boards, or of all if there are none, for the boards themselves, and measures them. For the
/// STM32F405 the first is there once more, with code as short as possible, as it runs in QEMU.
///
/// # Errors
/// As [`build`].
pub fn sizes(boards: &[Board]) -> Result<Vec<Built>, Error> {
    let boards = if boards.is_empty() { &Board::ALL } else { boards };
    let mut programs = Vec::new();
    for board in boards {
        for program in [Program::Standalone, Program::Node] {
            let elf = build(*board, program, Target::Hardware, networks::DEFAULT)?;
            programs.push(Built::measure(*board, program.name(), &elf)?);
        }
        if *board == Board::Stm32f405 {
            programs.push(Built::measure(*board, SMALL, &build_small()?)?);
        }
    }
    Ok(programs)
}
