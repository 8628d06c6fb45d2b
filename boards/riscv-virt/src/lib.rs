//! QEMU's `virt` machine with one RV32IMC core and no FPU: the stand-in for the ESP32-C3, which QEMU does not have.
#![no_std]

mod serial;

use panic_halt as _;
use portable_atomic as _;
use trainlet_app::board::{Board, ram};

use crate::serial::SerialLine;

/// Ends the machine.
const TEST: *mut u32 = 0x0010_0000 as *mut u32;
/// What it takes for success.
const PASS: u32 = 0x5555;
/// The two halves of a counter.
const MTIME: [*const u32; 2] = [0x0200_bff8 as *const u32, 0x0200_bffc as *const u32];
const TICKS_PER_MICRO: u64 = 10;

/// The serial line; there is nothing else to set up.
pub struct RiscvVirt {
    serial: SerialLine,
}

impl RiscvVirt {
    /// # Safety
    /// There must be only one.
    pub unsafe fn new() -> Self {
        // SAFETY: passed on.
        Self { serial: unsafe { SerialLine::new() } }
    }
}

impl Board for RiscvVirt {
    const NAME: &'static str = "riscv-virt";
    const RAM: usize = ram::RISCV_VIRT;
    type Serial = SerialLine;

    fn serial(&mut self) -> &mut Self::Serial {
        &mut self.serial
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

    fn exit(&mut self) {
        // SAFETY: the write ends the machine.
        unsafe { TEST.write_volatile(PASS) }
    }
}
