//! Espressif ESP32-C3: RV32IMC at 160 MHz without an FPU, 400 KiB of RAM. Serial line on the chip's own USB port, light
//! on GPIO8, as on an ESP32-C3 SuperMini.
#![no_std]

#[path = "../../program.rs"]
mod program;
mod serial;

use esp_hal::Config;
use esp_hal::clock::CpuClock;
use esp_hal::gpio::{Level, Output, OutputConfig};
use esp_hal::time::Instant;
use esp_hal::usb::usb_serial_jtag::UsbSerialJtag;
use panic_halt as _;
use trainlet_app::board::{Board, ram};

pub use Esp32c3 as ThisBoard;
pub use esp_hal::main as entry;
pub use static_cell::ConstStaticCell;
pub use trainlet_app as app;

pub use crate::serial::SerialLine;

esp_bootloader_esp_idf::esp_app_desc!();

/// Pins and serial line.
pub struct Esp32c3 {
    serial: SerialLine,
    led: Output<'static>,
}

impl Esp32c3 {
    /// Sets the board up, which always succeeds. To be called once: the HAL panics the second time.
    pub fn new() -> Option<Self> {
        let peripherals = esp_hal::init(Config::default().with_cpu_clock(CpuClock::max()));
        let serial = SerialLine::new(UsbSerialJtag::new(peripherals.USB_DEVICE));
        let led = Output::new(peripherals.GPIO8, Level::High, OutputConfig::default());
        Some(Self { serial, led })
    }
}

impl Board for Esp32c3 {
    const NAME: &'static str = "esp32c3";
    const RAM: usize = ram::ESP32C3;
    type Serial = SerialLine;

    fn serial(&mut self) -> &mut SerialLine {
        &mut self.serial
    }

    fn micros(&mut self) -> u64 {
        micros()
    }

    /// The light is on when its pin is low.
    fn set_led(&mut self, on: bool) {
        self.led.set_level((!on).into());
    }
}

fn micros() -> u64 {
    Instant::now().duration_since_epoch().as_micros()
}
