//! Cross-entropy with room for classes that are not known yet.

use super::{CrossEntropy, InvalidTarget, Loss, classes};
use crate::core::archive::Archive;
use crate::core::setting::Settings;

/// [`CrossEntropy`] over the first `known` of `K` classes: a head is made for more classes than there are, and the others wait in reserve.
///
/// Outputs of classes in reserve have no part in the loss and no gradient, and [`class`](Self::class) never chooses them. When a new one
/// appears, give the trainer the loss with one class more ([`Trainer::set_loss`](crate::train::Trainer::set_loss)): its row of the
/// head is still as it was drawn at random. Show it together with some samples of the others, or they are forgotten.
///
/// ```
/// use trainlet::nn::loss::{InvalidTarget, Loss, OpenCrossEntropy};
///
/// let (loss, outputs) = (OpenCrossEntropy::new(2), [1.0, 3.0, 9.0]);
/// let mut gradient = [0.0; 3];
/// assert!(loss.evaluate(&outputs, &1, &mut gradient).is_ok());
/// assert_eq!((gradient[2], loss.class(&outputs)), (0.0, 1));
/// assert_eq!(loss.evaluate(&outputs, &2, &mut gradient), Err(InvalidTarget));
/// assert!(OpenCrossEntropy::new(3).evaluate(&outputs, &2, &mut gradient).is_ok());
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OpenCrossEntropy {
    /// Classes that are known: those before this number. Beyond `K` it means all.
    pub known: u32,
    /// Over those that are known.
    pub cross_entropy: CrossEntropy,
}

impl OpenCrossEntropy {
    /// Without label smoothing.
    pub const fn new(known: u32) -> Self {
        Self { known, cross_entropy: CrossEntropy::new() }
    }

    /// The known class that the outputs speak for.
    pub fn class(&self, outputs: &[f32]) -> usize {
        match self.outputs(outputs) {
            // A single output would be the logit of two classes.
            [_] => 0,
            outputs => classes::class(outputs),
        }
    }

    /// The outputs of known classes.
    pub fn outputs<'a>(&self, outputs: &'a [f32]) -> &'a [f32] {
        outputs.get(..self.known as usize).unwrap_or(outputs)
    }
}

impl Settings for OpenCrossEntropy {
    fn visit(&mut self, archive: &mut Archive) {
        archive.count(&mut self.known);
        self.cross_entropy.visit(archive);
    }
}

impl<const K: usize> Loss<[f32; K]> for OpenCrossEntropy {
    /// The class, below [`known`](Self::known)
    type Target = usize;
    const ZERO: Self = Self::new(0);

    fn evaluate(&self, output: &[f32; K], target: &usize, gradient: &mut [f32; K]) -> Result<f32, InvalidTarget> {
        const { assert!(K > 0, "a loss needs an output: write 1 or more for K") };
        let outputs = self.outputs(output);
        gradient.fill(0.0);
        let gradient = gradient.get_mut(..outputs.len()).unwrap_or_default();
        self.cross_entropy.of_slice(outputs, *target, gradient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUTS: [f32; 5] = [0.3, -1.2, 2.0, 50.0, f32::NAN];

    #[test]
    fn known_classes_are_as_if_there_were_no_others() {
        let cross_entropy = CrossEntropy { label_smoothing: 0.1 };
        let [first @ .., _, _] = OUTPUTS;
        for target in 0..3 {
            let (mut open, mut closed) = ([7.0; 5], [0.0; 3]);
            let loss = OpenCrossEntropy { known: 3, cross_entropy }.evaluate(&OUTPUTS, &target, &mut open).unwrap();
            assert_eq!(loss, cross_entropy.evaluate(&first, &target, &mut closed).unwrap());
            assert_eq!(open, [closed[0], closed[1], closed[2], 0.0, 0.0]);
        }
        assert_eq!(OpenCrossEntropy::new(3).class(&OUTPUTS), 2);
        assert_eq!(OpenCrossEntropy::new(4).class(&OUTPUTS), 3);
    }

    #[test]
    fn classes_in_reserve_are_no_targets() {
        let evaluate = |known, target| OpenCrossEntropy::new(known).evaluate(&OUTPUTS, &target, &mut [0.0; 5]);
        assert_eq!(evaluate(3, 3), Err(InvalidTarget));
        assert_eq!(evaluate(0, 0), Err(InvalidTarget));
        assert_eq!(evaluate(1, 0), Ok(0.0));
        assert_eq!(OpenCrossEntropy::new(1).class(&[-3.0, 5.0]), 0);
        assert_eq!(evaluate(9, 5), Err(InvalidTarget));
    }
}
