//! What the boards with a chip of Espressif share: all but the light, the name and, on the first ESP32, the serial line. A feature
//! names the chip.
#![no_std]

#[cfg_attr(feature = "esp32", path = "chip/esp32.rs")]
#[cfg_attr(feature = "esp32c3", path = "chip/esp32c3.rs")]
#[cfg_attr(feature = "esp32c6", path = "chip/esp32c6.rs")]
#[cfg_attr(feature = "esp32s3", path = "chip/esp32s3.rs")]
mod chip;
#[path = "../../program.rs"]
mod program;
mod reset;
#[cfg_attr(feature = "esp32", path = "uart.rs")]
#[cfg_attr(not(feature = "esp32"), path = "usb.rs")]
mod serial;

use esp_hal::Config;
use esp_hal::clock::CpuClock;
use esp_hal::gpio::{AnyPin, Output, OutputConfig};
use esp_hal::peripherals::{FLASH, TIMG0};
use esp_hal::time::{Duration, Instant};
use esp_hal::timer::timg::{MwdtStage, TimerGroup, Wdt};
use esp_storage::FlashStorage;
use panic_halt as _;
use trainlet_app::board::{Board, ResetCause, Slots};

pub use Esp as ThisBoard;
#[cfg(target_arch = "riscv32")]
pub use esp_riscv_rt::entry;
pub use static_cell::ConstStaticCell;
pub use trainlet_app as app;
#[cfg(target_arch = "xtensa")]
pub use xtensa_lx_rt::entry;

pub use crate::serial::SerialLine;

esp_bootloader_esp_idf::esp_app_desc!();

/// Longest time without progress.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a program takes of the chip.
struct Parts {
    line: serial::Port,
    led: AnyPin<'static>,
    timers: TIMG0<'static>,
    flash: FLASH<'static>,
}

/// Pins, serial line, flash and watchdog.
pub struct Esp {
    serial: SerialLine,
    led: Output<'static>,
    flash: Option<FlashStorage<'static>>,
}

impl Esp {
    /// Sets the board up; `None` if the serial line cannot be that fast. To be called once: the HAL panics the second time.
    pub fn new() -> Option<Self> {
        let peripherals = esp_hal::init(Config::default().with_cpu_clock(CpuClock::max()));
        let Parts { line, led, timers, flash } = chip::parts(peripherals);
        let led = Output::new(led, !chip::LIT, OutputConfig::default());
        let serial = SerialLine::new(line, watchdog(timers))?;
        Some(Self { serial, led, flash: Some(FlashStorage::new(flash)) })
    }
}

fn watchdog(timers: TIMG0<'static>) -> Wdt<TIMG0<'static>> {
    let mut watchdog = TimerGroup::new(timers).wdt;
    watchdog.set_timeout(MwdtStage::Stage0, PATIENCE);
    watchdog.enable();
    watchdog
}

impl Board for Esp {
    const NAME: &'static str = chip::NAME;
    const RAM: usize = chip::RAM;
    type Serial = SerialLine;
    type Flash = FlashStorage<'static>;
    const SLOTS: Slots = Slots::ESP;

    fn serial(&mut self) -> &mut SerialLine {
        &mut self.serial
    }

    fn take_flash(&mut self) -> Option<FlashStorage<'static>> {
        self.flash.take()
    }

    fn reset_cause(&mut self) -> ResetCause {
        reset::cause()
    }

    fn feed_watchdog(&mut self) {
        self.serial.watchdog.feed();
    }

    fn micros(&mut self) -> u64 {
        micros()
    }

    fn set_led(&mut self, on: bool) {
        self.led.set_level(if on { chip::LIT } else { !chip::LIT });
    }
}

fn micros() -> u64 {
    Instant::now().duration_since_epoch().as_micros()
}
