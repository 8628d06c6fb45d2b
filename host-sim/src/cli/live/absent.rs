//! In place of the screen, where the feature `tui` was left out.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::Refused;
use crate::run::epochs::Event;

/// There is none.
pub enum Screen {}

impl Screen {
    /// Fails.
    pub fn start(_: &str, _: Arc<AtomicBool>) -> io::Result<Self> {
        Err(io::Error::other(Refused::NotBuilt))
    }

    /// Is never called.
    pub fn hear(&self, _: Event) {
        match *self {}
    }
}
