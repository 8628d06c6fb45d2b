//! The runs of a study on several machines: each makes a part of them and writes down what came out, and any of them puts the parts
//! together.

use std::collections::HashMap;
use std::fs;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::run::output;
use crate::run::shard::Shard;

/// Which part of the runs is made here, or which parts are put together.
#[derive(Clone, Debug, Default, PartialEq, clap::Args)]
#[command(next_help_heading = "Several machines")]
pub struct ShardOptions {
    /// Make the i-th of n parts of the runs, and write what came out to --json: on one machine of n, i is 1 to n
    #[arg(long, value_name = "i/n", requires = "json")]
    pub shard: Option<Shard>,
    /// Take the runs from these files, which --shard wrote; what is in none of them is made now, or with --shard a part of it
    #[arg(long, value_name = "FILES", num_args = 1..)]
    pub merge: Vec<String>,
}

/// A part, as it is written.
#[derive(Serialize, Deserialize)]
struct Part {
    format: u32,
    runs: Vec<Made>,
}

/// What fixes a run, and what came out.
#[derive(Debug, Serialize, Deserialize)]
struct Made {
    run: Value,
    outcome: Value,
}

const FORMAT: u32 = 2;

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
    #[error(
        "a run cannot be written, or what came out of it cannot be read ({0}); use the program that wrote the parts"
    )]
    Outcome(#[from] serde_json::Error),
}

/// The runs of a study: those that other machines have made, and those that are made here.
#[derive(Debug, Default)]
pub struct Runs {
    known: HashMap<String, Value>,
    shard: Option<Shard>,
    made: Vec<Made>,
    /// How many were not known.
    missing: usize,
}

impl Runs {
    /// With those of the files that are named.
    ///
    /// # Errors
    /// A file that is none of a part.
    pub fn read(options: &ShardOptions) -> Result<Self, Error> {
        let mut known = HashMap::new();
        for path in &options.merge {
            let text = fs::read(path).map_err(|source| Error::Unreadable { path: path.clone(), source })?;
            let part: Part =
                serde_json::from_slice(&text).map_err(|source| Error::NotAPart { path: path.clone(), source })?;
            if part.format != FORMAT {
                return Err(Error::Format { path: path.clone(), found: part.format });
            }
            known.extend(part.runs.into_iter().map(|Made { run, outcome }| (run.to_string(), outcome)));
        }
        Ok(Self { known, shard: options.shard, ..Self::default() })
    }

    /// What came out of runs, in their order; `None` if some of them are for other machines. What serde writes of a run fixes what
    /// comes out. `make` makes those that are to be made here, and gives what came out in their order.
    ///
    /// # Errors
    /// Those of a run, and of files that other programs have written.
    pub fn outcomes<R: Serialize, T: Serialize + DeserializeOwned, E: From<Error>>(
        &mut self,
        runs: &[R],
        make: impl FnOnce(&[&R]) -> Result<Vec<T>, E>,
    ) -> Result<Option<Vec<T>>, E> {
        let keys = runs.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>().map_err(Error::from)?;
        let mut mine = Vec::new();
        let mut is_whole = true;
        for (run, key) in runs.iter().zip(&keys).filter(|(_, key)| !self.known.contains_key(&key.to_string())) {
            if self.shard.is_none_or(|shard| shard.has(self.missing)) {
                mine.push((run, key));
            } else {
                is_whole = false;
            }
            self.missing += 1;
        }
        let made = make(&mine.iter().map(|(run, _)| *run).collect::<Vec<_>>())?;
        for ((_, key), outcome) in mine.into_iter().zip(made) {
            let outcome = serde_json::to_value(outcome).map_err(Error::from)?;
            self.known.insert(key.to_string(), outcome.clone());
            self.made.push(Made { run: key.clone(), outcome });
        }
        if !is_whole {
            return Ok(None);
        }
        let outcome = |key: &Value| serde_json::from_value(self.known[&key.to_string()].clone());
        Ok(Some(keys.iter().map(outcome).collect::<Result<_, _>>().map_err(Error::from)?))
    }

    /// Writes what was made here. Gives how many runs these are, and of how many.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(self, path: &str) -> Result<(usize, usize), crate::run::Error> {
        let count = self.made.len();
        output::write("--json", path, &serde_json::to_vec_pretty(&Part { format: FORMAT, runs: self.made })?)?;
        Ok((count, self.missing))
    }
}

/// Numbers some of which may be none that JSON has a word for: it writes nothing for them.
pub(super) mod nullable {
    use serde::{Deserialize, Deserializer};

    /// A number, or several in any arrangement.
    pub trait Nullable: Sized {
        /// As it is written.
        type Written: for<'de> Deserialize<'de>;

        /// What was written.
        fn read(written: Self::Written) -> Self;
    }

    impl Nullable for f32 {
        type Written = Option<f32>;

        fn read(written: Option<f32>) -> Self {
            written.unwrap_or(Self::NAN)
        }
    }

    impl<T: Nullable> Nullable for Vec<T> {
        type Written = Vec<T::Written>;

        fn read(written: Self::Written) -> Self {
            written.into_iter().map(T::read).collect()
        }
    }

    /// Reads them.
    pub fn numbers<'de, T: Nullable, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        T::Written::deserialize(deserializer).map(T::read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares(runs: &mut Runs, of: &[u32]) -> Option<Vec<u32>> {
        runs.outcomes(of, |mine| Ok::<_, Error>(mine.iter().map(|run| *run * *run).collect())).unwrap()
    }

    #[test]
    fn a_run_without_a_figure_has_none() {
        #[derive(Serialize, Deserialize)]
        struct Outcome(#[serde(deserialize_with = "nullable::numbers")] Vec<f32>);
        let make = |_: &[&u32]| Ok::<_, Error>(vec![Outcome(vec![0.1, f32::NAN])]);
        let outcomes = Runs::default().outcomes(&[1], make).unwrap().unwrap();
        assert!(outcomes[0].0[0] == 0.1 && outcomes[0].0[1].is_nan());
    }

    #[test]
    fn parts_of_two_stages_are_the_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let study = |runs: &mut Runs| {
            let first = squares(runs, &[1, 2, 3])?;
            squares(runs, &first)
        };
        let whole = study(&mut Runs::default()).unwrap();
        let mut parts = Vec::new();
        // The second stage depends on what came out of the first.
        for (stage, made) in [(0, [2, 1]), (1, [1, 1])] {
            let known = parts.clone();
            for (number, made) in (1..=2).zip(made) {
                let options = ShardOptions { shard: Some(Shard { number, count: 2 }), merge: known.clone() };
                let mut runs = Runs::read(&options).unwrap();
                assert_eq!(study(&mut runs), None);
                let part = path(&format!("{stage}-{number}"));
                assert_eq!(runs.write(&part).unwrap().0, made);
                parts.push(part);
            }
        }
        let mut runs = Runs::read(&ShardOptions { shard: None, merge: parts }).unwrap();
        assert_eq!(study(&mut runs), Some(whole));
        assert_eq!(runs.missing, 0);
    }
}
