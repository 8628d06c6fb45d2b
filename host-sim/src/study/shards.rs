//! The runs of a study on several machines: each makes a part of them and writes down what came out, and any of them puts the parts
//! together.

use std::collections::HashMap;
use std::fs;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sweep::{Group, Outcome, outcome, sweep_by};
use crate::run::options::Options;
use crate::run::shard::Shard;
use crate::run::{self, output};

/// Which part of the runs is made here, or which parts are put together.
#[derive(Clone, Debug, Default, PartialEq, clap::Args)]
#[command(next_help_heading = "Several machines")]
pub struct ShardOptions {
    /// Make the i-th of n parts of the runs, and write what came out to --json: on one machine of n, i is 1 to n
    #[arg(long, value_name = "i/n", requires = "json")]
    pub shard: Option<Shard>,
    /// Take the runs from these files, which --shard wrote; a run that is in none of them is made now
    #[arg(long, value_name = "FILES", num_args = 1.., conflicts_with = "shard")]
    pub merge: Vec<String>,
}

/// A part, as it is written.
#[derive(Serialize, Deserialize)]
struct Part {
    format: u32,
    runs: Vec<Made>,
}

/// A run, and what came out.
#[derive(Serialize, Deserialize)]
struct Made {
    options: Value,
    outcome: Outcome,
}

const FORMAT: u32 = 1;

/// Files that hold no parts.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error("{path}: cannot be read ({source}); --merge takes files that --shard wrote")]
    Unreadable { path: String, source: std::io::Error },
    #[error("{path}: is no part of a study ({source}); --merge takes files that --shard wrote")]
    NotAPart { path: String, source: serde_json::Error },
    #[error("{path}: is of format {found}, and this program reads {FORMAT}; use the program that wrote it")]
    Format { path: String, found: u32 },
}

/// Makes the runs of a part and writes what came out, with a progress bar for each group.
///
/// # Errors
/// Those of a run, and a file that cannot be written.
pub fn make(groups: &[Group], shard: Shard, path: &str) -> Result<usize, run::Error> {
    output::check("--json", path)?;
    let runs: Vec<_> = groups.iter().flat_map(|group| &group.runs).collect();
    let chosen: Vec<_> =
        runs.iter().enumerate().filter(|(number, _)| shard.has(*number)).map(|(_, run)| *run).collect();
    let group = Group { name: "this part".into(), runs: chosen.into_iter().cloned().collect() };
    let outcomes = sweep_by(std::slice::from_ref(&group), &outcome)?.concat();
    let made = |(options, outcome): (&Options, Outcome)| Ok(Made { options: serde_json::to_value(options)?, outcome });
    let runs: Vec<_> = group.runs.iter().zip(outcomes).map(made).collect::<Result<_, serde_json::Error>>()?;
    let count = runs.len();
    output::write("--json", path, &serde_json::to_vec_pretty(&Part { format: FORMAT, runs })?)?;
    Ok(count)
}

/// Runs of other machines, by their options.
#[derive(Debug, Default)]
pub struct Known(HashMap<String, Outcome>);

impl Known {
    /// Those of some files.
    ///
    /// # Errors
    /// A file that is none of a part.
    pub fn read(paths: &[String]) -> Result<Self, Error> {
        let mut known = HashMap::new();
        for path in paths {
            let text = fs::read(path).map_err(|source| Error::Unreadable { path: path.clone(), source })?;
            let part: Part =
                serde_json::from_slice(&text).map_err(|source| Error::NotAPart { path: path.clone(), source })?;
            if part.format != FORMAT {
                return Err(Error::Format { path: path.clone(), found: part.format });
            }
            known.extend(part.runs.into_iter().map(|Made { options, outcome }| (options.to_string(), outcome)));
        }
        Ok(Self(known))
    }

    /// What came out of a run, if one of the files has it.
    pub fn get(&self, options: &Options) -> Option<Outcome> {
        self.0.get(&serde_json::to_value(options).ok()?.to_string()).copied()
    }
}
