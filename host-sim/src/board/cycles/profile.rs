//! A run in QEMU under the plugin, and what the plugin has counted.

use std::fs;
use std::path::Path;

use super::code::Code;
use super::{Error, plugin};
use crate::board::emulator::Machine;

/// Where programs are measured.
pub const MACHINE: Machine = Machine::Stm32f405;

/// What was executed between `bench_begin` and `bench_end`.
#[derive(Debug, PartialEq, Eq)]
pub struct Window {
    /// As the program announced it.
    pub name: String,
    /// Of what it says how many there were.
    pub count: u64,
    /// Pieces of code; some may lie within others.
    pub blocks: Vec<Block>,
}

/// A piece of code without a jump into it or out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// Address of its first instruction.
    pub start: u32,
    /// Its length.
    pub bytes: u32,
    /// How often it was executed.
    pub count: u64,
    /// How often something else followed than the code behind it.
    pub taken: u64,
}

/// Runs a program to its end.
pub fn run(elf: &Path, code: &Code) -> Result<Vec<Window>, Error> {
    let plugin = plugin::build()?;
    let (begin, end) = (code.address("bench_begin")?, code.address("bench_end")?);
    let folder = tempfile::tempdir().map_err(|source| Error::File { path: "a temporary folder".into(), source })?;
    let counts = folder.path().join("counts");
    let plugin = format!("{},begin={begin},end={end},output={}", plugin.display(), counts.display());
    let mut announced = Vec::new();
    MACHINE.run_with(elf, &["-plugin", &plugin], &mut |line| announced.extend(announcement(line)))?;
    let text = fs::read_to_string(&counts);
    let text = text.map_err(|source| Error::File { path: counts.display().to_string(), source })?;
    let windows = parse(&text).map_err(|line| Error::Line { path: code.path().into(), line: line.into() })?;
    if windows.len() != announced.len() {
        let (windows, announced) = (windows.len(), announced.len());
        return Err(Error::Windows { path: code.path().into(), windows, announced });
    }
    let windows = announced.into_iter().zip(windows);
    Ok(windows.map(|((name, count), blocks)| Window { name, count, blocks }).collect())
}

/// A line `name|count`; the program may print others.
fn announcement(line: &str) -> Option<(String, u64)> {
    let (name, count) = line.rsplit_once('|')?;
    Some((name.into(), count.parse().ok()?))
}

/// The blocks of each window; otherwise the line that is wrong.
fn parse(text: &str) -> Result<Vec<Vec<Block>>, &str> {
    let mut windows = Vec::new();
    for line in text.lines() {
        if line == "window" {
            windows.push(Vec::new());
        } else {
            windows.last_mut().ok_or(line)?.push(block(line).ok_or(line)?);
        }
    }
    Ok(windows)
}

fn block(line: &str) -> Option<Block> {
    let mut fields = line.split(' ');
    let start = u32::from_str_radix(fields.next()?, 16).ok()?;
    let bytes = fields.next()?.parse().ok()?;
    let [count, taken] = [fields.next()?.parse().ok()?, fields.next()?.parse().ok()?];
    fields.next().is_none().then_some(Block { start, bytes, count, taken })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_plugin_writes_is_read() {
        let block = |start, bytes, count, taken| Block { start, bytes, count, taken };
        assert_eq!(
            parse("window\n8000400 6 3 1\n8000406 2 2 0\nwindow\n"),
            Ok(vec![vec![block(0x0800_0400, 6, 3, 1), block(0x0800_0406, 2, 2, 0)], vec![]])
        );
        for wrong in ["8000400 6 3 1", "window\n8000400 6 3", "window\n8000400 6 3 1 1", "window\nx 6 3 1"] {
            assert_eq!(parse(wrong), Err(wrong.trim_start_matches("window\n")));
        }
    }

    #[test]
    fn announcements_are_told_from_other_lines() {
        assert_eq!(announcement("a|b: c|12"), Some(("a|b: c".into(), 12)));
        assert_eq!(["hello", "a|b", ""].map(announcement), [None, None, None]);
    }
}
