//! RAM of trainers by role.

use crate::core::budget::Budget;
use crate::nn::net::Model;
use crate::optim::Optimizer;

/// Of a trainer of `total` bytes with room for `gradient` values of a gradient.
pub(super) const fn trainer_budget<M: Model, O: Optimizer>(gradient: usize, total: usize) -> Budget {
    let word = size_of::<f32>();
    let [weights, gradients, copies] = [size_of::<M>(), gradient * word, O::COPY_BYTES];
    let optimizer = O::STATE_BYTES - copies;
    let [stream, saved, scratch] = [M::STREAM * word, M::COST.saved * word, M::COST.scratch * word];
    let settings = total - (weights + gradients + optimizer + copies + stream + saved + scratch);
    Budget { weights, gradients, optimizer, copies, stream, saved, scratch, settings, data: 0, link: 0, total }
}

/// Of a predictor of `total` bytes; the weights are not in it.
pub(super) const fn predictor_budget<M: Model>(total: usize) -> Budget {
    let word = size_of::<f32>();
    let [stream, scratch] = [M::STREAM * word, (M::INFER_ARENA - M::STREAM) * word];
    let settings = total - (stream + scratch);
    let [weights, gradients, optimizer, copies, saved, data, link] = [0; 7];
    Budget { weights, gradients, optimizer, copies, stream, saved, scratch, settings, data, link, total }
}
