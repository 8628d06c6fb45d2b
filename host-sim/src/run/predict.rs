//! Trained weights at work: `evaluate` and `predict`.

use trainlet::nn::loss::classes;

use crate::data::preprocessing::{self, Selection};
use crate::data::source::{DataSource, Half};
use crate::data::table::Separator;
use crate::data::{Dataset, Target};
use crate::networks::learner::LearnerError;
use crate::networks::output::Predict;
use crate::networks::stack;
use crate::networks::{self, Network, weights};
use crate::run;
use crate::run::metrics::{Scores, score};

/// Which weights, and which data for them.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub struct Source {
    /// The network [default: the one that the weights were trained in]
    #[arg(long, value_name = "NAME")]
    pub network: Option<String>,
    /// Weights that `train --save` wrote
    #[arg(long, value_name = "FILE.safetensors")]
    pub weights: String,
    /// `watch` or a CSV file with the columns that the weights were trained on, in any order
    #[arg(long, default_value_t, value_name = "watch|FILE.csv")]
    pub data: DataSource,
    /// People, 1 to 10, whose watch recordings are taken [default: 9,10]
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    pub test_subjects: Vec<u32>,
    /// What is taken of each watch recording
    #[arg(long, value_enum, default_value_t)]
    pub part: Half,
    /// Put the weights in bytes first, as `export --int8` does for a device
    #[arg(long)]
    pub int8: bool,
    /// What separates the cells of a line of the CSV file [default: what gives all lines as many cells]
    #[arg(long, value_enum)]
    pub separator: Option<Separator>,
}

impl Source {
    /// The files that it names, and the options that name them.
    pub fn files(&self) -> [(&'static str, Option<&str>); 2] {
        [("--data", self.data.file()), ("--weights", Some(&self.weights))]
    }

    fn predictor(&self, network: &Network, file: &weights::File) -> Result<Predict, Error> {
        let values = run::read(file, network)?.values;
        if !self.int8 {
            return Ok(network.predictor(&values));
        }
        Ok(network.int8()?.predictor(&values))
    }
}

/// Weights and data that do not match.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error(transparent)]
    Weights(#[from] weights::Error),
    #[error(transparent)]
    Network(#[from] networks::Error),
    #[error(transparent)]
    Preprocessing(#[from] preprocessing::Error),
    #[error(transparent)]
    Learner(#[from] LearnerError),
    #[error("--test-subjects has no effect here: it belongs to --data watch; leave it out")]
    Subjects,
    #[error("--part has no effect here: it belongs to --data watch; leave it out")]
    Part,
    #[error("--separator has no effect here: it belongs to --data FILE.csv; leave it out")]
    Separator,
    #[error(
        "{path}: holds weights, but not how the data were prepared for them; `train --init {path} --save FILE` makes \
         a file that has it"
    )]
    NoManifest { path: String },
}

/// Predictions in the order of the data.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    /// What is predicted.
    pub target: Target,
    /// One per sample.
    pub rows: Vec<Prediction>,
}

/// What a network says about one sample.
#[derive(Clone, Debug, PartialEq)]
pub enum Prediction {
    /// A class.
    Class {
        /// Index of the class that it predicts.
        class: usize,
        /// Of each class.
        probabilities: Vec<f32>,
    },
    /// Each value in its own unit.
    Values(Vec<f64>),
}

/// Tests weights on data with labels.
///
/// # Errors
/// Anything wrong with the weights or the data.
pub fn evaluate(source: &Source) -> Result<Scores, Error> {
    stack::large(|| {
        let (network, file, set) = open(source, true)?;
        let mut predict = source.predictor(network, &file)?;
        Ok(score(network, &set, None, |row| Ok(predict(row)))?)
    })
}

/// Predicts the classes or values of data, labelled or not.
///
/// # Errors
/// Anything wrong with the weights or the data.
pub fn predict(source: &Source) -> Result<Predictions, Error> {
    stack::large(|| {
        let (network, file, set) = open(source, false)?;
        let mut predict = source.predictor(network, &file)?;
        let row = |row| {
            let output = predict(row);
            match &set.target {
                Target::Classes(names) => {
                    let probabilities = (0..names.len()).map(|class| classes::probability(&output, class)).collect();
                    Prediction::Class { class: classes::class(&output), probabilities }
                }
                Target::Values(values) => {
                    let in_units = output.iter().zip(values).map(|(output, value)| value.value(*output));
                    Prediction::Values(in_units.collect())
                }
            }
        };
        let rows = set.rows().map(row).collect();
        Ok(Predictions { target: set.target, rows })
    })
}

fn open(source: &Source, labelled: bool) -> Result<(&'static Network, weights::File, Dataset), Error> {
    if source.data != DataSource::Watch && !source.test_subjects.is_empty() {
        return Err(Error::Subjects);
    }
    if source.data != DataSource::Watch && source.part != Half::All {
        return Err(Error::Part);
    }
    if source.data == DataSource::Watch && source.separator.is_some() {
        return Err(Error::Separator);
    }
    let mut file = weights::File::read(&source.weights)?;
    let path = source.weights.clone();
    let Some(manifest) = file.manifest.take() else { return Err(Error::NoManifest { path }) };
    let network = networks::of_weights(&path, &manifest.network, source.network.as_deref())?;
    let selection = Selection { test_subjects: &source.test_subjects, half: source.part, separator: source.separator };
    let set = manifest.preparation.apply(&source.data, &selection, labelled)?;
    network.check(&set)?;
    Ok((network, file, set))
}

impl Predictions {
    /// A CSV file: the predicted class, then the probability of each; or the predicted values.
    ///
    /// # Errors
    /// None in memory.
    pub fn to_csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        match &self.target {
            Target::Classes(names) => {
                writer.write_field("predicted")?;
                writer.write_record(names.iter().map(|class| format!("probability_{class}")))?;
            }
            Target::Values(values) => {
                writer.write_record(values.iter().map(|value| format!("predicted_{}", value.name)))?
            }
        }
        for row in &self.rows {
            match row {
                Prediction::Class { class, probabilities } => {
                    writer.write_field(&self.target.classes()[*class])?;
                    writer.write_record(probabilities.iter().map(f32::to_string))?;
                }
                Prediction::Values(values) => {
                    writer.write_record(values.iter().map(|value| (*value as f32).to_string()))?;
                }
            }
        }
        writer.into_inner().map_err(|error| error.into_error().into())
    }
}
