//! What the named networks are like, and which of them fits some data.

pub mod budget;
pub mod pretexts;

use trainlet::core::budget::Budget;
use trainlet::core::params::Params;
use trainlet::core::tensor::Tensor;
use trainlet::networks::{NAMES, Network, Visit, visit};
use trainlet::nn::loss::Classify;
use trainlet::nn::net::Model;
use trainlet::optim::Adam;
use trainlet::train::Trainer;

use crate::data::Dataset;

/// A named network in figures.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub about: &'static str,
    /// Inputs per sample.
    pub inputs: usize,
    /// Classes that it tells apart.
    pub classes: usize,
    /// What is learnt, in numbers of 4 bytes.
    pub parameters: usize,
    /// Multiply-accumulates to learn from a sample.
    pub train_macs: usize,
    /// RAM of a trainer with Adam.
    pub budget: Budget,
    /// Bytes of the arena for training.
    pub arena: usize,
    /// Bytes of the arena for prediction alone.
    pub infer: usize,
}

/// The network of those who name none; also that which boards train on the data in their flash.
pub const DEFAULT: &str = "watch-12x1";

/// A network that does not exist, or not for these data.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error("`{config}` is trained as a whole: no part of it can be trained alone")]
    Whole { config: &'static str },
    #[error("there is no network `{name}`; there are: {there}")]
    Unknown { name: String, there: String },
    #[error(
        "{data} has {width} inputs and {classes} classes per sample, but `{config}` takes {inputs} inputs and tells \
         {outputs} classes apart; {fitting}"
    )]
    Mismatch {
        data: String,
        width: usize,
        classes: usize,
        config: &'static str,
        inputs: usize,
        outputs: usize,
        fitting: String,
    },
}

/// All of them.
pub fn all() -> Vec<Config> {
    NAMES.iter().filter_map(|name| visit(name, Measure)).collect()
}

/// The network of that name.
///
/// # Errors
/// [`Error::Unknown`]
pub fn find(name: &str) -> Result<Config, Error> {
    visit(name, Measure).ok_or_else(|| Error::Unknown { name: name.into(), there: NAMES.join(", ") })
}

impl Config {
    /// Whether the network takes these samples.
    ///
    /// # Errors
    /// [`Error::Mismatch`]
    pub fn check(&self, set: &Dataset) -> Result<(), Error> {
        if self.takes(set) {
            return Ok(());
        }
        let names: Vec<_> = all().iter().filter(|config| config.takes(set)).map(|config| config.name).collect();
        Err(Error::Mismatch {
            data: set.name.clone(),
            width: set.width,
            classes: set.classes.len(),
            config: self.name,
            inputs: self.inputs,
            outputs: self.classes,
            fitting: match &names[..] {
                [] => "no network in the list fits; leave columns out with --drop, or add a network to the list".into(),
                names => format!("use --config {}", names.join(" or ")),
            },
        })
    }

    fn takes(&self, set: &Dataset) -> bool {
        self.inputs == set.width && self.classes == set.classes.len()
    }
}

struct Measure;

impl Visit for Measure {
    type Result = Config;

    fn visit<M: Network>(self) -> Config {
        Config {
            name: M::NAME,
            about: M::ABOUT,
            inputs: M::Input::LEN,
            classes: <M::Loss as Classify<M::Output>>::CLASSES,
            parameters: <M as Params>::COUNT,
            train_macs: <M as Model>::COST.train_macs,
            budget: Trainer::<M, M::Loss, Adam<M::F32>, M::Arena>::BUDGET,
            arena: M::ACTIVATIONS * size_of::<f32>(),
            infer: M::INFER_ARENA * size_of::<f32>(),
        }
    }
}
