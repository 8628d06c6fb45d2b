//! What is kept of a run.

use serde::{Deserialize, Serialize};
use trainlet::core::budget::Budget;
use trainlet::extra::monitor::{Health, Saturation, Verdict};

use crate::data::Summary;
use crate::networks::pretext::{MaskingName, TargetName};
use crate::networks::tree::Weights;
use crate::run::metrics::{Figures, Scores};
use crate::run::options::Options;

/// A training run from options to results, as `--json` writes it. A number that is not finite becomes `null` there.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// Name of the network.
    pub network: String,
    /// Number of its weights.
    pub parameters: usize,
    /// What fixed the random numbers.
    pub seed: u64,
    /// Number of training samples.
    pub training_samples: usize,
    /// What the columns of the training file were taken for.
    pub table: Option<Summary>,
    /// What came before, without labels.
    pub pretraining: Option<PretrainRecord>,
    /// Number of the first step that this record has: above 0 if a board was found in the midst of this run.
    pub first_step: u32,
    /// One per update of the weights.
    pub steps: Vec<StepRecord>,
    /// Updates left out because their gradient was not finite.
    pub skipped: u32,
    /// How often the loss exploded, and the run went back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rollbacks: Vec<RollbackRecord>,
    /// One per epoch, the last of which may be cut short.
    pub epochs: Vec<EpochRecord>,
    /// The epoch, from 1, whose weights were kept because they were the best on the samples for validation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_epoch: Option<u32>,
    /// Of these weights, on the samples for validation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<Scores>,
    /// Of the trained network, if there were test data.
    pub test: Option<Scores>,
    /// CRC-32 of all weights, little-endian, in the order of the walk.
    pub weights_crc32: u32,
    /// In training, tests not counted.
    pub samples_per_second: f64,
    /// What did the computing.
    pub device: String,
    /// Microseconds that a board has spent on requests since the start of the run, by its own clock.
    pub device_micros: Option<u64>,
    /// RAM of the trainer in bytes.
    pub budget: Budget,
    /// What the user said.
    pub options: Options,
}

/// How a pre-training went.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PretrainRecord {
    /// What the blocks saw.
    pub masking: MaskingName,
    /// What was predicted of hidden tokens.
    #[serde(default)]
    pub target: TargetName,
    /// Tokens of a sample.
    pub tokens: usize,
    /// How many of them were visible.
    pub visible: usize,
    /// Weights, those that are thrown away among them.
    pub parameters: usize,
    /// How many of the weights the network goes on with.
    pub shared: usize,
    /// Number of samples.
    pub samples: usize,
    /// One per update: the mean squared error of hidden values or latents, 1 for guesses no better than the mean.
    pub steps: Vec<StepRecord>,
    /// Mean over the samples of each epoch.
    pub epochs: Vec<f64>,
    /// Updates left out because their gradient was not finite.
    pub skipped: u32,
    /// CRC-32 of all weights at the end.
    pub weights_crc32: u32,
    /// RAM of a trainer for pre-training and training in the same memory, both with Adam.
    pub budget: Budget,
}

/// One update of the weights.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// From 0.
    pub step: u32,
    /// Mean over the batch, before the update.
    pub loss: f32,
    /// Learning rate.
    pub lr: f32,
}

/// A loss that exploded, after which the run went back.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RollbackRecord {
    /// The epoch that it exploded in, from 1.
    pub epoch: u32,
    /// Its mean loss.
    pub loss: f64,
    /// The epoch at whose end the run went on; 0 for its beginning.
    pub back_to: u32,
    /// Share of the learning rate from there on.
    pub rate: f32,
}

impl RollbackRecord {
    /// In words.
    pub fn describe(&self) -> String {
        let Self { epoch, loss, back_to, rate } = self;
        let place = if *back_to == 0 { "to the beginning".into() } else { format!("to the end of epoch {back_to}") };
        format!(
            "the loss exploded in epoch {epoch}, with a mean of {loss:.3e}: back {place}, and on at {rate:.3e} of the learning rate"
        )
    }
}

/// One pass over the training data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRecord {
    /// From 1.
    pub epoch: u32,
    /// Mean over the samples, each as it was when its turn came.
    pub train_loss: f64,
    /// At the end of the epoch, on the samples for validation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_loss: Option<f32>,
    /// At the end of the epoch.
    pub test_loss: Option<f32>,
    /// At the end of the epoch, of classes.
    pub test_accuracy: Option<f32>,
    /// At the end of the epoch, of values: the coefficient of determination.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_r2: Option<f32>,
    /// Accuracy or R² at the end of the epoch, on the samples for validation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_score: Option<f32>,
    /// Of the first epochs of a watched run.
    pub health: Option<HealthRecord>,
    /// Of the last step, before it is clipped, leaf by leaf; nothing on a board, and where a sample changes the weights part by part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gradients: Vec<GradientRecord>,
}

/// How long the gradient of a leaf is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GradientRecord {
    /// Name of the leaf.
    pub leaf: String,
    /// L2 norm.
    pub norm: f32,
}

impl GradientRecord {
    /// With the names of the leaves that are trained, in the order of the walk.
    pub fn of(weights: &Weights, norms: &[f32]) -> Vec<Self> {
        let trained = weights.leaves.iter().filter(|leaf| leaf.trained);
        trained.zip(norms).map(|(leaf, norm)| Self { leaf: leaf.name.clone(), norm: *norm }).collect()
    }
}

impl EpochRecord {
    /// With the results of its validation and its test, where there were such samples.
    pub fn new(
        epoch: u32,
        train_loss: f64,
        (validation, test): (Option<&Scores>, Option<&Scores>),
        health: Option<HealthRecord>,
    ) -> Self {
        let (test_accuracy, test_r2) = match test.map(|test| &test.figures) {
            Some(Figures::Classes(classes)) => (Some(classes.accuracy), None),
            Some(Figures::Values(values)) => (None, Some(values.r2)),
            None => (None, None),
        };
        let [validation_loss, test_loss] = [validation, test].map(|scores| scores.map(|scores| scores.loss));
        let (validation_score, gradients) = (validation.map(Scores::score), Vec::new());
        Self {
            epoch,
            train_loss,
            validation_loss,
            test_loss,
            test_accuracy,
            test_r2,
            validation_score,
            health,
            gradients,
        }
    }

    /// Validation and test in words, where there were any.
    pub fn describe_tests(&self) -> String {
        let validation = self.validation_score.map(|score| format!(", validation {:.1} %", 100.0 * score));
        validation.into_iter().chain(self.describe_test().map(|test| format!(", {test}"))).collect()
    }

    fn describe_test(&self) -> Option<String> {
        let result = match (self.test_accuracy, self.test_r2) {
            (Some(accuracy), _) => format!("test accuracy {:.1} %", 100.0 * accuracy),
            (None, r2) => format!("test R² {:.3}", r2?),
        };
        Some(format!("test loss {:.4}, {result}", self.test_loss?))
    }
}

/// The monitor's verdict on an epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HealthRecord {
    /// How the network is doing.
    pub verdict: Verdict,
    /// The leaf that gives rise to it, or that moves least.
    pub leaf: Option<String>,
    /// Share by which the loss fell in this epoch.
    pub improvement: Option<f32>,
    /// Gradient in the first block over that in the last.
    pub ratio: Option<f32>,
    /// Largest change of a weight over the learning rate, in the matrix of the first block that moves least.
    pub movement: Option<f32>,
    /// The layer of GELUs of which most are saturated, if there are GELUs.
    pub saturation: Option<SaturationRecord>,
}

/// GELUs that let next to nothing of a gradient through.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SaturationRecord {
    /// Share of the values that go into a layer of them which are below -3.
    pub share: f32,
    /// The bias before them.
    pub leaf: Option<String>,
}

impl SaturationRecord {
    fn describe(&self) -> String {
        if self.share == 0.0 {
            return "no GELU saturated".into();
        }
        let place = self.leaf.as_ref().map(|leaf| format!(" (behind {leaf})")).unwrap_or_default();
        format!("at most {:.2} % of a layer's GELUs saturated{place}", 100.0 * self.share)
    }
}

impl HealthRecord {
    /// With the names of the leaves of the network that has these weights.
    pub fn of(weights: &Weights, health: &Health) -> Self {
        let Health { verdict, improvement, ratio, movement, leaf, saturation, .. } = *health;
        let name = |place| weights.name_of_trained(place).unwrap_or_default().to_string();
        let saturation = saturation.map(|Saturation { share, leaf }| SaturationRecord { share, leaf: leaf.map(name) });
        Self { verdict, leaf: leaf.map(name), improvement, ratio, movement, saturation }
    }

    /// The verdict in words, with what to try.
    pub fn describe(&self) -> String {
        let verdict = self.describe_verdict();
        match &self.saturation {
            Some(saturation) => format!("{verdict}; {}", saturation.describe()),
            None => verdict,
        }
    }

    fn describe_verdict(&self) -> String {
        let leaf = self.leaf.as_deref().unwrap_or("the loss");
        match self.verdict {
            Verdict::Fine => "gradients: fine".into(),
            Verdict::Vanish => {
                format!(
                    "gradients vanish before {leaf}: try a higher --lr, fewer blocks, or weights that learnt before (--init)"
                )
            }
            Verdict::Plateau => {
                format!("plateau, {leaf} moves least: try another --lr, more --epochs, or look at the labels")
            }
            Verdict::Explode => {
                format!("gradients explode at {leaf}: try a lower --lr, a longer --warmup, or a smaller --clip")
            }
        }
    }
}
