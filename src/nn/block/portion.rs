//! Some of the vectors that a mixing works on.

use super::branch::Normed;
use crate::core::layout::tokens;
use crate::nn::layer::{Activation, Axis};
use crate::nn::pass::Pass;

/// Vectors that are computed at a time, and how they lie in memory.
pub(super) struct Portion {
    /// Number of the first along the axis.
    pub(super) first: usize,
    pub(super) axis: Axis,
}

impl Portion {
    /// Applies the dropout mask that these vectors, which are `length` long, have in a part of the pass. Most networks have
    /// none: so that is asked first, before keys are derived that nothing would be drawn from.
    #[inline(always)]
    pub(super) fn dropout(&self, pass: &Pass, part: u64, values: &mut [f32], length: usize) {
        if pass.has_dropout() {
            self.apply_mask(pass, part, values, length);
        }
    }

    #[inline(never)]
    fn apply_mask(&self, pass: &Pass, part: u64, values: &mut [f32], length: usize) {
        let pass = pass.child(part).from_vector(self.first);
        match self.axis {
            Axis::Rows => pass.dropout_rows(values, length),
            Axis::Columns { width } => pass.dropout_columns(values, width),
        }
    }

    /// Goes back through the activation from what went into it: that becomes what came out, dropout included, and
    /// `gradient`, which dropout has been applied to, the one with respect to it.
    #[inline(always)]
    pub(super) fn repeat<'a, A: Activation>(
        &self,
        pass: &Pass,
        before: &'a mut [f32],
        gradient: &mut [f32],
        length: usize,
    ) -> &'a mut [f32] {
        A::backward(before, gradient);
        self.dropout(pass, 0, before, length);
        before
    }

    /// Writes these vectors of the input.
    pub(super) fn write_input<const C: usize>(&self, input: &Normed<C>, u: &mut [f32]) {
        match self.axis {
            Axis::Rows => input.write_to(tokens(u)),
            Axis::Columns { width } => input.write_channels_to(u, width, self.first),
        }
    }
}
