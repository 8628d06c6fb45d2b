//! Weights as safetensors files, which PyTorch reads and writes too.

use std::collections::HashMap;
use std::fs;
use std::io;

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use serde::{Deserialize, Serialize};
use trainlet::core::params::{Leaf, Params};

use crate::data::preprocessing::Preparation;

/// What a file of ours says beside the weights: JSON under the key `trainlet` of the file's metadata.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this structure.
    pub format: u32,
    /// Name of the network.
    pub config: String,
    /// What training learned about its data.
    pub preparation: Preparation,
}

/// The version that this program writes, and the only one that it reads.
pub const FORMAT: u32 = 1;
const KEY: &str = "trainlet";

/// A file that is of no use as weights.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error("{path}: cannot be read ({source}); check its name, and that you may read it")]
    Unreadable { path: String, source: io::Error },
    #[error("{path}: is not a safetensors file ({source}); give one that --save or PyTorch's `save_file` wrote")]
    NotSafetensors { path: String, source: SafeTensorError },
    #[error("{path}: its metadata cannot be read ({source}); write it anew with --save")]
    Manifest { path: String, source: serde_json::Error },
    #[error("{path}: is of format {found}, and this program reads format {FORMAT}; use the program that wrote it")]
    Format { path: String, found: u32 },
    #[error("{path}: has no tensor `{leaf}`, which `{config}` needs; it has: {there}")]
    Missing { path: String, config: &'static str, leaf: String, there: String },
    #[error("{path}: has a tensor `{name}` that `{config}` has no use for; is it of another network?")]
    Additional { path: String, config: &'static str, name: String },
    #[error("{path}: `{leaf}` has shape {found:?}, but `{config}` needs {expected:?}; is it of another network?")]
    Shape { path: String, config: &'static str, leaf: String, expected: Vec<usize>, found: Vec<usize> },
    #[error("{path}: `{leaf}` holds {found} numbers, but F32 are needed; convert them, in PyTorch with `.float()`")]
    Type { path: String, leaf: String, found: Dtype },
    #[error("{path}: value {index} of `{leaf}` is {value}; weights must be finite")]
    NotFinite { path: String, leaf: String, index: usize, value: f32 },
}

/// A safetensors file in memory.
pub struct File {
    path: String,
    bytes: Vec<u8>,
    /// Missing from files of other programs.
    pub manifest: Option<Manifest>,
}

impl File {
    /// Reads a file and checks all but the tensors.
    ///
    /// # Errors
    /// Not there, not a safetensors file, or one of a later version of this program.
    pub fn read(path: &str) -> Result<Self, Error> {
        let bytes = fs::read(path).map_err(|source| Error::Unreadable { path: path.into(), source })?;
        let not_safetensors = |source| Error::NotSafetensors { path: path.into(), source };
        let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(not_safetensors)?;
        let text = metadata.metadata().as_ref().and_then(|entries| entries.get(KEY));
        let manifest = text.map(|text| parse(path, text)).transpose()?;
        Ok(Self { path: path.into(), bytes, manifest })
    }

    /// Copies the tensors into the weights of the network named `config`.
    ///
    /// # Errors
    /// A tensor is missing, not asked for, of another shape or type, or not finite.
    pub fn load<M: Params>(&self, config: &'static str, weights: &mut M) -> Result<(), Error> {
        let path = || self.path.clone();
        let tensors =
            SafeTensors::deserialize(&self.bytes).map_err(|source| Error::NotSafetensors { path: path(), source })?;
        let mut unused: Vec<&str> = tensors.names();
        unused.sort_unstable();
        let there = unused.join(", ");
        let mut result = Ok(());
        M::walk([weights], &mut |leaf, [values]| {
            if result.is_ok() {
                let name = leaf.path.to_string();
                unused.retain(|unused| *unused != name);
                result = match tensors.tensor(&name) {
                    Ok(tensor) => self.copy(config, leaf, &tensor, values),
                    Err(_) => Err(Error::Missing { path: path(), config, leaf: name, there: there.clone() }),
                };
            }
        });
        result?;
        match unused.first() {
            Some(name) => Err(Error::Additional { path: path(), config, name: name.to_string() }),
            None => Ok(()),
        }
    }

    fn copy(&self, config: &'static str, leaf: &Leaf, tensor: &TensorView, values: &mut [f32]) -> Result<(), Error> {
        let (path, name) = (self.path.clone(), leaf.path.to_string());
        if tensor.dtype() != Dtype::F32 {
            return Err(Error::Type { path, leaf: name, found: tensor.dtype() });
        }
        if tensor.shape() != leaf.shape {
            let (expected, found) = (leaf.shape.to_vec(), tensor.shape().to_vec());
            return Err(Error::Shape { path, config, leaf: name, expected, found });
        }
        for (index, (value, bytes)) in values.iter_mut().zip(tensor.data().as_chunks().0).enumerate() {
            *value = f32::from_le_bytes(*bytes);
            if !value.is_finite() {
                return Err(Error::NotFinite { path, leaf: name, index, value: *value });
            }
        }
        Ok(())
    }
}

fn parse(path: &str, text: &str) -> Result<Manifest, Error> {
    #[derive(Deserialize)]
    struct Version {
        format: u32,
    }
    let damaged = |source| Error::Manifest { path: path.into(), source };
    match serde_json::from_str(text).map_err(damaged)? {
        Version { format: FORMAT } => serde_json::from_str(text).map_err(damaged),
        Version { format: found } => Err(Error::Format { path: path.into(), found }),
    }
}

/// A safetensors file of the weights.
///
/// # Errors
/// None that a tree of named arrays can lead to.
pub fn to_bytes<M: Params>(weights: &M, manifest: Option<&Manifest>) -> Result<Vec<u8>, SafeTensorError> {
    let mut leaves = Vec::new();
    weights.read(&mut |leaf, values| {
        leaves.push((leaf.path.to_string(), leaf.shape.to_vec(), little_endian(values)));
    });
    let views = leaves
        .iter()
        .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, SafeTensorError>>()?;
    let manifest = manifest.map(serde_json::to_string).transpose().map_err(SafeTensorError::JsonError)?;
    safetensors::serialize(views, manifest.map(|manifest| HashMap::from([(KEY.into(), manifest)])))
}

/// Whether every weight is a finite number.
pub fn are_finite<M: Params>(weights: &M) -> bool {
    let mut finite = true;
    weights.read(&mut |_, values| finite &= values.iter().all(|value| value.is_finite()));
    finite
}

fn little_endian(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
