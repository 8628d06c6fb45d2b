//! Values in units, as the processor takes them beside bytes.

use core::arch::naked_asm;

use crate::kernels::arch::cortex_m::plan::bytes;

/// Puts two vectors into units: of each four values the even ones, then the odd ones, as the processor takes bytes apart.
///
/// # Safety
///
/// Both vectors have `inputs` values, so far apart, and `packed` has room for them.
pub unsafe fn pack(packed: *mut f32, x: [*const f32; 2], step: usize, inputs: usize, rounding: f32) {
    let groups = inputs / 4;
    // SAFETY: at least one group is there.
    unsafe {
        let [x0, x1] = x;
        if step == 1 {
            pack_adjacent(packed, x0, x1, groups, 0, rounding);
        } else {
            pack_apart(packed, x0, x1, groups, bytes(step), rounding);
        }
    }
    if inputs % 4 == 0 {
        return;
    }
    let words = packed.wrapping_add(4 * groups).cast::<[f32; 2]>();
    for (vector, x) in x.into_iter().enumerate() {
        let value = |index: usize| {
            let index = 4 * groups + index;
            // SAFETY: it lies before the end.
            let value = if index < inputs { unsafe { *x.wrapping_add(index * step) } } else { 0.0 };
            (value + rounding).to_bits() & 0xffff
        };
        let last = [0, 1].map(|index| f32::from_bits(value(index + 2) << 16 | value(index)));
        // SAFETY: there is room for another group.
        unsafe { *words.wrapping_add(vector) = last }
    }
}

/// Puts groups of four values of two vectors, at `r1` and `r2`, into units. `$load` leaves them in `s0` to `s7`.
macro_rules! pack {
    ($name:ident, [$($load:expr),*]) => {
        #[unsafe(naked)]
        unsafe extern "C" fn $name(packed: *mut f32, x0: *const f32, x1: *const f32, groups: usize, step: usize, rounding: f32) {
            naked_asm!(
                dsp!(),
                ".fpu fpv4-sp-d16",
                "push {{r4-r11}}",
                "ldr r12, [sp, #32]",
                "vmov.f32 s8, s0",
                "2:",
                $($load,)*
                four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] "s8"),
                four!("vadd.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] "s8"),
                "vmov r4, r5, s0, s1",
                "vmov r6, r7, s2, s3",
                "vmov r8, r9, s4, s5",
                "vmov r10, r11, s6, s7",
                "pkhbt r4, r4, r6, lsl #16",
                "pkhbt r5, r5, r7, lsl #16",
                "pkhbt r6, r8, r10, lsl #16",
                "pkhbt r7, r9, r11, lsl #16",
                "subs r3, #1",
                "stm r0!, {{r4-r7}}",
                "bne 2b",
                "pop {{r4-r11}}",
                "bx lr",
            )
        }
    };
}

pack!(pack_adjacent, ["vldm r1!, {{s0-s3}}", "vldm r2!, {{s4-s7}}"]);
pack!(
    pack_apart,
    [
        "vldr s0, [r1]",
        "vldr s4, [r2]",
        "add r1, r12",
        "add r2, r12",
        "vldr s1, [r1]",
        "vldr s5, [r2]",
        "add r1, r12",
        "add r2, r12",
        "vldr s2, [r1]",
        "vldr s6, [r2]",
        "add r1, r12",
        "add r2, r12",
        "vldr s3, [r1]",
        "vldr s7, [r2]",
        "add r1, r12",
        "add r2, r12"
    ]
);
