//! This computer in place of a board: the same programs, without QEMU.

use std::convert::Infallible;

use embedded_io::{ErrorType, Read, Write};
use trainlet_app::board::{Board, NoFlash, Slots};

/// A board without flash and light, whose clock goes on by a fixed time whenever it is asked.
pub struct Simulated<'a> {
    serial: Lines<'a>,
    micros: u64,
    tick: u64,
}

impl<'a> Simulated<'a> {
    /// Its clock goes on by `tick` microseconds at a time; `watcher` hears what it says, line by line.
    pub fn new(tick: u64, watcher: &'a mut dyn FnMut(&str)) -> Self {
        Self { serial: Lines { watcher, line: Vec::new() }, micros: 0, tick }
    }
}

impl<'a> Board for Simulated<'a> {
    const NAME: &'static str = "desktop";
    const RAM: usize = usize::MAX;
    type Serial = Lines<'a>;
    type Flash = NoFlash;
    const SLOTS: Slots = Slots::NONE;

    fn serial(&mut self) -> &mut Lines<'a> {
        &mut self.serial
    }

    fn take_flash(&mut self) -> Option<NoFlash> {
        None
    }

    fn micros(&mut self) -> u64 {
        self.micros += self.tick;
        self.micros
    }

    fn set_led(&mut self, _: bool) {}
}

/// A line on which nobody answers.
pub struct Lines<'a> {
    watcher: &'a mut dyn FnMut(&str),
    line: Vec<u8>,
}

impl ErrorType for Lines<'_> {
    type Error = Infallible;
}

impl Read for Lines<'_> {
    fn read(&mut self, _: &mut [u8]) -> Result<usize, Infallible> {
        Ok(0)
    }
}

impl Write for Lines<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        for byte in bytes {
            match byte {
                b'\n' => {
                    (self.watcher)(String::from_utf8_lossy(&self.line).trim_end());
                    self.line.clear();
                }
                byte => self.line.push(*byte),
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}
