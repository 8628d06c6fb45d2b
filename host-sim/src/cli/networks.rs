//! `networks`

use std::error::Error;

use serde::Serialize;

use super::output::Files;
use crate::networks::{self, Network, describe};
use crate::report;
use trainlet::core::budget::Budget;

/// Where the figures go.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub struct Args {
    /// Write the figures; `-` is standard output
    #[arg(long, value_name = "FILE.json")]
    json: Option<String>,
}

impl Args {
    /// Prints the networks and what they cost.
    pub fn run(&self) -> Result<(), Box<dyn Error>> {
        let rows = || Ok::<_, Box<dyn Error>>(networks::all().iter().map(Row::of).collect());
        Files::json(&self.json).report(rows, |_| report::networks(networks::all())).map(drop)
    }
}

/// A network, as the file has it.
#[derive(Serialize)]
struct Row {
    network: &'static str,
    about: &'static str,
    inputs: usize,
    outputs: usize,
    predicts: String,
    parameters: usize,
    macs: usize,
    train_macs: usize,
    /// Bytes of a trainer with Adam.
    trainer: Budget,
    /// Bytes of a predictor whose weights are in RAM.
    predictor: Budget,
}

impl Row {
    fn of(network: &Network) -> Self {
        Self {
            network: network.name,
            about: network.about,
            inputs: network.inputs,
            outputs: network.outputs,
            predicts: describe(network.task),
            parameters: network.parameters,
            macs: network.macs,
            train_macs: network.train_macs,
            trainer: network.budget,
            predictor: network.predictor_budget,
        }
    }
}
