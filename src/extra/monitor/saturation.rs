//! The share of an activation's inputs that lie where its slope is almost 0.

use core::cell::Cell;

use crate::core::archive::Archive;
use crate::core::params::{Leaf, Params};

/// The most saturated layer of activations.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Saturation {
    /// Share of its inputs that lie in the flat part, below -3 for GELU; 0 to 1.
    pub share: f32,
    /// Place, among all that are trained, of the first value of the bias before it. `None` if that is not trained, or if weights and
    /// monitor were moved apart in memory during the epoch.
    pub leaf: Option<usize>,
}

/// Counts of one layer of activations over an epoch: 12 bytes.
#[derive(Clone, Copy, Debug)]
pub struct Counter {
    /// Address of the bias before it, seen from the counters, which identifies the layer: a trainer that is moved as a whole, or
    /// started anew, has it at the same place.
    bias: u32,
    saturated: u32,
    all: u32,
}

impl Counter {
    /// All-zero bits: free.
    pub(super) const ZERO: Self = Self { bias: 0, saturated: 0, all: 0 };

    fn share(&self) -> f32 {
        self.saturated as f32 / self.all as f32
    }

    /// Shows what was counted in this epoch.
    pub(super) fn persist(&mut self, archive: &mut Archive) {
        [&mut self.bias, &mut self.saturated, &mut self.all].into_iter().for_each(|count| archive.count(count));
    }
}

/// Counts the saturated inputs of the layer with this bias in its counter, or in a free one if it has none yet. A layer beyond
/// the last counter is not counted.
pub fn count(counters: &[Cell<Counter>], bias: &[f32], inputs: &[f32], flat_below: f32) {
    let bias = address(counters, bias);
    let is_its = |counter: &&Cell<Counter>| counter.get().all == 0 || counter.get().bias == bias;
    if let Some(counter) = counters.iter().find(is_its) {
        let Counter { saturated, all, .. } = counter.get();
        // What would not fit is left out altogether, so that the share stays right.
        if let Some(all) = all.checked_add(inputs.len() as u32) {
            let more = inputs.iter().filter(|x| **x < flat_below).count() as u32;
            counter.set(Counter { bias, saturated: saturated + more, all });
        }
    }
}

/// The layer with the largest share, of those that have been counted.
pub fn most_saturated<M: Params>(counters: &[Cell<Counter>], weights: &M) -> Option<Saturation> {
    let counted = counters.iter().map(Cell::get).filter(|counter| counter.all > 0);
    let most = counted.reduce(|most, counter| if counter.share() > most.share() { counter } else { most })?;
    let (mut first, mut leaf) = (0, None);
    weights.read(&mut |Leaf { trained, .. }, values| {
        if *trained {
            if address(counters, values) == most.bias {
                leaf = Some(first);
            }
            first += values.len();
        }
    });
    Some(Saturation { share: most.share(), leaf })
}

/// The lower half of it on a desktop; weights of less than 4 GB have no two that are the same.
fn address(counters: &[Cell<Counter>], values: &[f32]) -> u32 {
    values.as_ptr().addr().wrapping_sub(counters.as_ptr().addr()) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::{Key, Purpose};
    use crate::nn::layer::{Dropout, Gelu, Relu, StochasticDepth, Tanh};
    use crate::nn::pass::Pass;
    use std::vec::Vec;

    const KEY: Key = Key::new(6, Purpose::Mask);

    fn pass() -> Pass<'static> {
        Pass::new(Dropout { p: 0.0 }, StochasticDepth { p: 0.0 }, 1, KEY)
    }

    fn counts(counters: &[Cell<Counter>]) -> Vec<[u32; 2]> {
        counters.iter().map(|counter| [counter.get().saturated, counter.get().all]).collect()
    }

    #[test]
    fn each_layer_has_exact_counts_of_its_own_while_there_is_room() {
        let memory = [const { Cell::new(Counter::ZERO) }; 2];
        let biases = [[0.0; 2]; 3];
        let record = |bias: &[f32], inputs: &[f32], flat_below: f32| count(&memory, bias, inputs, flat_below);
        let recorder: &crate::nn::pass::Record = &record;
        let watched = pass().with_recorder(Some(&recorder));
        let mut expected = [[0; 2]; 3];
        for round in 0..50 {
            let mut random = KEY.child(round).stream();
            for (layer, (bias, expected)) in biases.iter().zip(&mut expected).enumerate() {
                let inputs: Vec<f32> = (0..round + 1).map(|_| 16.0 * random.uniform() - 9.0 + layer as f32).collect();
                watched.child(layer as u64).after(layer).record::<Gelu>(bias, &inputs);
                for x in inputs {
                    expected[0] += u32::from(x < -3.0);
                    expected[1] += 1;
                }
            }
        }
        assert_eq!(counts(&memory), expected[..2]);
        assert!(expected[0][0] > 0 && expected[1][0] > 0 && expected[0] != expected[1]);
    }

    #[test]
    fn only_what_is_below_the_threshold_of_a_gelu_counts() {
        let memory = [Cell::new(Counter::ZERO)];
        let record = |bias: &[f32], inputs: &[f32], flat_below: f32| count(&memory, bias, inputs, flat_below);
        let recorder: &crate::nn::pass::Record = &record;
        let watched = pass().with_recorder(Some(&recorder));
        let below = (-3.0_f32).next_down();
        let inputs = [-3.0, below, f32::NEG_INFINITY, f32::NAN, -f32::NAN, f32::INFINITY, 3.5, -0.0];
        watched.record::<Relu>(&[0.0], &inputs);
        watched.record::<Tanh>(&[0.0], &inputs);
        assert_eq!(counts(&memory), [[0, 0]]);
        watched.record::<Gelu>(&[0.0], &inputs);
        pass().record::<Gelu>(&[0.0], &inputs);
        assert_eq!(counts(&memory), [[2, 8]]);
    }

    #[test]
    fn a_count_that_would_not_fit_is_left_out() {
        let bias = [0.0];
        let memory = [Cell::new(Counter { bias: 0, saturated: 7, all: u32::MAX - 1 })];
        memory[0].set(Counter { bias: address(&memory, &bias), ..memory[0].get() });
        count(&memory, &bias, &[-5.0, -5.0], -3.0);
        assert_eq!(counts(&memory), [[7, u32::MAX - 1]]);
        count(&memory, &bias, &[-5.0], -3.0);
        assert_eq!(counts(&memory), [[8, u32::MAX]]);
    }
}
