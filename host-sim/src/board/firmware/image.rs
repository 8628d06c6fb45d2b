//! ELF files: how large a program is, and what it consists of.

use std::fs;
use std::path::Path;

use object::{Object as _, ObjectSection as _, ObjectSymbol as _};
use serde::Serialize;
use trainlet_app::watch::FRAMES;

use super::error::Error;

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

/// Crates that train, and what they are made of; all others are a board's.
const TRAINING: [&str; 17] = [
    "alloc",
    "bytemuck",
    "cobs",
    "compiler_builtins",
    "core",
    "crc",
    "embedded_io",
    "heapless",
    "libm",
    "postcard",
    "rand_core",
    "rand_xorshift",
    "serde",
    "serde_core",
    "static_cell",
    "trainlet",
    "trainlet_app",
];

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

    pub(in crate::board) fn path(&self) -> &str {
        &self.path
    }

    pub(in crate::board) fn parse(&self) -> Result<object::File<'_>, Error> {
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
            let role = roles.into_iter().find(|(start, _)| name.starts_with(start));
            // What has no bytes in the file is a variable, or a gap between addresses: `.text_gap`.
            let has_bytes = section.file_range().is_some();
            if let Some((_, size)) = role.filter(|(start, _)| has_bytes || *start == ".bss") {
                *size += section.size();
            }
        }
        Ok(sizes)
    }

    /// Bytes of code and constants without what the board's own crates take, such as its HAL, and without the recordings.
    ///
    /// # Errors
    /// Not an ELF file.
    pub fn training(&self) -> Result<u64, Error> {
        let Sizes { text, rodata, .. } = self.sizes()?;
        let mut bytes = text + rodata;
        let file = self.parse()?;
        for symbol in file.symbols() {
            let section = symbol.section_index().and_then(|index| file.section_by_index(index).ok());
            let section = section.as_ref().and_then(|section| section.name().ok()).unwrap_or_default();
            if section.starts_with(".text") || section.starts_with(".rodata") {
                let name = format!("{:#}", rustc_demangle::demangle(symbol.name().unwrap_or_default()));
                if name == "trainlet_app::watch::RECORDINGS" {
                    bytes -= symbol.size() + FRAMES.len() as u64;
                } else if crate_of(&name).is_some_and(|name| !TRAINING.contains(&name)) {
                    bytes -= symbol.size();
                }
            }
        }
        Ok(bytes)
    }

    /// Names of all functions and variables, as the compiler mangles them.
    ///
    /// # Errors
    /// Not an ELF file.
    pub fn symbols(&self) -> Result<Vec<String>, Error> {
        Ok(self.parse()?.symbols().filter_map(|symbol| symbol.name().map(String::from).ok()).collect())
    }

    /// Where a function or a variable is, by the name that [`symbols`](Self::symbols) gives; `None` if it is not in the program.
    ///
    /// # Errors
    /// Not an ELF file.
    pub fn address(&self, name: &str) -> Result<Option<u64>, Error> {
        Ok(self.parse()?.symbol_by_name(name).map(|symbol| symbol.address()))
    }
}

/// The crate that a path begins with: `trainlet` for `<trainlet::nn::net::Net<..> as trainlet::nn::net::Model>::infer`. None for what is
/// no path, as names from assembly.
fn crate_of(name: &str) -> Option<&str> {
    let path = name.trim_start_matches(['<', '&', '[', '(']).trim_start_matches("mut ");
    let (first, _) = path.split_once("::")?;
    first.chars().all(|c| c.is_alphanumeric() || c == '_').then_some(first)
}

#[cfg(test)]
mod tests {
    use super::crate_of;

    #[test]
    fn names_tell_their_crate() {
        assert_eq!(crate_of("trainlet::kernels::matmul::nn"), Some("trainlet"));
        assert_eq!(
            crate_of("<trainlet::nn::net::Net<16, [f32; 3]> as trainlet::nn::net::Model>::infer"),
            Some("trainlet")
        );
        assert_eq!(crate_of("<&mut stm32f4xx_hal::serial::Tx as core::fmt::Write>::write_str"), Some("stm32f4xx_hal"));
        assert_eq!(crate_of("<&str as core::fmt::Display>::fmt"), None);
        assert_eq!(crate_of("<u32 as core::fmt::Display>::fmt"), None);
        assert_eq!([crate_of("memcpy"), crate_of("")], [None; 2]);
    }
}
