//! The average of the weights that an optimiser may keep.

use crate::core::params::Params;
use crate::core::params::flat::window_mut;
use crate::optim::Optimizer;

/// Swaps the weights with their average; a second call undoes it. Without an average nothing happens.
pub(super) fn swap_average<M: Params, O: Optimizer>(weights: &mut M, optimizer: &mut O) {
    if let Some(average) = optimizer.average() {
        weights.walk_trained(&mut |_, weights, first| {
            weights.swap_with_slice(window_mut(average, first, weights.len()));
        });
    }
}
