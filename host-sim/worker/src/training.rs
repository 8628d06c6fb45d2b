//! A run: the order of the samples is that of `host-sim train`.

use trainlet::core::rng::{Key, Purpose};
use trainlet::data::Shuffle;

use crate::candidate::Candidate;
use crate::learner::Learner;
use crate::message::{Outcome, Recipe};
use crate::split::Split;

/// A larger mean loss of an epoch is that of a run that has diverged.
const LARGEST_LOSS: f64 = 1e4;

/// Trains on the first part of a split and predicts the other.
///
/// # Errors
/// What makes the run impossible, in words.
pub fn train(candidate: &Candidate, split: &Split, recipe: &Recipe, seed: u64) -> Result<Outcome, String> {
    let samples = split.len() as u32;
    if samples == 0 || recipe.batch == 0 {
        return Err("there is nothing to learn from".into());
    }
    let steps = recipe.epochs * samples.div_ceil(recipe.batch);
    let mut learner = (candidate.start)(recipe, steps, seed).map_err(|error| error.to_string())?;
    let key = Key::new(seed, Purpose::Order);
    for epoch in 0..recipe.epochs {
        let order = Shuffle::new(key.child(u64::from(epoch)), samples);
        let loss = learn(&mut *learner, split, &order, recipe.batch as usize)?;
        if loss.is_nan() || loss > LARGEST_LOSS {
            return Ok(Outcome { outputs: Vec::new(), weights_crc32: learner.crc32(), seconds: 0.0 });
        }
    }
    let mut outputs = Vec::new();
    for row in split.test.chunks_exact(split.width) {
        learner.predict(row, &mut outputs);
    }
    if !outputs.iter().all(|value| value.is_finite()) {
        outputs.clear();
    }
    Ok(Outcome { outputs, weights_crc32: learner.crc32(), seconds: 0.0 })
}

/// An epoch; gives the mean loss.
fn learn(learner: &mut dyn Learner, split: &Split, order: &Shuffle, batch: usize) -> Result<f64, String> {
    let (count, mut sum) = (split.len(), 0.0);
    for start in (0..count).step_by(batch) {
        let end = (start + batch).min(count);
        let weight = 1.0 / (end - start) as f32;
        for place in start..end {
            let (row, label) = split.sample(order.index(place as u32) as usize);
            sum += f64::from(learner.accumulate(row, label, weight).map_err(|error| error.to_string())?);
        }
        learner.step();
    }
    Ok(sum / count as f64)
}
