//! Files that are written at the end of a run, and must not fail then.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error(
    "{path}: cannot be written ({source}); choose another {option}, or make room and give yourself the right to write there"
)]
pub struct Error {
    option: &'static str,
    path: String,
    source: io::Error,
}

/// Makes sure that [`write()`] can write a file later, without touching what may be there now. `option` is what named
/// it.
///
/// # Errors
/// No such folder, no right to write, or not a file.
pub fn check(option: &'static str, path: &str) -> Result<(), Error> {
    let attempt = || match target(path)? {
        Target::Device(path) => OpenOptions::new().write(true).open(path).map(drop),
        Target::File(path) => {
            if path.exists() {
                OpenOptions::new().append(true).open(&path)?;
            }
            beside(&path).map(drop)
        }
    };
    attempt().map_err(|source| Error { option, path: path.into(), source })
}

/// [`check`] for each of some options that may name a file.
///
/// # Errors
/// As [`check`], for the first that cannot be written.
pub fn check_all(files: &[(&'static str, &Option<String>)]) -> Result<(), Error> {
    files.iter().try_for_each(|(option, path)| path.as_ref().map_or(Ok(()), |path| check(option, path)))
}

/// Writes a file in one go: what was there before stays until all of it is on the disk.
///
/// # Errors
/// As [`check`], and a full disk.
pub fn write(option: &'static str, path: &str, bytes: &[u8]) -> Result<(), Error> {
    let attempt = || match target(path)? {
        Target::Device(path) => OpenOptions::new().write(true).open(path)?.write_all(bytes),
        Target::File(path) => {
            let mut file = beside(&path)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            Ok(())
        }
    };
    attempt().map_err(|source| Error { option, path: path.into(), source })
}

enum Target {
    /// Can be replaced.
    File(PathBuf),
    /// A pipe, a terminal and the like: written to, not replaced.
    Device(PathBuf),
}

fn target(path: &str) -> io::Result<Target> {
    match fs::canonicalize(path) {
        Ok(path) if path.is_dir() => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")),
        Ok(path) if path.is_file() => Ok(Target::File(path)),
        Ok(path) => Ok(Target::Device(path)),
        Err(_) => Ok(Target::File(path.into())),
    }
}

/// An empty file in the same folder, which can take the place of `path` in one go; gone when dropped.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    if path.file_name().is_none() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it names no file"));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".host-sim-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_leaves_everything_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let old = folder.path().join("old.json");
        fs::write(&old, "precious").unwrap();
        for name in ["old.json", "new.json"] {
            check("--json", folder.path().join(name).to_str().unwrap()).unwrap();
        }
        assert_eq!(fs::read_to_string(&old).unwrap(), "precious");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        write("--json", old.to_str().unwrap(), b"new").unwrap();
        assert_eq!(fs::read_to_string(&old).unwrap(), "new");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("nowhere/run.json");
        for path in [missing.to_str().unwrap(), folder.path().to_str().unwrap(), ""] {
            let message = check("--json", path).unwrap_err().to_string();
            assert!(message.starts_with(&format!("{path}: cannot be written")), "{message}");
            assert!(message.contains("--json"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_not_replaced_and_a_link_stays_a_link() {
        write("--json", "/dev/null", b"nothing").unwrap();
        assert!(!Path::new("/dev/null").is_file());
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write("--json", link.to_str().unwrap(), b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
    }
}
