//! Trials of the training, which say for everything that trains how many bytes it takes, how much stack, how long a step is,
//! and in which weights some steps end: bit-identical on every board and on a desktop. The samples are made up.
//!
//! [`list`] is the list of trials. Which of them an image contains is chosen when it is built: `TRAINLET_TRIALS` names them with
//! commas between them, `TRAINLET_NETWORK` the network of the modes, `TRAINLET_STEPS` their steps. They run one after the other in the
//! same memory.
#![no_std]

#[cfg(test)]
extern crate std;

mod blocks;
mod curvature;
pub mod hundred;
mod learner;
pub mod list;
mod run;
mod samples;
mod settings;
pub mod short;
mod trainers;
mod trial;

pub use learner::Zeroed;
pub use list::{Kind, LIST, VALUES, trains_a_part, visit};
pub use run::{Memory, run};
pub use samples::BATCH;
pub use trial::{Trial, TrialState, VisitTrial};
