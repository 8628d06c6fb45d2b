//! What all kernels call a matrix.

/// A row-major matrix: its values from the first on, and the distance in values from one row to the next. Rows may overlap.
pub type Matrix<'a> = (&'a [f32], usize);
