//! The square root.

use core::arch::asm;

/// The square root, rounded correctly.
#[inline(always)]
pub fn sqrt(x: f32) -> f32 {
    let root: u32;
    // SAFETY: `s0` is saved by whoever calls a function, and LLVM keeps nothing in it that it is not told of: the
    // instruction only touches the operand's own register.
    unsafe {
        asm!(
            "vmov s0, {x}", "vsqrt.f32 s0, s0", "vmov {x}, s0",
            x = inout(reg) x.to_bits() => root,
            out("s0") _,
            options(pure, nomem, nostack, preserves_flags)
        );
    }
    f32::from_bits(root)
}
