//! What a probe can test on the chip itself (`cargo test --release --test silicon`): the library's assembly and the compiler's code give
//! the bits of a desktop. It runs at the clock that the chip starts with and needs no pin.
#![no_std]
#![no_main]

// Vectors, memory and what happens at a panic.
use trainlet_stm32f4 as _;

#[embedded_test::tests]
mod tests {
    use trainlet_stm32f4::ConstStaticCell;
    use trainlet_trials::hundred::{CRC32, Learner, train};

    static LEARNER: ConstStaticCell<Learner> = ConstStaticCell::new(Learner::ZERO);

    #[test]
    fn a_hundred_steps_end_in_the_bits_of_a_desktop() -> Result<(), &'static str> {
        match train(LEARNER.take()) {
            Ok(CRC32) => Ok(()),
            Ok(_) => Err("the weights are others"),
            Err(_) => Err("a setting is out of its range"),
        }
    }
}
