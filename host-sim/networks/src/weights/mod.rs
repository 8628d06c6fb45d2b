//! Weights as safetensors files, which PyTorch reads and writes too, and as arrays of numpy.

mod arrays;
pub mod numpy;
mod strict;

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::Path;

use crc::{CRC_32_ISO_HDLC, Crc};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use serde::{Deserialize, Serialize};
use trainlet_data::preprocessing::Preparation;

use crate::tree::Weights;
use arrays::Arrays;

/// What a file of ours says beside the weights: JSON under the key `trainlet` of the file's metadata.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of this structure.
    pub format: u32,
    /// CRC-32 of this text without it, then of all tensors; while it is in a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    crc32: Option<u32>,
    /// Name of the network.
    #[serde(rename = "config")]
    pub network: String,
    /// What training learned about its data.
    pub preparation: Preparation,
}

impl Manifest {
    /// Of weights of this network, for data that were prepared in this way.
    pub fn new(network: &str, preparation: Preparation) -> Self {
        Self { format: FORMAT, crc32: None, network: network.into(), preparation }
    }

    fn checksum(&self, tensors: &[u8]) -> Result<u32, serde_json::Error> {
        let mut digest = CRC.digest();
        digest.update(serde_json::to_string(&Self { crc32: None, ..self.clone() })?.as_bytes());
        digest.update(tensors);
        Ok(digest.finalize())
    }
}

/// The version that this program writes.
pub const FORMAT: u32 = 2;
/// The oldest version that it reads, whose files have no checksum.
const OLDEST: u32 = 1;
const KEY: &str = "trainlet";
static CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

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
    #[error("{path}: is of format {found}, and this program reads up to {FORMAT}; use the program that wrote it")]
    Format { path: String, found: u32 },
    #[error("{path}: its header cannot be trusted ({source}); write it anew with --save")]
    Header { path: String, source: serde_json::Error },
    #[error(
        "{path}: is damaged: its checksum is {found:08x}, but its contents have {right:08x}; take a copy that is whole"
    )]
    Damaged { path: String, found: u32, right: u32 },
    #[error("{path}: has lost its checksum; take a copy that is whole")]
    NoChecksum { path: String },
    #[error(
        "{path}: says that `{input}` has mean {mean} and deviation {deviation}, which no data have; write it anew with --save"
    )]
    Scale { path: String, input: String, mean: f32, deviation: f32 },
    #[error(
        "{path}: cannot be read as arrays of numpy ({source}); give a .npz, or a folder with a .npy for each parameter"
    )]
    Numpy { path: String, source: io::Error },
    #[error(
        "{path}: is of torch.save, which can run programs when it is read; make it a safetensors file, in Python: \
         import torch, safetensors.torch; \
         safetensors.torch.save_file(torch.load(\"{path}\", \"cpu\", weights_only=True), \"{path}.safetensors\")"
    )]
    Pickle { path: String },
    #[error("{path}: does not fit `{network}`: {problems}; is it of another network?")]
    Fit { path: String, network: &'static str, problems: String },
    #[error("{path}: `{leaf}` holds {found} numbers, but F32 are needed; convert them, in PyTorch with `.float()`")]
    Type { path: String, leaf: String, found: String },
    #[error("{path}: value {index} of `{leaf}` is {value}; weights must be between -1e19 and 1e19")]
    OutOfRange { path: String, leaf: String, index: usize, value: f32 },
}

/// A file of weights in memory.
pub struct File {
    path: String,
    arrays: Arrays,
    /// Missing from files of other programs.
    pub manifest: Option<Manifest>,
}

impl File {
    /// Reads a safetensors file, a `.npz` or a folder of `.npy` files, and checks all but the arrays.
    ///
    /// # Errors
    /// Not there, not such a file, or one of a later version of this program.
    pub fn read(path: &str) -> Result<Self, Error> {
        let numpy = |arrays: io::Result<Arrays>| {
            let arrays = arrays.map_err(|source| Error::Numpy { path: path.into(), source })?;
            Ok(Self { path: path.into(), arrays, manifest: None })
        };
        if Path::new(path).is_dir() {
            return numpy(numpy::of_folder(Path::new(path)));
        }
        let bytes = fs::read(path).map_err(|source| Error::Unreadable { path: path.into(), source })?;
        if is_pickle(path, &bytes) {
            return Err(Error::Pickle { path: path.into() });
        }
        if bytes.starts_with(ZIP) {
            return numpy(numpy::of_archive(&bytes));
        }
        let not_safetensors = |source| Error::NotSafetensors { path: path.into(), source };
        let (length, metadata) = SafeTensors::read_metadata(&bytes).map_err(not_safetensors)?;
        let (header, tensors) = bytes[LENGTH..].split_at(length);
        strict::check(header).map_err(|source| Error::Header { path: path.into(), source })?;
        let text = metadata.metadata().as_ref().and_then(|entries| entries.get(KEY));
        let manifest = text.map(|text| parse(path, text, tensors)).transpose()?;
        let arrays = arrays::of_tensors(&SafeTensors::deserialize(&bytes).map_err(not_safetensors)?);
        Ok(Self { path: path.into(), arrays, manifest })
    }

    /// Copies the arrays into the weights of a network. What wrappers of PyTorch put in front of all names does not count.
    ///
    /// # Errors
    /// Arrays are missing, not asked for, of another shape or type, or a weight is out of range.
    pub fn load(&self, network: &'static str, weights: &mut Weights) -> Result<(), Error> {
        arrays::load(&self.arrays, &self.path, network, weights)
    }
}

/// How the files begin that `numpy.savez` and newer versions of `torch.save` write.
const ZIP: &[u8] = b"PK";

/// Whether a file is of `torch.save`: by its name, or by the first byte of older ones.
fn is_pickle(path: &str, bytes: &[u8]) -> bool {
    let ending = Path::new(path).extension().and_then(|ending| ending.to_str());
    matches!(ending, Some("pt" | "pth" | "ckpt"))
        || bytes.first() == Some(&0x80) && bytes.get(1).is_some_and(|version| *version < 6)
}

/// Bytes of the number at the start of a file, which says how long its header is.
const LENGTH: usize = 8;

/// The manifest, once it and the tensors are what was written.
fn parse(path: &str, text: &str, tensors: &[u8]) -> Result<Manifest, Error> {
    #[derive(Deserialize)]
    struct Version {
        format: u32,
    }
    let damaged = |source| Error::Manifest { path: path.into(), source };
    strict::check(text.as_bytes()).map_err(damaged)?;
    let Version { format } = serde_json::from_str(text).map_err(damaged)?;
    if !(OLDEST..=FORMAT).contains(&format) {
        return Err(Error::Format { path: path.into(), found: format });
    }
    let mut manifest: Manifest = serde_json::from_str(text).map_err(damaged)?;
    let right = manifest.checksum(tensors).map_err(damaged)?;
    match manifest.crc32.take() {
        Some(found) if found != right => return Err(Error::Damaged { path: path.into(), found, right }),
        None if format > OLDEST => return Err(Error::NoChecksum { path: path.into() }),
        _ => check_scales(path, &manifest.preparation)?,
    }
    Ok(manifest)
}

/// A deviation of 0 is that of a column that never changes; the axes of a watch do.
fn check_scales(path: &str, preparation: &Preparation) -> Result<(), Error> {
    let may_be_constant = matches!(preparation, Preparation::Table(_));
    let spreads = |deviation: f32| deviation > 0.0 || (may_be_constant && deviation == 0.0);
    let possible = |mean: f32, deviation: f32| mean.is_finite() && deviation.is_finite() && spreads(deviation);
    match preparation.scales().into_iter().find(|(_, mean, deviation)| !possible(*mean, *deviation)) {
        Some((input, mean, deviation)) => Err(Error::Scale { path: path.into(), input, mean, deviation }),
        None => Ok(()),
    }
}

/// A safetensors file of the weights.
///
/// # Errors
/// None that a tree of named arrays can lead to.
pub fn to_bytes(weights: &Weights, manifest: Option<&Manifest>) -> Result<Vec<u8>, SafeTensorError> {
    to_bytes_with(weights, manifest, HashMap::new())
}

/// [`to_bytes`] with more texts in the file's metadata, by their keys; this program does not read them.
///
/// # Errors
/// As [`to_bytes`].
pub fn to_bytes_with(
    weights: &Weights,
    manifest: Option<&Manifest>,
    beside: HashMap<String, String>,
) -> Result<Vec<u8>, SafeTensorError> {
    let leaves: Vec<_> =
        weights.iter().map(|(leaf, values)| (&leaf.name, &leaf.shape, little_endian(values))).collect();
    let views = leaves
        .iter()
        .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F32, shape.to_vec(), bytes)?)))
        .collect::<Result<Vec<_>, SafeTensorError>>()?;
    let file = |manifest: Option<&Manifest>| {
        let text = manifest.map(serde_json::to_string).transpose().map_err(SafeTensorError::JsonError)?;
        let mut texts = beside.clone();
        texts.extend(text.map(|text| (KEY.into(), text)));
        safetensors::serialize(views.iter().cloned(), (!texts.is_empty()).then_some(texts))
    };
    let Some(manifest) = manifest else { return file(None) };
    // The order of the tensors is the crate's: the checksum is that of what it has written.
    let bytes = file(None)?;
    let (length, _) = SafeTensors::read_metadata(&bytes)?;
    let crc32 = manifest.checksum(&bytes[LENGTH + length..]).map_err(SafeTensorError::JsonError)?;
    file(Some(&Manifest { crc32: Some(crc32), ..manifest.clone() }))
}

fn little_endian(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}
