//! Lets one file run on a desktop and on a Cortex-M4F (QEMU's netduinoplus2, an STM32F405): where it prints, and where it starts.

#[cfg(target_os = "none")]
use panic_semihosting as _;

/// Prints a line: on the terminal, or through the debugger.
macro_rules! say {
    ($($text:tt)*) => {{
        #[cfg(not(target_os = "none"))]
        println!($($text)*);
        #[cfg(target_os = "none")]
        {
            use core::fmt::Write as _;
            if let Ok(mut host) = cortex_m_semihosting::hio::hstdout() {
                // Nobody is told where nobody listens.
                let _ = writeln!(host, $($text)*);
            }
        }
    }};
}

/// Starts with this function.
macro_rules! entry {
    ($start:ident) => {
        #[cfg(not(target_os = "none"))]
        fn main() {
            $start();
        }

        #[cfg(target_os = "none")]
        #[cortex_m_rt::entry]
        fn main() -> ! {
            $start();
            cortex_m_semihosting::debug::exit(cortex_m_semihosting::debug::EXIT_SUCCESS);
            loop {
                core::hint::spin_loop();
            }
        }
    };
}
