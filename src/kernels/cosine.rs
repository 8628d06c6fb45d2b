//! Half a wave of the cosine, for schedules.

/// The fall from 1 to 0 along half a cosine wave: ½(1 + cos πu) for u in [0, 1], clamped outside; NaN stays NaN.
///
/// Exactly 1, ½ and 0 at 0, ½ and 1, and within 9e-8 everywhere.
pub fn half_cosine(u: f32) -> f32 {
    let u = u.clamp(0.0, 1.0);
    // The wave is symmetric about its middle. `1 - u` is exact there.
    if u <= 0.5 { 1.0 - rise(u) } else { rise(1.0 - u) }
}

/// ½(1 - cos πw) = sin²(πw/2) for w in [0, ½]. A minimax fit in w², 1e-10 off before its coefficients were rounded,
/// and those in turn chosen such that the end is ½.
fn rise(w: f32) -> f32 {
    let z = w * w;
    ((((0.012211732 * z - 0.117479466) * z + 0.6676088) * z - 2.0293546) * z + 2.467401) * z
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_middle_and_outside() {
        assert_eq!([0.0, 0.5, 1.0].map(half_cosine), [1.0, 0.5, 0.0]);
        assert_eq!([-0.1, f32::NEG_INFINITY, 1.1, f32::INFINITY].map(half_cosine), [1.0, 1.0, 0.0, 0.0]);
        assert!(half_cosine(f32::NAN).is_nan());
    }

    #[test]
    fn falls_all_the_way_close_to_the_cosine() {
        const STEPS: u32 = 300_000;
        let mut previous = 1.0;
        for i in 0..=STEPS {
            let u = i as f32 / STEPS as f32;
            let actual = half_cosine(u);
            let expected = 0.5 + 0.5 * libm::cos(core::f64::consts::PI * f64::from(u));
            assert!((f64::from(actual) - expected).abs() <= 9e-8, "{u}: {actual} {expected}");
            assert!(actual <= previous, "{u}");
            previous = actual;
        }
    }

    #[test]
    fn halves_mirror_each_other() {
        for i in 0..=512 {
            let u = i as f32 / 1024.0;
            assert_eq!(half_cosine(u), 1.0 - half_cosine(1.0 - u), "{u}");
        }
    }
}
