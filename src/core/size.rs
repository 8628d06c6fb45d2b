//! What a part of a network costs, as one value that the compiler works with.

use crate::core::params::Params;

/// What a layer, a block or a whole network costs: memory in `f32` for one sample, and computing.
///
/// Costs of parts make the cost of the whole, in constants:
///
/// ```
/// use trainlet::core::size::Cost;
///
/// const BLOCK: Cost = Cost { saved: 100, scratch: 40, depth: 1, ..Cost::ZERO };
/// const HEAD: Cost = Cost { saved: 5, scratch: 60, ..Cost::ZERO };
/// const WHOLE: Cost = BLOCK.times(3).then(HEAD);
/// assert_eq!((WHOLE.saved, WHOLE.scratch, WHOLE.depth), (305, 60, 3));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// `f32` kept from the forward to the backward pass.
    pub saved: usize,
    /// `f32` needed while a training pass runs; all parts share them.
    pub scratch: usize,
    /// `f32` needed while an evaluation runs; all parts share them.
    pub infer_scratch: usize,
    /// `f32` of the longest gradient that an update in place needs at a time.
    pub max_grad: usize,
    /// Multiply-accumulates of an evaluation, those of matrix products.
    pub macs: usize,
    /// Multiply-accumulates of a training pass, forward and backward.
    pub train_macs: usize,
    /// Number of residual blocks, by which stochastic depth counts.
    pub depth: usize,
}

impl Cost {
    /// Costs nothing.
    pub const ZERO: Self =
        Self { saved: 0, scratch: 0, infer_scratch: 0, max_grad: 0, macs: 0, train_macs: 0, depth: 0 };

    /// Of a part that has the parameters `P` and an update in place of all of them at a time, and costs nothing else yet.
    pub const fn of<P: Params>() -> Self {
        Self { max_grad: P::TRAINABLE, ..Self::ZERO }
    }

    /// The same with `macs` multiply-accumulates in an evaluation and `factor` times as many in training: 3 for a product whose
    /// two factors both need a gradient, 2 where only one of them does.
    pub const fn with_macs(self, macs: usize, factor: usize) -> Self {
        Self { macs, train_macs: factor * macs, ..self }
    }

    /// The same with `values` more kept for the backward pass.
    pub const fn plus_saved(self, values: usize) -> Self {
        Self { saved: self.saved + values, ..self }
    }

    /// The same with `values` more of scratch, in training and in evaluation.
    pub const fn plus_scratch(self, values: usize) -> Self {
        Self { scratch: self.scratch + values, infer_scratch: self.infer_scratch + values, ..self }
    }

    /// This part, then `next`: what is kept and computed adds up, scratch and the gradient of an update in place are shared.
    pub const fn then(self, next: Self) -> Self {
        Self {
            saved: self.saved + next.saved,
            scratch: max(self.scratch, next.scratch),
            infer_scratch: max(self.infer_scratch, next.infer_scratch),
            max_grad: max(self.max_grad, next.max_grad),
            macs: self.macs + next.macs,
            train_macs: self.train_macs + next.train_macs,
            depth: self.depth + next.depth,
        }
    }

    /// `count` such parts, one after the other.
    pub const fn times(self, count: usize) -> Self {
        if count == 0 {
            return Self::ZERO;
        }
        Self {
            saved: count * self.saved,
            macs: count * self.macs,
            train_macs: count * self.train_macs,
            depth: count * self.depth,
            ..self
        }
    }

    /// One of the two at a time, in the same memory: what is kept and scratch together are as long as the longer pair. The
    /// other figures are the larger ones.
    pub const fn or(self, other: Self) -> Self {
        let saved = max(self.saved, other.saved);
        Self {
            saved,
            scratch: max(self.saved + self.scratch, other.saved + other.scratch) - saved,
            infer_scratch: max(self.infer_scratch, other.infer_scratch),
            max_grad: max(self.max_grad, other.max_grad),
            macs: max(self.macs, other.macs),
            train_macs: max(self.train_macs, other.train_macs),
            depth: max(self.depth, other.depth),
        }
    }

    /// Used but not trained: nothing is kept, there is no gradient, and training costs what an evaluation does.
    pub const fn frozen(self) -> Self {
        Self { saved: 0, scratch: self.infer_scratch, max_grad: 0, train_macs: self.macs, ..self }
    }

    /// Keeps an input of `input` values alone: the backward pass repeats the forward pass and has what that keeps in scratch.
    pub const fn recomputed(self, input: usize) -> Self {
        Self { saved: input, scratch: self.saved + self.scratch, train_macs: self.train_macs + self.macs, ..self }
    }
}

/// The larger of two sizes, in a constant.
pub(crate) const fn max(a: usize, b: usize) -> usize {
    if a > b { a } else { b }
}

/// The smaller of two sizes, in a constant.
pub(crate) const fn min(a: usize, b: usize) -> usize {
    if a < b { a } else { b }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Cost = Cost { saved: 10, scratch: 3, infer_scratch: 2, max_grad: 7, macs: 100, train_macs: 300, depth: 1 };
    const B: Cost = Cost { saved: 1, scratch: 5, infer_scratch: 4, max_grad: 6, macs: 10, train_macs: 20, depth: 2 };

    #[test]
    fn one_after_the_other_adds_up_and_shares_scratch() {
        let both = Cost { saved: 11, scratch: 5, infer_scratch: 4, max_grad: 7, macs: 110, train_macs: 320, depth: 3 };
        assert_eq!(A.then(B), both);
        assert_eq!(A.then(Cost::ZERO), A);
    }

    #[test]
    fn several_are_as_many_one_after_the_other() {
        assert_eq!(A.times(3), A.then(A).then(A));
        assert_eq!(A.times(1), A);
        assert_eq!(A.times(0), Cost::ZERO);
    }

    #[test]
    fn one_of_two_has_room_for_either() {
        let either = A.or(B);
        assert_eq!((either.saved, either.scratch), (10, 3), "10 + 3 and not 10 + 5");
        assert_eq!(B.or(A), either);
        assert_eq!(
            (either.infer_scratch, either.max_grad, either.macs, either.train_macs, either.depth),
            (4, 7, 100, 300, 2)
        );
    }

    #[test]
    fn what_is_frozen_trains_as_it_evaluates() {
        let frozen = Cost { saved: 0, scratch: 2, max_grad: 0, train_macs: 100, ..A };
        assert_eq!(A.frozen(), frozen);
    }

    #[test]
    fn what_is_recomputed_keeps_its_input_and_pays_an_evaluation() {
        assert_eq!(A.recomputed(4), Cost { saved: 4, scratch: 13, train_macs: 400, ..A });
    }

    #[test]
    fn more_memory_is_added_where_it_is_needed() {
        assert_eq!(A.plus_saved(5), Cost { saved: 15, ..A });
        assert_eq!(A.plus_scratch(5), Cost { scratch: 8, infer_scratch: 7, ..A });
    }

    #[test]
    fn a_part_starts_with_its_parameters_and_its_products() {
        assert_eq!(Cost::of::<()>(), Cost::ZERO);
        assert_eq!(Cost::of::<()>().with_macs(8, 3), Cost { macs: 8, train_macs: 24, ..Cost::ZERO });
    }
}
