//! Espressif ESP32: Xtensa LX6 at 240 MHz with an FPU, 520 KiB of RAM. Serial line on GPIO1 (out) and GPIO3 (in), where
//! the board's own USB bridge is, light on GPIO2, as on most boards with an ESP32-WROOM-32.
#![no_std]

#[path = "../../program.rs"]
mod program;
mod serial;

use esp_hal::Config;
use esp_hal::clock::CpuClock;
use esp_hal::gpio::{Level, Output, OutputConfig};
use esp_hal::time::Instant;
use esp_hal::uart::{self, Uart};
use panic_halt as _;
use trainlet_app::board::{Board, NoFlash, Slots, ram};

pub use Esp32 as ThisBoard;
pub use esp_hal::main as entry;
pub use static_cell::ConstStaticCell;
pub use trainlet_app as app;

pub use crate::serial::SerialLine;

esp_bootloader_esp_idf::esp_app_desc!();

/// Bits per second of the serial line.
pub const BAUD: u32 = 921_600;

/// Pins and serial line.
pub struct Esp32 {
    serial: SerialLine,
    led: Output<'static>,
}

impl Esp32 {
    /// Sets the board up; `None` if the serial line cannot be that fast. To be called once: the HAL panics the second
    /// time.
    pub fn new() -> Option<Self> {
        let peripherals = esp_hal::init(Config::default().with_cpu_clock(CpuClock::max()));
        let uart = Uart::new(peripherals.UART0, uart::Config::default().with_baudrate(BAUD)).ok()?;
        let serial = SerialLine::new(uart.with_tx(peripherals.GPIO1).with_rx(peripherals.GPIO3));
        let led = Output::new(peripherals.GPIO2, Level::Low, OutputConfig::default());
        Some(Self { serial, led })
    }
}

impl Board for Esp32 {
    const NAME: &'static str = "esp32";
    const RAM: usize = ram::ESP32;
    type Serial = SerialLine;
    type Flash = NoFlash;
    const SLOTS: Slots = Slots::NONE;

    fn serial(&mut self) -> &mut SerialLine {
        &mut self.serial
    }

    fn take_flash(&mut self) -> Option<NoFlash> {
        None
    }

    fn micros(&mut self) -> u64 {
        Instant::now().duration_since_epoch().as_micros()
    }

    /// The light is on when its pin is high.
    fn set_led(&mut self, on: bool) {
        self.led.set_level(on.into());
    }
}
