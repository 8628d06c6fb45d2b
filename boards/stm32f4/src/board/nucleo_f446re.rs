//! NUCLEO-F446RE: USART2 on PA2 and PA3, which the board's own ST-Link makes a virtual COM port of; light on PA5 (LD2).

use stm32f4xx_hal::gpio::{Output, PA5, PinState};
use stm32f4xx_hal::pac::{GPIOA, USART2};
use stm32f4xx_hal::prelude::*;
use stm32f4xx_hal::rcc::Rcc;
use stm32f4xx_hal::serial::Serial;
use trainlet_app::board::{Slots, ram};

use crate::BAUD;

pub const NAME: &str = "nucleo-f446re";
#[cfg(not(feature = "qemu"))]
pub const MHZ: u32 = 180;
pub const RAM: usize = ram::NUCLEO_F446RE;
/// Bytes.
#[cfg(all(feature = "store", not(feature = "qemu")))]
pub const FLASH: usize = 512 << 10;
pub const SLOTS: Slots = Slots::NUCLEO_F446RE;
pub type Usart = USART2;
pub type Led = PA5<Output>;
/// Of the light's pin.
pub const LIT: PinState = PinState::High;

/// Serial line and light; `None` if the clock is beyond what the line can do.
pub fn parts(rcc: &mut Rcc) -> Option<(Serial<Usart>, Led)> {
    // SAFETY: nothing else uses these peripherals. `Peripherals::take` would keep a flag in RAM to make sure.
    let (gpioa, usart) = unsafe { (GPIOA::steal(), USART2::steal()) };
    let a = gpioa.split(rcc);
    let serial = usart.serial((a.pa2, a.pa3), BAUD.bps(), rcc).ok()?;
    Some((serial, a.pa5.into_push_pull_output()))
}
