//! The program `stream`, to which recordings are played in place of a sensor: on an emulated board, and here.

use std::path::PathBuf;

use trainlet::data::StreamScaler;
use trainlet_app::rehearsal::{AXES, Memory, Outcome, SETTINGS, rehearse};

use super::Error;
use super::emulator::Machine;
use super::firmware::{Builder, Target};
use super::simulated::Simulated;

/// The board that learns fast enough for it in QEMU.
pub const MACHINE: Machine = Machine::Stm32f405;
/// Microseconds from one look at the simulated clock to the next.
const TICK: u64 = 50;

/// Builds the program and runs it in QEMU. Gives the program.
///
/// # Errors
/// No compiler, or no emulator.
pub fn emulate(watcher: &mut dyn FnMut(&str)) -> Result<PathBuf, Error> {
    let elf = Builder::new(MACHINE.board())?.stream(Target::Qemu)?;
    MACHINE.run_paced(&elf, watcher)?;
    Ok(elf)
}

/// The same on this computer, standardised by `scaler`. `None` if a setting is out of range, which none is.
pub fn simulate(scaler: StreamScaler<AXES>, watcher: &mut dyn FnMut(&str)) -> Option<Outcome> {
    let mut memory = Box::new(Memory::ZERO);
    rehearse(&mut Simulated::new(TICK, watcher), &mut memory, SETTINGS, scaler).ok()
}
