//! A file that is written over and over.

use std::cell::RefCell;
use std::io::{self, Seek as _, Write as _};

use tempfile::NamedTempFile;

thread_local! {
    static FILE: RefCell<NamedTempFile> = RefCell::new(file().expect("there is room for a file"));
}

/// In memory where there is such a folder.
fn file() -> io::Result<NamedTempFile> {
    NamedTempFile::new_in("/dev/shm").or_else(|_| NamedTempFile::new())
}

/// Works with the name of a file that has these bytes.
pub fn with_file<R>(bytes: &[u8], work: impl FnOnce(&str) -> R) -> R {
    FILE.with_borrow_mut(|file| {
        file.as_file().set_len(0).expect("it is a file");
        file.rewind().expect("it is a file");
        file.write_all(bytes).expect("there is room for it");
        let path = file.path().to_str().expect("a plain name").to_string();
        work(&path)
    })
}
