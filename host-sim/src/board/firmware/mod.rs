//! The boards' programs: how they are built, and how large they are.

mod boards;
mod build;
mod error;
mod image;
mod package;
mod program;
mod sizes;
mod toolchain;

pub use boards::Board;
pub use build::{Builder, CHOICE, STATE, missing};
pub use error::Error;
pub use image::{Image, Sizes};
pub use program::{Activations, Program, Target, Variant};
pub use sizes::{Built, SMALL, WITHOUT_STORE, sizes};
pub use toolchain::Compiler;
