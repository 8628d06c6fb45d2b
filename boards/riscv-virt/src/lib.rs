//! QEMU's `virt` machine with one RV32IMC core and no FPU: the stand-in for the ESP32-C3, which QEMU does not have.
#![no_std]

mod flash;
#[path = "../../program.rs"]
mod program;
mod serial;
#[path = "../../stack.rs"]
mod stack;

use core::arch::asm;
use core::ptr::addr_of_mut;

use panic_halt as _;
use portable_atomic as _;
use trainlet_app::board::{Board, ResetCause, Slots, ram};

pub use RiscvVirt as ThisBoard;
pub use riscv_rt::entry;
pub use static_cell::ConstStaticCell;
pub use trainlet_app as app;

use crate::flash::Flash;
use crate::serial::SerialLine;
use crate::stack::Stack;

/// Ends the machine.
const TEST: *mut u32 = 0x0010_0000 as *mut u32;
/// What it takes for success.
const PASS: u32 = 0x5555;
/// The two halves of a counter.
const MTIME: [*const u32; 2] = [0x0200_bff8 as *const u32, 0x0200_bffc as *const u32];
const TICKS_PER_MICRO: u64 = 10;

unsafe extern "C" {
    static mut __estack: u32;
}

#[inline(always)]
fn stack_pointer() -> usize {
    let pointer;
    // SAFETY: reads a register.
    unsafe { asm!("mv {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags)) };
    pointer
}

/// The serial line and the flash; there is nothing else to set up.
pub struct RiscvVirt {
    serial: SerialLine,
    flash: Option<Flash>,
}

impl RiscvVirt {
    /// Sets the machine up, which always succeeds. To be called once.
    pub fn new() -> Option<Self> {
        // SAFETY: nothing else uses the serial port and the flash.
        Some(unsafe { Self { serial: SerialLine::new(), flash: Some(Flash::new()) } })
    }
}

impl Board for RiscvVirt {
    const NAME: &'static str = "riscv-virt";
    const RAM: usize = ram::RISCV_VIRT;
    type Serial = SerialLine;
    type Flash = Flash;
    const SLOTS: Slots = Slots::RISCV_VIRT;

    fn serial(&mut self) -> &mut Self::Serial {
        &mut self.serial
    }

    fn take_flash(&mut self) -> Option<Flash> {
        self.flash.take()
    }

    /// The machine knows no other.
    fn reset_cause(&mut self) -> ResetCause {
        ResetCause::Power
    }

    fn micros(&mut self) -> u64 {
        let [low, high] = MTIME;
        loop {
            // SAFETY: the counter can be read at any time.
            let [before, ticks, after] = unsafe { [high.read_volatile(), low.read_volatile(), high.read_volatile()] };
            if before == after {
                return ((u64::from(after) << 32) | u64::from(ticks)) / TICKS_PER_MICRO;
            }
        }
    }

    /// The machine has no light.
    fn set_led(&mut self, _: bool) {}

    fn with_stack_measured<R>(&mut self, work: impl FnOnce() -> R) -> (R, Option<usize>) {
        let stack = Stack { end: addr_of_mut!(__estack), pointer: stack_pointer };
        // SAFETY: from there to the stack pointer nobody uses the memory, and no interrupt is enabled.
        let (result, bytes) = unsafe { stack.measure(work) };
        (result, Some(bytes))
    }

    fn exit(&mut self) {
        // SAFETY: the write ends the machine.
        unsafe { TEST.write_volatile(PASS) }
    }
}
