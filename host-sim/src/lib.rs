//! trainlet on a desktop: the library behind the `host-sim` command.
//!
//! ```no_run
//! use host_sim::options::Options;
//!
//! let options = Options { config: "watch-16x2".into(), seed: 3, ..Options::default() };
//! let record = host_sim::run::train(&options)?;
//! println!("{:?}", record.test.map(|test| test.accuracy));
//! # Ok::<(), host_sim::run::Error>(())
//! ```

pub mod apply;
pub mod board;
pub mod budget;
pub mod chart;
pub mod cli;
pub mod compare;
pub mod configs;
pub mod data;
pub mod device;
pub mod growth;
pub mod idea_trials;
pub mod ideas;
pub mod labels;
pub mod ladder;
pub mod learning_curve;
pub mod modes;
pub mod options;
pub mod order;
pub mod output;
pub mod perturbed;
pub mod preparation;
pub mod pretexts;
pub mod pretrain_study;
pub mod pretraining;
pub mod progress;
pub mod recipe;
pub mod record;
pub mod report;
pub mod run;
pub mod scatter;
pub mod scores;
pub mod spectrum;
mod stack;
pub mod sweep;
pub mod training;
pub mod weights;
