//! Work for the profiler of host-sim: programs for an emulated Cortex-M4F, Cortex-M33F or RV32IMC that mark what is to be measured.
//!
//! A program for each network, as on a board, so that the compiler sees no more than it sees there.
#![no_std]

pub mod network;
pub mod quant;
pub mod values;
pub mod window;

#[cfg(target_arch = "arm")]
pub use cortex_m_rt::entry;
#[cfg(target_arch = "riscv32")]
pub use riscv_rt::entry;

#[cfg(target_arch = "riscv32")]
use portable_atomic as _;
use semihosting::process::ExitCode;

/// All windows have run, which ends QEMU as well. A panic ends it with a failure.
pub fn succeed() -> ! {
    ExitCode::SUCCESS.exit_process()
}
