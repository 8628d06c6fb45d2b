//! The square root.

#[cfg(not(feature = "std"))]
pub use libm::sqrtf as sqrt;

/// √x, rounded correctly.
#[cfg(feature = "std")]
pub fn sqrt(x: f32) -> f32 {
    x.sqrt()
}
