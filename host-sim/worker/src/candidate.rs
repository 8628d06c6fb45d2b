//! A network of the list.

use trainlet::core::budget::Budget;
use trainlet::core::setting::OutOfRange;
use trainlet::core::tensor::Tensor;
use trainlet::networks::{Family, Network};
use trainlet::optim::Adam;
use trainlet::train::Trainer;

use crate::learner::{Learner, start};
use crate::message::{Figures, Memory, Mode, Recipe, StateName};

/// Starts a run, given its recipe, number of steps and seed.
pub(crate) type Start = fn(&Recipe, u32, u64) -> Result<Box<dyn Learner>, OutOfRange>;

/// A network. What depends on its type is behind function pointers.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    pub(crate) figures: fn() -> Figures,
    pub(crate) start: Start,
}

impl Candidate {
    /// The network of type `F`. It is trained with everything kept, which takes least time; the weights are the same in each mode.
    pub const fn of<F: Family>() -> Self {
        Self { figures: figures::<F>, start: start::<F> }
    }
}

fn figures<F: Family>() -> Figures {
    let families = [
        (Memory::Keep, states::<F>()),
        (Memory::KeepSlopes, states::<F::KeepSlopes>()),
        (Memory::Recompute, states::<F::Recompute>()),
        (Memory::BlockInput, states::<F::BlockInput>()),
    ];
    let mut modes: Vec<Mode> = Vec::new();
    for (memory, states) in families {
        for (state, train_macs, budget) in states {
            // A network without such a variant is the network itself.
            if modes.iter().all(|mode| (mode.state, mode.budget) != (state, budget)) {
                modes.push(Mode { memory, state, train_macs, budget });
            }
        }
    }
    Figures {
        name: F::NAME.into(),
        inputs: F::Input::LEN,
        outputs: F::Output::LEN,
        parameters: F::COUNT,
        depth: F::COST.depth,
        macs: F::COST.macs,
        modes,
    }
}

fn states<M: Network>() -> [(StateName, usize, Budget); 3] {
    [
        (StateName::F32, M::COST.train_macs, Trainer::<M, M::Loss, Adam<M::F32>, M::Arena>::BUDGET),
        (StateName::Bf16, M::COST.train_macs, Trainer::<M, M::Loss, Adam<M::Bf16>, M::Arena>::BUDGET),
        (StateName::Block8, M::COST.train_macs, Trainer::<M, M::Loss, Adam<M::Block8>, M::Arena>::BUDGET),
    ]
}
