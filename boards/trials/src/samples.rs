//! The samples that are made up.

use trainlet::core::rng::{Key, Purpose};

/// Samples of a step.
pub const BATCH: usize = 2;

/// Makes up sample number `index`.
pub(crate) fn make_up(input: &mut [f32], index: u32) {
    let mut random = Key::new(9, Purpose::Order).child(u64::from(index)).stream();
    for x in input {
        *x = 2.0 * random.uniform() - 1.0;
    }
}
