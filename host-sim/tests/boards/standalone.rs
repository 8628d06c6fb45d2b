//! The program that trains on the data in flash.
//!
//! - `standalone_on_...`: a whole training ends as it does here, with everything kept on a Cortex-M4F and with recomputation on RV32IMC
//!   and on a Cortex-M33F. A Cortex-M7F has the code of an M4F: its twin is enough.
//! - `standalone_with_recomputation_needs_less_than_27_000_bytes`: memory and stack of the smallest one. (That its weights are the
//!   same is shown by the trials.)

use std::path::{Path, PathBuf};

use host_sim::board::emulator::Machine;
use host_sim::board::firmware::{Activations, Builder, Target};
use host_sim::run::options::Options;
use host_sim::run::train;
use trainlet::core::params::Params;
use trainlet::networks::Watch12x1;
use trainlet::nn::loss::CrossEntropy;
use trainlet::nn::net::Model;
use trainlet::optim::Adam;
use trainlet::train::Trainer;

use crate::needs::say;
use crate::{check_image, emulator};

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
