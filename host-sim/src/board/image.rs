//! ELF files: how large a program is, and what it consists of.

use std::fs;
use std::path::Path;

use object::{Object as _, ObjectSection as _, ObjectSymbol as _};
use serde::Serialize;

use super::firmware::Error;

/// Bytes of a program, by section.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sizes {
    /// Code, in flash.
    pub text: u64,
    /// Constants, in flash.
    pub rodata: u64,
    /// Variables that start with a value, in RAM and in flash.
    pub data: u64,
    /// Variables that start as 0, in RAM.
    pub bss: u64,
}

/// An ELF file in memory.
pub struct Image {
    path: String,
    bytes: Vec<u8>,
}

impl Image {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        let bytes = fs::read(path).map_err(|source| Error::Unreadable { path: name.clone(), source })?;
        Ok(Self { path: name, bytes })
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn parse(&self) -> Result<object::File<'_>, Error> {
        object::File::parse(&*self.bytes).map_err(|source| Error::NotElf { path: self.path.clone(), source })
    }

    /// Adds up its sections. Those whose names begin with that of another belong to it: `.rodata.wifi`, `.text_trap`.
    ///
    /// # Errors
    /// Not an ELF file.
    pub fn sizes(&self) -> Result<Sizes, Error> {
        let mut sizes = Sizes::default();
        for section in self.parse()?.sections() {
            let name = section.name().unwrap_or_default();
            let roles = [
                (".text", &mut sizes.text),
                (".rodata", &mut sizes.rodata),
                (".data", &mut sizes.data),
                (".bss", &mut sizes.bss),
            ];
            if let Some((_, size)) = roles.into_iter().find(|(start, _)| name.starts_with(start)) {
                *size += section.size();
            }
        }
        Ok(sizes)
    }

    /// Names of all functions and variables, as the compiler mangles them.
    ///
    /// # Errors
    /// Not an ELF file.
    pub fn symbols(&self) -> Result<Vec<String>, Error> {
        Ok(self.parse()?.symbols().filter_map(|symbol| symbol.name().map(String::from).ok()).collect())
    }
}
