//! The boards' programs: they build, hold what they promise, and give the bit-identical weights of this computer.
//!
//! What each test proves:
//!
//! - `every_board_builds`: the first compiler that is there builds all programs, a second one those of a board for each kind of
//!   processor. They stay within their sizes; `.bss` is what the programs say, nothing can panic, and without an FPU the library's
//!   own operations on `f32` are called.
//! - `boards_with_a_debug_probe_build_with_defmt`: reports can go through a probe.
//! - `standalone_on_...`: a whole training on the data in flash ends as it does here, with everything kept on a Cortex-M4F and with
//!   recomputation on RV32IMC and on a Cortex-M33F. A Cortex-M7F has the code of an M4F: its twin is enough.
//! - `standalone_with_recomputation_needs_less_than_27_000_bytes`: memory and stack of the smallest one. (That its weights are the
//!   same is shown by the trials.)
//! - `every_trial_on_...`: everything that trains takes the same bytes and gives the same bits as here, and little stack: every
//!   idea, pre-training and every kind of block. Soft-float code is short of surprises: RV32IMC makes fewer steps.
//! - `every_mode_on_...`: the same of every way of training, for each kind of network that has them (perceptrons on the M4F).
//! - `the_largest_network_trains_on_a_cortex_m4f`: 128 KiB are used to the full.
//! - `twins_on_...`: the link, with dropout; the weights are compared after every tenth step.
//! - `assembly_for_rv32imc_gives_the_bits_of_its_plain_twins`: by operands at random and by those that are rare; the library's own
//!   tests compare the twins with this processor.
//! - `rv32imc_trains_in_few_instructions`: what software floats of the library's own are for, by the emulator's count.
//! - `..._trains_over_its_serial_line`: what `train` does, on a board, and the RAM that it reports.
//!
//! Without QEMU or a compiler for the boards a test says what it skips; with `CI=true` that is a failure. The environment variable
//! `TRAINLET_BOARD_COMPILER` chooses another compiler than the first that is there.

mod floats;
mod needs;

use std::path::{Path, PathBuf};

use host_sim::board::emulator::Machine;
use host_sim::board::firmware::{self, Activations, Board, Builder, Built, Compiler, Image, Target, Variant};
use host_sim::board::trials::{self, Conditions, Outcome};
use host_sim::board::{Place, inspect};
use host_sim::networks;
use host_sim::networks::budget;
use host_sim::run::options::{Options, RegularisationOptions, StateName, UpdateOptions};
use host_sim::run::{Target as RunTarget, train, train_watched, twin};
use needs::{is_there, say};
use trainlet::core::params::Params;
use trainlet::networks::Watch12x1;
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Model;
use trainlet::optim::Adam;
use trainlet::train::Trainer;
use trainlet_trials::Kind;

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

fn place(machine: Machine) -> Place {
    Place { qemu: Some(machine), activations: None, flash_image: None, store_every: None, port: None, baud: 0 }
}

/// The number after a text, as the standalone program prints it.
fn number(output: &[String], before: &str) -> usize {
    let line =
        output.iter().find(|line| line.contains(before)).unwrap_or_else(|| panic!("no `{before}` in {output:#?}"));
    let digits = line.split(before).nth(1).unwrap().split(|c: char| !c.is_ascii_digit()).next().unwrap();
    digits.parse().unwrap()
}

/// The number before a text.
fn number_before(output: &[String], after: &str) -> usize {
    let line =
        output.iter().find_map(|line| line.split_once(after)).unwrap_or_else(|| panic!("no `{after}` in {output:#?}"));
    line.0.rsplit(' ').next().unwrap().parse().unwrap()
}

/// The program `standalone`, and what it says.
fn run_standalone(machine: Machine, activations: Activations, until: Option<&str>) -> (PathBuf, Vec<String>) {
    let builder = Builder::new(machine.board()).unwrap();
    let elf = builder.standalone(Target::Qemu, activations).unwrap();
    let mut output = Vec::new();
    let mut keep = |line: &str| output.push(line.to_string());
    match until {
        Some(start) => machine.run_until(&elf, start, &mut keep).unwrap(),
        None => machine.run(&elf, &mut keep).unwrap(),
    }
    say(&format!("{}: {}", machine.board().name(), output.join("\n  ")));
    (elf, output)
}

/// RAM is the trainer and the cell that hands it out, which is all of `.bss`; samples are in flash. Gives the RAM and the stack.
fn memory_and_stack(elf: &Path, output: &[String]) -> (usize, usize) {
    let memory = number(output, "memory: ");
    assert_eq!(memory, number_before(output, " of them for the trainer") + 8);
    check_image(elf, memory);
    (memory, number(output, "stack: at most "))
}

/// The standalone program runs to its end, and its weights are those of host-sim with the same seed and epochs. Gives its
/// RAM and stack, unless the test is skipped.
fn standalone(machine: Machine, activations: Activations) -> Option<(usize, usize)> {
    if !emulator(machine) {
        return None;
    }
    let (elf, output) = run_standalone(machine, activations, None);
    let seed = number(&output, "seed ");
    let epochs = number(&output, &format!("seed {seed}, "));
    let here = train(&Options { seed: seed as u64, epochs: epochs as u32, ..Options::default() }).unwrap();
    let crc = format!("weights: CRC-32 {:08x}", here.weights_crc32);
    assert!(output.contains(&crc), "{crc} is not in {output:#?}");
    let test = here.test.unwrap();
    let accuracy = format!("test: {:.1} % of {} windows", 100.0 * test.score(), test.samples);
    assert!(output.iter().any(|line| line.starts_with(&accuracy)), "{accuracy} is not in {output:#?}");
    assert_eq!(output.iter().filter(|line| line.starts_with("epoch ")).count(), epochs);
    Some(memory_and_stack(&elf, &output))
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
    if emulator(Machine::Stm32f405) {
        let (elf, output) = run_standalone(Machine::Stm32f405, Activations::BlockInput, Some("stack: "));
        let (memory, stack) = memory_and_stack(&elf, &output);
        assert!(memory + stack <= 27_000, "{memory} + {stack}");
    }
}

#[test]
fn standalone_on_rv32imc_is_host_sim() {
    standalone(Machine::RiscvVirt, Activations::Recompute);
}

#[test]
fn standalone_on_a_cortex_m33f_is_host_sim() {
    standalone(Machine::QemuM33, Activations::Recompute);
}

/// Trials give the same bytes and bits as here, in an image whose `.bss` is nothing but their memory.
fn make_trials(conditions: Conditions, network: &'static str, names: &[&'static str]) -> Vec<Outcome> {
    let Conditions { machine, .. } = conditions;
    let mut outcomes = Vec::new();
    for image in trials::images(conditions, networks::find(network).unwrap(), names).unwrap() {
        let elf = image.build(machine).unwrap();
        check_image(&elf, image.ram());
        outcomes.extend(image.run(conditions, &elf, &mut |_| ()).unwrap());
    }
    assert_eq!(outcomes.len(), names.len(), "{network}");
    for outcome in &outcomes {
        say(&format!("{} {network} {outcome:?}", machine.board().name()));
        assert!(outcome.is_equal(), "{network}: {outcome:?}");
        let stack = outcome.stack.unwrap();
        assert!(stack > 256 && stack <= budget::STACK, "{network}: {outcome:?}");
    }
    outcomes
}

/// Every idea, pre-training and every kind of block, with everything random switched on.
fn every_trial(machine: Machine, steps: u32) {
    if emulator(machine) {
        let kinds = [Kind::Idea, Kind::Pretraining, Kind::Block];
        let names: Vec<_> = kinds.into_iter().flat_map(trials::names).collect();
        make_trials(Conditions { machine, steps, counted: false }, networks::DEFAULT, &names);
    }
}

#[test]
fn every_trial_on_a_cortex_m4f() {
    every_trial(Machine::Stm32f405, 100);
}

#[test]
fn every_trial_on_rv32imc() {
    every_trial(Machine::RiscvVirt, 10);
}

#[test]
fn assembly_for_rv32imc_gives_the_bits_of_its_plain_twins() {
    if emulator(Machine::RiscvVirt) {
        let mut lines = Vec::new();
        let elf = Builder::new(Board::RiscvVirt).unwrap().twins().unwrap();
        Machine::RiscvVirt.run(&elf, &mut |line| lines.push(line.to_string())).unwrap();
        let operations = ["add", "subtract", "multiply", "divide"];
        let kernels = ["nn", "tn", "nt", "zeros by infinity", "rows", "gelu", "squares"];
        let names: Vec<_> = operations.iter().chain(&kernels).map(|name| format!("{name}: equal")).collect();
        assert_eq!(lines, names);
    }
}

/// Without an FPU, 8,830,000 instructions for a sample, 1,382,000 for an update and 1,052 bytes of stack by the compiler's routines and
/// plain Rust.
#[test]
fn rv32imc_trains_in_few_instructions() {
    if emulator(Machine::RiscvVirt) {
        let conditions = Conditions { machine: Machine::RiscvVirt, steps: 3, counted: true };
        let outcome = make_trials(conditions, networks::DEFAULT, &["keep-adam"]).remove(0);
        let [sample, update] = [outcome.sample, outcome.update].map(|work| work.unwrap().instructions);
        assert!(sample <= 2_900_000 && update <= 1_000_000, "{sample}, {update}");
        assert!(outcome.stack.unwrap() <= 1_052 + 80, "{outcome:?}");
    }
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

#[test]
fn boards_with_a_debug_probe_build_with_defmt() {
    // One with a serial line, one without.
    for board in [Board::Stm32f405, Board::Rp2350].into_iter().filter(|board| compiler(*board)) {
        let builder = Builder::new(board).unwrap();
        let mut programs = vec![builder.standalone(Target::Probe, Activations::Keep).unwrap()];
        let is_pico = board == Board::Rp2350;
        if !is_pico {
            programs.push(builder.node(Target::Probe, networks::DEFAULT, None, Variant::default()).unwrap());
        }
        // On the Picos also what runs from RAM while their flash is written.
        let most = if is_pico { 100 + 80 } else { 100 };
        for elf in programs {
            let image = Image::read(&elf).unwrap();
            assert!(image.symbols().unwrap().iter().any(|symbol| symbol == "_SEGGER_RTT"), "reports go by RTT");
            assert!(image.sizes().unwrap().data < most, "{}", board.name());
        }
    }
}

/// The most bytes of code that trains, without what keeps a run in flash: for speed, and as short as possible.
const FAST: u64 = 44 << 10;
const SHORT: u64 = 24 << 10;

/// Which boards a second compiler builds as well: one for each kind of processor, with as little of others' code as there is.
const FOR_OTHERS: [Board; 4] = [Board::Stm32f405, Board::QemuM0, Board::QemuM33, Board::RiscvVirt];

#[test]
fn every_board_builds() {
    for board in Board::ALL.into_iter().filter(|board| compiler(*board)) {
        let compilers = Compiler::for_board(board);
        let count = if FOR_OTHERS.contains(&board) { compilers.len() } else { 1 };
        for compiler in compilers.into_iter().take(count) {
            let programs = firmware::sizes(&[board], watch(), Some(compiler)).unwrap();
            say(&format!("{}:\n{}", compiler.name(), host_sim::report::sizes(&programs)));
            let more = if board == Board::Stm32f405 { 2 } else { 0 };
            assert_eq!(programs.len(), 2 + more);
            if board.triple().starts_with("riscv32") {
                let standalone = Builder::with(board, compiler).standalone(Target::Hardware, Activations::Keep);
                floats::are_the_librarys(&Image::read(&standalone.unwrap()).unwrap());
            }
            for program in programs {
                check_size(compiler, &program);
            }
        }
    }
}

fn check_size(compiler: Compiler, program: &Built) {
    let name = format!("{program:?}, compiled by {}", compiler.name());
    let sizes = program.sizes;
    if program.program == firmware::SMALL {
        assert!(program.training <= SHORT, "{name}");
        let elf = Builder::with(Board::Stm32f405, compiler).small().unwrap();
        return check_image(&elf, sizes.bss as usize);
    }
    if program.program == firmware::WITHOUT_STORE {
        assert!(program.training <= FAST, "{name}");
    }
    assert!(sizes.text > 40_000 && sizes.text < 160_000, "{name}");
    assert!(sizes.bss > 30_000 && sizes.bss < 34_000 && sizes.data < 1000, "{name}");
    assert_eq!(sizes.rodata > 182_742, program.program != "node", "{name}: the recordings are in flash");
}

/// Every mode of these networks.
fn every_mode(machine: Machine, networks: &[&'static str]) {
    if !emulator(machine) {
        return;
    }
    for network in networks {
        let differs = |mode: &&str| *network != MLP || !OTHER_NAMES.contains(mode);
        let all: Vec<_> = trials::names(Kind::Mode).filter(differs).collect();
        let conditions = Conditions { machine, steps: 3, counted: false };
        for Outcome { trial, board_budget, stack, .. } in make_trials(conditions, network, &all) {
            // The yardstick of other libraries: trainer, sample and stack.
            let in_all = board_budget + 42 * 4 + stack.unwrap();
            assert!((*network, trial) != (MLP, "keep-adam") || in_all <= 80_500, "{in_all}");
            // The smallest way to train every weight: 10 bytes for each.
            let in_all = board_budget + 16 * 6 * 4 + stack.unwrap();
            assert!((*network, trial) != ("watch-12x1", "online-sgd") || in_all <= 14_030, "{in_all}");
        }
    }
}

/// The yardstick of other libraries.
const MLP: &str = "mlp-42-64-32-1";
/// What `keep-adam` is also called in a perceptron, which has no blocks that could keep more or less.
const OTHER_NAMES: [&str; 4] = ["keep-slopes-adam", "recompute-adam", "block-input-adam", "checkpoint-adam"];

#[test]
fn every_mode_on_a_cortex_m4f() {
    every_mode(Machine::Stm32f405, &["watch-12x1", "flow-7x6", MLP]);
}

#[test]
fn every_mode_on_rv32imc() {
    every_mode(Machine::RiscvVirt, &["watch-12x1", "flow-7x6"]);
}

/// The largest network of the list that 128 KiB train with Adam in `f32`.
#[test]
fn the_largest_network_trains_on_a_cortex_m4f() {
    if emulator(Machine::Stm32f405) {
        let conditions = Conditions { machine: Machine::Stm32f405, steps: 200, counted: false };
        make_trials(conditions, "watch-26x2", &["block-input-adam"]);
    }
}
