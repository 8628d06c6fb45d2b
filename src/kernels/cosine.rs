//! The falling half of a cosine in `f32`.

use core::f32::consts::FRAC_PI_2;

/// ½(1 + cos πu) for u in [0, 1]: falls from 1 to 0.
pub fn half_cosine(u: f32) -> f32 {
    if u > 0.5 {
        return 1.0 - half_cosine(1.0 - u);
    }
    let x = FRAC_PI_2 * u;
    let square = x * x;
    let sine = x * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0 * (1.0 - square / 72.0))));
    1.0 - sine * sine
}
