//! Espressif ESP32-C3: RV32IMC at 160 MHz without an FPU, 400 KiB of RAM. Serial line on the chip's own USB port, light
//! on GPIO8, as on an ESP32-C3 SuperMini.
#![no_std]

#[path = "../../program.rs"]
mod program;
mod serial;

use esp_hal::Config;
use esp_hal::clock::CpuClock;
use esp_hal::gpio::{Level, Output, OutputConfig};
use esp_hal::rtc_cntl::SocResetReason as Reason;
use esp_hal::system::reset_reason;
use esp_hal::time::{Duration, Instant};
use esp_hal::timer::timg::{MwdtStage, TimerGroup};
use esp_hal::usb::usb_serial_jtag::UsbSerialJtag;
use esp_storage::FlashStorage;
use panic_halt as _;
use trainlet_app::board::{Board, ResetCause, Slots, ram};

pub use Esp32c3 as ThisBoard;
pub use esp_hal::main as entry;
pub use static_cell::ConstStaticCell;
pub use trainlet_app as app;

pub use crate::serial::SerialLine;

esp_bootloader_esp_idf::esp_app_desc!();

/// Longest time without progress.
const PATIENCE: Duration = Duration::from_secs(30);

/// Pins, serial line, flash and watchdog.
pub struct Esp32c3 {
    serial: SerialLine,
    led: Output<'static>,
    flash: Option<FlashStorage<'static>>,
}

impl Esp32c3 {
    /// Sets the board up, which always succeeds. To be called once: the HAL panics the second time.
    pub fn new() -> Option<Self> {
        let peripherals = esp_hal::init(Config::default().with_cpu_clock(CpuClock::max()));
        let led = Output::new(peripherals.GPIO8, Level::High, OutputConfig::default());
        let flash = Some(FlashStorage::new(peripherals.FLASH));
        let mut watchdog = TimerGroup::new(peripherals.TIMG0).wdt;
        watchdog.set_timeout(MwdtStage::Stage0, PATIENCE);
        watchdog.enable();
        let serial = SerialLine::new(UsbSerialJtag::new(peripherals.USB_DEVICE), watchdog);
        Some(Self { serial, led, flash })
    }
}

impl Board for Esp32c3 {
    const NAME: &'static str = "esp32c3";
    const RAM: usize = ram::ESP32C3;
    type Serial = SerialLine;
    type Flash = FlashStorage<'static>;
    const SLOTS: Slots = Slots::ESP32C3;

    fn serial(&mut self) -> &mut SerialLine {
        &mut self.serial
    }

    fn take_flash(&mut self) -> Option<FlashStorage<'static>> {
        self.flash.take()
    }

    fn reset_cause(&mut self) -> ResetCause {
        match reset_reason() {
            Some(Reason::ChipPowerOn) => ResetCause::Power,
            Some(Reason::SysBrownOut | Reason::CorePwrGlitch) => ResetCause::BrownOut,
            Some(Reason::CoreUsbUart | Reason::CoreUsbJtag) => ResetCause::Pin,
            Some(Reason::CoreSw | Reason::Cpu0Sw | Reason::CoreDeepSleep) => ResetCause::Software,
            Some(
                Reason::CoreMwdt0
                | Reason::CoreMwdt1
                | Reason::CoreRtcWdt
                | Reason::Cpu0Mwdt0
                | Reason::Cpu0Mwdt1
                | Reason::Cpu0RtcWdt
                | Reason::SysRtcWdt
                | Reason::SysSuperWdt,
            ) => ResetCause::Watchdog,
            _ => ResetCause::Unknown,
        }
    }

    fn feed_watchdog(&mut self) {
        self.serial.watchdog.feed();
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
