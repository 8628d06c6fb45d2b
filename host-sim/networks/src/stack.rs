//! Room for the largest network.

use std::panic::resume_unwind;
use std::thread;

/// Builds without optimisation pass a boxed trainer through the stack, where the largest takes 7 MB and several copies.
const BYTES: usize = 64 << 20;

/// Runs `work` on a thread with a large stack, and waits for it.
pub fn large<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(BYTES).spawn_scoped(scope, work);
        thread.expect("the system can start a thread").join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}
