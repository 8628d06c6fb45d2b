//! The bytes of a table, which are read more than once: from a file, from one that gzip packed, or from a pipe.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek as _};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use indicatif::{ProgressBar, ProgressStyle};
use tempfile::TempPath;

use super::Error;

/// A file that can be read from its beginning as often as need be.
#[derive(Debug)]
pub(super) struct Input {
    /// As the user named it.
    pub path: String,
    file: PathBuf,
    packed: bool,
    /// What came through a pipe; the copy goes with this.
    _copy: Option<TempPath>,
}

const GZIP: &[u8] = &[0x1f, 0x8b];
/// Files that are often taken for tables, by how they begin.
const FOREIGN: [(&[u8], &str); 6] = [
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive; save the sheet as CSV, or unpack it"),
    (&[0xd0, 0xcf, 0x11, 0xe0], "an old Excel workbook; save the sheet as CSV"),
    (&[0xff, 0xfe], "text in UTF-16; save it as UTF-8"),
    (&[0xfe, 0xff], "text in UTF-16; save it as UTF-8"),
    (b"PAR1", "a Parquet file; save the table as CSV"),
    (b"BZh", "packed by bzip2; unpack it, or pack it with gzip"),
];

/// Files below this many bytes are read before anyone would look at a bar.
const LARGE: u64 = 16 << 20;
const TEMPLATE: &str = "{bar:24} {percent:>3} %, {eta} left: {msg}";

impl Input {
    /// Looks at the first bytes.
    ///
    /// # Errors
    /// The file is not there, cannot be read, or is of another kind.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        Self::try_open(path, name.clone()).map_err(|error| unreadable(&name, error))?.without_foreign_bytes()
    }

    /// A file of this name with these bytes.
    #[cfg(test)]
    pub fn of_bytes(name: &str, bytes: &[u8]) -> Result<Self, Error> {
        Self::copy(&mut &*bytes, name.into()).map_err(|error| unreadable(name, error))?.without_foreign_bytes()
    }

    fn try_open(path: &Path, name: String) -> io::Result<Self> {
        let mut file = File::open(path)?;
        if file.metadata()?.is_file() { Self::of_file(path.into(), name, None) } else { Self::copy(&mut file, name) }
    }

    /// A pipe gives its bytes only once.
    fn copy(bytes: &mut impl Read, name: String) -> io::Result<Self> {
        let mut copy = tempfile::NamedTempFile::new()?;
        io::copy(bytes, &mut copy)?;
        Self::of_file(copy.path().into(), name, Some(copy.into_temp_path()))
    }

    fn of_file(file: PathBuf, path: String, copy: Option<TempPath>) -> io::Result<Self> {
        let packed = first_bytes(&mut File::open(&file)?, GZIP.len())? == GZIP;
        Ok(Self { path, file, packed, _copy: copy })
    }

    fn without_foreign_bytes(self) -> Result<Self, Error> {
        let first = self.first_bytes(8)?;
        match FOREIGN.iter().find(|(bytes, _)| first.starts_with(bytes)) {
            Some((_, kind)) => Err(Error::Foreign { path: self.path, kind }),
            None => Ok(self),
        }
    }

    /// As many of the first bytes as there are, up to `count`, unpacked.
    pub fn first_bytes(&self, count: usize) -> Result<Vec<u8>, Error> {
        let bytes = self.read_quietly().and_then(|mut bytes| first_bytes(&mut bytes, count));
        bytes.map_err(|error| unreadable(&self.path, error))
    }

    /// The bytes, unpacked, from the beginning. A bar shows how much of a large file has been read if standard error is a
    /// terminal.
    pub fn read(&self) -> Result<Box<dyn Read>, Error> {
        let reader = File::open(&self.file).and_then(|mut file| {
            let length = file.seek(io::SeekFrom::End(0))?;
            file.rewind()?;
            if length < LARGE {
                return Ok(self.unpacked(file));
            }
            let style = ProgressStyle::with_template(TEMPLATE).expect("a constant");
            let bar = ProgressBar::new(length).with_style(style).with_message(format!("reading {}", self.path));
            Ok(self.unpacked(bar.wrap_read(file)))
        });
        reader.map_err(|error| unreadable(&self.path, error))
    }

    fn read_quietly(&self) -> io::Result<Box<dyn Read>> {
        Ok(self.unpacked(File::open(&self.file)?))
    }

    fn unpacked(&self, bytes: impl Read + 'static) -> Box<dyn Read> {
        if self.packed { Box::new(MultiGzDecoder::new(bytes)) } else { Box::new(bytes) }
    }
}

fn first_bytes(reader: &mut impl Read, count: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(count as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What to say of a file that cannot be opened or read.
pub(super) fn unreadable(path: &str, source: io::Error) -> Error {
    let path = path.into();
    match source.kind() {
        ErrorKind::NotFound => Error::Missing { path },
        _ => Error::Unreadable { path, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    fn written(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    fn all(input: &Input) -> Vec<u8> {
        let mut bytes = Vec::new();
        input.read().unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn packed_bytes_are_unpacked_as_often_as_need_be() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(b"a,b\n1,2\n").unwrap();
        let packed = encoder.finish().unwrap();
        // Two members, as `cat a.gz b.gz` makes them.
        let (_folder, path) = written(&packed.repeat(2));
        let input = Input::open(&path).unwrap();
        assert_eq!([all(&input), all(&input)], [b"a,b\n1,2\na,b\n1,2\n"; 2]);
        let (_folder, path) = written(&packed[..packed.len() - 9]);
        let mut bytes = Input::open(&path).unwrap().read().unwrap();
        assert!(bytes.read_to_end(&mut Vec::new()).is_err(), "cut short");
    }

    #[test]
    fn other_kinds_of_files_are_named() {
        for (bytes, kind) in [(&b"PK\x03\x04rest"[..], "an Excel workbook or"), (b"\xff\xfea\0", "text in UTF-16")] {
            let (_folder, path) = written(bytes);
            let message = Input::open(&path).unwrap_err().to_string();
            assert!(message.contains(&format!("t.csv: is {kind}")), "{message}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_read_once_and_kept() {
        let (reader, mut writer) = io::pipe().unwrap();
        writer.write_all(b"a\n1\n").unwrap();
        drop(writer);
        use std::os::fd::AsRawFd as _;
        let input = Input::open(Path::new(&format!("/dev/fd/{}", reader.as_raw_fd()))).unwrap();
        assert_eq!([all(&input), all(&input)], [b"a\n1\n"; 2]);
    }
}
