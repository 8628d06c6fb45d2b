//! Which network: the user's type, that of a search, or a modest one for the kind of data.

use std::fs;

use clap::Parser;
use trainlet::nn::loss::Task;
use trainlet_worker::message;

use super::types::Type;
use super::{Error, Options};
use crate::data::source::{DataOptions, DataSource};
use crate::data::{Dataset, Transform};
use crate::design::{self, Found};
use crate::networks::optimizer::StateName;

/// A network as text.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What it is, in a line.
    pub about: String,
    /// Its type.
    pub of: Type,
    /// How an optimiser keeps a number.
    pub state: StateName,
    /// The type of its loss.
    pub loss: &'static str,
    /// Options of `train` for it, but for those of the data.
    pub train: Vec<String>,
}

/// Channels of the networks that are chosen here.
const CHANNELS: usize = 16;
/// Hidden units of a perceptron's first layer, and of channel mixing.
const HIDDEN: [usize; 2] = [32, 24];
/// Most tokens of a Mixer.
const TOKENS: usize = 32;

/// What a search has found, where the options name its file.
pub fn found(options: &Options) -> Result<Option<Found>, Error> {
    let Some(path) = &options.choice else { return Ok(None) };
    let bytes = fs::read(path).map_err(|source| Error::Unreadable { path: path.clone(), source })?;
    serde_json::from_slice(&bytes).map(Some).map_err(|source| Error::NoChoice { path: path.clone(), source })
}

/// How the data are read: as the search has read them, or as the options say. `--data` says in either case where they are now.
pub fn data(options: &Options, found: Option<&Found>) -> Result<DataOptions, Error> {
    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        data: DataOptions,
    }
    let Some(found) = found else { return Ok(options.data.clone()) };
    let line = ["design".to_string()].into_iter().chain(found.data.options.iter().cloned());
    let mut data = Line::try_parse_from(line).map_err(|error| Error::Options { what: error.to_string() })?.data;
    if options.data.data != DataSource::Watch {
        data.data = options.data.data.clone();
    }
    Ok(data)
}

impl Choice {
    /// By the options, for these data.
    pub fn find(options: &Options, found: Option<&Found>, set: &Dataset, transform: &Transform) -> Result<Self, Error> {
        let (loss, outputs) = match set.target.task() {
            Task::Classify { classes } => ("CrossEntropy", classes),
            Task::Regress { values } => ("Mse", values),
        };
        let (about, text, train, state) = if let Some(found) = found {
            let design::Choice { candidate, train, .. } = &found.choice;
            let settings = train.get(found.data.options.len()..).unwrap_or_default();
            (candidate.about.clone(), candidate.of.clone(), settings.to_vec(), state(candidate.state))
        } else if let Some(text) = &options.network {
            (format!("network for {} inputs", set.width), text.clone(), Vec::new(), StateName::F32)
        } else {
            let frames = transform.windowing.as_ref().map_or(1, |windowing| windowing.frames);
            let (about, text) = modest(frames, set.width / frames, outputs);
            (about, text, Vec::new(), StateName::F32)
        };
        let of = Type::parse(&text).map_err(|what| Error::Type { text, what })?;
        Ok(Self { about, of, state, loss, train })
    }
}

fn state(name: message::StateName) -> StateName {
    match name {
        message::StateName::F32 => StateName::F32,
        message::StateName::Bf16 => StateName::Bf16,
        message::StateName::Block8 => StateName::Block8,
    }
}

/// A perceptron for the row of a table, a Mixer for a window of rows.
fn modest(frames: usize, columns: usize, outputs: usize) -> (String, String) {
    let [hidden, mixing] = HIDDEN;
    if frames == 1 {
        let about = format!("perceptron for {columns} inputs, {hidden} and {CHANNELS} hidden units, {outputs} outputs");
        let stem = format!("DenseStem<{columns}, {hidden}, {CHANNELS}>");
        return (about, format!("Net<1, {CHANNELS}, {stem}, (), DenseHead<{CHANNELS}, {outputs}>>"));
    }
    let patch = (1..=frames).find(|patch| frames.is_multiple_of(*patch) && frames / patch <= TOKENS).unwrap_or(1);
    let tokens = frames / patch;
    let about =
        format!("Mixer for {frames} time steps of {columns} values, {CHANNELS} channels, 1 block, {outputs} outputs");
    let stem = format!("PatchEmbedding<{frames}, {columns}, {patch}, {CHANNELS}>");
    let block = format!("MixerBlock<{tokens}, {CHANNELS}, 16, {mixing}>");
    (about, format!("Net<{tokens}, {CHANNELS}, {stem}, [{block}; 1], MeanHead<{CHANNELS}, {outputs}>>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_cut_into_patches_of_one_length() {
        for (frames, patch, tokens) in [(16, 1, 16), (32, 1, 32), (50, 2, 25), (128, 4, 32), (37, 37, 1)] {
            let (_, text) = modest(frames, 3, 5);
            let expected = format!("Net<{tokens}, 16, PatchEmbedding<{frames}, 3, {patch}, 16>");
            assert!(text.starts_with(&expected), "{text}");
            Type::parse(&text).unwrap();
        }
        assert_eq!(modest(1, 4, 3).1, "Net<1, 16, DenseStem<4, 32, 16>, (), DenseHead<16, 3>>");
    }
}
