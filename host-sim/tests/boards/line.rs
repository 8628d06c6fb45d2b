//! The program on a serial line.
//!
//! - `twins_on_...`: the link, with dropout; the weights are compared after every tenth step.
//! - `..._trains_over_its_serial_line`: what `train` does, on a board, and the RAM that it reports.

use host_sim::board::emulator::Machine;
use host_sim::board::firmware::{Builder, Target, Variant};
use host_sim::board::{Place, inspect};
use host_sim::networks;
use host_sim::run::options::{Options, RegularisationOptions, StateName, UpdateOptions};
use host_sim::run::{Target as RunTarget, train, train_watched, twin};

use crate::needs::say;
use crate::{check_image, emulator, watch};

fn place(machine: Machine) -> Place {
    Place { qemu: Some(machine), activations: None, flash_image: None, store_every: None, port: None, baud: 0 }
}

/// Board and desktop are alike after each tenth of the steps with dropout.
fn twins(machine: Machine, network: &str, state: StateName, steps: u32) {
    if !emulator(machine) {
        return;
    }
    let defaults = Options::default();
    let regularisation = RegularisationOptions { dropout: 0.1, ..defaults.regularisation.clone() };
    let update = UpdateOptions { state: Some(state), ..defaults.update.clone() };
    let network = networks::find(network).unwrap();
    let name = network.name.into();
    let options = Options { regularisation, update, network: name, steps: Some(steps), batch: 4, seed: 42, ..defaults };
    let connection = place(machine).connect(network, state).unwrap();
    let report = twin::run(&options, connection, false, steps / 10, &mut |_, _| ()).unwrap();
    say(&host_sim::report::twin(&report));
    assert_eq!((report.steps, report.difference), (steps, None));
    assert_eq!(report.weights_crc32, train(&options).unwrap().weights_crc32);
}

#[test]
fn twins_on_a_cortex_m4f() {
    twins(Machine::Stm32f405, networks::DEFAULT, StateName::F32, 500);
}

#[test]
fn twins_on_rv32imc() {
    twins(Machine::RiscvVirt, networks::DEFAULT, StateName::F32, 100);
}

#[test]
fn twins_on_a_cortex_m33f() {
    twins(Machine::QemuM33, networks::DEFAULT, StateName::F32, 100);
}

#[test]
fn twins_on_a_cortex_m7f() {
    twins(Machine::QemuM7, networks::DEFAULT, StateName::F32, 100);
}

/// Without an FPU and without an instruction that counts leading zeros or gives the upper half of a product.
#[test]
fn twins_on_a_cortex_m0() {
    twins(Machine::QemuM0, networks::DEFAULT, StateName::F32, 50);
}

#[test]
fn twins_with_narrow_states() {
    twins(Machine::Stm32f405, "watch-mlp", StateName::Block8, 20);
    twins(Machine::RiscvVirt, "watch-pyramid", StateName::Bf16, 20);
}

/// What `train` does, on a board: the same record, and a program that uses the RAM it says.
fn board(machine: Machine) {
    if !emulator(machine) {
        return;
    }
    let options = Options { steps: Some(3), batch: 8, ..Options::default() };
    let connection = Box::new(place(machine).connect(watch(), StateName::F32).unwrap());
    let there = train_watched(&options, RunTarget::Board { connection, restart: false }, &mut |_| ()).unwrap();
    let here = train(&options).unwrap();
    assert_eq!((there.weights_crc32, &there.steps, &there.test), (here.weights_crc32, &here.steps, &here.test));
    assert!(there.device_micros.unwrap() > 0);

    let standing = inspect::look(place(machine).connect(watch(), StateName::F32).unwrap(), watch()).unwrap();
    assert_eq!((&*standing.board, standing.network), (machine.board().name(), networks::DEFAULT));
    let builder = Builder::new(machine.board()).unwrap();
    let elf = builder.node(Target::Qemu, networks::DEFAULT, None, Variant::default()).unwrap();
    check_image(&elf, standing.ram as usize);
    assert_eq!(standing.ram as usize, standing.budget.total + 8, "the node and its cell");
}

#[test]
fn a_cortex_m4f_trains_over_its_serial_line() {
    board(Machine::Stm32f405);
}

#[test]
fn rv32imc_trains_over_its_serial_line() {
    board(Machine::RiscvVirt);
}
