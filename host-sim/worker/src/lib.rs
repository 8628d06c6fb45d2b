//! Trains candidates of a search over networks.
//!
//! `host-sim design` writes a crate with the types of the candidates, whose `main` is [`serve`]: a process that answers requests, a
//! line of JSON each, until its standard input ends.
//!
//! ```no_run
//! mod networks {
//!     use trainlet::nn::head::DenseHead;
//!     use trainlet::nn::loss::CrossEntropy;
//!     use trainlet::nn::net::Net;
//!     use trainlet::nn::stem::DenseStem;
//!
//!     trainlet::network!(pub N0 = Net<1, 16, DenseStem<9, 24, 16>, (), DenseHead<16, 3>>; "n0", CrossEntropy, "a perceptron");
//! }
//!
//! static CANDIDATES: &[trainlet_worker::Candidate] = &[trainlet_worker::Candidate::of::<networks::N0>()];
//!
//! fn main() -> std::process::ExitCode {
//!     trainlet_worker::serve(CANDIDATES)
//! }
//! ```

#[cfg(feature = "baselines")]
mod baseline;
mod candidate;
mod learner;
pub mod message;
mod optimizer;
mod serve;
mod split;
mod training;

pub use candidate::Candidate;
pub use serve::serve;
pub use split::Split;
pub use training::train;
