//! A run written down, so that it goes on as if nothing had happened: weights, the optimiser's state in its own width, averages, masks,
//! progress, schedule and seed, and whatever else a program shows to the [`Archive`](crate::core::archive).
//!
//! Nothing is held in memory twice: [`write()`] hands the bytes over as it goes, [`read`] looks at all of them before it changes
//! the first value. What is of another network or another kind of trainer, cut short or damaged, is refused by name, and the running
//! trainer stays as it is. [`store`](crate::store) keeps checkpoints in flash, where power may fail at any moment.
//!
//! ```
//! use trainlet::checkpoint;
//! use trainlet::nn::loss::CrossEntropy;
//! use trainlet::nn::net::Model;
//! use trainlet::networks::Watch12x1 as Net;
//! use trainlet::optim::{Adam, AdamConfig, Schedule};
//! use trainlet::core::params::Params;
//! use trainlet::train::{Config, Trainer};
//!
//! type WatchTrainer = Trainer<Net, CrossEntropy, Adam<[f32; Net::TRAINABLE]>, [f32; Net::ARENA]>;
//!
//! let mut trainer = WatchTrainer::ZERO;
//! trainer.init(Config::new(42, CrossEntropy::new(), AdamConfig::adam(), Schedule::constant(1e-3)))?;
//! trainer.accumulate(&[[0.1; 6]; 16], &3, 1.0)?;
//! trainer.step();
//! // A place in the epoch, or whatever else the program needs to go on.
//! let mut next_sample = 32;
//! let mut file = [0; 17_000];
//! let length = checkpoint::write(&mut file.as_mut_slice(), &mut |archive| {
//!     trainer.persist(archive);
//!     archive.count(&mut next_sample);
//! })?;
//!
//! let (mut another, mut next) = (WatchTrainer::ZERO, 0);
//! checkpoint::read(&mut checkpoint::Slice::new(&file[..length as usize]), &mut |archive| {
//!     another.persist(archive);
//!     archive.count(&mut next);
//! })?;
//! assert_eq!((another.steps(), next), (1, 32));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Format, version 1
//!
//! All numbers are little-endian. Both CRC-32s are those of zip and Ethernet.
//!
//! | bytes | what |
//! |---|---|
//! | 0 to 3 | `TRNL` |
//! | 4 to 7 | version of the format |
//! | 8 to 11 | CRC-32 of the network: for each leaf its place (each name followed by a dot, each number as 4 bytes), `w`, `b` or `n` for weight, bias or norm, and the lengths of its shape, 4 bytes each |
//! | 12 to 15 | CRC-32 of what is kept beside the network: the names of the parts, and for each value or array the letter of its kind and its length in 4 bytes |
//! | 16 to 19 | length L of the contents |
//! | 20 to 23 | CRC-32 of bytes 0 to 19 |
//! | 24 to 23 + L | the contents |
//! | 24 + L to 27 + L | CRC-32 of the contents |
//!
//! The contents of a [`Trainer`](crate::train::Trainer), in this order; others write theirs as the source of their `persist` says:
//!
//! | what | bytes |
//! |---|---|
//! | seed | 8 |
//! | settings of the loss: label smoothing; or weights of positive classes, then of outputs | 4; 4 each |
//! | learning rate, warm-up, shape (0 constant, 1 cosine with least rate and steps, 2 restarts with least rate, first cycle and factor) | 4, 4, 1 + 0, 8 or 12 |
//! | dropout, stochastic depth | 4, 4 |
//! | clipping: 0 for none, or 1 and the largest norm | 1 or 5 |
//! | steps, skipped steps, refused samples | 4, 4, 4 |
//! | the weights, leaf by leaf in the order of the walk | 4 each |
//! | Adam: both betas, epsilon, decay (0 none, 1 coupled, 2 decoupled, with its rate), both bias corrections, first moments, second moments | 8, 4, 1 or 5, 8, and the state's width for each trained weight: 4, 2, or 33 for 32 of them |
//! | or SGD: decay | 4 |
//! | or momentum: momentum, dampening, Nesterov (0 or 1), decay, gradients so far (at most 255), the buffer | 4, 4, 1, 4, 1, state |

mod error;
mod header;
mod read;
mod slice;
mod write;

pub use error::Error;
pub use header::VERSION;
pub use read::read;
pub use slice::Slice;
pub use write::{length, write};

use crate::core::archive::Archive;

/// Shows all that is kept, always in the same order.
pub type Keep<'a> = &'a mut dyn FnMut(&mut Archive);
