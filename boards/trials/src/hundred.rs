//! A hundred steps of a network with everything random switched on, and where they end: what a test on silicon repeats.

use trainlet::core::checksum::crc32;
use trainlet::core::setting::OutOfRange;
use trainlet::networks::{Network, Watch12x1};
use trainlet::optim::Adam;
use trainlet::train::Trainer;

use crate::samples::{BATCH, make_up};
use crate::settings::Mode as _;

type Net = Watch12x1;
/// What makes the steps.
pub type Learner = Trainer<Net, <Net as Network>::Loss, Adam<<Net as Network>::F32>, <Net as Network>::Arena>;

const STEPS: u32 = 100;
/// Of the weights after the steps; a desktop has it too.
pub const CRC32: u32 = 0x8a28_8cb3;

/// Makes the steps. Gives the CRC-32 of the weights.
///
/// # Errors
/// A setting is out of range.
pub fn train(learner: &mut Learner) -> Result<u32, OutOfRange> {
    learner.start(STEPS, true)?;
    for index in 0..STEPS * BATCH as u32 {
        let mut window = [[0.0; 6]; 16];
        make_up(window.as_flattened_mut(), index);
        // A sample that is refused shows in the weights.
        let _ = learner.accumulate(&window, &(index as usize % 7), 1.0 / BATCH as f32);
        if index as usize % BATCH == BATCH - 1 {
            learner.step();
        }
    }
    Ok(crc32(&learner.weights))
}

#[cfg(test)]
mod tests {
    use std::boxed::Box;

    use super::*;

    #[test]
    fn a_hundred_steps_end_in_these_bits() {
        assert_eq!(train(&mut Box::new(Learner::ZERO)), Ok(CRC32));
    }
}
