//! Standardisation of a value.

/// `(x - mean) / std`, or 0 where that is a division by 0.
pub(crate) fn standardise(x: f32, mean: f32, std: f32) -> f32 {
    if std > 0.0 { (x - mean) / std } else { 0.0 }
}
