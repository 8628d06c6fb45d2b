//! Scale and shift of each column of a matrix, some columns at a time, whose factors stay in registers.

use core::arch::naked_asm;

/// `y[r][c] = weight[c] x[r][c] + bias[c]`. Each matrix comes with the distance of its rows; those of `y` are as long as its
/// distance says, or as `weight` is.
pub fn affine((y, y_width): (&mut [f32], usize), (x, x_width): (&[f32], usize), weight: &[f32], bias: &[f32]) {
    let columns = y_width.min(x_width).min(weight.len()).min(bias.len());
    let rows = whole_rows(y.len(), y_width, columns).min(whole_rows(x.len(), x_width, columns));
    // SAFETY: `rows` of `columns` are in both.
    unsafe { scale_and_shift((y.as_mut_ptr(), y_width), (x.as_ptr(), x_width), (rows, columns), weight, bias) }
}

/// `x[r][c] = weight[c] x[r][c] + bias[c]` with rows as long as `weight`.
pub fn affine_in_place(x: &mut [f32], weight: &[f32], bias: &[f32]) {
    let columns = weight.len().min(bias.len());
    let (rows, place) = (whole_rows(x.len(), columns, columns), x.as_mut_ptr());
    // SAFETY: as above, and a value is read before it is written.
    unsafe { scale_and_shift((place, columns), (place, columns), (rows, columns), weight, bias) }
}

/// `dy` becomes the gradient with respect to x; adds to `dweight` and `dbias`. All rows are as long as these.
pub fn affine_backward(dy: &mut [f32], x: &[f32], weight: &[f32], dweight: &mut [f32], dbias: &mut [f32]) {
    let width = weight.len();
    let rows = whole_rows(dy.len().min(x.len()), width, width);
    if rows == 0 || dweight.len() < width || dbias.len() < width {
        return;
    }
    let whole = width - width % FEW;
    for column in (0..whole).step_by(FEW) {
        // SAFETY: `rows` are in both, with this and the next columns.
        unsafe {
            let dy = dy.as_mut_ptr().add(column);
            let (weight, dweight) = (weight.as_ptr().add(column), dweight.as_mut_ptr().add(column));
            few_backward(dy, x.as_ptr().add(column), rows, width, weight, dweight, dbias.as_mut_ptr().add(column));
        }
    }
    for (dy, x) in dy.chunks_exact_mut(width).zip(x.chunks_exact(width)) {
        let weights = weight.iter().zip(&mut *dweight).zip(&mut *dbias);
        for ((dy, x), ((weight, dweight), dbias)) in dy.iter_mut().zip(x).zip(weights).skip(whole) {
            *dweight += *dy * x;
            *dbias += *dy;
            *dy *= weight;
        }
    }
}

/// Columns that are computed side by side: what fits the registers with their factors, and some of the rest.
const MANY: usize = 8;
const FEW: usize = 4;

/// How many rows a matrix has: the last may be cut off behind its last column.
fn whole_rows(length: usize, width: usize, columns: usize) -> usize {
    let before = length.checked_sub(columns).filter(|_| columns > 0);
    before.and_then(|before| before.checked_div(width)).map_or(0, |rows| rows + 1)
}

/// # Safety
///
/// Both matrices, with their distances, have `rows` and `columns`, and there are as many weights and biases as columns.
pub unsafe fn scale_and_shift(
    (y, y_width): (*mut f32, usize),
    (x, x_width): (*const f32, usize),
    (rows, columns): (usize, usize),
    weight: &[f32],
    bias: &[f32],
) {
    let mut column = 0;
    while rows > 0 && column < columns {
        let (strip, width): (Strip, _) = match columns - column {
            MANY.. => (many, MANY),
            FEW.. => (few, FEW),
            _ => (one, 1),
        };
        // SAFETY: at least `width` columns are left.
        unsafe {
            let (weight, bias) = (weight.as_ptr().add(column), bias.as_ptr().add(column));
            strip(y.add(column), x.add(column), rows, y_width, x_width, weight, bias);
        }
        column += width;
    }
}

/// Some columns of all rows, at least one.
type Strip = unsafe extern "C" fn(*mut f32, *const f32, usize, usize, usize, *const f32, *const f32);

/// A strip whose `$x` and their weights and biases are in these registers, the last of which are saved between `$save` and
/// `$restore`, so that arguments are `$arguments` bytes up the stack.
macro_rules! strip {
    ($name:ident, $x:literal $weight:literal $bias:literal, [$($step:expr),*],
     [$($save:literal $restore:literal)?], $arguments:literal) => {
        #[unsafe(naked)]
        unsafe extern "C" fn $name(
            y: *mut f32,
            x: *const f32,
            rows: usize,
            y_width: usize,
            x_width: usize,
            weight: *const f32,
            bias: *const f32,
        ) {
            naked_asm!(
                ".fpu fpv4-sp-d16",
                "push {{r4-r6}}",
                $($save,)?
                concat!("add r12, sp, #", $arguments),
                "ldm r12, {{r4-r6}}",
                "lsls r3, #2",
                "lsls r4, #2",
                concat!("vldm r5, ", $weight),
                concat!("vldm r6, ", $bias),
                "2:",
                concat!("vldm r1, ", $x),
                "subs r2, #1",
                "add r1, r4",
                $($step,)*
                concat!("vstm r0, ", $x),
                "add r0, r3",
                "bne 2b",
                $($restore,)?
                "pop {{r4-r6}}",
                "bx lr",
            )
        }
    };
}

strip!(
    many,
    "{{s0-s7}}" "{{s8-s15}}" "{{s16-s23}}",
    [
        four!("vmul.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s8" "s9" "s10" "s11"]),
        four!("vmul.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] ["s12" "s13" "s14" "s15"]),
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s16" "s17" "s18" "s19"]),
        four!("vadd.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] ["s20" "s21" "s22" "s23"])
    ],
    ["vpush {{s16-s23}}" "vpop {{s16-s23}}"],
    44
);

strip!(
    few,
    "{{s0-s3}}" "{{s4-s7}}" "{{s8-s11}}",
    [
        four!("vmul.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s4" "s5" "s6" "s7"]),
        four!("vadd.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s8" "s9" "s10" "s11"])
    ],
    [],
    12
);

strip!(one, "{{s0}}" "{{s1}}" "{{s2}}", ["vmul.f32 s0, s0, s1", "vadd.f32 s0, s0, s2"], [], 12);

/// Gradients of weights in `s8` to `s11`, of biases in `s12` to `s15`.
#[unsafe(naked)]
unsafe extern "C" fn few_backward(
    dy: *mut f32,
    x: *const f32,
    rows: usize,
    width: usize,
    weight: *const f32,
    dweight: *mut f32,
    dbias: *mut f32,
) {
    naked_asm!(
        ".fpu fpv4-sp-d16",
        "push {{r4-r6}}",
        "vpush {{s16-s19}}",
        "add r12, sp, #28",
        "ldm r12, {{r4-r6}}",
        "lsls r3, #2",
        "vldm r4, {{s16-s19}}",
        "vldm r5, {{s8-s11}}",
        "vldm r6, {{s12-s15}}",
        "2:",
        "vldm r0, {{s0-s3}}",
        "vldm r1, {{s4-s7}}",
        "subs r2, #1",
        "add r1, r3",
        four!("vmul.f32" ["s4" "s5" "s6" "s7"] ["s4" "s5" "s6" "s7"] ["s0" "s1" "s2" "s3"]),
        four!("vadd.f32" ["s12" "s13" "s14" "s15"] ["s12" "s13" "s14" "s15"] ["s0" "s1" "s2" "s3"]),
        four!("vmul.f32" ["s0" "s1" "s2" "s3"] ["s0" "s1" "s2" "s3"] ["s16" "s17" "s18" "s19"]),
        four!("vadd.f32" ["s8" "s9" "s10" "s11"] ["s8" "s9" "s10" "s11"] ["s4" "s5" "s6" "s7"]),
        "vstm r0, {{s0-s3}}",
        "add r0, r3",
        "bne 2b",
        "vstm r5, {{s8-s11}}",
        "vstm r6, {{s12-s15}}",
        "vpop {{s16-s19}}",
        "pop {{r4-r6}}",
        "bx lr",
    )
}
