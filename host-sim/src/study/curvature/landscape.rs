//! The loss on a plane through the weights, along two random directions that are as long as the weights, filter by filter
//! (Li et al. 2018, arXiv 1712.09913).

use serde::{Deserialize, Serialize};
use trainlet::core::params::Role;
use trainlet::core::rng::{Key, Purpose, Stream};

use crate::data::Dataset;
use crate::networks::Network;
use crate::networks::learner::LearnerError;
use crate::networks::output::Judge;
use crate::networks::tree::Weights;
use crate::study::shards::nullable::numbers;

/// Points on each axis, an odd number: the weights themselves are in the middle.
pub const POINTS: usize = 21;

/// Losses: rows are steps along the first direction, columns along the second, from -1 to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Surface(#[serde(deserialize_with = "numbers")] pub Vec<Vec<f32>>);

/// Where point number `index` of an axis lies.
pub fn place(index: usize) -> f32 {
    let half = (POINTS / 2) as f32;
    (index as f32 - half) / half
}

impl Surface {
    /// Around these weights, in directions that `seed` fixes.
    pub fn around<E>(weights: &Weights, seed: u64, mut loss: impl FnMut(&[f32]) -> Result<f32, E>) -> Result<Self, E> {
        let directions = [0, 1].map(|index| direction(weights, Key::new(seed, Purpose::Direction).child(index)));
        let home = &weights.values;
        let mut at = |row, column| {
            let [down, right] = [place(row), place(column)];
            let moved = |index| home[index] + down * directions[0][index] + right * directions[1][index];
            loss(&(0..home.len()).map(moved).collect::<Vec<_>>())
        };
        let row = |row| (0..POINTS).map(|column| at(row, column)).collect();
        (0..POINTS).map(row).collect::<Result<_, E>>().map(Self)
    }

    /// All losses.
    pub fn values(&self) -> impl Iterator<Item = f32> + '_ {
        self.0.iter().flatten().copied()
    }
}

/// Mean over these samples, with these weights.
///
/// # Errors
/// A label that the network has no output for.
pub fn mean_loss(
    network: &Network,
    judge: &dyn Judge,
    weights: &[f32],
    set: &Dataset,
    samples: &[usize],
) -> Result<f32, LearnerError> {
    let (mut predict, mut sum) = (network.predictor(weights), 0.0);
    for &sample in samples {
        sum += f64::from(judge.loss(&predict(set.row(sample)), set.label(sample))?);
    }
    Ok((sum / samples.len() as f64) as f32)
}

/// Normally distributed, each filter of a matrix as long as the weights' own; nothing for biases and normalisations, nor for
/// what is not trained. In the order of the walk.
fn direction(weights: &Weights, key: Key) -> Vec<f32> {
    let mut random = key.stream();
    let mut direction = Vec::new();
    for (leaf, values) in weights.iter() {
        if leaf.role != Role::Weight || !leaf.trained {
            direction.resize(direction.len() + values.len(), 0.0);
            continue;
        }
        let filters = leaf.shape.first().copied().unwrap_or(1).max(1);
        for filter in values.chunks(values.len().div_ceil(filters).max(1)) {
            let drawn: Vec<f32> = filter.iter().map(|_| normal(&mut random)).collect();
            let factor = norm(filter) / (norm(&drawn) + 1e-7);
            direction.extend(drawn.iter().map(|d| d * factor));
        }
    }
    direction
}

fn norm(values: &[f32]) -> f32 {
    values.iter().map(|value| value * value).sum::<f32>().sqrt()
}

/// By the method of Box and Muller.
fn normal(random: &mut Stream) -> f32 {
    let radius = (-2.0 * (1.0 - random.uniform()).ln()).sqrt();
    radius * (std::f32::consts::TAU * random.uniform()).cos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::preprocessing;
    use crate::data::source::DataOptions;
    use crate::networks::tree::{Leaf, leaves, read};
    use crate::networks::{self};
    use crate::run::metrics::{Scores, score};
    use std::convert::Infallible;
    use trainlet::core::params::Params as _;
    use trainlet::networks::Watch12x1 as Net;
    use trainlet::nn::loss::LossOptions;

    fn net() -> Weights {
        let mut net = Box::new(Net::ZERO);
        net.init(Key::new(1, Purpose::Init));
        Weights { leaves: leaves::<Net>(), values: read(&*net) }
    }

    #[test]
    fn directions_are_as_long_as_the_filters() {
        let net = net();
        let direction = direction(&net, Key::new(2, Purpose::Direction));
        assert_eq!(direction.len(), Net::COUNT);
        let mut rest = &direction[..];
        for (leaf, values) in net.iter() {
            let (here, later) = rest.split_at(values.len());
            rest = later;
            let length = if leaf.role == Role::Weight { values.len() / leaf.shape[0] } else { values.len() };
            for (direction, filter) in here.chunks(length).zip(values.chunks(length)) {
                let expected = if leaf.role == Role::Weight { norm(filter) } else { 0.0 };
                assert!((norm(direction) - expected).abs() < 1e-5 * (1.0 + expected), "{}", leaf.name);
            }
        }
    }

    /// ½ ‖w‖² on a plane has ‖d‖² for its second derivative along a direction d, which is as long as all matrices together.
    #[test]
    fn a_bowl_is_a_bowl() {
        let net = net();
        let squares = |values: &[f32], counts: fn(&Leaf) -> bool| {
            let weights = Weights { leaves: net.leaves.clone(), values: values.to_vec() };
            let of = |(leaf, values): (&Leaf, &[f32])| {
                let here = values.iter().map(|value| f64::from(*value).powi(2)).sum::<f64>();
                if counts(leaf) { here } else { 0.0 }
            };
            weights.iter().map(of).sum::<f64>()
        };
        let bowl = |values: &[f32]| Ok::<_, Infallible>((0.5 * squares(values, |_| true)) as f32);
        let Surface(losses) = Surface::around(&net, 3, bowl).unwrap();
        let loss = |row: usize, column: usize| f64::from(losses[row][column]);
        let (middle, last) = (POINTS / 2, POINTS - 1);
        assert_eq!(loss(middle, middle), f64::from(bowl(&net.values).unwrap()));
        let expected = squares(&net.values, |leaf| leaf.role == Role::Weight);
        let down = loss(0, middle) + loss(last, middle) - 2.0 * loss(middle, middle);
        let right = loss(middle, 0) + loss(middle, last) - 2.0 * loss(middle, middle);
        assert!(
            (down / expected - 1.0).abs() < 1e-4 && (right / expected - 1.0).abs() < 1e-4,
            "{down} {right} {expected}"
        );
        // The plane is not one direction taken twice.
        let mixed = loss(0, 0) + loss(last, last) - loss(0, last) - loss(last, 0);
        assert!(mixed.abs() < 0.5 * expected, "{mixed}");
    }

    #[test]
    fn the_mean_loss_is_that_of_a_test() {
        let (net, set) =
            (net(), preprocessing::for_training(&DataOptions::default(), 0).unwrap().train.subset(&[1, 5, 9]));
        let network = networks::find("watch-12x1").unwrap();
        let mut predict = network.predictor(&net.values);
        let Scores { loss, .. } = score(network, &set, None, |row| Ok(predict(row))).unwrap();
        let judge = network.judge(LossOptions::default()).unwrap();
        let mean = mean_loss(network, &*judge, &net.values, &set, &[0, 1, 2]).unwrap();
        assert!((mean - loss).abs() < 1e-6, "{mean} {loss}");
    }

    #[test]
    fn the_middle_is_where_the_weights_are() {
        assert_eq!([place(0), place(POINTS / 2), place(POINTS - 1)], [-1.0, 0.0, 1.0]);
    }
}
