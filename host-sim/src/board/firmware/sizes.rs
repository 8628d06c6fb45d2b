//! How large the programs are.

use std::path::Path;

use serde::Serialize;

use super::boards::Board;
use super::build::Builder;
use super::error::Error;
use super::image::{Image, Sizes};
use super::program::{Activations, Program, Target, Variant};
use super::toolchain::Compiler;
use crate::networks::Network;

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

/// [`Built::program`] of the program `standalone` without what keeps its run.
pub const WITHOUT_STORE: &str = "standalone, without store";

/// Builds the programs for these boards, or for all if there are none, and measures them; `node` trains the network. The compiler
/// is the chosen one unless it is given. For the STM32F405 there are two more: `standalone` without what keeps its run, and the same with code as short as possible, as
/// it runs in QEMU.
///
/// # Errors
/// No compiler, or it finds an error.
pub fn sizes(boards: &[Board], network: &Network, compiler: Option<Compiler>) -> Result<Vec<Built>, Error> {
    let boards = if boards.is_empty() { &Board::ALL } else { boards };
    let mut programs = Vec::new();
    for board in boards {
        let builder = compiler.map_or_else(|| Builder::new(*board), |compiler| Ok(Builder::with(*board, compiler)))?;
        builder.both(Target::Hardware)?;
        let standalone = builder.standalone(Target::Hardware, Activations::Keep)?;
        programs.push(Built::measure(*board, Program::Standalone.name(), &standalone)?);
        let node = builder.node(Target::Hardware, network.name, network.source.as_ref(), Variant::default())?;
        programs.push(Built::measure(*board, Program::Node.name(), &node)?);
        if *board == Board::Stm32f405 {
            programs.push(Built::measure(*board, WITHOUT_STORE, &builder.without_store()?)?);
            programs.push(Built::measure(*board, SMALL, &builder.small()?)?);
        }
    }
    Ok(programs)
}
