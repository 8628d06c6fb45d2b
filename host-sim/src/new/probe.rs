//! Asks the compiler what a network is, before a project is written for it: a small program tells.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use crc::{CRC_32_ISO_HDLC, Crc};
use trainlet::core::params::Role;

use super::choice::Choice;
use super::files::{NETWORK, fill, network};
use super::trainlet::Sources;
use super::{Error, files};
use crate::data::Dataset;
use crate::networks::fields::Field;
use crate::networks::tree::{Leaf, Weights};
use crate::networks::weights::{self, File};

/// What a network is.
#[derive(Clone, Debug, PartialEq)]
pub struct Probed {
    /// Lengths of the arrays of a sample.
    pub input: Vec<usize>,
    /// Number of its outputs.
    pub outputs: usize,
    /// Number of its weights.
    pub parameters: usize,
    /// Multiply-accumulates to predict.
    pub macs: usize,
    /// Bytes of a trainer with Adam.
    pub trainer: usize,
    /// Bytes of a predictor with its weights in flash.
    pub predictor: usize,
    /// Its leaves.
    pub leaves: Arc<[Leaf]>,
    /// Where they are in its struct.
    pub fields: Vec<Field>,
}

/// Compiles the network and looks at it.
pub fn probe(choice: &Choice, name: &str, sources: &Sources) -> Result<Probed, Error> {
    let folder = tempfile::tempdir().map_err(|source| unwritable(env::temp_dir(), source))?;
    let network = network(choice, name);
    // Others may be at work in the same folder: only the same network has the same name.
    let probe = format!("probe-{:08x}", Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(network.as_bytes()));
    let manifest = format!(
        "[package]\nname = \"{probe}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[[bin]]\nname = \"{probe}\"\n\
         path = \"main.rs\"\n\n[dependencies]\ntrainlet = {{ {}, default-features = false }}\n\n[profile.dev]\ndebug = false\n",
        sources.library()
    );
    let main = fill(include_str!("templates/probe.rs.in"), &HashMap::from([("LOSS", choice.loss.into())]));
    for (file, text) in [("Cargo.toml", manifest), ("main.rs", main), (NETWORK, network)] {
        let path = folder.path().join(file);
        fs::write(&path, text).map_err(|source| unwritable(path, source))?;
    }
    // The versions of the repository.
    let _ = fs::copy(sources.folder().join("Cargo.lock"), folder.path().join("Cargo.lock"));
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "CARGO_TARGET_DIR"] {
        cargo.env_remove(variable);
    }
    cargo.args(["run", "--quiet", "--color=never", "--target-dir"]).arg(target(sources)).current_dir(&folder);
    let output = cargo.output().map_err(|source| Error::NoCargo { source })?;
    if !output.status.success() {
        return Err(Error::Network { output: String::from_utf8_lossy(&output.stderr).into_owned() });
    }
    let said = String::from_utf8_lossy(&output.stdout);
    parse(&said).ok_or_else(|| Error::Network { output: said.into_owned() })
}

/// What has been compiled for one network serves the next.
fn target(sources: &Sources) -> PathBuf {
    let target = sources.folder().join("target");
    let in_repository = target.join("new");
    if fs::create_dir_all(&in_repository).is_ok() { in_repository } else { env::temp_dir().join("trainlet-new") }
}

fn unwritable(path: PathBuf, source: std::io::Error) -> Error {
    files::unwritable(&path, source)
}

fn parse(said: &str) -> Option<Probed> {
    let list = |text: &str| serde_json::from_str::<Vec<usize>>(text).ok();
    let (mut leaves, mut fields, mut numbers, mut input) = (Vec::new(), Vec::new(), HashMap::new(), None);
    for line in said.lines() {
        let (key, rest) = line.split_once(' ')?;
        match key {
            "input" => input = Some(list(rest)?),
            "leaf" => {
                let (name, shape) = rest.split_once(' ')?;
                leaves.push(Leaf { name: name.into(), shape: list(shape)?, role: Role::Weight, trained: true });
            }
            "field" => {
                let (place, shape) = rest.split_once(' ')?;
                fields.push(Field { place: place.into(), shape: list(shape)?, bytes: None });
            }
            _ => {
                numbers.insert(key.to_string(), rest.parse().ok()?);
            }
        }
    }
    let number = |key: &str| numbers.get(key).copied();
    Some(Probed {
        input: input?,
        outputs: number("outputs")?,
        parameters: number("parameters")?,
        macs: number("macs")?,
        trainer: number("trainer")?,
        predictor: number("predictor")?,
        leaves: leaves.into(),
        fields,
    })
}

impl Probed {
    /// Whether the network takes these samples.
    pub fn check(&self, set: &Dataset) -> Result<(), Error> {
        let (inputs, needed) = (self.input.iter().product(), files::outputs(&set.target));
        if (inputs, self.outputs) == (set.width, needed) {
            return Ok(());
        }
        Err(Error::Mismatch { inputs, outputs: self.outputs, data: set.name.clone(), width: set.width, needed })
    }

    /// The weights in a file.
    pub fn load(&self, file: &File) -> Result<Weights, weights::Error> {
        let mut weights = Weights::zero(self.leaves.clone());
        file.load("the network of the project", &mut weights)?;
        Ok(weights)
    }
}
