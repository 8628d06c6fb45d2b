//! A board on a desk: what it says is kept, and its flash can fail.

#[path = "../../../../tests/flash/mod.rs"]
mod flash;

use std::convert::Infallible;

use embedded_io::{ErrorType, Read, Write};
use trainlet::core::rng::{Key, Purpose};
use trainlet_app::board::{Board, Slots};

pub type Flash = flash::Flash<4, 4096>;

pub fn erased() -> Flash {
    Flash::new(2 * 5, Key::new(1, Purpose::Order).stream())
}

/// What is said on the line; nothing ever comes.
pub struct Line(Vec<u8>);

impl ErrorType for Line {
    type Error = Infallible;
}

impl Read for Line {
    fn read(&mut self, _: &mut [u8]) -> Result<usize, Infallible> {
        Ok(0)
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> Result<usize, Infallible> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

pub struct Desk<'a> {
    line: Line,
    flash: Option<&'a mut Flash>,
}

impl<'a> Desk<'a> {
    pub fn new(flash: Option<&'a mut Flash>) -> Self {
        Self { line: Line(Vec::new()), flash }
    }

    /// Line by line.
    pub fn said(self) -> Vec<String> {
        String::from_utf8(self.line.0).unwrap().lines().map(str::to_string).collect()
    }
}

impl<'a> Board for Desk<'a> {
    const NAME: &'static str = "desk";
    const RAM: usize = 1 << 20;
    type Serial = Line;
    type Flash = &'a mut Flash;
    const SLOTS: Slots = Slots { start: 0, slot: 5 * 4096, count: 2, erase_size: 4096, write_size: 4, endurance: 1 };

    fn serial(&mut self) -> &mut Line {
        &mut self.line
    }

    fn take_flash(&mut self) -> Option<&'a mut Flash> {
        self.flash.take()
    }

    fn micros(&mut self) -> u64 {
        0
    }

    fn set_led(&mut self, _: bool) {}
}
