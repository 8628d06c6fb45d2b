//! The moments of Adam.

/// Updates the moments by a gradient. The factors are those of [`AdamFactors`](super::adam::AdamFactors).
#[inline(always)]
pub fn advance<const N: usize>(
    gradient: &[f32; N],
    moment1: &mut [f32; N],
    moment2: &mut [f32; N],
    &[decay1, share1, root_share2, decay2, ..]: &[f32; 10],
) {
    for ((g, m), v) in gradient.iter().zip(moment1).zip(moment2) {
        *m = decay1 * *m + share1 * g;
        let g = root_share2 * g;
        *v = decay2 * *v + g * g;
    }
}
