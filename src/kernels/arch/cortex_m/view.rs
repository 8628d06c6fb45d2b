//! Matrices by their addresses.

/// Values of a matrix: the address of the first, and how far it is, in values, to the one below and to the one on the right.
/// Factors come in one as well, though nothing is written to them.
#[derive(Clone, Copy)]
pub struct View {
    pub at: *mut f32,
    pub down: usize,
    pub across: usize,
}

impl View {
    /// A matrix whose rows are so far apart.
    pub fn new(at: *mut f32, down: usize) -> Self {
        Self { at, down, across: 1 }
    }

    /// The same row again and again.
    pub fn repeated(self) -> Self {
        Self { down: 0, ..self }
    }

    pub fn transposed(self) -> Self {
        Self { down: self.across, across: self.down, ..self }
    }

    /// The address of a value.
    pub fn value(self, row: usize, column: usize) -> *mut f32 {
        self.at.wrapping_add(row * self.down + column * self.across)
    }

    /// What begins at this value.
    pub fn from(self, row: usize, column: usize) -> Self {
        Self { at: self.value(row, column), ..self }
    }

    /// Copies rows and columns from another matrix.
    ///
    /// # Safety
    ///
    /// Both have them.
    #[inline(never)]
    pub unsafe fn copy(self, from: Self, rows: usize, columns: usize) {
        for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
            // SAFETY: as said above.
            unsafe { *self.value(row, column) = *from.value(row, column) }
        }
    }
}
