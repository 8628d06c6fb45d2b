//! What runs the commands that take a board, minutes, a network or another program than host-sim.

use std::fs;

use crate::page::Page;
use crate::repository;

/// The beginning of a command, perhaps behind the page that shows it; the file that runs it; and where in there.
const ELSEWHERE: &[(&str, &str, &str)] = &[
    ("cargo test --release -p host-sim --test pages", "host-sim/tests/pages/main.rs", "fn shown_output_of_hours"),
    ("cargo test --workspace", ".ci/run", "part \"tests\" cargo test --workspace"),
    ("cargo test -p trainlet --lib", ".ci/run", "part \"tests\" cargo test --workspace"),
    ("cargo test -p host-sim --test boards", ".ci/run", "part \"tests\" cargo test --workspace"),
    (".ci/run", ".ci/run", "part \"tests\""),
    ("fuzz/run 60", ".ci/run", "fuzz/run 30"),
    ("rustup target add", ".ci/run", "rustup target add"),
    ("cargo add trainlet", ".ci/run", "cargo publish --dry-run -p trainlet"),
    // Projects: they are compiled.
    ("host-sim design", "host-sim/tests/design.rs", "design --data flowers.csv --label kind"),
    ("host-sim new", "host-sim/tests/project/mod.rs", "new {name} --data rows.csv --label label"),
    ("cd flowers", "host-sim/tests/project/mod.rs", "fn check(&self)"),
    ("README.md: cargo test", "host-sim/tests/project/mod.rs", "fn check(&self)"),
    ("docs/your-own.md: cargo test", "host-sim/tests/project/mod.rs", "fn check(&self)"),
    ("docs/your-own.md: cargo run --release -- train", "host-sim/tests/project/mod.rs", "orders.run(\"train "),
    (
        "docs/your-own.md: cargo run --release -- board",
        "host-sim/tests/project/mod.rs",
        "board --qemu stm32f405 --stream",
    ),
    ("README.md: cargo run --release -- board", "host-sim/tests/project/mod.rs", "board --qemu stm32f405 --standalone"),
    ("README.md: cargo new --lib gesture", "host-sim/tests/outside.rs", "build(&package())"),
    ("README.md: cd gesture", "host-sim/tests/outside.rs", "build(&package())"),
    (
        "README.md: cargo run --release -- train",
        "host-sim/tests/outside.rs",
        "train {data} --epochs 20 --save w.safetensors",
    ),
    (
        "README.md: cargo run --release -- predict",
        "host-sim/tests/outside.rs",
        "predict --weights w.safetensors --data test.csv",
    ),
    ("README.md: cargo run --release -- budget", "host-sim/tests/outside.rs", "budget --network gesture"),
    ("README.md: cargo run --release -- twin", "host-sim/tests/outside.rs", "twin --qemu {board}"),
    ("docs/firmware.md: cargo new cube", "host-sim/tests/own_firmware.rs", "command(\"qemu-system-arm\")"),
    ("docs/firmware.md: ", "host-sim/tests/own_firmware.rs", "docs/firmware.md"),
    // It takes the terminal.
    (
        "docs/seeing.md: host-sim train --validation 0.2 --epochs 500 --tui",
        "host-sim/tests/live.rs",
        "fn a_key_stops_a_run_as_an_interrupt_does",
    ),
    // Emulated boards.
    (
        "host-sim board --qemu stm32f405 --standalone --activations",
        "host-sim/tests/boards/standalone.rs",
        "fn standalone_with_recomputation",
    ),
    (
        "host-sim board --qemu stm32f405 --standalone",
        "host-sim/tests/boards/standalone.rs",
        "fn standalone_on_a_cortex_m4f_is_host_sim",
    ),
    (
        "host-sim board --qemu stm32f405 --epochs",
        "host-sim/tests/boards/line.rs",
        "fn a_cortex_m4f_trains_over_its_serial_line",
    ),
    (
        "host-sim board --qemu stm32f405 --stream",
        "host-sim/tests/stream.rs",
        "fn an_emulated_board_keeps_up_with_the_watch",
    ),
    ("host-sim twin --qemu stm32f405", "host-sim/tests/boards/line.rs", "fn twins_on_a_cortex_m4f"),
    ("host-sim twin --qemu riscv-virt", "host-sim/tests/boards/line.rs", "fn twins_on_rv32imc"),
    ("host-sim twin --qemu qemu-m33", "host-sim/tests/boards/line.rs", "fn twins_on_a_cortex_m33f"),
    ("host-sim study modes", "host-sim/tests/machines.rs", "study modes --mode head-adam --steps 1 --accuracy"),
    ("host-sim study ideas", "host-sim/tests/machines.rs", "study ideas --steps 4"),
    ("host-sim firmware", "host-sim/tests/boards/builds.rs", "firmware::sizes(&[board]"),
    ("host-sim bench", "host-sim/tests/cycles.rs", "bench --processor cortex-m4f --functions"),
    (
        "host-sim personalise --subjects 1,2 --labels all --replay 177 --on qemu",
        "host-sim/tests/personalise.rs",
        "--on qemu",
    ),
    ("cd boards/stm32f405", "host-sim/tests/boards/builds.rs", "fn every_board_builds"),
    ("cargo run --release --bin adapt", "host-sim/tests/personalise.rs", "--firmware adaptation.rs"),
    ("docs/speed.md: cargo build --profile size", "host-sim/tests/boards/builds.rs", "small().unwrap()"),
    ("docs/speed.md: cargo test --release -p trainlet --lib soft", ".ci/run", "part \"tests\" cargo test --workspace"),
    // Boards: their programs are built, and a simulated one answers at a port.
    ("host-sim board --port", "host-sim/tests/link.rs", "board --port {port} {run}"),
    ("host-sim twin --port", "host-sim/tests/link.rs", "twin --port {port} --steps 5"),
    ("cd boards/", "host-sim/tests/boards/builds.rs", "fn every_board_builds"),
    ("docs/boards.md: cargo run --release --bin", "host-sim/tests/boards/builds.rs", "fn every_board_builds"),
    ("cargo build --release --bin", "host-sim/tests/boards/builds.rs", "fn every_board_builds"),
    ("docs/people.md: cargo run --release --bin", "host-sim/tests/boards/builds.rs", "fn every_board_builds"),
    ("docs/your-own.md: cargo run --release --bin", "host-sim/tests/project/mod.rs", "Program::Stream"),
    ("picotool", "host-sim/tests/boards/builds.rs", "fn every_board_builds"),
    ("docs/boards.md: cd ../..", "host-sim/tests/boards/builds.rs", "fn every_board_builds"),
    ("docs/boards.md: npm install --prefix emulator", ".ci/run", "cd boards/rp2040/emulator"),
    ("docs/boards.md: node emulator/run.mjs", "host-sim/tests/pico.rs", "run.mjs"),
    ("docs/boards.md: cargo test --release --test silicon", ".ci/run", "test --release --test silicon"),
    // Other programs.
    ("pip install", ".ci/run", "bin/pip install"),
    ("python examples/ray/shards.py", ".ci/run", "examples/ray/shards.py --parts 2"),
    ("python examples/fleet/fleet.py", ".ci/run", "examples/fleet/fleet.py --people 3"),
    (
        "examples/fleet/README.md: cargo build --release -p host-sim",
        ".ci/run",
        "--host-sim \"$PWD/target/debug/host-sim\"",
    ),
    (
        "docs/exchange.md: host-sim train --network flow-16x2 --data train.csv --label label --drop id --init learnt.safetensors",
        ".ci/run",
        "python examples/exchange/test_page.py",
    ),
    ("cd examples/embassy", ".ci/run", "cd examples/embassy"),
    ("docs/stream.md: cargo run --release", ".ci/run", "cd examples/embassy"),
    ("examples/page/build", ".ci/run", "./build"),
    ("examples/page/README.md: ", ".ci/run", "npm test"),
    ("examples/c/README.md: make", ".ci/run", "make -C examples/c check"),
    // A package of its own with the larger networks, for data that cannot be passed on.
    ("examples/tables/README.md: ", ".ci/run", "for package in c known tables page"),
    ("docs/tables.md: host-sim study compare", "host-sim/tests/accuracy.rs", "flow_pieces_finds_more"),
    // The run has to be stopped in between.
    ("docs/checkpoint.md: host-sim train --resume", "host-sim/tests/kill.rs", "--resume"),
];

/// Whether a file runs it that is there and still does.
pub fn is_run(page: &Page, line: &str) -> bool {
    let shown = format!("{}: {line}", page.name);
    let entry = ELSEWHERE.iter().find(|(start, ..)| line.starts_with(start) || shown.starts_with(start));
    entry.is_some_and(|(_, file, text)| {
        let found = fs::read_to_string(repository().join(file)).unwrap().contains(text);
        assert!(found, "{shown}: {file} has no `{text}` any more");
        found
    })
}
