//! Tiles of 4 x 4 values of a matrix product that adds to its result, `C += A B`, with either factor transposed.
//!
//! A tile's 16 values stay in `s0` to `s15` while the summed index runs; each of its steps takes four values of `A` and
//! four of `B`. The products of a row come before its sums, so that none waits for the instruction right before it.

use core::arch::naked_asm;

/// Rows of a tile, and its columns.
const SIDE: usize = 4;

/// A matrix from the first value that is needed on, and the distance of its rows.
type Matrix<'a> = (&'a [f32], usize);

/// `C += A B` for so many tiles of `C` side by side; `depth` is the length of the summed index. What is too short is left
/// as it is.
pub fn nn(c: (&mut [f32], usize), a: Matrix, b: Matrix, depth: usize, tiles: usize) {
    let columns = tiles.saturating_mul(SIDE);
    if reaches((c.0, c.1), SIDE, columns) && reaches(a, SIDE, depth) && reaches(b, depth, columns) {
        run(add_nn, c, a, b, (depth, tiles, SIDE));
    }
}

/// `C += Aᵀ B`, otherwise as [`nn`].
pub fn tn(c: (&mut [f32], usize), a: Matrix, b: Matrix, depth: usize, tiles: usize) {
    let columns = tiles.saturating_mul(SIDE);
    if reaches((c.0, c.1), SIDE, columns) && reaches(a, depth, SIDE) && reaches(b, depth, columns) {
        run(add_tn, c, a, b, (depth, tiles, SIDE));
    }
}

/// `C += A Bᵀ`, otherwise as [`nn`].
pub fn nt(c: (&mut [f32], usize), a: Matrix, b: Matrix, depth: usize, tiles: usize) {
    let columns = tiles.saturating_mul(SIDE);
    if reaches((c.0, c.1), SIDE, columns) && reaches(a, SIDE, depth) && reaches(b, columns, depth) {
        run(add_nt, c, a, b, (depth, tiles, SIDE * b.1));
    }
}

/// `y += Σ_p factor_p x[p]` with the rows of `x`, for some values of `y` side by side; the factors are the first column of
/// a matrix.
pub fn combine(y: &mut [[f32; 2 * SIDE]], factors: Matrix, x: Matrix, depth: usize) {
    if !reaches(factors, depth, 1) || !reaches(x, depth, y.as_flattened().len()) {
        return;
    }
    let pairs = y.len() / 2;
    let Some((y, last)) = y.as_flattened_mut().split_at_mut_checked(pairs * 4 * SIDE) else { return };
    let x_last = x.0.get(y.len()..).unwrap_or_default();
    run(add_combination_16, (y, 0), factors, x, (depth, pairs, 4 * SIDE));
    let single = last.len() / (2 * SIDE);
    run(add_combination_8, (last, 0), factors, (x_last, x.1), (depth, single, 0));
}

/// `y[r] += Σ_p x[r][p] factors[p]`
pub fn dots(y: &mut [[f32; SIDE]], factors: &[f32], x: Matrix) {
    let (pairs, depth) = (y.len() / 2, factors.len());
    let y = y.as_flattened_mut();
    if !reaches(x, y.len(), depth) {
        return;
    }
    let Some((y, last)) = y.split_at_mut_checked(pairs * 2 * SIDE) else { return };
    let x_last = x.0.get(y.len() * x.1..).unwrap_or_default();
    run(add_dots_8, (y, 0), (factors, 0), x, (depth, pairs, 2 * SIDE * x.1));
    let single = last.len() / SIDE;
    run(add_dots_4, (last, 0), (factors, 0), (x_last, x.1), (depth, single, 0));
}

/// Whether a matrix has so many rows, the last of which has so many columns.
fn reaches((values, width): Matrix, rows: usize, columns: usize) -> bool {
    let last = rows.checked_sub(1).and_then(|before| before.checked_mul(width));
    last.and_then(|last| values.len().checked_sub(last)).is_some_and(|rest| columns <= rest)
}

/// Calls one of the functions below; `C` and the factors reach as far as it looks. `step` is the distance
/// of the values of `B` for two tiles side by side.
#[inline(always)]
fn run(
    add: unsafe extern "C" fn(&mut Plan),
    c: (&mut [f32], usize),
    a: Matrix,
    b: Matrix,
    (depth, tiles, step): (usize, usize, usize),
) {
    const WORD: usize = size_of::<f32>();
    if depth > 0 && tiles > 0 {
        let mut plan = Plan {
            c: c.0.as_mut_ptr(),
            c_width: c.1.wrapping_mul(WORD),
            depth,
            a: a.0.as_ptr(),
            a_width: a.1.wrapping_mul(WORD),
            b: b.0.as_ptr(),
            b_width: b.1.wrapping_mul(WORD),
            tiles,
            b_step: step.wrapping_mul(WORD),
        };
        // SAFETY: all that it reads lies in the two factors, and what it writes in `C`.
        unsafe { add(&mut plan) }
    }
}

/// What the assembly is told: addresses, numbers, and distances in bytes. It moves on to the next tile in here.
#[repr(C)]
struct Plan {
    c: *mut f32,
    c_width: usize,
    depth: usize,
    a: *const f32,
    a_width: usize,
    b: *const f32,
    b_width: usize,
    tiles: usize,
    b_step: usize,
}

/// Moves on to the tile to the right, to which `r1` points, and starts again at 2 if there is one.
macro_rules! next_tile {
    () => {
        "str r1, [r0]
         ldr r1, [r0, #20]
         ldr r2, [r0, #28]
         ldr r3, [r0, #32]
         subs r2, #1
         add r1, r3
         str r1, [r0, #20]
         str r2, [r0, #28]
         bne 2b"
    };
}

/// Adds the products of some values, one after the other, with as many of a row to one sum, and those with as many of
/// another row to another sum.
macro_rules! steps {
    ($sum:literal $other:literal, [$($a:literal)*] [$($x:literal)*] [$($y:literal)*]) => {
        concat!(
            $("vmul.f32 ", $x, ", ", $x, ", ", $a, "\nvmul.f32 ", $y, ", ", $y, ", ", $a, "\n",)*
            $("vadd.f32 ", $sum, ", ", $sum, ", ", $x, "\nvadd.f32 ", $other, ", ", $other, ", ", $y, "\n",)*
        )
    };
}

/// Four of these steps with `s4` to `s7`.
macro_rules! four_steps {
    ($sum:literal $other:literal) => {
        steps!($sum $other, ["s4" "s5" "s6" "s7"] ["s8" "s9" "s10" "s11"] ["s12" "s13" "s14" "s15"])
    };
}

/// Eight of them with `s8` to `s15`, for rows at two addresses.
macro_rules! eight_steps {
    ($sum:literal $other:literal, $x:literal $y:literal) => {
        concat!(
            "vldm ", $x, "!, {{s16-s23}}\nvldm ", $y, "!, {{s24-s31}}\n",
            steps!(
                $sum $other,
                ["s8" "s9" "s10" "s11" "s12" "s13" "s14" "s15"]
                ["s16" "s17" "s18" "s19" "s20" "s21" "s22" "s23"]
                ["s24" "s25" "s26" "s27" "s28" "s29" "s30" "s31"]
            )
        )
    };
}

/// Two of them with `s8` and `s9`, for rows at two addresses.
macro_rules! two_steps {
    ($sum:literal $other:literal, $x:literal $y:literal) => {
        concat!(
            "vldm ", $x, "!, {{s16-s17}}\nvldm ", $y, "!, {{s24-s25}}\n",
            steps!($sum $other, ["s8" "s9"] ["s16" "s17"] ["s24" "s25"])
        )
    };
}

/// One with `s8`, for rows at two addresses.
macro_rules! one_step {
    ($sum:literal $other:literal, $x:literal $y:literal) => {
        concat!(
            "vldm ", $x, ", {{s16}}\nvldm ", $y, ", {{s24}}\n",
            steps!($sum $other, ["s8"] ["s16"] ["s24"])
        )
    };
}

/// Adds the products of four values of `A` with those of `B` in `s24` to `s27`.
macro_rules! outer {
    ($a0:literal, $a1:literal, $a2:literal, $a3:literal) => {
        concat!(
            four!("vmul.f32" ["s28" "s29" "s30" "s31"] $a0 ["s24" "s25" "s26" "s27"]),
            four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s28" "s29" "s30" "s31"]),
            four!("vmul.f32" ["s28" "s29" "s30" "s31"] $a1 ["s24" "s25" "s26" "s27"]),
            four!("vadd.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] ["s28" "s29" "s30" "s31"]),
            four!("vmul.f32" ["s28" "s29" "s30" "s31"] $a2 ["s24" "s25" "s26" "s27"]),
            four!("vadd.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s28" "s29" "s30" "s31"]),
            four!("vmul.f32" ["s28" "s29" "s30" "s31"] $a3 ["s24" "s25" "s26" "s27"]),
            four!("vadd.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s28" "s29" "s30" "s31"]),
        )
    };
}

/// Adds the products of four values of `A` in `s16`, `s18`, `s20` and `s22`, then of four in `s17` to `s23`, with two of a
/// column of `B` in `s24` and `s25`.
macro_rules! column {
    ([$($sum:literal)*]) => {
        concat!(
            four!("vmul.f32" ["s28" "s29" "s30" "s31"] ["s16" "s18" "s20" "s22"] "s24"),
            four!("vadd.f32" [$($sum)*] [$($sum)*] ["s28" "s29" "s30" "s31"]),
            four!("vmul.f32" ["s28" "s29" "s30" "s31"] ["s17" "s19" "s21" "s23"] "s25"),
            four!("vadd.f32" [$($sum)*] [$($sum)*] ["s28" "s29" "s30" "s31"]),
        )
    };
}

/// A function that adds to all tiles: `$steps` run along the summed index. They find its length in `r3`, the addresses of
/// `A` and `B` in `r4` and `r6`, the distances of their rows in `r5` and `r7`, and must leave `r0` to `r2` alone.
macro_rules! tiles {
    ($name:ident, $($steps:expr),*) => {
        #[unsafe(naked)]
        unsafe extern "C" fn $name(plan: &mut Plan) {
            naked_asm!(
                // Which the assembler is not told of otherwise.
                ".fpu fpv4-sp-d16",
                "push {{r4-r11, lr}}",
                "vpush {{s16-s31}}",
                "2:",
                "ldm r0, {{r1-r7}}",
                "add r8, r1, r2",
                "vldm r1, {{s0-s3}}",
                "add r9, r8, r2",
                "vldm r8, {{s4-s7}}",
                "add r10, r9, r2",
                "vldm r9, {{s8-s11}}",
                "vldm r10, {{s12-s15}}",
                $($steps,)*
                "add r8, r1, r2",
                "vstm r1!, {{s0-s3}}",
                "add r9, r8, r2",
                "vstm r8, {{s4-s7}}",
                "add r10, r9, r2",
                "vstm r9, {{s8-s11}}",
                "vstm r10, {{s12-s15}}",
                next_tile!(),
                "vpop {{s16-s31}}",
                "pop {{r4-r11, pc}}",
            )
        }
    };
}

tiles!(
    add_nn,
    "add r8, r4, r5",
    "add r9, r8, r5",
    "add r10, r9, r5",
    // Two steps at a time, which are two values of a row of A.
    "lsrs r5, r3, #1",
    "beq 4f",
    "3:",
    "vldm r4!, {{s16-s17}}",
    "vldm r8!, {{s18-s19}}",
    "vldm r9!, {{s20-s21}}",
    "vldm r10!, {{s22-s23}}",
    "vldm r6, {{s24-s27}}",
    "add r6, r7",
    outer!("s16", "s18", "s20", "s22"),
    "vldm r6, {{s24-s27}}",
    "add r6, r7",
    "subs r5, #1",
    outer!("s17", "s19", "s21", "s23"),
    "bne 3b",
    "4:",
    "lsls r3, #31",
    "beq 5f",
    "vldm r4, {{s16}}",
    "vldm r8, {{s18}}",
    "vldm r9, {{s20}}",
    "vldm r10, {{s22}}",
    "vldm r6, {{s24-s27}}",
    outer!("s16", "s18", "s20", "s22"),
    "5:"
);

tiles!(
    add_tn,
    // Two steps at a time, in the middle if their number is odd.
    "lsrs r8, r3, #1",
    "bcs 4f",
    "sub r8, #1",
    "3:",
    "vldm r6, {{s24-s27}}",
    "vldm r4, {{s16-s19}}",
    "add r6, r7",
    "add r4, r5",
    outer!("s16", "s17", "s18", "s19"),
    "4:",
    "vldm r6, {{s24-s27}}",
    "vldm r4, {{s16-s19}}",
    "add r6, r7",
    "add r4, r5",
    "subs r8, #1",
    outer!("s16", "s17", "s18", "s19"),
    "bge 3b"
);

tiles!(
    add_nt,
    "add r8, r4, r5",
    "add r11, r6, r7",
    "add r9, r8, r5",
    "add r12, r11, r7",
    "add r10, r9, r5",
    "add lr, r12, r7",
    // Two steps at a time, which are two values of a row.
    "lsrs r5, r3, #1",
    "beq 4f",
    "3:",
    "vldm r4!, {{s16-s17}}",
    "vldm r8!, {{s18-s19}}",
    "vldm r9!, {{s20-s21}}",
    "vldm r10!, {{s22-s23}}",
    "vldm r6!, {{s24-s25}}",
    column!(["s0" "s4" "s8" "s12"]),
    "vldm r11!, {{s24-s25}}",
    column!(["s1" "s5" "s9" "s13"]),
    "vldm r12!, {{s24-s25}}",
    column!(["s2" "s6" "s10" "s14"]),
    "vldm lr!, {{s24-s25}}",
    "subs r5, #1",
    column!(["s3" "s7" "s11" "s15"]),
    "bne 3b",
    "4:",
    "lsls r3, #31",
    "beq 5f",
    "vldm r4, {{s16}}",
    "vldm r8, {{s18}}",
    "vldm r9, {{s20}}",
    "vldm r10, {{s22}}",
    "vldm r6, {{s24}}",
    "vldm r11, {{s25}}",
    "vldm r12, {{s26}}",
    "vldm lr, {{s27}}",
    outer!("s16", "s18", "s20", "s22"),
    "5:"
);

/// Adds the products of `s24` with eight values of a row, which the address moves on by.
macro_rules! add_eight {
    ([$($sum:literal)*] [$($next:literal)*]) => {
        concat!(
            "vldm r6!, {{s16-s23}}\n",
            four!("vmul.f32" ["s16" "s17" "s18" "s19"] ["s16" "s17" "s18" "s19"] "s24"),
            four!("vmul.f32" ["s20" "s21" "s22" "s23"] ["s20" "s21" "s22" "s23"] "s24"),
            four!("vadd.f32" [$($sum)*] [$($sum)*] ["s16" "s17" "s18" "s19"]),
            four!("vadd.f32" [$($next)*] [$($next)*] ["s20" "s21" "s22" "s23"]),
        )
    };
}

/// Adds to 16 values side by side.
#[unsafe(naked)]
unsafe extern "C" fn add_combination_16(plan: &mut Plan) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4-r7}}",
        "vpush {{s16-s24}}",
        "2:",
        "ldm r0, {{r1-r7}}",
        "vldm r1, {{s0-s15}}",
        "sub r7, #64",
        "3:",
        "vldr s24, [r4]",
        "add r4, r5",
        add_eight!(["s0" "s1" "s2" "s3"] ["s4" "s5" "s6" "s7"]),
        "subs r3, #1",
        add_eight!(["s8" "s9" "s10" "s11"] ["s12" "s13" "s14" "s15"]),
        "add r6, r7",
        "bne 3b",
        "vstm r1!, {{s0-s15}}",
        next_tile!(),
        "vpop {{s16-s24}}",
        "pop {{r4-r7}}",
        "bx lr",
    )
}

/// Adds to 8 values side by side.
#[unsafe(naked)]
unsafe extern "C" fn add_combination_8(plan: &mut Plan) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4-r7}}",
        "vpush {{s16-s24}}",
        "2:",
        "ldm r0, {{r1-r7}}",
        "vldm r1, {{s0-s7}}",
        "sub r7, #32",
        "3:",
        "vldr s24, [r4]",
        "add r4, r5",
        add_eight!(["s0" "s1" "s2" "s3"] ["s4" "s5" "s6" "s7"]),
        "subs r3, #1",
        "add r6, r7",
        "bne 3b",
        "vstm r1!, {{s0-s7}}",
        next_tile!(),
        "vpop {{s16-s24}}",
        "pop {{r4-r7}}",
        "bx lr",
    )
}

/// Adds to 8 values side by side, each from a row of its own: eight steps of the summed index at a time, then two, then one.
#[unsafe(naked)]
unsafe extern "C" fn add_dots_8(plan: &mut Plan) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4-r11, lr}}",
        "vpush {{s16-s31}}",
        "2:",
        "ldm r0, {{r1-r7}}",
        "add r8, r6, r7",
        "add r9, r8, r7",
        "add r10, r9, r7",
        "add r11, r10, r7",
        "add r12, r11, r7",
        "add lr, r12, r7",
        "add r2, lr, r7",
        "vldm r1, {{s0-s7}}",
        "lsrs r5, r3, #3",
        "beq 4f",
        "3:",
        "vldm r4!, {{s8-s15}}",
        eight_steps!("s0" "s1", "r6" "r8"),
        eight_steps!("s2" "s3", "r9" "r10"),
        eight_steps!("s4" "s5", "r11" "r12"),
        eight_steps!("s6" "s7", "lr" "r2"),
        "subs r5, #1",
        "bne 3b",
        "4:",
        "lsrs r5, r3, #1",
        "ands r5, #3",
        "beq 6f",
        "5:",
        "vldm r4!, {{s8-s9}}",
        two_steps!("s0" "s1", "r6" "r8"),
        two_steps!("s2" "s3", "r9" "r10"),
        two_steps!("s4" "s5", "r11" "r12"),
        two_steps!("s6" "s7", "lr" "r2"),
        "subs r5, #1",
        "bne 5b",
        "6:",
        "lsls r3, #31",
        "beq 7f",
        "vldm r4, {{s8}}",
        one_step!("s0" "s1", "r6" "r8"),
        one_step!("s2" "s3", "r9" "r10"),
        one_step!("s4" "s5", "r11" "r12"),
        one_step!("s6" "s7", "lr" "r2"),
        "7:",
        "vstm r1!, {{s0-s7}}",
        next_tile!(),
        "vpop {{s16-s31}}",
        "pop {{r4-r11, pc}}",
    )
}

/// Adds to 4 values side by side, each from a row of its own: four steps of the summed index at a time, then the rest.
#[unsafe(naked)]
unsafe extern "C" fn add_dots_4(plan: &mut Plan) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4-r10}}",
        "2:",
        "ldm r0, {{r1-r7}}",
        "add r8, r6, r7",
        "vldm r1, {{s0-s3}}",
        "add r9, r8, r7",
        "lsrs r5, r3, #2",
        "add r10, r9, r7",
        "beq 4f",
        "3:",
        "vldm r4!, {{s4-s7}}",
        "vldm r6!, {{s8-s11}}",
        "vldm r8!, {{s12-s15}}",
        four_steps!("s0" "s1"),
        "vldm r9!, {{s8-s11}}",
        "vldm r10!, {{s12-s15}}",
        "subs r5, #1",
        four_steps!("s2" "s3"),
        "bne 3b",
        "4:",
        "ands r3, #3",
        "beq 6f",
        "5:",
        "vldm r4!, {{s4}}",
        "vldm r6!, {{s8}}",
        "vldm r8!, {{s9}}",
        "vldm r9!, {{s10}}",
        "vldm r10!, {{s11}}",
        four!("vmul.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] "s4"),
        "subs r3, #1",
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s8" "s9" "s10" "s11"]),
        "bne 5b",
        "6:",
        "vstm r1!, {{s0-s3}}",
        next_tile!(),
        "pop {{r4-r10}}",
        "bx lr",
    )
}
