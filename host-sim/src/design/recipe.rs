//! How candidates are trained: a few recipes, as long as the data need.

use trainlet_worker::message::{Recipe, StateName};

/// Samples that a run of full length sees: a fixed number, and in addition this many passes.
const SEEN: (u64, u64) = (50_000, 12);
/// Most passes over the samples.
const MOST_EPOCHS: u64 = 150;
/// Fewest.
const LEAST_EPOCHS: u64 = 12;

/// Dropout, and pull of the weights towards 0.
const REGULARISATION: [(f32, f32); 3] = [(0.0, 0.02), (0.15, 0.05), (0.4, 0.1)];

/// The recipes for runs on `samples` samples.
pub fn recipes(samples: usize) -> Vec<Recipe> {
    let samples = samples.max(1) as u64;
    let epochs = (SEEN.0 / samples + SEEN.1).clamp(LEAST_EPOCHS, MOST_EPOCHS) as u32;
    let batch = if samples < 300 { 16 } else { 32 };
    let of = |(dropout, weight_decay)| Recipe {
        epochs,
        batch,
        lr: 5e-3,
        warmup: 0.05,
        weight_decay,
        clip: 1.0,
        dropout,
        drop_path: 0.0,
        label_smoothing: None,
        state: StateName::F32,
    };
    REGULARISATION.map(of).into()
}

/// The same recipe for a run of a share of the length.
pub fn shortened(recipe: &Recipe, share: f64) -> Recipe {
    Recipe { epochs: ((share * f64::from(recipe.epochs)).round() as u32).max(1), ..*recipe }
}
