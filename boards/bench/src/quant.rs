//! Prediction from weights in bytes.

use core::hint::black_box;

use trainlet::core::params::Params as _;
use trainlet::core::rng::{Key, Purpose};
use trainlet::core::tensor::Tensor;
use trainlet::networks::Network;
use trainlet::nn::net::Model;
use trainlet::quant::{Quantize, Quantized};

use crate::values::fill;
use crate::window::window;

/// A network, the same in bytes, the arena that this one needs, and the sample that it looks at.
pub struct InBytes<M: Network + Quantize, A> {
    network: M,
    bytes: Quantized<M>,
    arena: A,
    input: M::Input,
}

impl<M, A: Tensor> InBytes<M, A>
where
    M: Network + Quantize<Quantized: Model<Input = M::Input, Output = M::Output>>,
{
    /// All zeros.
    pub const ZERO: Self =
        Self { network: M::ZERO, bytes: <Quantized<M>>::ZERO, arena: A::ZERO, input: <M::Input as Tensor>::ZERO };

    /// Runs the window of a sample in evaluation.
    pub fn run(&mut self) {
        let Self { network, bytes, arena, input } = self;
        network.init(Key::new(1, Purpose::Init));
        network.quantize(bytes);
        fill(input.flat_mut(), 0);
        let mut output = M::Output::ZERO;
        window(format_args!("{}: prediction from bytes", M::NAME), 1, || {
            bytes.infer(black_box(input), &mut output, arena.flat_mut());
        });
        black_box(output);
    }
}
