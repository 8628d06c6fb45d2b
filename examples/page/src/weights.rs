//! Weights as a safetensors file, with PyTorch's names; those of the watch as host-sim writes and reads them.

use std::collections::HashMap;

use crc::{CRC_32_ISO_HDLC, Crc};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use serde::Serialize;
use trainlet::nn::loss::InvalidTarget;

use crate::learner::AnyLearner;
use crate::samples::Preparation;

/// What host-sim's files say beside the weights: JSON under the key `trainlet` of the file's metadata.
#[derive(Serialize)]
struct Manifest<'a> {
    format: u32,
    /// Of this text without it, then of all tensors.
    #[serde(skip_serializing_if = "Option::is_none")]
    crc32: Option<u32>,
    config: &'a str,
    preparation: &'a Preparation,
}

/// The version of the manifest.
const FORMAT: u32 = 2;
const KEY: &str = "trainlet";
/// Bytes of the number at the start of a file, which says how long its header is.
const LENGTH: usize = 8;
static CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// A weight's name, its shape and its bytes.
type Leaf = (String, Vec<usize>, Vec<u8>);

/// The file.
///
/// # Errors
/// None that a tree of named arrays can lead to.
pub fn file(learner: &mut AnyLearner, network: &str, preparation: &Preparation) -> Result<Vec<u8>, SafeTensorError> {
    let leaves = leaves(learner).unwrap_or_default();
    let views = leaves
        .iter()
        .map(|(name, shape, bytes)| Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes)?)))
        .collect::<Result<Vec<_>, SafeTensorError>>()?;
    let with = |manifest: &Manifest| {
        let texts = HashMap::from([(KEY.into(), json(manifest)?)]);
        safetensors::serialize(views.iter().cloned(), Some(texts))
    };
    let mut manifest = Manifest { format: FORMAT, crc32: None, config: network, preparation };
    // The order of the tensors is the crate's: the checksum is that of what it writes.
    let bytes = with(&manifest)?;
    let (length, _) = SafeTensors::read_metadata(&bytes)?;
    let mut digest = CRC.digest();
    digest.update(json(&manifest)?.as_bytes());
    digest.update(&bytes[LENGTH + length..]);
    manifest.crc32 = Some(digest.finalize());
    with(&manifest)
}

fn json(manifest: &Manifest) -> Result<String, SafeTensorError> {
    serde_json::to_string(manifest).map_err(SafeTensorError::JsonError)
}

fn leaves(learner: &mut AnyLearner) -> Result<Vec<Leaf>, InvalidTarget> {
    let mut leaves = Vec::new();
    learner.weights(&mut |leaf, values| {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        leaves.push((leaf.path.to_string(), leaf.shape.to_vec(), bytes));
    })?;
    Ok(leaves)
}
