//! What a board must be able to do.

use core::fmt;

use embedded_io::{Read, Write};
use embedded_storage::nor_flash::NorFlash;

pub use trainlet::link::message::ResetCause;

pub use crate::flash::{NoFlash, Slots};

/// Bytes of RAM that the programs leave for the stack.
pub const STACK: usize = 4 * 1024;

/// Bytes of RAM for the variables and the stack of a program, by board.
#[allow(missing_docs, reason = "the names say it")]
pub mod ram {
    pub const STM32G431: usize = 32 << 10;
    pub const STM32F405: usize = 128 << 10;
    pub const NUCLEO_F446RE: usize = 128 << 10;
    pub const NRF52840: usize = 256 << 10;
    /// What esp-hal leaves of 400 KiB: the sections `.data`, `.bss` and `.stack` of a program together.
    pub const ESP32C3: usize = 309 << 10;
    /// The same of 512 KiB.
    pub const ESP32C6: usize = 437 << 10;
    /// Of 512 KiB: of the 333 KiB that esp-hal has for data, less what code in RAM takes of them.
    pub const ESP32S3: usize = 300 << 10;
    /// What esp-hal leaves of 520 KiB without further settings.
    pub const ESP32: usize = 192 << 10;
    pub const RP2040: usize = 264 << 10;
    pub const RP2350: usize = 520 << 10;
    /// What `memory.x` takes of QEMU's 128 MiB.
    pub const RISCV_VIRT: usize = 400 << 10;
    /// What `build.rs` takes of QEMU's 4 MiB.
    pub const QEMU_MPS2: usize = 512 << 10;

    /// Names of the boards that networks are compared with, by `host-sim budget` and in the browser, and their bytes; from small to large.
    pub const COMPARED: [(&str, usize); 7] = [
        ("stm32g431", STM32G431),
        ("stm32f405", STM32F405),
        ("nucleo-f446re", NUCLEO_F446RE),
        ("nrf52840", NRF52840),
        ("esp32c3", ESP32C3),
        ("esp32c6", ESP32C6),
        ("rp2350", RP2350),
    ];
}

/// A board, or something that stands in for one.
pub trait Board {
    /// As host-sim names it.
    const NAME: &'static str;
    /// Bytes of RAM for the variables and the stack of a program.
    const RAM: usize;
    /// The serial line.
    type Serial: Read + Write;
    /// The flash that checkpoints are kept in; [`NoFlash`] where there is none.
    type Flash: NorFlash;
    /// Where in the flash.
    const SLOTS: Slots;

    /// The serial line.
    fn serial(&mut self) -> &mut Self::Serial;

    /// Gives the flash away, once. `None` if there is none, or nothing is to be kept.
    fn take_flash(&mut self) -> Option<Self::Flash>;

    /// Why the program has started.
    fn reset_cause(&mut self) -> ResetCause {
        ResetCause::Unknown
    }

    /// Lets the watchdog know that the program gets on: a sample was taken, a step made, a request handled. A board without one does
    /// nothing.
    fn feed_watchdog(&mut self) {}

    /// Microseconds since the program started; never falls.
    fn micros(&mut self) -> u64;

    /// Switches the LED on or off.
    fn set_led(&mut self, on: bool);

    /// Does some work and gives the most bytes of stack that it took, if the board can tell.
    fn with_stack_measured<R>(&mut self, work: impl FnOnce() -> R) -> (R, Option<usize>) {
        (work(), None)
    }

    /// Does some work; a profiler, where there is one, counts it under this name.
    fn in_window<R>(&mut self, _name: fmt::Arguments, work: impl FnOnce() -> R) -> R {
        work()
    }

    /// Ends the program where that is possible, as on an emulator; a real board goes on.
    fn exit(&mut self) {}
}
