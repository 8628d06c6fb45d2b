//! `networks`

use std::error::Error;

use super::output::print;
use crate::{networks, report};

/// Prints the networks and what they cost.
pub fn run() -> Result<(), Box<dyn Error>> {
    print(&report::networks(networks::all()))
}
