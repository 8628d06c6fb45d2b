//! Compiles the candidates.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crc::{CRC_64_XZ, Crc};

use super::Error;
use super::generate;
use crate::board::sources;

/// Lines of the compiler's output that are shown.
const SHOWN: usize = 24;

/// Compiles the crate with this source, unless that has been done before, and gives the program.
///
/// # Errors
/// No cargo, no room, or a source that does not compile.
pub fn program(source: &str) -> Result<PathBuf, Error> {
    let host_sim = sources::host_sim();
    let target = target(&host_sim);
    let name = format!("candidates-{:016x}", Crc::<u64>::new(&CRC_64_XZ).checksum(source.as_bytes()));
    let folder = target.join(&name);
    let manifest =
        generate::write(&folder, &name, &host_sim, source).map_err(Error::file(folder.display().to_string()))?;
    build(&manifest, &target)?;
    Ok(target.join("release").join(format!("{name}{}", env::consts::EXE_SUFFIX)))
}

/// Where the crates and what is compiled of them lie: beside what cargo has compiled of this program, never in a folder of the user.
fn target(host_sim: &Path) -> PathBuf {
    let beside = env::var_os("CARGO_TARGET_DIR").map_or_else(|| host_sim.join("../target"), PathBuf::from);
    let folder = beside.join("design");
    let usable = if fs::create_dir_all(&folder).is_ok() { folder } else { env::temp_dir().join("trainlet-design") };
    usable.canonicalize().unwrap_or(usable)
}

fn build(manifest: &Path, target: &Path) -> Result<(), Error> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // What the cargo that may have started this program was told is not meant for the candidates.
    for name in ["RUSTC", "RUSTDOC", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET"] {
        cargo.env_remove(name);
    }
    cargo.args(["build", "--release", "--quiet", "--color=never", "--manifest-path"]).arg(manifest);
    let folder = manifest.parent().unwrap_or(manifest);
    let output = cargo.arg("--target-dir").arg(target).current_dir(folder).output();
    let output = output.map_err(|source| Error::NoCargo { source })?;
    if output.status.success() {
        return Ok(());
    }
    let output = String::from_utf8_lossy(&output.stderr);
    let errors = output.lines().skip_while(|line| !line.starts_with("error"));
    let output = errors.take(SHOWN).collect::<Vec<_>>().join("\n");
    Err(Error::Compile { folder: folder.display().to_string(), output })
}
