//! trainlet on a desktop: the library behind the `host-sim` command.
//!
//! A program with networks of its own has every command with a `main` of one line, [`main`]. The commands are functions as
//! well:
//!
//! ```no_run
//! use host_sim::run::options::Options;
//!
//! let options = Options { network: "watch-16x2".into(), seed: 3, ..Options::default() };
//! let record = host_sim::run::train(&options)?;
//! println!("{:?}", record.test.map(|test| test.score()));
//! # Ok::<(), host_sim::run::Error>(())
//! ```

pub mod board;
mod cli;
pub mod design;
pub mod export;
pub mod new;
pub mod report;
pub mod run;
pub mod study;

pub use cli::{command, main};
pub use trainlet_data as data;
// The module, and the macro of the same name.
pub use trainlet_desktop::{self as networks, networks};
