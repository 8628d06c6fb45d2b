//! Writes a project of one's own: a network for some data, with all that a desktop and a board need to train it.

mod board;
mod bytes;
mod choice;
mod files;
mod probe;
mod rows;
mod samples;
mod trainlet;
mod types;
mod values;

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::board::firmware::Board;
use crate::data::preprocessing::{self, Preparation, Prepared, Selection};
use crate::data::source::{DataOptions, DataSource, Half};
use crate::data::{self, Dataset, Transform};
use crate::export;
use crate::networks::tree::Weights;
use crate::networks::weights::{self, File};

use choice::Choice;
use probe::Probed;

/// What a project is made of.
#[derive(Clone, Debug, PartialEq, clap::Args)]
pub struct Options {
    /// The folder of the project, which must be new or empty; its name is that of the project
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// The board that it is for
    #[arg(long, value_enum, value_name = "BOARD", default_value = "stm32f405")]
    pub board: Board,
    /// The type of the network, as trainlet names it: "Net<1, 16, DenseStem<4, 24, 16>, (), DenseHead<16, 3>>" [default: a perceptron for
    /// rows, a Mixer for windows]
    #[arg(long, value_name = "TYPE", conflicts_with = "choice")]
    pub network: Option<String>,
    /// Take the network that `design --json` chose
    #[arg(long, value_name = "FILE.json")]
    pub choice: Option<String>,
    /// Put these trained weights into flash: they must be of the same type of network
    #[arg(long, value_name = "FILE.safetensors")]
    pub weights: Option<String>,
    /// Where trainlet comes from: the folder of its sources, or a released version [default: the sources that this program is from]
    #[arg(long, value_name = "PATH|VERSION")]
    pub trainlet: Option<String>,
    /// The data.
    #[command(flatten)]
    pub data: DataOptions,
}

/// A project that cannot be written.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error("{folder}: is not empty; name a folder that is not there yet")]
    NotEmpty { folder: String },
    #[error("{folder}: has no name that a package could have; name the folder with letters, digits and dashes")]
    NoName { folder: String },
    #[error("{path}: cannot be written ({source}); choose another folder, or give yourself the right to write there")]
    Unwritable { path: String, source: io::Error },
    #[error("{path}: cannot be read ({source})")]
    Unreadable { path: String, source: io::Error },
    #[error(
        "--data watch has no file that could go with the project; give a CSV file, or a folder of them, with --data"
    )]
    Watch,
    #[error("{path}: has no `choice` that `design --json` writes ({source})")]
    NoChoice { path: String, source: serde_json::Error },
    #[error("the options of the search cannot be read: {what}")]
    Options { what: String },
    #[error("the type of the network cannot be read: {what}, in `{text}`")]
    Type { text: String, what: String },
    #[error("the network does not compile; correct its type:\n{output}")]
    Network { output: String },
    #[error("cargo cannot be started ({source}); install Rust from rustup.rs")]
    NoCargo { source: io::Error },
    #[error(
        "the network takes {inputs} inputs and gives {outputs} outputs, but {data} has {width} inputs and needs {needed} outputs"
    )]
    Mismatch { inputs: usize, outputs: usize, data: String, width: usize, needed: usize },
    #[error("{path}: has no sources of trainlet; give the folder of its repository with --trainlet")]
    NoTrainlet { path: String },
    #[error(
        "{path}: holds weights, but not how the data were prepared for them; take a file that `train --save` wrote"
    )]
    NoManifest { path: String },
    #[error(transparent)]
    Data(#[from] data::Error),
    #[error(transparent)]
    Preprocessing(#[from] preprocessing::Error),
    #[error(transparent)]
    Weights(#[from] weights::Error),
    #[error(transparent)]
    Export(#[from] export::Error),
}

/// A project that is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Created {
    /// Its name.
    pub name: String,
    /// Its folder.
    pub folder: PathBuf,
    /// What the network is.
    pub about: String,
    /// Number of its weights.
    pub parameters: usize,
    /// Bytes of a trainer with Adam.
    pub trainer: usize,
    /// The files, by their paths in the folder.
    pub files: Vec<String>,
}

/// All that the files are made of.
struct Project<'a> {
    options: &'a Options,
    data: &'a DataOptions,
    name: String,
    choice: Choice,
    probed: Probed,
    transform: &'a Transform,
    train: &'a Dataset,
    test: Option<&'a Dataset>,
    weights: Option<Weights>,
    sources: trainlet::Sources,
}

/// Writes a project.
///
/// # Errors
/// Bad data, a network that does not go with them or does not compile, a folder that cannot be written.
pub fn create(options: &Options) -> Result<Created, Error> {
    let name = name(options)?;
    let found = choice::found(options)?;
    let data = choice::data(options, found.as_ref())?;
    let DataSource::File(path) = &data.data else { return Err(Error::Watch) };
    let sources = trainlet::Sources::find(options.trainlet.as_deref())?;
    let Prepared { train, test, preparation, .. } = preprocessing::for_training(&data, 0)?;
    let file = options.weights.as_ref().map(|path| File::read(path)).transpose()?;
    let (train, test, preparation) = match &file {
        Some(File { manifest: Some(manifest), .. }) => {
            let selection = Selection { test_subjects: &[], half: Half::All, separator: data.separator };
            let again = manifest.preparation.apply(&data.data, &selection, true)?;
            (again, None, manifest.preparation.clone())
        }
        Some(File { manifest: None, .. }) => return Err(Error::NoManifest { path: path.clone() }),
        None => (train, test, preparation),
    };
    let Preparation::Table(transform) = &preparation else { return Err(Error::Watch) };
    let choice = Choice::find(options, found.as_ref(), &train, transform)?;
    let probed = probe::probe(&choice, &name, &sources)?;
    probed.check(&train)?;
    let weights = file.map(|file| probed.load(&file)).transpose()?;
    let test = test.as_ref();
    let project =
        Project { options, data: &data, name, choice, probed, transform, train: &train, test, weights, sources };
    let files = files::write(&project)?;
    let Project { name, choice, probed, .. } = project;
    Ok(Created {
        name,
        folder: options.folder.clone(),
        about: choice.about,
        parameters: probed.parameters,
        trainer: probed.trainer,
        files,
    })
}

/// The name of the project, once its folder can be written.
fn name(options: &Options) -> Result<String, Error> {
    let folder = options.folder.display().to_string();
    let taken = match fs::read_dir(&options.folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => options.folder.exists(),
    };
    if taken {
        return Err(Error::NotEmpty { folder });
    }
    let last = options.folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    of_package(&last).ok_or(Error::NoName { folder })
}

/// The name of the package in a folder of this name; `None` if there is no letter in it.
fn of_package(folder: &str) -> Option<String> {
    // Behind a letter it is none of Rust's own words, and begins with no digit.
    let name = export::identifier(&format!("x {folder}")).strip_prefix("x_")?.to_string();
    // Names of packages that the project depends on.
    let reserved = ["trainlet", "trainlet_app", "host_sim", "std", "core", "alloc", "test", "libm"];
    let is_free = export::identifier(&name) == name && !reserved.contains(&&*name);
    let name = name.replace('_', "-");
    Some(if is_free { name } else { format!("my-{name}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_has_a_name_that_rust_takes() {
        for (folder, name) in [
            ("flowers", "flowers"),
            ("My Flowers!", "my-flowers"),
            ("match", "my-match"),
            ("2nd", "my-2nd"),
            ("host-sim", "my-host-sim"),
            ("-a-", "a"),
        ] {
            assert_eq!(of_package(folder).as_deref(), Some(name), "{folder}");
        }
        assert_eq!(of_package("..."), None);
    }
}
