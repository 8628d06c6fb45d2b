//! RAM, known to the compiler.

use crate::nn::net::Model;
use crate::optim::Optimizer;

/// Bytes by role. The parts add up to [`total`](Self::total), the size of the type; beside it a program needs the stack
/// and, where [`data`](Self::data) is 0, its samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Budget {
    /// What is learnt.
    pub weights: usize,
    /// The gradient of a step, as large as the weights that are trained; without a gradient buffer, of the largest part.
    pub gradients: usize,
    /// Moments, hyper-parameters and counters of the optimiser.
    pub optimizer: usize,
    /// Copies of the weights: their average, those that a step over a perturbed point comes back to, and the bits that say
    /// which they are.
    pub copies: usize,
    /// The token stream and its gradient.
    pub stream: usize,
    /// Kept from forward to backward.
    pub saved: usize,
    /// Used while one pass of a block runs.
    pub scratch: usize,
    /// Settings and counters.
    pub settings: usize,
    /// Samples, and what standardises them.
    pub data: usize,
    /// Messages on a line.
    pub link: usize,
    /// All of it.
    pub total: usize,
}

impl Budget {
    /// For a trainer of `total` bytes with room for `gradient` values of a gradient.
    pub(crate) const fn of_trainer<M: Model, O: Optimizer>(gradient: usize, total: usize) -> Self {
        let word = size_of::<f32>();
        let [weights, gradients, copies] = [size_of::<M>(), gradient * word, O::COPY_BYTES];
        let optimizer = O::STATE_BYTES - copies;
        let [stream, saved, scratch] = [M::STREAM * word, M::COST.saved * word, M::COST.scratch * word];
        let settings = total - (weights + gradients + optimizer + copies + stream + saved + scratch);
        Self { weights, gradients, optimizer, copies, stream, saved, scratch, settings, data: 0, link: 0, total }
    }

    /// The same within something larger, of `total` bytes, that has so many for more copies of the weights.
    pub(crate) const fn with_copies(self, bytes: usize, total: usize) -> Self {
        let settings = total - (self.total - self.settings) - bytes;
        Self { copies: self.copies + bytes, settings, total, ..self }
    }

    /// The same within something larger, of `total` bytes, that has buffers for data and for a line beside it.
    pub const fn with_buffers(self, data: usize, link: usize, total: usize) -> Self {
        let settings = total - (self.total - self.settings) - data - link;
        Self { settings, data, link, total, ..self }
    }

    /// For a predictor of `total` bytes, whose weights somebody else owns.
    pub(crate) const fn of_predictor<M: Model>(total: usize) -> Self {
        let word = size_of::<f32>();
        let [stream, scratch] = [M::STREAM * word, (M::INFER_ARENA - M::STREAM) * word];
        let settings = total - (stream + scratch);
        let [weights, gradients, optimizer, copies, saved, data, link] = [0; 7];
        Self { weights, gradients, optimizer, copies, stream, saved, scratch, settings, data, link, total }
    }
}

/// Stops the compiler, in `const _: () = assert_fits(..);` or `const { assert_fits(..) }`, if a program needs more bytes of
/// RAM than there are, and says how many are missing and what helps.
///
/// ```
/// use trainlet::core::budget::assert_fits;
/// use trainlet::nn::loss::CrossEntropy;
/// use trainlet::nn::net::Model;
/// use trainlet::networks::Watch12x1 as Net;
/// use trainlet::optim::Adam;
/// use trainlet::core::params::Params;
/// use trainlet::train::Trainer;
///
/// type WatchTrainer = Trainer<Net, CrossEntropy, Adam<[f32; Net::TRAINABLE]>, [f32; Net::ARENA]>;
/// const STACK: usize = 8 * 1024;
/// const _: () = assert_fits(WatchTrainer::BUDGET.total + STACK, 128 * 1024);
/// ```
///
/// # Panics
/// If it does not fit; the compiler then reports the message.
pub const fn assert_fits(needed: usize, available: usize) {
    let Some(missing) = needed.checked_sub(available) else { return };
    if missing == 0 {
        return;
    }
    let mut message = *b"the program needs 000000000000 bytes of RAM more than there are: let the blocks recompute \
        (MixerBlock<.., Recompute>), keep the optimiser's state in Bf16 (2 bytes per number) or Block8 (1), take Momentum (one \
        number per weight) or Sgd (none) for Adam (two), Online for Trainer, or a network with fewer channels, hidden units or \
        blocks";
    // The last digit of the gap.
    let (mut place, mut rest) = (29, missing);
    while place >= 18 {
        let digit = (rest % 10) as u8;
        message[place] = if rest > 0 { b'0' + digit } else { b' ' };
        rest /= 10;
        place -= 1;
    }
    match core::str::from_utf8(&message) {
        Ok(message) => panic!("{}", message),
        Err(_) => panic!("the program needs more RAM than there is"),
    }
}

#[cfg(test)]
mod tests {
    use super::assert_fits;

    #[test]
    fn what_fits_passes() {
        const { assert_fits(5, 5) };
        assert_fits(0, 0);
    }

    #[test]
    #[should_panic(expected = "the program needs         1023 bytes of RAM more than there are")]
    fn what_does_not_fit_says_by_how_much() {
        assert_fits(2047, 1024);
    }
}
