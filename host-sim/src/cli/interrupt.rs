//! Ctrl-C.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use signal_hook::consts::SIGINT;
use signal_hook::flag;

/// As a shell says that a program ended by Ctrl-C.
pub const CODE: u8 = 130;

/// Becomes true with Ctrl-C; a second one ends the program at once.
pub fn flag() -> Result<Arc<AtomicBool>, Box<dyn Error>> {
    let stop = Arc::new(AtomicBool::new(false));
    flag::register_conditional_shutdown(SIGINT, CODE.into(), stop.clone())?;
    flag::register(SIGINT, stop.clone())?;
    Ok(stop)
}
