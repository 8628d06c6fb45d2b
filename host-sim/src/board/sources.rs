//! Where the sources of firmware are. They are those that the working directory belongs to: this program may have been built
//! elsewhere, from others.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The folder of host-sim, beside that of the boards.
pub fn host_sim() -> PathBuf {
    let above = env::current_dir().ok().and_then(|here| repository(&here)).map(|folder| folder.join(NAME));
    above.unwrap_or_else(|| package(NAME, env!("CARGO_MANIFEST_DIR")))
}

/// The folder of a package that the working directory's package is or depends on; `built` is where it was when this program was
/// built, for working directories that have nothing to do with it.
pub fn package(name: &str, built: &str) -> PathBuf {
    let folder = env::current_dir().ok().and_then(|here| dependency(&here, name)).unwrap_or_else(|| built.into());
    // One path for one package: cargo takes two paths for two packages.
    folder.canonicalize().unwrap_or(folder)
}

const NAME: &str = "host-sim";

/// The folder around `folder` that has host-sim and boards in it.
fn repository(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    let is_repository =
        |folder: &&Path| folder.join(NAME).join("Cargo.toml").is_file() && folder.join("boards").is_dir();
    folder.ancestors().find(is_repository).map(Path::to_path_buf)
}

/// The folder of a package among all that the package around `folder` depends on.
fn dependency(folder: &Path, name: &str) -> Option<PathBuf> {
    folder.ancestors().find(|folder| folder.join("Cargo.toml").is_file())?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let run = |arguments: &[&str]| Command::new(&cargo).args(arguments).current_dir(folder).output().ok();
    // Of other systems' packages none need be on this computer.
    let about = String::from_utf8(run(&["-vV"])?.stdout).ok()?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "))?;
    let output = run(&["metadata", "--format-version=1", "--offline", "--filter-platform", host])?;
    let metadata: Value = serde_json::from_slice(&output.stdout).ok()?;
    let packages = metadata["packages"].as_array()?;
    let manifest = packages.iter().find(|package| package["name"] == name)?["manifest_path"].as_str()?;
    Path::new(manifest).parent().map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_working_directory_decides() {
        let clone = tempfile::tempdir().unwrap();
        let root = clone.path().canonicalize().unwrap();
        for folder in ["host-sim/src", "boards/stm32f405"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        fs::write(root.join("host-sim/Cargo.toml"), "").unwrap();
        for folder in [root.clone(), root.join("host-sim/src"), root.join("boards/stm32f405")] {
            assert_eq!(repository(&folder), Some(root.clone()), "{}", folder.display());
        }
        assert_eq!(repository(root.parent().unwrap()), None);
    }

    #[test]
    fn a_package_takes_host_sim_from_where_it_says() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert_eq!(dependency(&here.join("src"), "trainlet-app"), Some(here.parent().unwrap().join("boards/app")));
        assert_eq!(dependency(here, "nowhere"), None);
        assert_eq!(dependency(tempfile::tempdir().unwrap().path(), NAME), None);
    }
}
