//! What each processor does in its own way, by names and with bits that are the same on all of them: in assembly where there is
//! some for the processor and the feature `asm` is on, otherwise in plain Rust.

/// Whether a compiler makes vector code: for desktops and browsers, not for microcontrollers.
pub const HAS_VECTORS: bool = cfg!(any(target_pointer_width = "64", target_arch = "wasm32"));

#[cfg(all(feature = "asm", target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
#[allow(unsafe_code)]
// Assembly is unsafe to call. It is confined to this module and the next, behind functions that check all lengths.
pub(super) mod cortex_m;
#[cfg(all(
    feature = "asm",
    target_arch = "riscv32",
    target_os = "none",
    target_feature = "m",
    not(target_feature = "f")
))]
#[allow(unsafe_code)]
// Stable compilers tell nothing of `f`: on a processor that has it, the feature `asm` gives the same bits more slowly.
pub(super) mod riscv32;

pub(super) mod multiversion;
#[cfg(any(
    feature = "bench",
    not(all(feature = "asm", target_arch = "arm", target_abi = "eabihf", target_os = "none"))
))]
#[cfg_attr(
    all(feature = "asm", target_arch = "riscv32"),
    allow(dead_code, unused_imports, reason = "some of it is in assembly there")
)]
pub(super) mod portable;
#[cfg(any(
    test,
    feature = "bench",
    all(feature = "asm", target_arch = "riscv32", target_os = "none", target_feature = "m", not(target_feature = "f"))
))]
pub(super) mod soft;

#[cfg(all(feature = "asm", target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
pub use cortex_m::*;
#[cfg(not(any(
    all(feature = "asm", target_arch = "arm", target_abi = "eabihf", target_os = "none"),
    all(feature = "asm", target_arch = "riscv32", target_os = "none", target_feature = "m", not(target_feature = "f"))
)))]
pub use portable::*;
#[cfg(all(
    feature = "asm",
    target_arch = "riscv32",
    target_os = "none",
    target_feature = "m",
    not(target_feature = "f")
))]
pub use riscv32::*;
