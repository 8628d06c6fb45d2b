//! RAM, known to the compiler.

use core::fmt;

/// Bytes by role. The parts add up to [`total`](Self::total), the size of the type; beside it a program needs the stack
/// and, where [`data`](Self::data) is 0, its samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Budget {
    /// The trained weights.
    pub weights: usize,
    /// The gradient of a step, as large as the weights that are trained; without a gradient buffer, of the largest part.
    pub gradients: usize,
    /// Moments, hyper-parameters and counters of the optimiser.
    pub optimizer: usize,
    /// Copies of the weights: their average, and those to be restored after a perturbation with the mask that names them.
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

/// One line for a log, without the roles that take nothing:
/// `13404 bytes of RAM: weights 5612, gradients 5612, ...`; as `{:#}` a line for the sum and one for each role.
impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let roles = [
            ("weights", self.weights),
            ("gradients", self.gradients),
            ("optimizer", self.optimizer),
            ("copies of weights", self.copies),
            ("stream", self.stream),
            ("saved", self.saved),
            ("scratch", self.scratch),
            ("settings", self.settings),
            ("data", self.data),
            ("link", self.link),
        ];
        write!(f, "{} bytes of RAM", self.total)?;
        for (index, (name, bytes)) in roles.into_iter().filter(|(_, bytes)| *bytes > 0).enumerate() {
            match (f.alternate(), index) {
                (true, _) => write!(f, "\n{bytes:>9} {name}")?,
                (false, 0) => write!(f, ": {name} {bytes}")?,
                (false, _) => write!(f, ", {name} {bytes}")?,
            }
        }
        Ok(())
    }
}

impl Budget {
    /// The same within a larger type of `total` bytes, which has `bytes` for more copies of the weights.
    pub(crate) const fn with_copies(self, bytes: usize, total: usize) -> Self {
        let settings = total - (self.total - self.settings) - bytes;
        Self { copies: self.copies + bytes, settings, total, ..self }
    }

    /// The same within a larger type of `total` bytes, which has `data` bytes for samples and `link` bytes for messages.
    pub const fn with_buffers(self, data: usize, link: usize, total: usize) -> Self {
        let settings = total - (self.total - self.settings) - data - link;
        Self { settings, data, link, total, ..self }
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
    if needed <= available {
        return;
    }
    let missing = needed - available;
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
    use super::{Budget, assert_fits};
    use std::format;

    #[test]
    fn a_budget_is_a_line_or_a_line_for_each_role() {
        let some = Budget { weights: 4, gradients: 4, optimizer: 12, total: 20, ..NOTHING };
        assert_eq!(format!("{some}"), "20 bytes of RAM: weights 4, gradients 4, optimizer 12");
        assert_eq!(format!("{some:#}"), "20 bytes of RAM\n        4 weights\n        4 gradients\n       12 optimizer");
        assert_eq!(format!("{NOTHING}"), "0 bytes of RAM");
    }

    const NOTHING: Budget = Budget {
        weights: 0,
        gradients: 0,
        optimizer: 0,
        copies: 0,
        stream: 0,
        saved: 0,
        scratch: 0,
        settings: 0,
        data: 0,
        link: 0,
        total: 0,
    };

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
