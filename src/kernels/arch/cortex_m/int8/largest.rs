//! The largest of some values in size.

use core::arch::naked_asm;

/// The exponent of the largest value in size, as an `f32` has it.
pub fn largest_exponent(x: &[f32]) -> u32 {
    let (chunks, rest) = x.as_chunks();
    let largest = if chunks.is_empty() {
        0
    } else {
        // SAFETY: there are that many chunks, and one at least.
        unsafe { largest_half(chunks.as_ptr(), chunks.len()) }
    };
    let largest = (largest & 0xffff).max(largest >> 16) << 17;
    rest.iter().fold(largest, |largest, x| largest.max(x.to_bits() << 1)) >> 24
}

/// The upper halves of the largest values in size, without their signs, in two lanes.
#[unsafe(naked)]
unsafe extern "C" fn largest_half(x: *const [f32; 4], count: usize) -> u32 {
    naked_asm!(
        dsp!(),
        "movs r2, #0",
        "push {{r4-r6}}",
        "2:",
        "ldm r0!, {{r3-r6}}",
        "subs r1, #1",
        "pkhtb r3, r3, r4, asr #16",
        "pkhtb r5, r5, r6, asr #16",
        "bic r3, r3, #0x80008000",
        "bic r5, r5, #0x80008000",
        "usub16 r4, r3, r2",
        "sel r2, r3, r2",
        "usub16 r4, r5, r2",
        "sel r2, r5, r2",
        "bne 2b",
        "mov r0, r2",
        "pop {{r4-r6}}",
        "bx lr",
    )
}
