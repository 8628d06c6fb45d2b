//! Cycles on a Cortex-M4F and a Cortex-M33F and instructions on an RV32IMC, as `host-sim bench` counts them. What they should be is no matter here: only that the
//! figures can be right.
//!
//! Without QEMU, gcc or a compiler for the board a test says what it skips; with `CI=true` that is a failure.

mod cli;
mod needs;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use cli::Cli;
use host_sim::board::bench::{self, Figures, PROGRAMS, Row, WINDOWS};
use host_sim::board::cycles::Processor;
use host_sim::board::emulator::Machine;
use host_sim::board::firmware::{Board, Builder};
use host_sim::networks::budget::boards::{Core, Effort, Weights};
use host_sim::networks::{self, Network};
use needs::{is_there, say};

fn can_measure(processors: &[Processor]) -> bool {
    is_there(processors.iter().find_map(|processor| bench::missing(*processor)).map(|error| error.to_string()))
}

/// Of the only processor that was measured.
fn figures<'a>(rows: &'a [Row], window: &str) -> &'a Figures {
    let row = rows.iter().find(|row| row.window == window).unwrap();
    assert_eq!(row.figures.len(), 1, "{row:?}");
    row.figures.values().next().unwrap()
}

fn assert_near(actual: u64, expected: u64) {
    assert!(actual.abs_diff(expected) <= expected / 100, "{actual} instead of {expected}");
}

#[test]
fn every_window_is_counted() {
    if !can_measure(&[Processor::CortexM4f]) {
        return;
    }
    let rows = bench::run(&[Processor::CortexM4f], true).unwrap();
    say(&host_sim::report::bench(&rows, false));
    let names: Vec<_> = rows.iter().map(|row| &*row.window).collect();
    assert_eq!(names, WINDOWS.map(|(name, ..)| name));
    rows.iter().for_each(|row| check(row, Processor::CortexM4f));

    let cycles = |window: &str| figures(&rows, window).cost.cycles.unwrap();
    assert_near(cycles("matmul forward, twice"), 2 * cycles("matmul forward"));
    let [both_ways, one_way] = ["sample", "prediction"].map(|what| cycles(&format!("watch-12x1: {what}")));
    assert!(both_ways > 2 * one_way, "{both_ways} cycles there and back, {one_way} there");
    let of_mlp = |what: &str| cycles(&format!("mlp-42-64-32-1: {what}"));
    let update = of_mlp("training step, batch 1") - of_mlp("sample");
    assert_near(of_mlp("training step, batch 32"), update + 32 / 8 * of_mlp("sample, 8 side by side"));
    let each = ["sample", "sample, 4 side by side", "sample, 8 side by side"];
    let each = each.map(|what| figures(&rows, &format!("mlp-42-64-32-1: {what}")).per_unit);
    assert!(each.is_sorted_by(|a, b| a > b), "a weight is loaded once for all: {each:?}");
    for network in ["watch-12x1", "watch-16x2", "flow-16x2", "flow-7x6", "mlp-42-64-32-1"] {
        same_as_elsewhere(&rows, networks::find(network).unwrap());
    }
    let costliest = &figures(&rows, "matmul forward").functions[0];
    assert!(costliest.name.contains("tile"), "{costliest:?}");
}

/// Other commands say the same of a sample, to 2 %, and of an update with Adam, to 5 %: its leaves are long or short.
fn same_as_elsewhere(rows: &[Row], network: &Network) {
    let cycles = |macs, updates, moments| Core::CortexM4F.cycles(network, Effort { macs, updates, moments });
    let each = |what: &str| figures(rows, &format!("{}: {what}", network.name)).per_unit;
    for (what, weights) in [("prediction", Weights::Floats), ("prediction from bytes", Weights::Bytes)] {
        let (here, elsewhere) = (each(what), Core::CortexM4F.prediction(network, weights).unwrap());
        assert!(
            (here / elsewhere - 1.0).abs() < 0.02,
            "{}, {what}: {here} cycles, elsewhere {elsewhere}",
            network.name
        );
    }
    let sample = (each("sample"), cycles(network.train_macs, 0.0, 0), 0.02);
    for (here, elsewhere, off) in [sample, (each("Adam"), cycles(0, 1.0, 2), 0.05)] {
        assert!((here / elsewhere - 1.0).abs() < off, "{}: {here} cycles, elsewhere {elsewhere}", network.name);
    }
}

fn check(row: &Row, processor: Processor) {
    let Row { window, count, .. } = row;
    let Figures { cost, per_unit, functions } = &row.figures[&processor];
    assert!(cost.instructions > 0 && cost.size() as f64 >= 0.9 * cost.instructions as f64, "{row:?}");
    assert_eq!(cost.cycles.is_none(), processor == Processor::Rv32imc, "{row:?}");
    // A product and a sum for each multiply-accumulate, at the very least: nothing has been optimised away.
    assert!(cost.instructions >= 2 * count, "{window}: {} instructions for {count}", cost.instructions);
    assert_eq!(functions.iter().map(|function| function.cost.instructions).sum::<u64>(), cost.instructions, "{window}");
    assert_eq!(functions.iter().map(|function| function.cost.size()).sum::<u64>(), cost.size(), "{window}");
    assert!(functions.is_sorted_by(|a, b| a.cost.size() >= b.cost.size()), "{window}");
    let strays: Vec<_> = functions.iter().filter(|function| function.name == "?").collect();
    assert!(strays.is_empty(), "{window}: {strays:?}");
    assert!((per_unit * *count as f64 - cost.size() as f64).abs() < 1.0, "{window}");
}

/// One of the programs on the others: all of them take their time to build.
#[test]
fn other_processors_are_measured_in_the_same_windows() {
    if !can_measure(&Processor::ALL) {
        return;
    }
    let kernels = |processor| {
        let rows = bench::measure(processor, &PROGRAMS[..1], true).unwrap();
        rows.iter().for_each(|row| check(row, processor));
        rows
    };
    let [m4, m33, rv32] = Processor::ALL.map(kernels);
    for row in &m4 {
        let [m4, m33, rv32] = [&m4, &m33, &rv32].map(|rows| figures(rows, &row.window).cost);
        // The same assembly, for a processor that never takes longer for an instruction of it than the Cortex-M4F.
        assert_near(m33.instructions, m4.instructions);
        assert!(m33.cycles < m4.cycles, "{}: {m33:?}, on a Cortex-M4F {m4:?}", row.window);
        // Without a floating-point unit.
        assert!(rv32.instructions > 5 * m4.instructions, "{}: {rv32:?}, on a Cortex-M4F {m4:?}", row.window);
    }
    for rows in [&m4, &m33, &rv32] {
        let [once, twice] = ["matmul forward", "matmul forward, twice"].map(|window| figures(rows, window).cost.size());
        // Without a unit a sum takes as long as its numbers make it.
        assert!(twice.abs_diff(2 * once) <= once / 20, "{once} once, {twice} twice");
    }
}

#[test]
fn the_command_prints_and_writes_the_same() {
    if !can_measure(&[Processor::CortexM4f]) {
        return;
    }
    let cli = Cli::new();
    let table = cli.ok("bench --processor cortex-m4f --functions --json cycles.json");
    let record = cli.json("cycles.json");
    let rows = record.as_array().unwrap();
    assert_eq!(rows.len(), WINDOWS.len());
    for row in rows {
        let window = row["window"].as_str().unwrap();
        let line = table.lines().find(|line| line.trim_start().starts_with(&format!("{window} "))).unwrap();
        let figures = &row["figures"]["cortex-m4f"];
        let each = figures["per_unit"].as_f64().unwrap();
        let each = if each < 1000.0 { format!("{each:.2}") } else { format!("{each:.0}") };
        assert!(line.replace(',', "").split_whitespace().any(|word| word == each), "{each}: {line}");
        for figure in ["instructions", "cycles"] {
            assert!(figures["cost"][figure].is_u64(), "{row}");
        }
        assert!(!figures["functions"].as_array().unwrap().is_empty(), "{row}");
    }
    assert!(table.contains("trainlet::kernels::matmul::nn "), "{table}");
}

#[test]
fn assembly_gives_the_bits_of_its_plain_twins() {
    if !can_measure(&[Processor::CortexM4f]) {
        return;
    }
    let mut lines = Vec::new();
    let elf = Builder::new(Board::Stm32f405).unwrap().bench(&["twins"], true).unwrap().join("twins");
    // It fails where something differs.
    Machine::Stm32f405.run(&elf, &mut |line| lines.push(line.to_string())).unwrap();
    let products = ["nn", "tn", "nt", "outer product and squares", "sums", "rows"];
    let names = products.into_iter().chain(["normalize", "layer norm", "affine", "adam", "bytes", "gelu", "sqrt"]);
    assert_eq!(lines, names.map(|name| format!("{name}: equal")).collect::<Vec<_>>());
}

/// A program that only says something.
#[cfg(unix)]
fn stand_in(folder: &Path, name: &str, output: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\necho '{output}'\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
#[cfg(unix)]
fn what_is_missing_is_named_with_its_package() {
    let folder = tempfile::tempdir().unwrap();
    let message = || {
        let mut command = Command::cargo_bin("host-sim").unwrap();
        let output = command.arg("bench").env("PATH", folder.path()).output().unwrap();
        assert_eq!((output.status.code(), &*output.stdout), (Some(1), &b""[..]));
        String::from_utf8(output.stderr).unwrap()
    };
    let expect = |parts: [&str; 2]| {
        let message = message();
        assert!(parts.iter().all(|part| message.contains(part)), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    };
    expect(["no compiler for thumbv7em-none-eabihf", "rustup target add thumbv7em-none-eabihf"]);
    // Any folder will do for the library of the target.
    stand_in(folder.path(), "rustc", "/");
    expect(["qemu-system-arm cannot be started", "apt-get install qemu-system-arm"]);
    stand_in(folder.path(), "qemu-system-arm", "QEMU emulator version 7.2.0");
    expect(["gcc cannot be started", "apt-get install gcc"]);
}
