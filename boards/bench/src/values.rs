//! Numbers to work on.

use trainlet::core::rng::{Key, Purpose};

/// Fills an array with numbers from -1 to 1; each `index` has its own.
pub fn fill(values: &mut [f32], index: u64) {
    let mut stream = Key::new(1, Purpose::Init).child(index).stream();
    for value in values {
        *value = 2.0 * stream.uniform() - 1.0;
    }
}
