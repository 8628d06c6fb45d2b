//! Raspberry Pi Pico 2 (RP2350: Cortex-M33F at 150 MHz, 520 KiB of RAM) and Pico (RP2040: Cortex-M0+ at 125 MHz, 264 KiB), told apart
//! by the target. Serial line on the chip's own USB port, light on GPIO25. What is sent while no computer has that port open goes to GPIO0
//! instead, at 115,200 baud.
#![no_std]

mod background;
#[path = "../program.rs"]
mod program;
mod reset;
mod serial;
mod usb;
mod watchdog;

use embassy_rp::flash::{Blocking, Flash};
use embassy_rp::gpio::{Level, Output};
use embassy_rp::peripherals::FLASH;
use embassy_rp::uart::{Config, UartTx};
use embassy_time::Instant;
use panic_halt as _;
use trainlet_app::board::{Board, ResetCause, Slots, ram};

pub use Pico as ThisBoard;
pub use cortex_m_rt::entry;
pub use static_cell::ConstStaticCell;
pub use trainlet_app as app;

use crate::serial::SerialLine;
use crate::usb::PORT;

#[cfg(feature = "defmt")]
use defmt_rtt as _;

const NAME: &str = if cfg!(rp2040) { "rp2040" } else { "rp2350" };
/// Bits per second on GPIO0, which every terminal knows.
const BAUD: u32 = 115_200;
/// Of the flash, which both boards have beside the chip.
const FLASH_BYTES: usize = if cfg!(rp2040) { 2 << 20 } else { 4 << 20 };

type BoardFlash = Flash<'static, FLASH, Blocking, FLASH_BYTES>;

/// Serial line, light and flash.
pub struct Pico {
    serial: SerialLine,
    led: Output<'static>,
    flash: Option<BoardFlash>,
    reset_cause: ResetCause,
}

impl Pico {
    /// Sets the board up; `None` if it has been before.
    pub fn new() -> Option<Self> {
        let peripherals = embassy_rp::init(Default::default());
        let reset_cause = reset::cause();
        background::start(peripherals.USB, peripherals.WATCHDOG)?;
        let mut config = Config::default();
        config.baudrate = BAUD;
        let uart = UartTx::new_blocking(peripherals.UART0, peripherals.PIN_0, config);
        let serial = SerialLine::new(&PORT, uart);
        let led = Output::new(peripherals.PIN_25, Level::Low);
        Some(Self { serial, led, flash: Some(Flash::new_blocking(peripherals.FLASH)), reset_cause })
    }
}

impl Board for Pico {
    const NAME: &'static str = NAME;
    const RAM: usize = if cfg!(rp2040) { ram::RP2040 } else { ram::RP2350 };
    type Serial = SerialLine;
    type Flash = BoardFlash;
    const SLOTS: Slots = if cfg!(rp2040) { Slots::RP2040 } else { Slots::RP2350 };

    fn serial(&mut self) -> &mut SerialLine {
        &mut self.serial
    }

    fn take_flash(&mut self) -> Option<BoardFlash> {
        self.flash.take()
    }

    fn reset_cause(&mut self) -> ResetCause {
        self.reset_cause
    }

    fn feed_watchdog(&mut self) {
        watchdog::feed();
    }

    fn micros(&mut self) -> u64 {
        micros()
    }

    fn set_led(&mut self, on: bool) {
        self.led.set_level(on.into());
    }
}

/// Since the chip was switched on.
fn micros() -> u64 {
    Instant::now().as_micros()
}
