//! The plugin that counts in QEMU.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::NamedTempFile;

use super::Error;
use crate::board::emulator::Machine;
use crate::board::sources;

const COMPILER: &str = "gcc";

/// Why it cannot be built here, `None` if it can.
pub fn missing() -> Option<Error> {
    Command::new(COMPILER).arg("--version").output().map_err(Error::NoGcc).err()
}

/// Builds it for the QEMU that is there, and gives the file.
pub fn build(machine: Machine) -> Result<PathBuf, Error> {
    let here = sources::host_sim();
    let (source, folder) = (here.join("profiler/cycles.c"), here.join("../target/profiler"));
    let file = folder.join("cycles.so");
    let at = |path: &Path| {
        let path = path.display().to_string();
        |source| Error::File { path, source }
    };
    fs::create_dir_all(&folder).map_err(at(&folder))?;
    fs::metadata(&source).map_err(at(&source))?;
    // It takes its place in one go: somebody else may be using the old one.
    let new = NamedTempFile::new_in(&folder).map_err(at(&folder))?;
    let mut gcc = Command::new(COMPILER);
    gcc.args(["-O2", "-shared", "-fPIC", "-fvisibility=hidden"]).arg(format!("-DAPI_VERSION={}", version(machine)?));
    let output = gcc.arg("-o").arg(new.path()).arg(&source).output().map_err(Error::NoGcc)?;
    if !output.status.success() {
        let output = String::from_utf8_lossy(&output.stderr).into_owned();
        return Err(Error::Gcc { path: source.display().to_string(), output });
    }
    new.persist(&file).map_err(|error| at(&file)(error.error))?;
    Ok(file)
}

/// Of the interface between QEMU and plugins; it is the same for what is used of it, but each QEMU insists on its own.
fn version(machine: Machine) -> Result<u32, Error> {
    Ok(if machine.version()? < FIRST_WITH_2 { 1 } else { 2 })
}

/// The major version of QEMU that no longer takes version 1 of the interface.
const FIRST_WITH_2: u32 = 9;
