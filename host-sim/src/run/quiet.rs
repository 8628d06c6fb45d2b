//! Whether progress is shown.

use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{MultiProgress, ProgressDrawTarget};

static QUIET: AtomicBool = AtomicBool::new(false);

/// From now on nothing but results and errors is shown.
pub fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// Whether nothing else is to be shown.
pub fn is_quiet() -> bool {
    QUIET.load(Ordering::Relaxed)
}

/// Where progress is drawn.
pub fn target() -> ProgressDrawTarget {
    if is_quiet() { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() }
}

/// Several lines of progress.
pub fn bars() -> MultiProgress {
    MultiProgress::with_draw_target(target())
}
