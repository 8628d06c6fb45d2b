//! The code of a program, by address.

use object::{Object as _, ObjectSection as _, ObjectSymbol as _, SectionKind, SymbolKind};

use super::Error;
use super::decode::Decoder;
use super::instruction::Instruction;
use crate::board::firmware::Image;

/// All code of a program, and the names of its functions.
pub struct Code {
    path: String,
    decoder: Decoder,
    sections: Vec<Section>,
    /// In the order of their addresses.
    functions: Vec<Function>,
}

struct Section {
    start: u32,
    bytes: Vec<u8>,
}

struct Function {
    start: u32,
    name: String,
}

impl Code {
    /// Copies it from an ELF file.
    pub fn of(image: &Image, decoder: Decoder) -> Result<Self, Error> {
        let file = image.parse()?;
        let sections = file.sections().filter(|section| section.kind() == SectionKind::Text).filter_map(|section| {
            Some(Section { start: section.address() as u32, bytes: section.data().ok()?.to_vec() })
        });
        let functions = file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text).filter_map(|symbol| {
            // Bit 0 says that it is Thumb code.
            Some(Function { start: symbol.address() as u32 & !1, name: symbol.name().ok()?.to_string() })
        });
        let (sections, mut functions): (Vec<_>, Vec<_>) = (sections.collect(), functions.collect());
        functions.sort_by_key(|function| function.start);
        Ok(Self { path: image.path().into(), decoder, sections, functions })
    }

    /// One function, of these halves of instructions.
    #[cfg(test)]
    pub fn of_function(name: &str, start: u32, halves: &[u16]) -> Self {
        let bytes = halves.iter().flat_map(|half| half.to_le_bytes()).collect();
        let functions = vec![Function { start, name: name.into() }];
        let sections = vec![Section { start, bytes }];
        Self { path: "test".into(), decoder: super::decode::thumb, sections, functions }
    }

    /// The same of another processor.
    #[cfg(test)]
    pub fn with(self, decoder: Decoder) -> Self {
        Self { decoder, ..self }
    }

    /// The file that it came from.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where a function begins.
    pub fn address(&self, name: &'static str) -> Result<u32, Error> {
        let function = self.functions.iter().find(|function| function.name == name);
        function.map(|function| function.start).ok_or_else(|| Error::NoFunction { path: self.path.clone(), name })
    }

    /// The function that an address belongs to, as the compiler mangles its name.
    pub fn function(&self, address: u32) -> &str {
        let after = self.functions.partition_point(|function| function.start <= address);
        after.checked_sub(1).and_then(|index| self.functions.get(index)).map_or("?", |function| &function.name)
    }

    /// The instruction at an address.
    pub fn instruction(&self, address: u32) -> Result<Instruction, Error> {
        let half = |address| {
            let (section, offset) = self.sections.iter().find_map(|section| {
                let offset = u32::checked_sub(address, section.start)? as usize;
                (offset < section.bytes.len()).then_some((section, offset))
            })?;
            section.bytes.get(offset..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
        };
        let first = half(address).ok_or_else(|| Error::NotCode { path: self.path.clone(), address })?;
        // The last instruction of a section may be short.
        Ok((self.decoder)(first, half(address + 2).unwrap_or_default()))
    }
}
