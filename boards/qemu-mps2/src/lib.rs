//! Three of QEMU's MPS2 machines, told apart by the target: mps2-an505 with a Cortex-M33F, as an RP2350 has it, for
//! `thumbv8m.main-none-eabihf`, mps2-an500 with a Cortex-M7F for `thumbv7em-none-eabihf`, and mps2-an385 for `thumbv6m-none-eabi`: its
//! Cortex-M3 has every instruction of a Cortex-M0+, as an RP2040 has it, of which QEMU has no machine with enough RAM.
#![no_std]

#[path = "../../flash_file.rs"]
mod flash;
#[path = "../../program.rs"]
mod program;
mod serial;
#[path = "../../stack.rs"]
mod stack;

use core::ptr::addr_of_mut;

use cortex_m::register::msp;
use panic_halt as _;
use trainlet_app::board::{Board, ResetCause, Slots, ram};

pub use Mps2 as ThisBoard;
pub use cortex_m_rt::entry;
pub use static_cell::ConstStaticCell;
pub use trainlet_app as app;

use crate::flash::Flash;
use crate::serial::SerialLine;
use crate::stack::Stack;

const NAME: &str = if cfg!(m33) {
    "qemu-m33"
} else if cfg!(m0) {
    "qemu-m0"
} else {
    "qemu-m7"
};
/// The serial port.
const UART: *mut u32 = if cfg!(m33) { 0x5020_0000 } else { 0x4000_4000 } as *mut u32;
/// Lights and counters of the board around the processor.
const FPGAIO: *mut u32 = if cfg!(m33) { 0x5030_2000 } else { 0x4002_8000 } as *mut u32;
const LEDS: *mut u32 = FPGAIO;
const COUNTER: *const u32 = FPGAIO.wrapping_add(6);
/// The counter's clocks from one count to the next, less one.
const PRESCALE: *mut u32 = FPGAIO.wrapping_add(7);
/// The counter's clocks in a microsecond.
const MEGAHERTZ: u32 = if cfg!(m33) { 20 } else { 25 };

unsafe extern "C" {
    static mut _stack_end: u32;
}

/// Serial line, light, clock and flash.
pub struct Mps2 {
    serial: SerialLine,
    flash: Option<Flash>,
    last_count: u32,
    micros: u64,
}

impl Mps2 {
    /// Sets the machine up, which always succeeds. To be called once.
    pub fn new() -> Option<Self> {
        // SAFETY: the register is there.
        unsafe { PRESCALE.write_volatile(MEGAHERTZ - 1) };
        // SAFETY: nothing else uses the serial port.
        let serial = unsafe { SerialLine::new() };
        Some(Self { serial, flash: flash::take(), last_count: 0, micros: 0 })
    }
}

impl Board for Mps2 {
    const NAME: &'static str = NAME;
    const RAM: usize = ram::QEMU_MPS2;
    type Serial = SerialLine;
    type Flash = Flash;
    const SLOTS: Slots = Slots::QEMU_MPS2;

    fn serial(&mut self) -> &mut SerialLine {
        &mut self.serial
    }

    fn take_flash(&mut self) -> Option<Flash> {
        self.flash.take()
    }

    /// The machines know no other.
    fn reset_cause(&mut self) -> ResetCause {
        ResetCause::Power
    }

    /// Right as long as it is asked at least once in 71 minutes.
    fn micros(&mut self) -> u64 {
        // SAFETY: the counter can be read at any time.
        let count = unsafe { COUNTER.read_volatile() };
        self.micros += u64::from(count.wrapping_sub(self.last_count));
        self.last_count = count;
        self.micros
    }

    fn set_led(&mut self, on: bool) {
        // SAFETY: only here.
        unsafe { LEDS.write_volatile(on.into()) }
    }

    fn with_stack_measured<R>(&mut self, work: impl FnOnce() -> R) -> (R, Option<usize>) {
        let stack = Stack { end: addr_of_mut!(_stack_end), pointer: || msp::read() as usize };
        // SAFETY: from there to the stack pointer nobody uses the memory, and no interrupt is enabled.
        let (result, bytes) = unsafe { stack.measure(work) };
        (result, Some(bytes))
    }

    fn exit(&mut self) {
        cortex_m_semihosting::debug::exit(cortex_m_semihosting::debug::EXIT_SUCCESS);
    }
}
