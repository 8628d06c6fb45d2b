//! Nordic nRF52840 DK: Cortex-M4F at 64 MHz, 256 KiB of RAM. Serial line on P0.06 (out) and P0.08 (in): the virtual COM
//! port of the board's own debugger. Light on P0.13 (LED1).
#![no_std]

#[path = "../../program.rs"]
mod program;
mod reset;
mod serial;
mod watchdog;

use embedded_hal::digital::{OutputPin, PinState};
use nrf52840_hal::clocks::Clocks;
use nrf52840_hal::gpio::p0::{P0_13, Parts};
use nrf52840_hal::gpio::{Level, Output, PushPull};
use nrf52840_hal::nvmc::Nvmc;
use nrf52840_hal::pac::{NVMC, Peripherals, TIMER0};
use nrf52840_hal::timer::{Periodic, Timer};
use panic_halt as _;
use trainlet_app::board::{Board, ResetCause, Slots, ram};

pub use Nrf52840 as ThisBoard;
pub use cortex_m_rt::entry;
pub use static_cell::ConstStaticCell;
pub use trainlet_app as app;

pub use crate::serial::{BAUD, SerialLine};

use crate::watchdog::Watchdog;

#[cfg(feature = "defmt")]
use defmt_rtt as _;

/// Clock, pins and serial line.
pub struct Nrf52840 {
    serial: SerialLine,
    led: P0_13<Output<PushPull>>,
    timer: Timer<TIMER0, Periodic>,
    last_ticks: u32,
    ticks: u64,
    flash: Option<Nvmc<NVMC>>,
    reset_cause: ResetCause,
}

/// What no program takes (memory.x).
const STORE: (*mut u8, usize) = (0x000c_0000 as *mut u8, 256 << 10);

impl Nrf52840 {
    /// Sets the board up; `None` if it has been before.
    pub fn new() -> Option<Self> {
        let peripherals = Peripherals::take()?;
        // The crystal: the internal oscillator may be off by more than a serial line bears.
        Clocks::new(peripherals.CLOCK).enable_ext_hfosc();
        let pins = Parts::new(peripherals.P0);
        let watchdog = Watchdog::start(peripherals.WDT);
        let serial = SerialLine::new(peripherals.UARTE0, pins.p0_06, pins.p0_08, watchdog);
        let led = pins.p0_13.into_push_pull_output(Level::High);
        let mut timer = Timer::periodic(peripherals.TIMER0);
        timer.start(u32::MAX);
        let (start, bytes) = STORE;
        // SAFETY: nothing else refers to this part of the flash.
        let store = unsafe { core::slice::from_raw_parts_mut(start, bytes) };
        let flash = Some(Nvmc::new(peripherals.NVMC, store));
        let reset_cause = reset::cause(&peripherals.POWER);
        Some(Self { serial, led, timer, last_ticks: 0, ticks: 0, flash, reset_cause })
    }
}

impl Board for Nrf52840 {
    const NAME: &'static str = "nrf52840";
    const RAM: usize = ram::NRF52840;
    type Serial = SerialLine;
    type Flash = Nvmc<NVMC>;
    const SLOTS: Slots = Slots::NRF52840;

    fn serial(&mut self) -> &mut SerialLine {
        &mut self.serial
    }

    fn take_flash(&mut self) -> Option<Nvmc<NVMC>> {
        self.flash.take()
    }

    fn reset_cause(&mut self) -> ResetCause {
        self.reset_cause
    }

    fn feed_watchdog(&mut self) {
        self.serial.watchdog.feed();
    }

    /// Right as long as it is asked at least once in 71 minutes.
    fn micros(&mut self) -> u64 {
        let now = self.timer.read();
        self.ticks += u64::from(now.wrapping_sub(self.last_ticks));
        self.last_ticks = now;
        self.ticks
    }

    /// The light is on when its pin is low.
    fn set_led(&mut self, on: bool) {
        let Ok(()) = self.led.set_state(PinState::from(!on));
    }
}
