//! docs/firmware.md: its files build by its own commands with each compiler that is there, and the programs print in QEMU what the page
//! says.
//!
//! Without QEMU or a compiler for the boards a test says what it skips; with `CI=true` that is a failure.

mod needs;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use host_sim::board::emulator::Machine;
use host_sim::board::firmware::{Board, Compiler, Image, missing};
use needs::is_there;

const PAGE: &str = include_str!("../../docs/firmware.md");
/// From here on a second program takes the place of the first.
const SECOND: &str = "## Beside interrupts";
const ELF: &str = "target/thumbv7em-none-eabihf/release/cube";

/// A block of code, and the file that a line before it begins with.
struct Block {
    file: Option<&'static str>,
    language: &'static str,
    text: &'static str,
}

fn blocks(part: &'static str) -> Vec<Block> {
    let pieces: Vec<_> = part.split("```").collect();
    let block = |pair: &[&'static str]| {
        let (language, text) = pair[1].split_once('\n').unwrap();
        let file = pair[0].lines().filter_map(|line| line.strip_prefix('`')?.split('`').next()).next_back();
        Block { file, language, text }
    };
    pieces.chunks_exact(2).map(block).collect()
}

/// The command with this word in it.
fn command(word: &str) -> &'static str {
    let blocks = blocks(PAGE).into_iter();
    blocks.filter(|block| block.language == "sh").find(|block| block.text.contains(word)).unwrap().text
}

fn print_of_qemu() -> &'static str {
    let blocks = blocks(PAGE);
    let run = blocks.iter().position(|block| block.text.contains("qemu-system-arm")).unwrap();
    blocks[run + 1].text
}

/// Writes the files of a part of the page; what is said of a manifest adds to it.
fn write(folder: &Path, part: &'static str) {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for Block { file, language, text } in blocks(part) {
        let (Some(file), false) = (file, language == "sh") else { continue };
        let path = folder.join(file);
        let before = if file == "Cargo.toml" { fs::read_to_string(&path).unwrap_or_default() } else { String::new() };
        let text = text.replace("\"../trainlet\"", &format!("{repository:?}"));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, before + &text).unwrap();
    }
    // Versions that are tested; cargo adds what else there is.
    fs::copy(repository.join("examples/embassy/Cargo.lock"), folder.join("Cargo.lock")).unwrap();
}

/// What a command of the page prints in this folder.
fn run(folder: &Path, line: &str) -> String {
    let mut shell = Command::new("sh");
    for name in ["RUSTC", "RUSTDOC", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET"] {
        shell.env_remove(name);
    }
    // What it has in common with the boards is compiled.
    shell.env("CARGO_BUILD_BUILD_DIR", Path::new(env!("CARGO_MANIFEST_DIR")).join("../boards/target"));
    let output = shell.args(["-e", "-c", line]).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{line}{}", String::from_utf8_lossy(&output.stderr));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("warning"), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The folder of a program that is built from the page up to its second program, or to its end.
fn build(compiler: Compiler, name: &str, parts: &[&'static str]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("own_firmware").join(compiler.name()).join(name);
    fs::create_dir_all(&folder).unwrap();
    // The page's package stands outside this repository.
    fs::write(folder.join("Cargo.toml"), "[workspace]\n\n").unwrap();
    parts.iter().for_each(|part| write(&folder, part));
    let with_debian = command("RUSTC=/usr/bin/rustc");
    run(&folder, if compiler == Compiler::Debian { with_debian } else { command("cargo build") });
    folder
}

fn compilers() -> Vec<Compiler> {
    let missing = missing(Board::Stm32f405).map(|error| error.to_string());
    if !is_there(missing.or_else(|| Machine::Stm32f405.missing().map(|error| error.to_string()))) {
        return Vec::new();
    }
    Compiler::for_board(Board::Stm32f405)
}

#[test]
fn the_program_trains_as_the_page_says() {
    let (page, _) = PAGE.split_once(SECOND).unwrap();
    for compiler in compilers() {
        let folder = build(compiler, "cube", &[page]);
        assert_eq!(run(&folder, command("qemu-system-arm")), print_of_qemu(), "{}", compiler.name());
        let sizes = Image::read(&folder.join(ELF)).unwrap().sizes().unwrap();
        assert!((22 << 10..24 << 10).contains(&(sizes.text + sizes.rodata)), "about 23 KiB: {sizes:?}");
        assert_eq!((sizes.bss, sizes.data), (4360 + 20, 0));
    }
}

/// Measured in an interrupt, the same samples give the same weights.
#[test]
fn under_rtic_it_ends_in_the_same_weights() {
    let (page, rest) = PAGE.split_once(SECOND).unwrap();
    if let Some(compiler) = compilers().into_iter().next() {
        let folder = build(compiler, "rtic", &[page, rest]);
        let printed = run(&folder, command("qemu-system-arm"));
        assert_eq!(print_of_qemu().lines().last(), printed.lines().last(), "{printed}");
    }
}
