//! The firmware of a project: a small crate for its board.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use super::files::{File, fill};
use super::{Error, Project};
use crate::board::emulator::Machine;
use crate::board::firmware::Board;

/// Its files.
pub fn files(project: &Project, values: &HashMap<&'static str, String>) -> Result<Vec<File>, Error> {
    let Project { options, sources, .. } = project;
    let board = options.board;
    let from = sources.folder().join("boards").join(board.folder());
    let manifest = read(&from.join("Cargo.toml"))?;
    let mut values = values.clone();
    values.insert("PROFILES", manifest.find("[profile.").map_or("", |start| &manifest[start..]).trim_end().into());
    let qemu = format!("# For QEMU.\nqemu = [\"{}/qemu\"]", board.package());
    values.insert("FEATURES", if board == Board::Stm32f405 { qemu } else { "# None.".into() });
    values.insert("BOARD_SOURCE", sources.board(board));
    let below = format!("boards/{}", board.name());
    let mut files =
        vec![File::new(format!("{below}/Cargo.toml"), fill(include_str!("templates/board_Cargo.toml.in"), &values))];
    for (name, text) in [
        ("standalone", include_str!("templates/standalone.rs.in")),
        ("node", include_str!("templates/node.rs.in")),
        ("stream", include_str!("templates/stream.rs.in")),
    ] {
        files.push(File::rust(project, format!("{below}/src/bin/{name}.rs"), fill(text, &values)));
    }
    // As the board's own crate has them: processor, linker, runner, versions.
    let name = ".cargo/config.toml";
    files.push(File::new(format!("{below}/{name}"), of_target(&read(&from.join(name))?, board)));
    for name in ["rust-toolchain.toml", "Cargo.lock"] {
        files.push(File::new(format!("{below}/{name}"), read(&from.join(name))?));
    }
    // The runner of some boards names it.
    let name = "partitions.csv";
    if from.join(name).is_file() {
        files.push(File::new(format!("{below}/{name}"), read(&from.join(name))?));
    }
    Ok(files)
}

/// Settings of cargo for one of the boards that share them.
fn of_target(settings: &str, board: Board) -> String {
    let line = |line: &str| match line.strip_prefix("target = ") {
        Some(_) => format!("target = \"{}\"\n", board.triple()),
        None => format!("{line}\n"),
    };
    settings.lines().map(line).collect()
}

/// The machine that stands in for a board.
pub fn machine(board: Board) -> Option<Machine> {
    Machine::ALL.into_iter().find(|machine| machine.board() == board)
}

fn read(path: &Path) -> Result<String, Error> {
    fs::read_to_string(path).map_err(|source| Error::Unreadable { path: path.display().to_string(), source })
}
