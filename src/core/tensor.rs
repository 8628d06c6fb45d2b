//! Nested arrays of `f32`: the only storage of this library.

/// A nested array of `f32` of fixed shape: `[f32; A]`, `[[f32; B]; A]` or `[[[f32; C]; B]; A]`.
pub trait Tensor: Sized + 'static {
    /// All zeros; a `static` of it lands in `.bss`.
    const ZERO: Self;
    /// Number of `f32`.
    const LEN: usize;
    /// The lengths of its arrays, from the outermost to the innermost.
    const SHAPE: &'static [usize];
    /// All values in row-major order.
    fn flat(&self) -> &[f32];
    /// All values in row-major order.
    fn flat_mut(&mut self) -> &mut [f32];
    /// The first [`LEN`](Self::LEN) values of `buffer` seen as this array, and the rest; `None` if it is too short.
    fn split_from(buffer: &mut [f32]) -> Option<(&mut Self, &mut [f32])>;
}

/// [`Tensor::SHAPE`] of a value, for macros, which do not know its type.
#[doc(hidden)]
pub fn shape<T: Tensor>(_: &T) -> &'static [usize] {
    T::SHAPE
}

impl<const A: usize> Tensor for [f32; A] {
    const ZERO: Self = [0.0; A];
    const LEN: usize = A;
    const SHAPE: &'static [usize] = &[A];
    fn flat(&self) -> &[f32] {
        self
    }
    fn flat_mut(&mut self) -> &mut [f32] {
        self
    }
    fn split_from(buffer: &mut [f32]) -> Option<(&mut Self, &mut [f32])> {
        buffer.split_first_chunk_mut()
    }
}

impl<const A: usize, const B: usize> Tensor for [[f32; B]; A] {
    const ZERO: Self = [[0.0; B]; A];
    const LEN: usize = A * B;
    const SHAPE: &'static [usize] = &[A, B];
    fn flat(&self) -> &[f32] {
        self.as_flattened()
    }
    fn flat_mut(&mut self) -> &mut [f32] {
        self.as_flattened_mut()
    }
    fn split_from(buffer: &mut [f32]) -> Option<(&mut Self, &mut [f32])> {
        let (head, tail) = buffer.split_at_mut_checked(Self::LEN)?;
        Some((head.as_chunks_mut().0.first_chunk_mut()?, tail))
    }
}

impl<const A: usize, const B: usize, const C: usize> Tensor for [[[f32; C]; B]; A] {
    const ZERO: Self = [[[0.0; C]; B]; A];
    const LEN: usize = A * B * C;
    const SHAPE: &'static [usize] = &[A, B, C];
    fn flat(&self) -> &[f32] {
        self.as_flattened().as_flattened()
    }
    fn flat_mut(&mut self) -> &mut [f32] {
        self.as_flattened_mut().as_flattened_mut()
    }
    fn split_from(buffer: &mut [f32]) -> Option<(&mut Self, &mut [f32])> {
        let (head, tail) = buffer.split_at_mut_checked(Self::LEN)?;
        Some((head.as_chunks_mut().0.as_chunks_mut().0.first_chunk_mut()?, tail))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_is_cut_off_and_leaves_the_rest() {
        let mut buffer = [0.0; 12];
        let (matrix, rest) = <[[f32; 3]; 2]>::split_from(&mut buffer).unwrap();
        matrix[1][2] = 1.0;
        assert_eq!(rest.len(), 6);
        assert_eq!(buffer[5], 1.0);
    }

    #[test]
    fn a_short_buffer_is_refused() {
        assert!(<[[f32; 3]; 2]>::split_from(&mut [0.0; 5]).is_none());
        assert!(<[[[f32; 2]; 2]; 2]>::split_from(&mut [0.0; 7]).is_none());
    }
}
