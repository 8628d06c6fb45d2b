//! What trainers have in common as statics.

use trainlet::core::budget::Budget;
use trainlet::core::tensor::Tensor;
use trainlet::nn::loss::Loss;
use trainlet::nn::net::Model;
use trainlet::optim::Optimizer;
use trainlet::train::{Mask, Online, Sam, SingleStep, Trainer};

/// Begins as zeros, and knows its RAM.
pub trait Zeroed {
    /// All zeros.
    const ZERO: Self;
    /// RAM by role, in bytes; the total is the size of this type.
    const BUDGET: Budget;
}

macro_rules! zeroed {
    ($($trainer:ty { $($generics:tt)* })+) => {
        $(impl<M: Model, L: Loss<M::Output>, O: Optimizer, A: Tensor, $($generics)*> Zeroed for $trainer {
            const ZERO: Self = Self::ZERO;
            const BUDGET: Budget = Self::BUDGET;
        })+
    };
}

zeroed! {
    Trainer<M, L, O, A> {}
    Online<M, L, O, A> {}
    Sam<M, L, O, A, K, S> { K: Tensor, S: Mask }
    SingleStep<M, L, O, A, K> { K: Tensor }
}
