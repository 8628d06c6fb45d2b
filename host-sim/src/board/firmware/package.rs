//! Firmware for a network of another crate: a package of a few lines that depends on that crate and on the board's.

use std::fs;
use std::path::{Path, PathBuf};

use super::boards::Board;
use super::error::Error;
use super::toolchain::sources;
use crate::networks::Source;
use crate::networks::optimizer::StateName;

/// Writes the package and gives its manifest. `variant` names it beside others of the same board, `model` is the type that is
/// trained.
pub(super) fn write(
    board: Board,
    source: &Source,
    variant: &str,
    model: &str,
    state: StateName,
) -> Result<PathBuf, Error> {
    let package = crate::board::sources::package(source.package, source.folder);
    let folder = package.join("target/firmware").join(format!("{}-{variant}", board.name()));
    let board_folder = sources(board.folder())?;
    write_changed(&folder.join("main.rs"), &program(board, model, state))?;
    let manifest = folder.join("Cargo.toml");
    let board_manifest = read(&board_folder.join("Cargo.toml"))?;
    write_changed(
        &manifest,
        &self::manifest(board, (source.package, &package), variant, &board_folder, profiles(&board_manifest)),
    )?;
    let lock = folder.join("Cargo.lock");
    if !lock.exists() {
        // The versions that the board is tested with; cargo adds what the other crate needs.
        write_changed(&lock, &read(&board_folder.join("Cargo.lock"))?)?;
    }
    Ok(manifest)
}

fn program(board: Board, model: &str, state: StateName) -> String {
    let (board, state) = (board.package().replace('-', "_"), state.in_rust());
    format!(
        "//! A trainer on the serial line.\n#![no_std]\n#![no_main]\n\nuse {board}::app::node;\n\n\
         {board}::program!(node::Memory<{model}, <{model} as node::Network>::{state}>, node::run);\n"
    )
}

/// The package is named after the variant: cargo tells two root packages that share a target folder apart by their names.
fn manifest(
    board: Board,
    (package, folder): (&str, &Path),
    variant: &str,
    board_folder: &Path,
    profiles: &str,
) -> String {
    let (name, path) = (board.package(), board_folder.display());
    let library = board_folder.join("../..");
    let features = ["qemu", "defmt"].map(|feature| format!("{feature} = [\"{name}/{feature}\"]"));
    let features = if board.qemu().is_empty() { String::new() } else { features.join("\n") };
    // The library as the board has it, wherever the other crate takes it from: otherwise there were two.
    let patches = ["crates-io", "\"https://github.com/trainlet/trainlet\""]
        .map(|registry| format!("[patch.{registry}]\ntrainlet = {{ path = {:?} }}\n", library.display().to_string()))
        .concat();
    format!(
        "# Written by host-sim.\n[package]\nname = \"{NODE}-{variant}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [workspace]\n\n[[bin]]\nname = \"{NODE}\"\npath = \"main.rs\"\n\n[features]\n{features}\n\n\
         [dependencies]\n{name} = {{ path = {:?} }}\n{package} = {{ path = {folder:?} }}\n\n{patches}\n{profiles}",
        path.to_string(),
    )
}

/// Name of the program.
const NODE: &str = "node";

/// The part of a manifest that says how code is optimised: the same for every firmware of a board.
fn profiles(manifest: &str) -> &str {
    manifest.find("[profile.").map_or("", |start| &manifest[start..])
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::Unreadable { path: path.display().to_string(), source })
}

/// Leaves a file alone that has this content, so that cargo need not build again.
pub(super) fn write_changed(path: &Path, content: &str) -> Result<(), Error> {
    if fs::read_to_string(path).is_ok_and(|found| found == content) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let written = fs::create_dir_all(folder).and_then(|()| fs::write(path, content));
    written.map_err(|source| Error::NotWritten { path: path.display().to_string(), source })
}
