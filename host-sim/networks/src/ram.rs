//! RAM of the trainers that firmware would have, as the compiler knows it.

use trainlet::core::budget::Budget;
use trainlet::networks::{Family, Network};
use trainlet::optim::{
    Adam, Averaged, Copied, Lion, Momentum, Noisy, Optimizer, Proximal, ScheduleFree, SecondOnly, Sgd,
};
use trainlet::train::{Dynamic, Fisher, NoMask, Online, Sam, SingleStep, TopK, Trainer};

use super::mask::MaskSettings;
use super::optimizer::{Rule, StateName};
use super::settings::{LearnerSettings, Method, Part};

/// RAM of the trainer that has what the settings ask for, and no more.
pub fn budget<F: Family>(settings: &LearnerSettings) -> Budget {
    match settings.part {
        Part::All => of::<F>(settings),
        Part::LastBlock => of::<F::LastBlock>(settings),
        Part::Biases => of::<F::Biases>(settings),
        Part::Head => of::<F::Head>(settings),
    }
}

fn of<M: Network>(settings: &LearnerSettings) -> Budget {
    let budget = without_pull::<M>(settings);
    if settings.proximal.is_none() {
        return budget;
    }
    // All that it adds is words, so that nothing is padded, whatever the optimiser.
    let added = size_of::<Proximal<Sgd, Copied<M::F32>>>() - size_of::<Sgd>();
    let copy = size_of::<M::F32>();
    let (optimizer, copies) = (budget.optimizer + added - copy, budget.copies + copy);
    Budget { optimizer, copies, total: budget.total + added, ..budget }
}

fn without_pull<M: Network>(LearnerSettings { method, rule, state, .. }: &LearnerSettings) -> Budget {
    let method = *method;
    match (rule, state) {
        (Rule::Adam(_) | Rule::Regularised(_, None, None), StateName::F32) => with::<M, Adam<M::F32>>(method),
        (Rule::Adam(_), StateName::Bf16) => with::<M, Adam<M::Bf16>>(method),
        (Rule::Adam(_), StateName::Block8) => with::<M, Adam<M::Block8>>(method),
        (Rule::Lion(_), StateName::F32) => with::<M, Lion<M::F32>>(method),
        (Rule::Lion(_), StateName::Bf16) => with::<M, Lion<M::Bf16>>(method),
        (Rule::Lion(_), StateName::Block8) => with::<M, Lion<M::Block8>>(method),
        (Rule::ScheduleFree(..), StateName::F32) => with::<M, ScheduleFree<Adam<SecondOnly<M::F32>>, M::F32>>(method),
        (Rule::ScheduleFree(..), StateName::Bf16) => with::<M, ScheduleFree<Adam<SecondOnly<M::Bf16>>, M::F32>>(method),
        (Rule::ScheduleFree(..), StateName::Block8) => {
            with::<M, ScheduleFree<Adam<SecondOnly<M::Block8>>, M::F32>>(method)
        }
        (Rule::ScheduleFreeSgd(..), _) => with::<M, ScheduleFree<Sgd, M::F32>>(method),
        (Rule::LayerDog(_), _) => with::<M, M::Dog>(method),
        (Rule::Sgd(_), _) => with::<M, Sgd>(method),
        (Rule::Momentum(_), StateName::F32) => with::<M, Momentum<M::F32>>(method),
        (Rule::Momentum(_), StateName::Bf16) => with::<M, Momentum<M::Bf16>>(method),
        (Rule::Momentum(_), StateName::Block8) => with::<M, Momentum<M::Block8>>(method),
        (Rule::Regularised(_, None, None), _) => with::<M, Adam<M::F32>>(method),
        (Rule::Regularised(_, Some(_), None), _) => with::<M, Noisy<Adam<M::F32>>>(method),
        (Rule::Regularised(_, None, Some(_)), _) => with::<M, Averaged<Adam<M::F32>, M::F32>>(method),
        (Rule::Regularised(_, Some(_), Some(_)), _) => with::<M, Averaged<Noisy<Adam<M::F32>>, M::F32>>(method),
    }
}

fn with<M: Network, O: Optimizer>(method: Method) -> Budget {
    match method {
        Method::Batches { .. } => Trainer::<M, M::Loss, O, M::Arena>::BUDGET,
        Method::Online => Online::<M, M::Loss, O, M::Online>::BUDGET,
        Method::Sam(_, MaskSettings::Everything) => Sam::<M, M::Loss, O, M::Arena, M::F32, NoMask>::BUDGET,
        Method::Sam(_, MaskSettings::TopK(_)) => Sam::<M, M::Loss, O, M::Arena, M::F32, TopK<M::Bits>>::BUDGET,
        Method::Sam(_, MaskSettings::Dynamic(_)) => Sam::<M, M::Loss, O, M::Arena, M::F32, Dynamic<M::Bits>>::BUDGET,
        Method::Sam(_, MaskSettings::Fisher(_)) => Sam::<M, M::Loss, O, M::Arena, M::F32, Fisher<M::Bits>>::BUDGET,
        Method::SingleStep(_) => SingleStep::<M, M::Loss, O, M::Arena, M::F32>::BUDGET,
    }
}
