//! Parts of slices without a path to a panic: a bound beyond the end counts as the end. It is a bug, which tests see.

/// `x[start..]`
#[inline(always)]
pub fn from(x: &[f32], start: usize) -> &[f32] {
    debug_assert!(start <= x.len(), "{start} lies beyond {}", x.len());
    x.get(start..).unwrap_or_default()
}

/// `x[..count]`
#[inline(always)]
pub fn first(x: &[f32], count: usize) -> &[f32] {
    debug_assert!(count <= x.len(), "{count} lies beyond {}", x.len());
    x.get(..count).unwrap_or_default()
}

/// `x[..count]`
#[inline(always)]
pub fn first_mut(x: &mut [f32], count: usize) -> &mut [f32] {
    debug_assert!(count <= x.len(), "{count} lies beyond {}", x.len());
    x.get_mut(..count).unwrap_or_default()
}
