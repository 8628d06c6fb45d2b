//! The boards' programs: they build, hold what they promise, and give the bit-identical weights of this computer.
//!
//! Without QEMU or a compiler for the boards a test says what it skips; with `CI=true` that is a failure. The environment variable
//! `TRAINLET_BOARD_COMPILER` chooses another compiler than the first that is there.

mod builds;
#[path = "../floats/mod.rs"]
mod floats;
mod line;
#[path = "../needs/mod.rs"]
mod needs;
mod standalone;
mod trials;

use std::path::Path;

use host_sim::board::emulator::Machine;
use host_sim::board::firmware::{self, Board, Image};
use host_sim::networks;
use needs::is_there;

fn compiler(board: Board) -> bool {
    is_there(firmware::missing(board).map(|error| error.to_string()))
}

fn emulator(machine: Machine) -> bool {
    compiler(machine.board()) && is_there(machine.missing().map(|error| error.to_string()))
}

/// The network that most of these tests train.
fn watch() -> &'static networks::Network {
    networks::find(networks::DEFAULT).unwrap()
}

/// `.bss` is what the program says, there is no `.data`, and nothing can panic.
fn check_image(elf: &Path, ram: usize) {
    let image = Image::read(elf).unwrap();
    let sizes = image.sizes().unwrap();
    assert_eq!((sizes.bss, sizes.data), (ram as u64, 0), "{}", elf.display());
    let symbols = image.symbols().unwrap();
    assert!(symbols.iter().any(|symbol| symbol.contains("trainlet")), "the symbols are there to be looked at");
    let panics: Vec<_> = symbols.iter().filter(|symbol| symbol.contains("panicking")).collect();
    assert!(panics.is_empty(), "{}: {panics:#?}", elf.display());
}
