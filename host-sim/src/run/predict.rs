//! Trained weights at work: `evaluate` and `predict`.

use trainlet::core::tensor::Tensor;
use trainlet::networks::{Network, Visit, visit};
use trainlet::nn::loss::{Classify, InvalidTarget};
use trainlet::train::Predictor;

use crate::data::Dataset;
use crate::data::preprocessing;
use crate::networks;
use crate::run::metrics::{Scores, score};
use crate::run::options::DataSource;
use crate::run::stack;
use crate::run::weights;

/// Which weights, and which data for them.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub struct Source {
    /// The network [default: the one that the weights were trained in]
    #[arg(long, value_name = "NAME")]
    pub config: Option<String>,
    /// Weights that `train --save` wrote
    #[arg(long, value_name = "FILE.safetensors")]
    pub weights: String,
    /// `watch` or a CSV file with the columns that the weights were trained on, in any order
    #[arg(long, default_value_t, value_name = "watch|FILE.csv")]
    pub data: DataSource,
    /// People, 1 to 10, whose watch recordings are taken [default: 9,10]
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    pub test_subjects: Vec<u32>,
}

/// Weights and data that do not go together.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error(transparent)]
    Weights(#[from] weights::Error),
    #[error(transparent)]
    Config(#[from] networks::Error),
    #[error(transparent)]
    Preparation(#[from] preprocessing::Error),
    #[error(transparent)]
    Target(#[from] InvalidTarget),
    #[error("--test-subjects has no effect here: it belongs to --data watch; leave it out")]
    Subjects,
    #[error(
        "{path}: holds weights, but not how the data were prepared for them; `train --init {path} --save FILE` makes \
         a file that has it"
    )]
    NoManifest { path: String },
    #[error("{path}: holds weights of `{found}`, not of `{wanted}`; leave --config out, or give other weights")]
    OtherConfig { path: String, found: String, wanted: String },
}

/// What a network says about one sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Index of the class that it predicts.
    pub class: usize,
    /// Of each class.
    pub probabilities: Vec<f32>,
}

/// Predictions in the order of the data.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    /// Names of the classes.
    pub classes: Vec<String>,
    /// One per sample.
    pub rows: Vec<Prediction>,
}

/// Tests weights on data with labels.
///
/// # Errors
/// Anything wrong with the weights or the data.
pub fn evaluate(source: &Source) -> Result<Scores, Error> {
    let (config, file, set) = open(source, true)?;
    stack::large(|| visit(config, Evaluate { file, set })).expect("the list has just given this name")
}

/// Predicts the classes of data, labelled or not.
///
/// # Errors
/// Anything wrong with the weights or the data.
pub fn predict(source: &Source) -> Result<Predictions, Error> {
    let (config, file, set) = open(source, false)?;
    stack::large(|| visit(config, Predict { file, set })).expect("the list has just given this name")
}

fn open(source: &Source, labelled: bool) -> Result<(&'static str, weights::File, Dataset), Error> {
    if source.data != DataSource::Watch && !source.test_subjects.is_empty() {
        return Err(Error::Subjects);
    }
    let mut file = weights::File::read(&source.weights)?;
    let path = source.weights.clone();
    let Some(manifest) = file.manifest.take() else { return Err(Error::NoManifest { path }) };
    if let Some(wanted) = source.config.clone().filter(|wanted| *wanted != manifest.config) {
        networks::find(&wanted)?;
        return Err(Error::OtherConfig { path, found: manifest.config, wanted });
    }
    let config = networks::find(&manifest.config)?;
    let set = manifest.preparation.apply(&source.data, &source.test_subjects, labelled)?;
    config.check(&set)?;
    Ok((config.name, file, set))
}

fn load<M: Network>(file: &weights::File) -> Result<Box<M>, weights::Error> {
    let mut weights = Box::new(M::ZERO);
    file.load(M::NAME, &mut *weights)?;
    Ok(weights)
}

struct Evaluate {
    file: weights::File,
    set: Dataset,
}

impl Visit for Evaluate {
    type Result = Result<Scores, Error>;

    fn visit<M: Network>(self) -> Self::Result {
        let weights = load::<M>(&self.file)?;
        let mut predictor = Predictor::<M, M::Infer>::new(&weights);
        let mut input = M::Input::ZERO;
        score::<M, _>(&self.set, |row| {
            input.flat_mut().copy_from_slice(row);
            Ok(predictor.predict(&input))
        })
    }
}

struct Predict {
    file: weights::File,
    set: Dataset,
}

impl Visit for Predict {
    type Result = Result<Predictions, Error>;

    fn visit<M: Network>(self) -> Self::Result {
        let weights = load::<M>(&self.file)?;
        let mut predictor = Predictor::<M, M::Infer>::new(&weights);
        let mut input = M::Input::ZERO;
        let classes = 0..<M::Loss as Classify<M::Output>>::CLASSES;
        let predict = |row: &[f32]| {
            input.flat_mut().copy_from_slice(row);
            let output = predictor.predict(&input);
            let probabilities = classes.clone().map(|class| M::Loss::probability(&output, class)).collect();
            Prediction { class: M::Loss::class(&output), probabilities }
        };
        let rows = self.set.rows().map(predict).collect();
        Ok(Predictions { classes: self.set.classes, rows })
    }
}

impl Predictions {
    /// A CSV file: the predicted class, then the probability of each.
    ///
    /// # Errors
    /// None in memory.
    pub fn to_csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_field("predicted")?;
        writer.write_record(self.classes.iter().map(|class| format!("probability_{class}")))?;
        for Prediction { class, probabilities } in &self.rows {
            writer.write_field(&self.classes[*class])?;
            writer.write_record(probabilities.iter().map(f32::to_string))?;
        }
        writer.into_inner().map_err(|error| error.into_error().into())
    }
}
