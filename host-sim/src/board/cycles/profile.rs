//! A run in QEMU under the plugin, and what the plugin has counted.

use std::fs;
use std::path::Path;

use super::Error;
use super::code::Code;
use super::plugin;
use crate::board::emulator::Machine;

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
    pub first: u32,
    /// Address of its last instruction.
    pub last: u32,
    /// How often it was executed.
    pub count: u64,
    /// How often the next instruction was that 2 bytes behind the last, and that 4 bytes behind.
    pub after: [u64; 2],
}

impl Block {
    /// How often there was a jump at its end, when its last instruction has this many bytes.
    pub fn taken(&self, bytes: u32) -> u64 {
        let [two, four] = self.after;
        self.count - if bytes == 2 { two } else { four }
    }
}

/// Runs a program to its end and hands each line that it prints to `watcher`.
pub fn run(machine: Machine, elf: &Path, code: &Code, watcher: &mut dyn FnMut(&str)) -> Result<Vec<Window>, Error> {
    let plugin = plugin::build(machine)?;
    let (begin, end) = (code.address("bench_begin")?, code.address("bench_end")?);
    let folder = tempfile::tempdir().map_err(|source| Error::File { path: "a temporary folder".into(), source })?;
    let counts = folder.path().join("counts");
    let plugin = format!("{},begin={begin},end={end},output={}", plugin.display(), counts.display());
    let mut announced = Vec::new();
    machine.run_with(elf, &["-plugin", &plugin], &mut |line| {
        watcher(line);
        announced.extend(announcement(line));
    })?;
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
    let mut address = || u32::from_str_radix(fields.next()?, 16).ok();
    let (first, last) = (address()?, address()?);
    let mut number = || fields.next()?.parse().ok();
    let (count, after) = (number()?, [number()?, number()?]);
    fields.next().is_none().then_some(Block { first, last, count, after })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_plugin_writes_is_read() {
        let block = |first, last, count, after| Block { first, last, count, after };
        assert_eq!(
            parse("window\n8000400 8000406 3 1 0\n8000408 8000408 2 0 2\nwindow\n"),
            Ok(vec![
                vec![block(0x0800_0400, 0x0800_0406, 3, [1, 0]), block(0x0800_0408, 0x0800_0408, 2, [0, 2])],
                vec![]
            ])
        );
        for wrong in ["0 6 3 1 0", "window\n0 6 3 1", "window\n0 6 3 1 1 1", "window\nx 6 3 1 0"] {
            assert_eq!(parse(wrong), Err(wrong.trim_start_matches("window\n")));
        }
    }

    #[test]
    fn a_jump_is_what_does_not_go_on_behind_the_last_instruction() {
        let block = Block { first: 0, last: 0, count: 10, after: [3, 4] };
        assert_eq!([2, 4].map(|bytes| block.taken(bytes)), [7, 6]);
    }

    #[test]
    fn announcements_are_told_from_other_lines() {
        assert_eq!(announcement("a|b: c|12"), Some(("a|b: c".into(), 12)));
        assert_eq!(["hello", "a|b", ""].map(announcement), [None, None, None]);
    }
}
