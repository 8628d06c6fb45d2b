//! What a board must be able to do.

use embedded_io::{Read, Write};

/// A board, or something that stands in for one.
pub trait Board {
    /// As host-sim names it.
    const NAME: &'static str;
    /// The serial line.
    type Serial: Read + Write;

    /// The serial line.
    fn serial(&mut self) -> &mut Self::Serial;

    /// Microseconds since the program started; never falls.
    fn micros(&mut self) -> u64;

    /// Switches the light on or off.
    fn set_led(&mut self, on: bool);

    /// Does some work and says how many bytes of stack it took at the most, if the board can tell.
    fn with_stack_measured<R>(&mut self, work: impl FnOnce() -> R) -> (R, Option<usize>) {
        (work(), None)
    }

    /// Ends the program where that is possible, as on an emulator; a real board goes on.
    fn exit(&mut self) {}
}
