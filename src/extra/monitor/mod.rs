//! Does the network learn at all? An answer within three epochs, at a few bytes per leaf.
//!
//! [`Monitored`] wraps an optimiser. It measures each update, how far the weights of a leaf move and how long its
//! gradient is, and gives a verdict at the end of each epoch. A trainer without it costs nothing more. With counters for them, it
//! also tells how many GELUs are saturated: their inputs are so far below zero that almost no gradient passes.
//!
//! ```
//! use trainlet::nn::loss::CrossEntropy;
//! use trainlet::extra::monitor::{Monitored, MonitoredConfig, Thresholds, Verdict};
//! use trainlet::nn::net::Model;
//! use trainlet::networks::Watch12x1 as Net;
//! use trainlet::optim::{Adam, AdamConfig, Schedule};
//! use trainlet::core::params::Params;
//! use trainlet::train::{Config, Trainer};
//!
//! type Optimizer = Monitored<Adam<[f32; Net::TRAINABLE]>, 24, 2>;
//! let mut trainer = Trainer::<Net, CrossEntropy, Optimizer, [f32; Net::ARENA]>::ZERO;
//! let optimizer = MonitoredConfig::new(AdamConfig::adam(), Thresholds::adam());
//! trainer.init(Config::new(42, CrossEntropy::new(), optimizer, Schedule::constant(1e-3)))?;
//!
//! let window = [[0.1; 6]; 16];
//! for _ in 0..3 {
//!     let mut loss = 0.0;
//!     for _ in 0..10 {
//!         loss += trainer.accumulate(&window, &3, 1.0)? / 10.0;
//!         trainer.step();
//!     }
//!     let health = trainer.end_epoch(loss);
//!     assert_eq!(health.verdict, Verdict::Fine);
//!     assert!(health.saturation.is_some_and(|most| most.share < 0.01));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod health;
mod leaf;
mod monitored;
mod saturation;

pub use health::{Health, Thresholds, Verdict};
pub use monitored::{Monitored, MonitoredConfig};
pub use saturation::Saturation;

use crate::core::params::{Params, Path};

/// Calls `visit` with the path of the leaf whose first value has this place among all that are trained.
pub fn visit_path<M: Params>(model: &M, place: usize, visit: &mut dyn FnMut(&Path)) {
    let mut first = 0;
    model.read(&mut |leaf, values| {
        if leaf.trained {
            if first == place {
                visit(leaf.path);
            }
            first += values.len();
        }
    });
}
