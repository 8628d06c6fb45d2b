//! What each processor does in its own way, by names and with bits that are the same on all of them: in assembly where there is
//! some for the processor and the feature `asm` is on, otherwise in plain Rust.

#[cfg(all(feature = "asm", target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
#[allow(unsafe_code)]
// Assembly is unsafe to call. It is confined to this module, behind functions that check all lengths.
pub(super) mod cortex_m;
#[cfg(any(
    feature = "bench",
    not(all(feature = "asm", target_arch = "arm", target_abi = "eabihf", target_os = "none"))
))]
pub(super) mod portable;

#[cfg(all(feature = "asm", target_arch = "arm", target_abi = "eabihf", target_os = "none"))]
pub use cortex_m::*;
#[cfg(not(all(feature = "asm", target_arch = "arm", target_abi = "eabihf", target_os = "none")))]
pub use portable::*;
