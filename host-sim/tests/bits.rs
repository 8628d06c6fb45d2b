//! The same options and data give the same bits of every weight: in a debug build, in a release build and with all
//! instructions of the processor. The constants change only when the mathematics does.

use host_sim::options::{Options, RegularisationOptions};
use host_sim::run::train;

/// CRC-32 of the weights after 200 steps with everything random switched on; small batches, because builds without
/// optimisation are slow.
fn crc_after_200_steps(config: &str) -> u32 {
    let defaults = Options::default();
    let regularisation = RegularisationOptions { dropout: 0.1, drop_path: 0.2, ..defaults.regularisation.clone() };
    let options = Options { config: config.into(), regularisation, steps: Some(200), batch: 4, seed: 42, ..defaults };
    train(&options).unwrap().weights_crc32
}

#[test]
fn watch_12x1_ends_in_the_same_bits() {
    assert_eq!(crc_after_200_steps("watch-12x1"), 0x0af5_5b40);
}

/// Two blocks, of which the second is sometimes left out.
#[test]
fn watch_16x2_ends_in_the_same_bits() {
    assert_eq!(crc_after_200_steps("watch-16x2"), 0x3b32_b428);
}
