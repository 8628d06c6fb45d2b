//! The inside of the kernels, for programs that measure and compare them. No part of the API: it changes without notice.

pub use super::gelu::{COEFFICIENTS, gelu, gelu_backward};
pub use super::int8::{Layer, Steps, Unit};

/// Plain Rust.
pub mod portable {
    pub use crate::kernels::arch::portable::*;
}

/// What this processor runs.
pub mod arch {
    pub use crate::kernels::arch::*;
}

/// `f32` in integers, and operands to compare with.
pub mod soft {
    pub use crate::kernels::arch::soft::cases::Cases;
    pub use crate::kernels::arch::soft::*;
}
