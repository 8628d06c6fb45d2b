//! The boards' programs: they build, hold what they promise, and end in the same bits as this computer.
//!
//! Without QEMU or a compiler for the boards a test says what it skips; with `CI=true` that is a failure.

mod needs;

use std::path::Path;

use host_sim::board::emulator::Machine;
use host_sim::board::firmware::{self, Board, Image, Program, Target};
use host_sim::board::{Place, inspect, twin};
use host_sim::configs;
use host_sim::options::{Options, RegularisationOptions};
use host_sim::run::{Where, train, train_watched};
use needs::{is_there, say};
use trainlet::loss::CrossEntropy;
use trainlet::net::Model;
use trainlet::networks::Watch12x1;
use trainlet::optim::Adam;
use trainlet::params::Params;
use trainlet::train::Trainer;

fn compiler(board: Board) -> bool {
    is_there(firmware::missing(board).map(|error| error.to_string()))
}

fn emulator(machine: Machine) -> bool {
    compiler(machine.board()) && is_there(machine.missing().map(|error| error.to_string()))
}

fn place(machine: Machine) -> Place {
    Place { qemu: Some(machine), port: None, baud: 0 }
}

/// The number after a text, as the standalone program prints it.
fn number(output: &[String], before: &str) -> usize {
    let line =
        output.iter().find(|line| line.contains(before)).unwrap_or_else(|| panic!("no `{before}` in {output:#?}"));
    let digits = line.split(before).nth(1).unwrap().split(|c: char| !c.is_ascii_digit()).next().unwrap();
    digits.parse().unwrap()
}

/// The standalone program runs to its end, and its weights are those of host-sim with the same seed and epochs.
fn standalone(machine: Machine) {
    if !emulator(machine) {
        return;
    }
    let elf = firmware::build(machine.board(), Program::Standalone, Target::Qemu, configs::DEFAULT).unwrap();
    let mut output = Vec::new();
    machine.run(&elf, &mut |line| output.push(line.to_string())).unwrap();
    say(&format!("{}: {}", machine.board().name(), output.join("\n  ")));

    let seed = number(&output, "seed ");
    let epochs = number(&output, &format!("seed {seed}, "));
    let here = train(&Options { seed: seed as u64, epochs: epochs as u32, ..Options::default() }).unwrap();
    let crc = format!("weights: CRC-32 {:08x}", here.weights_crc32);
    assert!(output.contains(&crc), "{crc} is not in {output:#?}");
    let test = here.test.unwrap();
    let accuracy = format!("test: {:.1} % of {} windows", 100.0 * test.accuracy, test.samples);
    assert!(output.iter().any(|line| line.starts_with(&accuracy)), "{accuracy} is not in {output:#?}");
    assert_eq!(output.iter().filter(|line| line.starts_with("epoch ")).count(), epochs);

    // RAM: the trainer of the budget, a sample, and the cell that hands both out, which is all of .bss.
    let trainer =
        Trainer::<Watch12x1, CrossEntropy, Adam<[f32; Watch12x1::TRAINED]>, [f32; Watch12x1::ARENA]>::BUDGET.total;
    assert_eq!(number(&output, "of them "), trainer);
    let memory = number(&output, "memory: ");
    assert_eq!(memory, trainer + 16 * 6 * 4 + 8);
    check_image(&elf, memory);
    if machine == Machine::Stm32f405 {
        let stack = number(&output, "stack: ");
        assert!(stack > 256 && stack < 2048, "{stack} bytes of stack");
    }
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

#[test]
fn standalone_on_a_cortex_m4f_is_host_sim() {
    standalone(Machine::Stm32f405);
}

#[test]
fn standalone_on_rv32imc_is_host_sim() {
    standalone(Machine::RiscvVirt);
}

/// Board and desktop are alike after each 50 of 500 steps with everything random switched on.
fn twins(machine: Machine) {
    if !emulator(machine) {
        return;
    }
    let defaults = Options::default();
    let regularisation = RegularisationOptions { dropout: 0.1, drop_path: 0.2, ..defaults.regularisation.clone() };
    let options = Options { regularisation, steps: Some(500), batch: 4, seed: 42, ..defaults };
    let connection = place(machine).connect(configs::DEFAULT).unwrap();
    let report = twin::run(&options, connection, false, 50, &mut |_, _| ()).unwrap();
    say(&host_sim::report::twin(&report));
    assert_eq!((report.steps, report.difference), (500, None));
    assert_eq!(report.weights_crc32, train(&options).unwrap().weights_crc32);
}

#[test]
fn twins_on_a_cortex_m4f() {
    twins(Machine::Stm32f405);
}

#[test]
fn twins_on_rv32imc() {
    twins(Machine::RiscvVirt);
}

/// What `train` does, on a board: the same record, and a program that uses the RAM it says.
fn board(machine: Machine) {
    if !emulator(machine) {
        return;
    }
    let options = Options { steps: Some(3), batch: 8, ..Options::default() };
    let connection = Box::new(place(machine).connect(configs::DEFAULT).unwrap());
    let there = train_watched(&options, Where::There { connection, restart: false }, &mut |_| ()).unwrap();
    let here = train(&options).unwrap();
    assert_eq!((there.weights_crc32, &there.steps, &there.test), (here.weights_crc32, &here.steps, &here.test));
    assert_eq!(there.budget, here.budget);
    assert!(there.device_micros.unwrap() > 0);

    let standing = inspect::look(place(machine).connect(configs::DEFAULT).unwrap(), configs::DEFAULT).unwrap();
    assert_eq!((&*standing.board, standing.network), (machine.board().name(), configs::DEFAULT));
    let elf = firmware::build(machine.board(), Program::Node, Target::Qemu, configs::DEFAULT).unwrap();
    check_image(&elf, standing.ram as usize);
}

#[test]
fn a_cortex_m4f_trains_over_its_serial_line() {
    board(Machine::Stm32f405);
}

#[test]
fn rv32imc_trains_over_its_serial_line() {
    board(Machine::RiscvVirt);
}

#[test]
fn boards_with_a_debug_probe_build_with_defmt() {
    for board in [Board::Stm32f405, Board::Nrf52840].into_iter().filter(|board| compiler(*board)) {
        let elf = firmware::build(board, Program::Standalone, Target::Probe, configs::DEFAULT).unwrap();
        let image = Image::read(&elf).unwrap();
        assert!(image.symbols().unwrap().iter().any(|symbol| symbol == "_SEGGER_RTT"), "reports go by RTT");
        assert!(image.sizes().unwrap().data < 100);
    }
}

#[test]
fn every_board_builds() {
    let boards: Vec<_> = Board::ALL.into_iter().filter(|board| compiler(*board)).collect();
    if boards.is_empty() {
        return;
    }
    let programs = firmware::sizes(&boards).unwrap();
    say(&host_sim::report::sizes(&programs));
    assert_eq!(programs.len(), 2 * boards.len());
    for program in programs {
        let (name, sizes) = (format!("{} {}", program.board, program.program), program.sizes);
        assert!(sizes.text > 40_000 && sizes.text < 160_000, "{name}: {sizes:?}");
        assert!(sizes.bss > 30_000 && sizes.bss < 34_000 && sizes.data < 1000, "{name}: {sizes:?}");
        assert_eq!(sizes.rodata > 182_742, program.program == "standalone", "{name}: the recordings are in flash");
    }
}
