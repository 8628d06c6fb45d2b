//! What stands between the marks of the templates.

use std::collections::HashMap;

use trainlet_app::board::ram;

use super::files::fill;
use super::{Project, board};
use crate::board::firmware::Board;
use crate::data::Target;
use crate::data::source::{DataOptions, DataSource};
use crate::export::Inputs;
use crate::networks::optimizer::StateName;
use crate::run::shell;

/// All of them; the data are in this place.
pub fn values(project: &Project, data: &str) -> HashMap<&'static str, String> {
    let Project { options, name, choice, probed, train, sources, weights, .. } = project;
    let board = options.board;
    let of_data = DataOptions { data: DataSource::File(data.into()), ..project.data.clone() }.arguments();
    // What needs no option goes without.
    let of_state = match choice.state {
        StateName::F32 => Vec::new(),
        narrow => vec!["--state".to_string(), narrow.name().into()],
    };
    let of_board: Vec<_> = of_state.iter().chain(&of_data).cloned().collect();
    let in_rust: Vec<_> = of_board.iter().map(|argument| format!("{argument:?}")).collect();
    let usual = ["--epochs".to_string(), epochs(train.len()).to_string()];
    let of_training = if choice.train.is_empty() { &usual[..] } else { &choice.train };
    let train_arguments: Vec<_> = of_data.iter().chain(of_training).cloned().collect();
    let (names, results, target, label) = match &train.target {
        Target::Classes(classes) => {
            ("CLASSES", "Metrics", format!("{} classes", classes.len()), "the number of a class, as in `CLASSES`")
        }
        Target::Values(values) => (
            "VALUES",
            "Errors",
            format!("{} values", values.len()),
            "values, each less its mean and divided by its deviation",
        ),
    };
    let machine = board::machine(board);
    let mut values = HashMap::from([
        ("NAME", name.clone()),
        ("CRATE", name.replace('-', "_")),
        ("ABOUT", first_capital(&choice.about)),
        ("LOSS", choice.loss.into()),
        ("NAMES", names.into()),
        ("RESULTS", results.into()),
        ("METRICS_IMPORT", if results == "Metrics" { "use trainlet::metrics::Metrics;\n" } else { "" }.into()),
        ("RESULTS_IMPORT", if results == "Errors" { "use trainlet_app::results::Errors;\n" } else { "" }.into()),
        ("LABEL_ABOUT", label.into()),
        ("ROW", Inputs::of(project.transform).row().into()),
        ("EPOCHS", epochs(train.len()).to_string()),
        ("HOST_SIM", sources.in_folder("host-sim")),
        ("TRAINLET", sources.library()),
        ("APP", sources.in_folder("boards/app")),
        ("BOARD", board.name().into()),
        ("BOARD_PACKAGE", board.package()),
        ("BOARD_CRATE", board.package().replace('-', "_")),
        ("RAM_CONST", ram(board).0.into()),
        ("RAM", grouped(ram(board).1)),
        ("DATA", data.into()),
        ("BOARD_ARGUMENTS", in_rust.join(", ")),
        ("STATE_OPTION", of_state.iter().map(|argument| format!(" {argument}")).collect()),
        ("TRAIN_ARGUMENTS", shell::line(&train_arguments)),
        ("SAMPLES", grouped(train.len())),
        ("INPUTS", grouped(train.width)),
        ("TARGET", target),
        ("TARGET_NAMES", names.to_lowercase()),
        ("PARAMETERS", grouped(probed.parameters)),
        ("MACS", grouped(probed.macs)),
        ("TRAINER", probed.trainer.to_string()),
        ("TRAINER_GROUPED", grouped(probed.trainer)),
        ("PREDICTOR", grouped(probed.predictor)),
        ("WEIGHTS_MOD", if weights.is_some() { "pub mod weights;" } else { "" }.into()),
        (
            "WEIGHTS_ROW",
            if weights.is_some() { "| `src/weights.rs` | trained weights, in flash |\n" } else { "" }.into(),
        ),
        ("START", if weights.is_some() { include_str!("templates/start.rs.in") } else { "" }.into()),
    ]);
    if let Some(windowing) = &project.transform.windowing {
        values.extend([("FRAMES", windowing.frames.to_string()), ("HOP", windowing.hop.to_string())]);
    }
    let (twin, about, emulated) = match machine {
        Some(machine) => (
            fill(include_str!("templates/twin.rs.in"), &{
                let mut values = values.clone();
                values.insert("MACHINE", format!("{machine:?}"));
                values
            }),
            format!("; 100 steps on an emulated {}, bit for bit", board.name()),
            format!(
                "\nWithout a board, in QEMU, from this folder:\n\n```sh\ncargo run --release -- twin --qemu {} --steps 100 {}\n\
                 cargo run --release -- board --qemu {} --standalone\ncargo run --release -- board --qemu {} --stream\n```\n",
                board.name(),
                shell::line(&of_board),
                board.name(),
                board.name()
            ),
        ),
        None => (String::new(), String::new(), String::new()),
    };
    values.extend([("TWIN", twin), ("TWIN_ABOUT", about), ("EMULATED", emulated)]);
    values
}

/// Passes over few samples are many, or there would be few steps.
fn epochs(samples: usize) -> usize {
    const STEPS: usize = 500;
    const BATCH: usize = 32;
    (STEPS / samples.div_ceil(BATCH)).clamp(10, 100)
}

/// Name and value of a board's RAM.
fn ram(board: Board) -> (&'static str, usize) {
    match board {
        Board::Stm32f405 => ("STM32F405", ram::STM32F405),
        Board::NucleoF446re => ("NUCLEO_F446RE", ram::NUCLEO_F446RE),
        Board::Nrf52840 => ("NRF52840", ram::NRF52840),
        Board::Esp32c3 => ("ESP32C3", ram::ESP32C3),
        Board::Esp32c6 => ("ESP32C6", ram::ESP32C6),
        Board::Rp2350 => ("RP2350", ram::RP2350),
        Board::Rp2040 => ("RP2040", ram::RP2040),
        Board::RiscvVirt => ("RISCV_VIRT", ram::RISCV_VIRT),
        Board::QemuM33 | Board::QemuM7 | Board::QemuM0 => ("QEMU_MPS2", ram::QEMU_MPS2),
    }
}

/// The text with a capital at its start.
pub fn first_capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A number with a comma before each three digits.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!([7, 1234, 1_234_567].map(grouped), ["7", "1,234", "1,234,567"]);
        assert_eq!([1, 100, 1_000_000].map(epochs), [100, 100, 10]);
    }
}
