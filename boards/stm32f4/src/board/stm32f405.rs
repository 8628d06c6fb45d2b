//! STM32F405: USART1 on PA9 and PA10, light on PC12, as on an Olimex STM32-H405.

use stm32f4xx_hal::gpio::{Output, PC12, PinState};
use stm32f4xx_hal::pac::{GPIOA, GPIOC, USART1};
use stm32f4xx_hal::prelude::*;
use stm32f4xx_hal::rcc::Rcc;
use stm32f4xx_hal::serial::Serial;
use trainlet_app::board::{Slots, ram};

use crate::BAUD;

pub const NAME: &str = "stm32f405";
#[cfg(not(feature = "qemu"))]
pub const MHZ: u32 = 168;
pub const RAM: usize = ram::STM32F405;
/// Bytes.
#[cfg(all(feature = "store", not(feature = "qemu")))]
pub const FLASH: usize = 1 << 20;
pub const SLOTS: Slots = Slots::STM32F405;
pub type Usart = USART1;
pub type Led = PC12<Output>;
/// Of the light's pin.
pub const LIT: PinState = PinState::Low;

/// Serial line and light; `None` if the clock is beyond what the line can do.
pub fn parts(rcc: &mut Rcc) -> Option<(Serial<Usart>, Led)> {
    // SAFETY: nothing else uses these peripherals. `Peripherals::take` would keep a flag in RAM to make sure.
    let (gpioa, gpioc, usart) = unsafe { (GPIOA::steal(), GPIOC::steal(), USART1::steal()) };
    let a = gpioa.split(rcc);
    let serial = usart.serial((a.pa9, a.pa10), BAUD.bps(), rcc).ok()?;
    Some((serial, gpioc.split(rcc).pc12.into_push_pull_output()))
}
