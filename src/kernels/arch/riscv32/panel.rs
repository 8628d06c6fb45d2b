//! Factors of products, unpacked once: strips of rows or columns side by side in pairs, a word for each value.
//!
//! A word is a mantissa of 24 bits in two's complement, in the bits from 7 on, and below it the exponent, 64 less than in the float's
//! bits. So there is room for 0 and for sizes from 2⁻⁶³ to 2⁵⁹, and whatever is multiplied or added up in a tile stays where numbers are
//! normal. Anything else is left to single operations.

use core::arch::naked_asm;

/// Words of a part of both factors, for pairs of lines: first those of two rows, then those of pairs of columns, each in the order of
/// the steps.
pub struct Words([u32; Self::COUNT]);

impl Words {
    /// More would take less time, and stack.
    const COUNT: usize = 80;
    /// Steps at a time, at most.
    const DEPTH: usize = 12;

    /// Nothing yet.
    pub const ZERO: Self = Self([0; Self::COUNT]);

    /// Of this number of steps, at least one, how many are unpacked at a time, and for how many columns, an even number.
    #[inline(always)]
    pub fn shares(steps: usize) -> (usize, usize) {
        // Never 0, as the compiler has to see.
        let depth = steps.div_ceil(steps.div_ceil(Self::DEPTH).max(1)).max(1);
        (depth, Self::COUNT / 2 / depth * 2 - 2)
    }

    /// Those of two rows.
    pub fn rows(&mut self) -> *mut u32 {
        self.0.as_mut_ptr()
    }

    /// Those from an even column on.
    pub fn columns(&mut self, depth: usize, column: usize) -> *mut u32 {
        self.rows().wrapping_add(depth * (2 + column))
    }
}

/// The values of a factor that one line of the product takes, step by step. Distances in values.
#[derive(Clone, Copy)]
pub struct Factor {
    /// The first.
    pub first: *const f32,
    /// From a line to the next.
    pub line: usize,
    /// From a step to the next.
    pub step: usize,
}

impl Factor {
    /// A line, from some step on.
    pub fn at(&self, line: usize, step: usize) -> *const f32 {
        self.first.wrapping_add(line * self.line + step * self.step)
    }

    /// Unpacks steps of a line and of the next one; if there are no more lines, that counts as zeros. Says whether all values have a
    /// word.
    ///
    /// # Safety
    /// The values are there, and room for their words.
    #[inline(never)]
    pub unsafe fn unpack_pair(&self, [line, lines]: [usize; 2], [start, depth]: [usize; 2], words: *mut u32) -> bool {
        let step = size_of::<f32>() * self.step;
        // SAFETY: as said above.
        unsafe {
            if line + 1 < lines {
                unpack(self.at(line, start), step, depth, words)
                    && unpack(self.at(line + 1, start), step, depth, words.wrapping_add(1))
            } else {
                (0..depth).for_each(|step| *words.wrapping_add(2 * step + 1) = 0);
                unpack(self.at(line, start), step, depth, words)
            }
        }
    }
}

/// Unpacks `count` values, at least one, `step` bytes apart, into every other word. Stops with `false` at one that has none.
#[unsafe(naked)]
unsafe extern "C" fn unpack(from: *const f32, step: usize, count: usize, to: *mut u32) -> bool {
    naked_asm!(
        ".option push",
        ".option arch, +m, +c",
        "lui a4, 0x80000",
        "li a5, 122",
        "slli a2, a2, 3",
        "add a2, a2, a3",
        "2:",
        "lw t0, 0(a0)",
        "add a0, a0, a1",
        "srli t1, t0, 23",
        "andi t1, t1, 255",
        "addi t1, t1, -64",
        "bgeu t1, a5, 5f",
        "slli t2, t0, 8",
        "or t2, t2, a4",
        "srli t2, t2, 1",
        "bgez t0, 3f",
        "neg t2, t2",
        "3:",
        "or t1, t1, t2",
        "sw t1, 0(a3)",
        "4:",
        "addi a3, a3, 8",
        "bne a3, a2, 2b",
        "li a0, 1",
        "ret",
        "5:",
        "slli t0, t0, 1",
        "sw zero, 0(a3)",
        "beqz t0, 4b",
        "li a0, 0",
        "ret",
        ".option pop",
    )
}
