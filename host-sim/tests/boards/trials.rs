//! Everything that trains, and kernels beside their twins.
//!
//! - `every_trial_on_...`: everything takes the same bytes and gives the same bits as here, and little stack: every idea, pre-training
//!   and every kind of block. Soft-float code is short of surprises: RV32IMC makes fewer steps.
//! - `every_mode_on_...`: the same of every way of training, for each kind of network that has them (perceptrons on the M4F).
//! - `the_largest_network_trains_on_a_cortex_m4f`: 128 KiB are used to the full.
//! - `assembly_for_rv32imc_gives_the_bits_of_its_plain_twins`: by operands at random and by those that are rare; the library's own
//!   tests compare the twins with this processor.
//! - `rv32imc_trains_in_few_instructions`: what software floats of the library's own are for, by the emulator's count.

use host_sim::board::emulator::Machine;
use host_sim::board::firmware::{Board, Builder};
use host_sim::board::trials::{self, Conditions, Outcome};
use host_sim::networks::{self, budget};
use trainlet_trials::Kind;

use crate::needs::say;
use crate::{check_image, emulator};

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
