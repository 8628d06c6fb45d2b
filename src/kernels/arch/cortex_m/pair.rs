//! Two rows of a matrix product, eight of their values side by side in `s0` to `s7` and `s8` to `s15`. Any distances of the
//! values of `C`: two of its columns are two rows of its transpose. Where the last strip is cut off, it reaches back into the
//! columns before it, and only its own values are stored.

use core::arch::naked_asm;

use super::plan::bytes;
use super::view::View;

/// Values of a row that are computed side by side.
pub const STRIP: usize = 8;

/// Addresses, numbers, and distances in bytes. The assembly moves on to the next strip in here.
#[repr(C)]
pub struct Lines {
    c: *mut f32,
    c_down: usize,
    c_across: usize,
    depth: usize,
    a: *const f32,
    a_down: usize,
    a_across: usize,
    b: *const f32,
    /// What need not be 1 of the distances in `B`.
    b_width: usize,
    strips: usize,
    /// How far the last strip reaches back in `C` and in `B`, and how much code stores that.
    c_back: usize,
    b_back: usize,
    code_back: usize,
}

/// Adds to as many columns of `C` as there are, at least one, with at least one step of the summed index.
pub type Add = unsafe extern "C" fn(&mut Lines);

impl Lines {
    /// For this number of columns. If the last strip is cut off, columns are before it.
    #[inline(always)]
    pub fn new([c, a, b]: [View; 3], depth: usize, columns: usize, b_width: usize) -> Self {
        let strips = columns.div_ceil(STRIP);
        let back = STRIP * strips - columns;
        Self {
            c: c.at,
            c_down: bytes(c.down),
            c_across: bytes(c.across),
            depth,
            a: a.at,
            a_down: bytes(a.down),
            a_across: bytes(a.across),
            b: b.at,
            b_width: bytes(b_width),
            strips,
            c_back: bytes(back * c.across),
            b_back: bytes(back * b.across),
            code_back: CODE * back,
        }
    }
}

/// Bytes of the code that stores a column.
const CODE: usize = 12;

/// Loads or stores both values of each column, whose addresses are in `r1` and `r2` and move on by `r3`.
macro_rules! columns {
    ($name:literal) => {
        columns!($name ["s0" "s1" "s2" "s3" "s4" "s5" "s6" "s7"] ["s8" "s9" "s10" "s11" "s12" "s13" "s14" "s15"])
    };
    ($name:literal [$($first:literal)*] [$($second:literal)*]) => {
        concat!($($name, " ", $first, ", [r1]\n", $name, " ", $second, ", [r2]\nadd r1, r3\nadd r2, r3\n",)*)
    };
}

/// Loads a strip; the last begins where it reaches back to.
macro_rules! load_strip {
    () => {
        concat!(
            "ldr r10, [r0, #36]
             cmp r10, #1
             bne 7f
             ldrd r10, r12, [r0, #40]
             sub r1, r10
             sub r8, r12
             str r1, [r0]
             7:
             add r2, r1
             cmp r3, #4
             bne 8f
             vldm r1, {{s0-s7}}
             vldm r2, {{s8-s15}}
             b 9f
             8:\n",
            columns!("vldr"),
            "9:\n"
        )
    };
}

/// Stores the strip, or what of it is new, and moves on to the next one, which begins behind `r8` in `B`. Starts again at 2 if
/// there is one.
macro_rules! next_strip {
    ($b_step:literal) => {
        concat!(
            "ldm r0, {{r1-r3}}
             ldr r4, [r0, #36]
             ldr r8, [r0, #28]
             ldr r9, [r0, #32]
             movs r5, #0
             add r2, r1
             add r8, r8, ",
            $b_step,
            "
             subs r4, #1
             bne 7f
             ldr r6, [r0, #40]
             ldr r5, [r0, #48]
             add r1, r6
             add r2, r6
             7:
             cmp r3, #4
             it eq
             cmpeq r5, #0
             bne 8f
             vstm r1!, {{s0-s7}}
             vstm r2, {{s8-s15}}
             b 9f
             8:
             add pc, r5 // counts from behind the next instruction
             nop\n",
            columns!("vstr"),
            "9:
             str r1, [r0]
             str r8, [r0, #28]
             str r4, [r0, #36]
             cmp r4, #0
             bne 2b\n",
        )
    };
}

/// Adds a value of each row of `A`, in `s24` and `s25`, times eight of `B`.
macro_rules! step_of_combination {
    () => {
        concat!(
            "vldr s24, [r5]\nvldr s25, [r6]\n",
            "vldr s16, [r8]\nvldr s17, [r8, #4]\nvldr s18, [r8, #8]\nvldr s19, [r8, #12]\n",
            "vldr s20, [r8, #16]\nvldr s21, [r8, #20]\nvldr s22, [r8, #24]\nvldr s23, [r8, #28]\n",
            "add r5, r7\nadd r6, r7\nadd r8, r9\n",
            four!("vmul.f32" ["s26" "s27" "s28" "s29"] ["s16" "s17" "s18" "s19"] "s24"),
            four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s26" "s27" "s28" "s29"]),
            four!("vmul.f32" ["s26" "s27" "s28" "s29"] ["s20" "s21" "s22" "s23"] "s24"),
            four!("vadd.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] ["s26" "s27" "s28" "s29"]),
            four!("vmul.f32" ["s26" "s27" "s28" "s29"] ["s16" "s17" "s18" "s19"] "s25"),
            four!("vadd.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s26" "s27" "s28" "s29"]),
            four!("vmul.f32" ["s26" "s27" "s28" "s29"] ["s20" "s21" "s22" "s23"] "s25"),
            four!("vadd.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s26" "s27" "s28" "s29"]),
        )
    };
}

/// For a `B` whose values for one step are adjacent.
#[unsafe(naked)]
pub unsafe extern "C" fn add_combinations(lines: &mut Lines) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4-r10}}",
        "vpush {{s16-s29}}",
        "2:",
        "ldm r0, {{r1-r9}}",
        load_strip!(),
        "add r6, r5",
        // Two steps at a time, in the middle if their number is odd.
        "lsrs r10, r4, #1",
        "bcs 4f",
        "sub r10, #1",
        "3:",
        step_of_combination!(),
        "4:",
        "subs r10, #1",
        step_of_combination!(),
        "bge 3b",
        next_strip!("#32"),
        "vpop {{s16-s29}}",
        "pop {{r4-r10}}",
        "bx lr",
    )
}

/// Values of both rows of `A` for one step, at `r5` and `r4`, which move on by `r7`.
macro_rules! factors {
    ($first:literal $second:literal) => {
        concat!("vldr ", $first, ", [r5]\nvldr ", $second, ", [r4]\nadd r5, r7\nadd r4, r7\n")
    };
}

/// Adds four products each to the sums of a column, with the values at an address in `B`.
macro_rules! four_steps {
    ($b:literal, $first:literal $second:literal) => {
        concat!(
            "vldm ",
            $b,
            "!, {{s24-s27}}\n",
            four!("vmul.f32" ["s28" "s29" "s30" "s31"] ["s16" "s20" "s17" "s21"] ["s24" "s24" "s25" "s25"]),
            four!("vadd.f32" [$first $second $first $second] [$first $second $first $second] ["s28" "s29" "s30" "s31"]),
            four!("vmul.f32" ["s28" "s29" "s30" "s31"] ["s18" "s22" "s19" "s23"] ["s26" "s26" "s27" "s27"]),
            four!("vadd.f32" [$first $second $first $second] [$first $second $first $second] ["s28" "s29" "s30" "s31"]),
        )
    };
}

/// Adds a product each to the sums of four columns.
macro_rules! one_step {
    ([$b0:literal $b1:literal $b2:literal $b3:literal] [$($first:literal)*] [$($second:literal)*]) => {
        concat!(
            "vldm ", $b0, "!, {{s24}}\nvldm ", $b1, "!, {{s25}}\nvldm ", $b2, "!, {{s26}}\nvldm ", $b3, "!, {{s27}}\n",
            four!("vmul.f32" ["s28" "s29" "s30" "s31"] ["s24" "s25" "s26" "s27"] "s16"),
            four!("vadd.f32" [$($first)*] [$($first)*] ["s28" "s29" "s30" "s31"]),
            four!("vmul.f32" ["s28" "s29" "s30" "s31"] ["s24" "s25" "s26" "s27"] "s20"),
            four!("vadd.f32" [$($second)*] [$($second)*] ["s28" "s29" "s30" "s31"]),
        )
    };
}

/// For a `B` whose values for one column are adjacent.
#[unsafe(naked)]
pub unsafe extern "C" fn add_dots(lines: &mut Lines) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4-r11, lr}}",
        "vpush {{s16-s31}}",
        "2:",
        "ldm r0, {{r1-r9}}",
        load_strip!(),
        "mov lr, r4",
        "add r4, r5, r6",
        "add r1, r8, r9",
        "add r2, r1, r9",
        "add r3, r2, r9",
        "add r6, r3, r9",
        "add r10, r6, r9",
        "add r11, r10, r9",
        "add r12, r11, r9",
        // Four steps at a time, then one.
        "lsrs r9, lr, #2",
        "beq 4f",
        "3:",
        "cmp r7, #4",
        "bne 23f",
        "vldm r5!, {{s16-s19}}",
        "vldm r4!, {{s20-s23}}",
        "22:",
        four_steps!("r8", "s0" "s8"),
        four_steps!("r1", "s1" "s9"),
        four_steps!("r2", "s2" "s10"),
        four_steps!("r3", "s3" "s11"),
        four_steps!("r6", "s4" "s12"),
        four_steps!("r10", "s5" "s13"),
        four_steps!("r11", "s6" "s14"),
        four_steps!("r12", "s7" "s15"),
        "subs r9, #1",
        "bne 3b",
        "4:",
        "ands lr, lr, #3",
        "beq 6f",
        "5:",
        factors!("s16" "s20"),
        one_step!(["r8" "r1" "r2" "r3"] ["s0" "s1" "s2" "s3"] ["s8" "s9" "s10" "s11"]),
        "subs lr, lr, #1",
        one_step!(["r6" "r10" "r11" "r12"] ["s4" "s5" "s6" "s7"] ["s12" "s13" "s14" "s15"]),
        "bne 5b",
        "6:",
        next_strip!("r9, lsl #3"),
        "vpop {{s16-s31}}",
        "pop {{r4-r11, pc}}",
        // Values of `A` that are not adjacent.
        "23:",
        factors!("s16" "s20"),
        factors!("s17" "s21"),
        factors!("s18" "s22"),
        factors!("s19" "s23"),
        "b 22b",
    )
}
