//! What the boards with an STM32F4 share: all but pins, clock rate and size of the flash. A feature names the board.
#![no_std]

#[cfg_attr(feature = "nucleo-f446re", path = "board/nucleo_f446re.rs")]
#[cfg_attr(feature = "stm32f405", path = "board/stm32f405.rs")]
mod board;
#[cfg_attr(not(feature = "store"), path = "no_flash.rs")]
#[cfg_attr(all(feature = "store", feature = "qemu"), path = "../../flash_file.rs")]
mod flash;
#[path = "../../program.rs"]
mod program;
mod reset;
mod serial;
#[path = "../../stack.rs"]
mod stack;
mod watchdog;
#[cfg(feature = "qemu")]
mod window;

use core::ptr::addr_of_mut;

use cortex_m::register::msp;
use panic_halt as _;
use stm32f4xx_hal::pac::{RCC, TIM5};
use stm32f4xx_hal::prelude::*;
use stm32f4xx_hal::rcc::Rcc;
use stm32f4xx_hal::timer::CounterUs;
use trainlet_app::board::{Board, ResetCause, Slots};

pub use Stm32f4 as ThisBoard;
pub use cortex_m_rt::entry;
pub use static_cell::ConstStaticCell;
pub use trainlet_app as app;

use crate::flash::Flash;
use crate::serial::SerialLine;
use crate::stack::Stack;
use crate::watchdog::Watchdog;

#[cfg(feature = "defmt")]
use defmt_rtt as _;

unsafe extern "C" {
    static mut _stack_end: u32;
}

/// Bits per second of the serial line.
pub const BAUD: u32 = 921_600;

/// Clock, pins and serial line.
pub struct Stm32f4 {
    serial: SerialLine,
    led: board::Led,
    timer: CounterUs<TIM5>,
    last_ticks: u32,
    micros: u64,
    flash: Option<Flash>,
    reset_cause: ResetCause,
}

impl Stm32f4 {
    /// Sets the board up; `None` if a clock is beyond what the chip can do. To be called once.
    pub fn new() -> Option<Self> {
        // SAFETY: nothing else uses these peripherals.
        let (rcc, tim5) = unsafe { (RCC::steal(), TIM5::steal()) };
        let reset_cause = reset::cause(&rcc);
        let mut rcc = clock(rcc.constrain());
        let (serial, led) = board::parts(&mut rcc)?;
        let mut timer = tim5.counter_us(&mut rcc);
        timer.start(u32::MAX.micros()).ok()?;
        let (serial, flash) = (SerialLine::new(serial, Watchdog::start()), flash::take());
        Some(Self { serial, led, timer, last_ticks: 0, micros: 0, flash, reset_cause })
    }
}

/// As fast as the chip can be, from the internal oscillator, so that any board will do, whatever its crystal.
#[cfg(not(feature = "qemu"))]
fn clock(rcc: Rcc) -> Rcc {
    use stm32f4xx_hal::rcc::Config;
    rcc.freeze(Config::hsi().sysclk(board::MHZ.MHz()))
}

/// 16 MHz, without the PLL.
#[cfg(feature = "qemu")]
fn clock(rcc: Rcc) -> Rcc {
    rcc
}

impl Board for Stm32f4 {
    const NAME: &'static str = board::NAME;
    const RAM: usize = board::RAM;
    type Serial = SerialLine;
    type Flash = Flash;
    const SLOTS: Slots = if cfg!(feature = "store") { board::SLOTS } else { Slots::NONE };

    fn serial(&mut self) -> &mut SerialLine {
        &mut self.serial
    }

    fn take_flash(&mut self) -> Option<Flash> {
        self.flash.take()
    }

    fn reset_cause(&mut self) -> ResetCause {
        self.reset_cause
    }

    fn feed_watchdog(&mut self) {
        self.serial.watchdog.feed();
    }

    /// Right as long as it is asked at least once in 71 minutes (in QEMU: 68 seconds).
    fn micros(&mut self) -> u64 {
        let passed = self.timer.now().ticks().wrapping_sub(self.last_ticks);
        // QEMU's timers run at 1 GHz before the prescaler, which has been set for 16 MHz: 125 ticks are 2 µs.
        let [micros, ticks] = if cfg!(feature = "qemu") { [2, 125] } else { [1, 1] };
        self.last_ticks = self.last_ticks.wrapping_add(passed - passed % ticks);
        self.micros += u64::from(passed / ticks * micros);
        self.micros
    }

    fn set_led(&mut self, on: bool) {
        self.led.set_state(if on { board::LIT } else { !board::LIT });
    }

    fn with_stack_measured<R>(&mut self, work: impl FnOnce() -> R) -> (R, Option<usize>) {
        let stack = Stack { end: addr_of_mut!(_stack_end), pointer: || msp::read() as usize };
        // SAFETY: from there to the stack pointer nobody uses the memory, and no interrupt is enabled.
        let (result, bytes) = unsafe { stack.measure(work) };
        (result, Some(bytes))
    }

    #[cfg(feature = "qemu")]
    fn in_window<R>(&mut self, name: core::fmt::Arguments, work: impl FnOnce() -> R) -> R {
        trainlet_app::report::line(self, format_args!("{name}|1"));
        window::mark(work)
    }

    #[cfg(feature = "qemu")]
    fn exit(&mut self) {
        cortex_m_semihosting::debug::exit(cortex_m_semihosting::debug::EXIT_SUCCESS);
    }
}
