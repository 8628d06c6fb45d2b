//! What tests need beside Rust: where it is not there they say what they skip; with `CI=true` that is a failure.

use std::env;
use std::io::{Write as _, stderr};

/// Past the test's captured output: who runs the tests should see what was measured.
pub fn say(line: &str) {
    stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

/// Whether there is all that a test needs.
pub fn is_there(missing: Option<String>) -> bool {
    if let Some(reason) = &missing {
        say(&format!("skipped: {reason}"));
        assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "nothing is skipped in CI: {reason}");
    }
    missing.is_none()
}
