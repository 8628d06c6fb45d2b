//! The boards' programs: they build, hold what they promise, and end in the same bits as this computer.
//!
//! Without QEMU or a compiler for the boards a test says what it skips; with `CI=true` that is a failure.

mod needs;

use std::path::Path;

use host_sim::board::emulator::Machine;
use host_sim::board::firmware::{self, Activations, Board, Image, Program, Target};
use host_sim::board::{Place, ideas, inspect, modes, twin};
use host_sim::networks;
use host_sim::networks::budget;
use host_sim::run::options::{Options, RegularisationOptions};
use host_sim::run::{Where, train, train_watched};
use needs::{is_there, say};
use trainlet::core::params::Params;
use trainlet::networks::Watch12x1;
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Model;
use trainlet::optim::Adam;
use trainlet::train::Trainer;

fn compiler(board: Board) -> bool {
    is_there(firmware::missing(board).map(|error| error.to_string()))
}

fn emulator(machine: Machine) -> bool {
    compiler(machine.board()) && is_there(machine.missing().map(|error| error.to_string()))
}

fn place(machine: Machine) -> Place {
    Place { qemu: Some(machine), activations: None, port: None, baud: 0 }
}

/// The number after a text, as the standalone program prints it.
fn number(output: &[String], before: &str) -> usize {
    let line =
        output.iter().find(|line| line.contains(before)).unwrap_or_else(|| panic!("no `{before}` in {output:#?}"));
    let digits = line.split(before).nth(1).unwrap().split(|c: char| !c.is_ascii_digit()).next().unwrap();
    digits.parse().unwrap()
}

/// The standalone program runs to its end, and its weights are those of host-sim with the same seed and epochs. Gives its
/// RAM and stack, unless the test is skipped.
fn standalone(machine: Machine, activations: Activations) -> Option<(usize, usize)> {
    if !emulator(machine) {
        return None;
    }
    let elf = firmware::build_standalone(machine.board(), activations).unwrap();
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

    // RAM: the trainer, and the cell that hands it out, which is all of .bss. Samples are in flash.
    let memory = number(&output, "memory: ");
    assert_eq!(memory, number(&output, "of them ") + 8);
    check_image(&elf, memory);
    Some((memory, number(&output, "stack: ")))
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
    let Some((memory, stack)) = standalone(Machine::Stm32f405, Activations::Keep) else { return };
    // The trainer of the budget, and what the stem knows of the bytes.
    let trainer =
        Trainer::<Watch12x1, CrossEntropy, Adam<[f32; Watch12x1::TRAINABLE]>, [f32; Watch12x1::ARENA]>::BUDGET;
    assert_eq!(memory, trainer.total + 3 * 4 * 6 + 8);
    assert!(stack > 256 && stack < 2048, "{stack} bytes of stack");
}

/// The same weights in less RAM: trainer, samples and stack.
#[test]
fn standalone_with_recomputation_needs_less_than_27_000_bytes() {
    let Some((memory, stack)) = standalone(Machine::Stm32f405, Activations::BlockInput) else { return };
    assert!(memory + stack <= 27_000, "{memory} + {stack}");
}

#[test]
fn standalone_on_rv32imc_is_host_sim() {
    standalone(Machine::RiscvVirt, Activations::Recompute);
}

/// 100 steps of every kind of block, with everything random switched on, end in the same bits on board and desktop.
fn every_block(machine: Machine) {
    if !emulator(machine) {
        return;
    }
    let elf = firmware::build_blocks(machine.board()).unwrap();
    let mut output = Vec::new();
    machine.run(&elf, &mut |line| output.push(line.to_string())).unwrap();
    check_image(&elf, number(&output, "100 steps of 2, "));
    let mut expected = Vec::new();
    trainlet_app::blocks::each(&mut |name, crc32| expected.push(format!("{name}: CRC-32 {crc32:08x}")));
    assert_eq!(output[1..], expected);
    say(&format!("{}: {}", machine.board().name(), output.join("\n  ")));
}

#[test]
fn every_block_on_a_cortex_m4f() {
    every_block(Machine::Stm32f405);
}

#[test]
fn every_block_on_rv32imc() {
    every_block(Machine::RiscvVirt);
}

/// Board and desktop are alike after each 50 of 500 steps with everything random switched on.
fn twins(machine: Machine) {
    if !emulator(machine) {
        return;
    }
    let defaults = Options::default();
    let regularisation = RegularisationOptions { dropout: 0.1, drop_path: 0.2, ..defaults.regularisation.clone() };
    let options = Options { regularisation, steps: Some(500), batch: 4, seed: 42, ..defaults };
    let connection = place(machine).connect(networks::DEFAULT).unwrap();
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
    let connection = Box::new(place(machine).connect(networks::DEFAULT).unwrap());
    let there = train_watched(&options, Where::There { connection, restart: false }, &mut |_| ()).unwrap();
    let here = train(&options).unwrap();
    assert_eq!((there.weights_crc32, &there.steps, &there.test), (here.weights_crc32, &here.steps, &here.test));
    assert!(there.device_micros.unwrap() > 0);

    let standing = inspect::look(place(machine).connect(networks::DEFAULT).unwrap(), networks::DEFAULT).unwrap();
    assert_eq!((&*standing.board, standing.network), (machine.board().name(), networks::DEFAULT));
    let elf = firmware::build_node(machine.board(), networks::DEFAULT, Activations::Keep).unwrap();
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

#[test]
fn boards_with_a_debug_probe_build_with_defmt() {
    for board in [Board::Stm32f405, Board::Nrf52840].into_iter().filter(|board| compiler(*board)) {
        let elf = firmware::build(board, Program::Standalone, Target::Probe, networks::DEFAULT).unwrap();
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
    let small = usize::from(boards.contains(&Board::Stm32f405));
    assert_eq!(programs.len(), 2 * boards.len() + small);
    for program in programs {
        if (program.board, program.program) == ("stm32f405", "standalone") {
            assert!(program.training <= 40 << 10, "{program:?}");
        }
        if program.program == firmware::SMALL {
            assert!(program.training <= 22 << 10, "{program:?}");
            check_image(&firmware::build_small().unwrap(), program.sizes.bss as usize);
            continue;
        }
        let (name, sizes) = (format!("{} {}", program.board, program.program), program.sizes);
        assert!(sizes.text > 40_000 && sizes.text < 160_000, "{name}: {sizes:?}");
        assert!(sizes.bss > 30_000 && sizes.bss < 34_000 && sizes.data < 1000, "{name}: {sizes:?}");
        assert_eq!(sizes.rodata > 182_742, program.program == "standalone", "{name}: the recordings are in flash");
    }
}

/// Every mode of these networks: the same bytes and bits as here, and a `.bss` that is nothing but trainers and samples.
fn modes(machine: Machine) {
    if !emulator(machine) {
        return;
    }
    for network in ["watch-12x1", "flow-7x6", MLP] {
        let differs = |mode: &&str| network != MLP || !OTHER_NAMES.contains(mode);
        let all: Vec<_> = modes::chosen(&[]).into_iter().filter(differs).collect();
        let mut tried = 0;
        for group in modes::groups(machine, network, &all, 3).unwrap() {
            let elf = group.build().unwrap();
            check_image(&elf, group.ram);
            for trial in group.run(&elf, &mut |_| ()).unwrap() {
                say(&format!("{} {network} {trial:?}", machine.board().name()));
                assert!(trial.is_equal(), "{network}: {trial:?}");
                let stack = trial.stack.unwrap();
                assert!(stack > 256 && stack <= budget::STACK, "{network}: {trial:?}");
                // The yardstick of other libraries: trainer, sample and stack.
                let in_all = trial.board_budget + 42 * 4 + stack;
                assert!((network, trial.mode) != (MLP, "keep-adam") || in_all <= 80_500, "{in_all}");
                // The smallest way to train every weight: 10 bytes for each.
                let in_all = trial.board_budget + 16 * 6 * 4 + stack;
                assert!((network, trial.mode) != ("watch-12x1", "online-sgd") || in_all <= 14_030, "{in_all}");
                tried += 1;
            }
        }
        assert_eq!(tried, all.len(), "{network}");
    }
}

/// The yardstick of other libraries.
const MLP: &str = "mlp-42-64-32-1";
/// What `keep-adam` is also called in a perceptron, which has no blocks that could keep more or less.
const OTHER_NAMES: [&str; 4] = ["keep-slopes-adam", "recompute-adam", "block-input-adam", "checkpoint-adam"];

#[test]
fn every_mode_on_a_cortex_m4f() {
    modes(Machine::Stm32f405);
}

#[test]
fn every_mode_on_rv32imc() {
    modes(Machine::RiscvVirt);
}

/// The largest network of the list that 128 KiB train with Adam in `f32`.
#[test]
fn the_largest_network_trains_on_a_cortex_m4f() {
    if emulator(Machine::Stm32f405) {
        let trials = modes::run(Machine::Stm32f405, "watch-26x2", &["block-input-adam"], 200, &mut |_| ()).unwrap();
        say(&format!("watch-26x2 after 200 steps: {trials:?}"));
        assert!(trials.iter().all(modes::Trial::is_equal) && trials.len() == 1);
    }
}

/// Every idea for training, pre-training in a program of its own: the same bytes and bits as here.
fn ideas(machine: Machine, steps: u32) {
    if !emulator(machine) {
        return;
    }
    let trials = ideas::run(machine, steps, false, &mut |_| ()).unwrap();
    check_image(&firmware::build_ideas(machine.board(), steps).unwrap(), trainlet_app::ideas::RAM);
    check_image(&firmware::build_pretrain(machine.board(), steps).unwrap(), trainlet_app::pretrain::RAM);
    assert_eq!(trials.len(), trainlet_app::ideas::NAMES.len() + trainlet_app::pretrain::NAMES.len());
    for trial in trials {
        say(&format!("{} {trial:?}", machine.board().name()));
        assert!(trial.is_equal(), "{trial:?}");
        let stack = trial.stack.unwrap();
        assert!(stack > 256 && stack <= budget::STACK, "{trial:?}");
    }
}

#[test]
fn every_idea_on_a_cortex_m4f() {
    ideas(Machine::Stm32f405, 100);
}

#[test]
fn every_idea_on_rv32imc() {
    ideas(Machine::RiscvVirt, 10);
}
