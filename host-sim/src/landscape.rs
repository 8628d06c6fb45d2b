//! The loss on a plane through the weights, in two random directions as long as the weights, filter by filter.

use serde::Serialize;
use trainlet::loss::{Classify, Loss};
use trainlet::networks::Network;
use trainlet::params::{Leaf, Params, Role};
use trainlet::rng::{Key, Purpose, Stream};
use trainlet::tensor::Tensor;
use trainlet::train::Predictor;

use crate::data::Dataset;
use crate::run::Error;

/// Points on each axis.
pub const POINTS: usize = 11;

/// Mean losses; row and column 5 is where the weights are, the others lie 0.2 apart from -1 to 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Surface(pub [[f32; POINTS]; POINTS]);

/// Where point number `index` of an axis lies.
pub fn place(index: usize) -> f32 {
    (index as f32 - (POINTS / 2) as f32) * 0.2
}

/// The loss around the weights, on these samples.
///
/// # Errors
/// A label that the network has no output for.
pub fn surface<M: Network>(weights: &M, set: &Dataset, samples: &[usize], seed: u64) -> Result<Surface, Error> {
    let mut surface = Surface([[0.0; POINTS]; POINTS]);
    let directions = [0, 1].map(|index| direction(weights, Key::new(seed, Purpose::Direction).child(index)));
    let mut moved = Box::new(M::ZERO);
    for (row, losses) in surface.0.iter_mut().enumerate() {
        for (column, loss) in losses.iter_mut().enumerate() {
            let mut values = Vec::new();
            weights.read(&mut |_, leaf| values.extend_from_slice(leaf));
            for (direction, distance) in directions.iter().zip([place(row), place(column)]) {
                values.iter_mut().zip(direction).for_each(|(value, d)| *value += distance * d);
            }
            let mut rest = &values[..];
            M::walk([&mut moved], &mut |_, [leaf]| {
                let (here, later) = rest.split_at(leaf.len());
                leaf.copy_from_slice(here);
                rest = later;
            });
            *loss = mean_loss(&*moved, set, samples)?;
        }
    }
    Ok(surface)
}

fn mean_loss<M: Network>(weights: &M, set: &Dataset, samples: &[usize]) -> Result<f32, Error> {
    let mut predictor = Predictor::<M, M::Infer>::new(weights);
    let (mut input, mut unused, mut sum) = (M::Input::ZERO, M::Output::ZERO, 0.0);
    for &sample in samples {
        input.flat_mut().copy_from_slice(set.row(sample));
        let target = M::Loss::target(set.labels[sample]);
        sum += f64::from(M::LOSS.evaluate(&predictor.predict(&input), &target, &mut unused)?);
    }
    Ok((sum / samples.len() as f64) as f32)
}

/// Normally distributed, each filter of a matrix as long as the weights' own; nothing for biases and normalisations, nor for
/// what is not trained. In the order of the walk.
fn direction<M: Params>(weights: &M, key: Key) -> Vec<f32> {
    let mut random = key.stream();
    let mut direction = Vec::new();
    weights.read(&mut |leaf: &Leaf, values| {
        if leaf.role != Role::Weight || !leaf.trained {
            direction.resize(direction.len() + values.len(), 0.0);
            return;
        }
        let filters = leaf.shape.first().copied().unwrap_or(1).max(1);
        for filter in values.chunks(values.len().div_ceil(filters).max(1)) {
            let drawn: Vec<f32> = filter.iter().map(|_| normal(&mut random)).collect();
            let factor = norm(filter) / (norm(&drawn) + 1e-7);
            direction.extend(drawn.iter().map(|d| d * factor));
        }
    });
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
    use trainlet::networks::Watch12x1 as Net;

    #[test]
    fn directions_are_as_long_as_the_filters() {
        let mut net = Box::new(Net::ZERO);
        net.init(Key::new(1, Purpose::Init));
        let direction = direction(&*net, Key::new(2, Purpose::Direction));
        assert_eq!(direction.len(), Net::COUNT);
        let mut rest = &direction[..];
        net.read(&mut |leaf, values| {
            let (here, later) = rest.split_at(values.len());
            rest = later;
            let length = if leaf.role == Role::Weight { values.len() / leaf.shape[0] } else { values.len() };
            for (direction, filter) in here.chunks(length).zip(values.chunks(length)) {
                let expected = if leaf.role == Role::Weight { norm(filter) } else { 0.0 };
                assert!((norm(direction) - expected).abs() < 1e-5 * (1.0 + expected), "{}", leaf.path);
            }
        });
    }

    #[test]
    fn the_middle_is_where_the_weights_are() {
        assert_eq!([place(0), place(5), place(10)], [-1.0, 0.0, 1.0]);
    }
}
