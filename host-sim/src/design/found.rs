//! What a search has found, as it is written to a file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trainlet::core::budget::Budget;
use trainlet_worker::message::{Memory, Model, Recipe, StateName};

use super::halving::Standing;
use super::limits::Limits;
use super::plan::Plan;
use super::score::Spread;

/// What a search has found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// The command that finds it again.
    pub command: String,
    /// The data.
    pub data: About,
    /// What a score is: `accuracy` or `r2`.
    pub metric: String,
    /// What a candidate may take.
    pub limits: Limits,
    /// All candidates, also those that do not fit.
    pub candidates: Vec<Candidate>,
    /// Plain models on the same folds.
    pub baselines: Vec<Baseline>,
    /// The candidate that did best in validation.
    pub choice: Choice,
    /// Score of the choice if it is made anew in each fold by the validation of that fold alone: what the whole search is worth.
    pub search: Spread,
    /// What is to be said about it.
    pub notes: Vec<String>,
    /// Whether the search went to its end.
    pub complete: bool,
}

/// The data of a search.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// Name.
    pub name: String,
    /// Options of `host-sim train` that read them as they were read here.
    pub options: Vec<String>,
    /// Samples.
    pub rows: usize,
    /// Inputs of a network.
    pub inputs: usize,
    /// `(frames, channels)` of windows.
    pub window: Option<(usize, usize)>,
    /// `classify` or `regress`.
    pub task: String,
    /// Names of the classes, or of the values.
    pub targets: Vec<String>,
    /// Samples of each class.
    pub counts: Vec<usize>,
    /// Groups that stay together; 0 if there are none.
    pub groups: usize,
    /// Folds.
    pub folds: usize,
}

/// A candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its name.
    pub name: String,
    /// What it is.
    pub about: String,
    /// Its type in the mode below; the names are those of trainlet.
    #[serde(rename = "type")]
    pub of: String,
    /// The type of its loss.
    pub loss: String,
    /// Weights.
    pub parameters: usize,
    /// What its blocks keep.
    pub memory: Memory,
    /// How the optimiser keeps a number.
    pub state: StateName,
    /// RAM of the trainer by role.
    pub bytes: Budget,
    /// RAM of a board's program that trains it on a serial line: variables and stack.
    pub ram: usize,
    /// Flash of a program with its weights, an estimate.
    pub flash: usize,
    /// Multiply-accumulates of a prediction.
    pub macs: usize,
    /// Multiply-accumulates to learn from a sample.
    pub train_macs: usize,
    /// Milliseconds to learn from a sample by board, an estimate.
    pub milliseconds: BTreeMap<String, f64>,
    /// Whether it fits.
    pub fits: bool,
    /// Why it does not.
    pub reason: Option<String>,
    /// How it is trained, where it was.
    pub recipe: Option<Recipe>,
    /// Of the tests of a finalist, otherwise of the last validations.
    pub score: Option<Scored>,
    /// Mean score in the last validations.
    pub validation: Option<f64>,
    /// Whether it is a finalist of which no other is better and smaller or faster.
    pub front: bool,
}

/// A score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scored {
    /// Mean over the folds.
    pub mean: f64,
    /// Standard deviation over the folds.
    pub deviation: f64,
    /// Fold by fold.
    pub folds: Vec<f64>,
    /// Mean recall of the classes, or root of the mean squared error in standardised units.
    pub second: f64,
    /// Whether nothing was chosen by these samples; otherwise they are those of a validation.
    pub tested: bool,
}

/// A plain model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// Its name.
    pub name: String,
    /// Its score; `None` if it cannot be fitted to these data, or was not tried.
    pub score: Option<Spread>,
    /// Whether it was tried.
    pub tried: bool,
}

/// The candidate that is chosen, and all that is needed to train it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// The candidate.
    #[serde(flatten)]
    pub candidate: Candidate,
    /// Its type with everything kept.
    pub keep: String,
    /// The types of its variants, by the names of `trainlet::network!`.
    pub variants: Vec<(String, String)>,
    /// Options of `host-sim train` that train it as it was trained here.
    pub train: Vec<String>,
}

/// What every shard knows before the last round, and what one of them has found in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Its number, from 1.
    pub shard: usize,
    /// How many there are.
    pub shards: usize,
    /// What every shard knows.
    pub draft: Draft,
    /// Scores of the jobs of the last round by number: value, main, second; `None` of what failed.
    pub results: BTreeMap<usize, Option<super::score::Score>>,
}

/// What is known before the last round.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The command.
    pub command: String,
    /// The data.
    pub data: About,
    /// What a candidate may take.
    pub limits: Limits,
    /// All candidates.
    pub candidates: Vec<Candidate>,
    /// Their types by name: with everything kept, and variants.
    pub types: Vec<(String, Vec<(String, String)>)>,
    /// Score of a model that always says the same, fold by fold.
    pub constant: Vec<f64>,
    /// The plain models.
    pub models: [Model; 2],
    /// How the search goes.
    pub plan: Plan,
    /// What each arm has reached.
    pub standings: Vec<Standing>,
    /// The arms of the last round.
    pub finalists: Vec<usize>,
    /// Jobs of the last round.
    pub jobs: Vec<super::halving::Purpose>,
    /// Whether all of it was run.
    pub complete: bool,
}

/// Names of plain models.
pub fn name(model: Model, is_classes: bool) -> &'static str {
    match (model, is_classes) {
        (Model::Logistic, _) => "logistic regression",
        (Model::Ridge, true) => "ridge classifier",
        (Model::Ridge, false) => "ridge regression",
        (Model::Forest, _) => "random forest",
    }
}
