//! trainlet on a desktop: the library behind the `host-sim` command.
//!
//! ```no_run
//! use host_sim::run::options::Options;
//!
//! let options = Options { config: "watch-16x2".into(), seed: 3, ..Options::default() };
//! let record = host_sim::run::train(&options)?;
//! println!("{:?}", record.test.map(|test| test.accuracy));
//! # Ok::<(), host_sim::run::Error>(())
//! ```

pub mod board;
pub mod cli;
pub mod data;
pub mod networks;
pub mod report;
pub mod run;
pub mod study;
