//! The end of a program, which ends QEMU as well.

use core::panic::PanicInfo;

use cortex_m_rt::{ExceptionFrame, exception};
use cortex_m_semihosting::debug::{EXIT_FAILURE, EXIT_SUCCESS, exit};
use cortex_m_semihosting::hprintln;

/// All windows have run.
pub fn succeed() -> ! {
    exit(EXIT_SUCCESS);
    rest()
}

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    hprintln!("{}", info);
    fail()
}

#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    hprintln!("{:?}", frame);
    fail()
}

fn fail() -> ! {
    exit(EXIT_FAILURE);
    rest()
}

/// Without a debugger the program does not end.
fn rest() -> ! {
    loop {
        core::hint::spin_loop();
    }
}
