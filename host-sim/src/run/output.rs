//! Files that are written at the end of a run, and must not fail then.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crc::{CRC_32_ISO_HDLC, Crc};
use tempfile::NamedTempFile;

/// Files that a command must not write.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error(
        "{path}: cannot be written ({source}); choose another {option}, or make room and give yourself the right to write \
         there"
    )]
    Unwritable { option: &'static str, path: String, source: io::Error },
    #[error("{first} and {second} both name {path}; give them different files")]
    SameFile { first: &'static str, second: &'static str, path: String },
}

/// The options that name files, and the files if they were given.
pub type Named<'a> = [(&'static str, Option<&'a str>)];

/// The name that stands for standard output.
pub const STDOUT: &str = "-";

/// Makes sure that [`write()`] can write a file later, without touching what may be there now. `option` is what named
/// it.
///
/// # Errors
/// No such folder, no right to write, or not a file.
pub fn check(option: &'static str, path: &str) -> Result<(), Error> {
    let attempt = || match target(path)? {
        Target::Stdout => Ok(()),
        Target::Device(path) => OpenOptions::new().write(true).open(path).map(drop),
        Target::File(path) => {
            if path.exists() {
                OpenOptions::new().append(true).open(&path)?;
            }
            beside(&path).map(drop)
        }
    };
    attempt().map_err(|source| Error::Unwritable { option, path: path.into(), source })
}

/// Makes sure that all of `writes` can be written later, and that none of them is one of `reads` or another of `writes`, whatever
/// links lead there.
///
/// # Errors
/// The first file that cannot be written, or that two options name.
pub fn check_all(reads: &Named, writes: &Named) -> Result<(), Error> {
    let given = |(option, path): &(&'static str, Option<_>)| path.map(|path: &str| (*option, path));
    let writes: Vec<_> = writes.iter().filter_map(given).collect();
    for (number, (second, path)) in writes.iter().enumerate() {
        let others = reads.iter().filter_map(given).chain(writes[..number].iter().copied());
        if let Some((first, _)) = others.into_iter().find(|(_, other)| same_file(other, path)) {
            return Err(Error::SameFile { first, second, path: path.to_string() });
        }
    }
    writes.iter().try_for_each(|(option, path)| check(option, path))
}

/// Whether two names, one of which may not be there yet, lead to one file. Pipes and the like never clash.
fn same_file(a: &str, b: &str) -> bool {
    let identity = |path: &str| match fs::canonicalize(path) {
        Ok(path) => path.is_file().then_some(path),
        Err(_) => in_folder(Path::new(path)),
    };
    identity(a).is_some_and(|a| identity(b) == Some(a))
}

/// A file that is not there, in a folder that is.
fn in_folder(path: &Path) -> Option<PathBuf> {
    Some(fs::canonicalize(folder(path)).ok()?.join(path.file_name()?))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a file in one go: what was there before stays until all of it is on the disk.
///
/// # Errors
/// As [`check`], and a full disk.
pub fn write(option: &'static str, path: &str, bytes: &[u8]) -> Result<(), Error> {
    let attempt = || match target(path)? {
        Target::Stdout => io::stdout().write_all(bytes).and_then(|()| io::stdout().write_all(b"\n")),
        Target::Device(path) => OpenOptions::new().write(true).open(path)?.write_all(bytes),
        Target::File(path) => {
            let mut file = beside(&path)?;
            file.write_all(bytes)?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            // The new name is on the disk as well then.
            #[cfg(unix)]
            fs::File::open(folder(&path))?.sync_all()?;
            Ok(())
        }
    };
    attempt().map_err(|source| Error::Unwritable { option, path: path.into(), source })
}

enum Target {
    /// Can be replaced.
    File(PathBuf),
    /// A pipe, a terminal and the like: written to, not replaced.
    Device(PathBuf),
    Stdout,
}

fn target(path: &str) -> io::Result<Target> {
    if path == STDOUT {
        return Ok(Target::Stdout);
    }
    match fs::canonicalize(path) {
        Ok(path) if path.is_dir() => Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")),
        Ok(path) if path.is_file() => Ok(Target::File(path)),
        Ok(path) => Ok(Target::Device(path)),
        Err(_) => Ok(Target::File(path.into())),
    }
}

/// Removes what a program that was killed while it wrote `path` has left beside it.
pub fn sweep(path: &str) {
    let Ok(Target::File(path)) = target(path) else { return };
    let prefix = prefix(&path);
    let entries = fs::read_dir(folder(&path)).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(&prefix)) {
        // Litter that cannot be removed does no harm.
        let _ = fs::remove_file(entry.path());
    }
}

/// How the names of files begin that are to take the place of `path`.
fn prefix(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    format!(".host-sim-{:08x}-", Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(name))
}

/// An empty file in the same folder, which can take the place of `path` in one go; gone when dropped.
fn beside(path: &Path) -> io::Result<NamedTempFile> {
    if path.file_name().is_none() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it names no file"));
    }
    let folder = folder(path);
    if !folder.is_dir() {
        let message = format!("there is no folder {}", folder.display());
        return Err(io::Error::new(io::ErrorKind::NotFound, message));
    }
    let (mut builder, prefix) = (tempfile::Builder::new(), prefix(path));
    builder.prefix(&prefix);
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
    fn what_a_killed_program_leaves_is_swept_away() {
        let folder = tempfile::tempdir().unwrap();
        let [file, other] = ["run.ckpt", "other.ckpt"].map(|name| folder.path().join(name));
        for path in [&file, &other] {
            fs::write(path, "whole").unwrap();
            beside(path).unwrap().keep().unwrap();
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 4);
        sweep(file.to_str().unwrap());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 3);
        assert!(file.exists() && other.exists());
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("nowhere/run.json");
        for path in [missing.to_str().unwrap(), folder.path().to_str().unwrap(), ""] {
            let message = check("--json", path).unwrap_err().to_string();
            assert!(message.starts_with(&format!("{path}: cannot be written")), "{message}");
            assert!(message.contains("--json"));
            let nowhere = folder.path().join("nowhere");
            let says = if path.ends_with(".json") {
                format!("(there is no folder {})", nowhere.display())
            } else {
                "(it ".into()
            };
            assert!(message.contains(&says), "{message}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_result_is_neither_what_is_read_nor_another_result() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
        let [data, link, new, aside] = [at("data.csv"), at("link.csv"), at("new.csv"), at("aside/../new.csv")];
        fs::write(&data, "precious").unwrap();
        fs::create_dir(at("aside")).unwrap();
        std::os::unix::fs::symlink(&data, &link).unwrap();
        std::os::unix::fs::symlink(folder.path(), at("folder")).unwrap();
        let reads = [("--data", Some(data.as_str())), ("--weights", None)];
        let clashes = |writes: &Named| matches!(check_all(&reads, writes), Err(Error::SameFile { .. }));
        for path in [&data, &link, &at("folder/data.csv")] {
            assert!(clashes(&[("--output", Some(path))]), "{path}");
        }
        for path in [&new, &aside, &at("folder/new.csv")] {
            assert!(clashes(&[("--json", Some(&new)), ("--svg", Some(path))]), "{path}");
        }
        assert!(check_all(&reads, &[("--json", Some(&new)), ("--svg", None)]).is_ok());
        assert!(check_all(&[], &[("--json", Some("/dev/null")), ("--svg", Some("/dev/null"))]).is_ok());
        assert_eq!(fs::read_to_string(&data).unwrap(), "precious");
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
