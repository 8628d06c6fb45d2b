//! The boards' programs: how they are built, and how large they are.

mod boards;
mod build;
mod error;
mod image;
mod package;
mod sizes;
mod toolchain;

pub use boards::Board;
pub use build::{Activations, Builder, CHOICE, Program, STATE, Target, Variant, missing};
pub use error::Error;
pub use image::{Image, Sizes};

pub use sizes::{Built, SMALL, WITHOUT_STORE, sizes};
pub use toolchain::Compiler;
