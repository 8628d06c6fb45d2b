//! Why the chip has started.

use stm32f4xx_hal::pac::RCC;
use trainlet_app::board::ResetCause;

/// What the chip has noted since it was last asked, which it then forgets. The pin is noted with every other cause, and a brown-out
/// with power.
pub fn cause(rcc: &RCC) -> ResetCause {
    let flags = rcc.csr().read();
    let causes = [
        (flags.wdgrstf().bit_is_set() || flags.wwdgrstf().bit_is_set(), ResetCause::Watchdog),
        (flags.sftrstf().bit_is_set(), ResetCause::Software),
        (flags.porrstf().bit_is_set(), ResetCause::Power),
        (flags.borrstf().bit_is_set(), ResetCause::BrownOut),
        (flags.padrstf().bit_is_set(), ResetCause::Pin),
    ];
    rcc.csr().modify(|_, w| w.rmvf().set_bit());
    causes.into_iter().find(|(is_it, _)| *is_it).map_or(ResetCause::Unknown, |(_, cause)| cause)
}
