//! What a user can say about a search.

use clap::builder::PossibleValuesParser;

use super::limits::{Bytes, Limits};
use crate::data;
use crate::data::preprocessing::Prepared;
use crate::data::samples::{Division, Samples};
use crate::data::source::{DataOptions, DataSource};
use crate::networks::budget::boards;

/// What is searched, for which board, and for how long.
#[derive(Clone, Debug, PartialEq, clap::Args)]
#[group(skip)]
pub struct Options {
    /// The data.
    #[command(flatten)]
    pub data: DataOptions,
    /// The board that the network is for
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(boards::NAMES), help_heading = BOARD)]
    pub board: Option<String>,
    /// RAM for variables and stack of the program [default: that of the board, otherwise 64KiB]
    #[arg(long, value_name = "BYTES", help_heading = BOARD)]
    pub ram: Option<Bytes>,
    /// Flash for the program and its weights
    #[arg(long, value_name = "BYTES", help_heading = BOARD)]
    pub flash: Option<Bytes>,
    /// Time to learn from a sample, on the board or on a Cortex-M4F of 168 MHz
    #[arg(long, value_name = "MS", help_heading = BOARD)]
    pub latency: Option<f64>,
    /// Parts of the data, each of which is tested by networks that have learnt from the others
    #[arg(long, default_value_t = 5, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(2..=20), help_heading = SEARCH)]
    pub folds: u32,
    /// How much is tried: as much as two cores of a usual computer do in this time; the search ends with it
    #[arg(long, default_value_t = 2.5, value_name = "MINUTES", help_heading = SEARCH)]
    pub minutes: f64,
    /// Fixes every random number
    #[arg(long, default_value_t = 0, value_name = "NUMBER", help_heading = SEARCH)]
    pub seed: u64,
}

const BOARD: &str = "Board";
const SEARCH: &str = "Search";

/// RAM where neither it nor a board is named.
const RAM: usize = 64 << 10;

impl Options {
    /// The same with all that is left open about the data.
    ///
    /// # Errors
    /// Bad data.
    pub fn decided(&self) -> Result<Self, data::Error> {
        Ok(Self { data: super::data::decided(&self.data)?, ..self.clone() })
    }

    /// Reads the data. What is kept aside for a test has no part in the search.
    ///
    /// # Errors
    /// Bad data.
    pub fn prepare(&self) -> Result<Prepared, data::Error> {
        let samples = Samples::read(&self.data)?;
        let test = match &self.data.data {
            DataSource::Watch => self.data.test_subjects.iter().map(u32::to_string).collect(),
            DataSource::File(_) => self.data.test_groups.clone(),
        };
        let test = samples.of_groups(&test)?;
        samples.prepare(&Division { test, ..Division::default() })
    }

    /// What a candidate may take.
    pub fn limits(&self) -> Limits {
        let board = self.board.as_deref().and_then(|name| boards::BOARDS.into_iter().find(|board| board.name == name));
        let ram = self.ram.map(|Bytes(bytes)| bytes).or(board.map(|board| board.ram)).unwrap_or(RAM);
        Limits { board: self.board.clone(), ram, flash: self.flash.map(|Bytes(bytes)| bytes), latency: self.latency }
    }
}
