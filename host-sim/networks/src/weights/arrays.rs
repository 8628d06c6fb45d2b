//! Named arrays of a file, and how they become the weights of a network.

use std::collections::BTreeMap;

use safetensors::{Dtype, SafeTensors};

use super::Error;
use crate::tree::Weights;

/// What a file holds, by name.
pub type Arrays = BTreeMap<String, Array>;

/// One of them.
#[derive(Debug)]
pub struct Array {
    /// The lengths of its axes.
    pub shape: Vec<usize>,
    /// Its numbers, or the name of their type if they are no floats.
    pub values: Result<Vec<f32>, String>,
}

/// What wrappers of PyTorch put in front of all names: `DataParallel`, and `torch.compile`.
const PREFIXES: [&str; 2] = ["module.", "_orig_mod."];
/// Larger weights than this have squares that are not finite.
const MAX_WEIGHT: f32 = 1e19;
/// Names that a message has of each kind.
const NAMES: usize = 6;

/// Those of a safetensors file.
pub fn of_tensors(tensors: &SafeTensors) -> Arrays {
    let array = |tensor: &safetensors::tensor::TensorView| {
        let numbers = tensor.data().as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes));
        let values = if tensor.dtype() == Dtype::F32 { Ok(numbers.collect()) } else { Err(tensor.dtype().to_string()) };
        Array { shape: tensor.shape().to_vec(), values }
    };
    tensors.iter().map(|(name, tensor)| (name.into(), array(&tensor))).collect()
}

/// The name that an array has without its wrappers, which have renamed all of them.
fn bare<'a>(arrays: &Arrays, name: &'a str) -> &'a str {
    let wrapped = |prefix: &&str| arrays.keys().all(|name| name.starts_with(prefix));
    let outer = PREFIXES.iter().find(|prefix| wrapped(prefix)).map_or(0, |prefix| prefix.len());
    let within = |prefix: &&str| arrays.keys().all(|name| name[outer..].starts_with(*prefix));
    let inner = PREFIXES.iter().find(|prefix| within(prefix)).map_or(0, |prefix| prefix.len());
    &name[outer + inner..]
}

/// Copies arrays into the weights of a network.
///
/// # Errors
/// Some are missing, not asked for, of another shape or type, or a weight is out of range.
pub fn load(arrays: &Arrays, path: &str, network: &'static str, weights: &mut Weights) -> Result<(), Error> {
    let by_name: BTreeMap<&str, &Array> = arrays.iter().map(|(name, array)| (bare(arrays, name), array)).collect();
    fits(&by_name, weights).map_err(|problems| Error::Fit { path: path.into(), network, problems })?;
    let mut rest = &mut weights.values[..];
    for leaf in weights.leaves.iter() {
        let (to, later) = rest.split_at_mut(leaf.len());
        rest = later;
        let name = || (path.to_string(), leaf.name.clone());
        let values = by_name[&*leaf.name].values.as_ref().map_err(|found| {
            let (path, leaf) = name();
            Error::Type { path, leaf, found: found.clone() }
        })?;
        if let Some((index, value)) = (0..).zip(values).find(|(_, value)| value.is_nan() || value.abs() > MAX_WEIGHT) {
            let (path, leaf) = name();
            return Err(Error::OutOfRange { path, leaf, index, value: *value });
        }
        to.copy_from_slice(values);
    }
    Ok(())
}

/// Whether there are all arrays that a network has, in their shapes, and no others; if not, what is wrong.
fn fits(arrays: &BTreeMap<&str, &Array>, weights: &Weights) -> Result<(), String> {
    let (mut missing, mut misshapen) = (Vec::new(), Vec::new());
    let mut unexpected = arrays.clone();
    for leaf in weights.leaves.iter() {
        match unexpected.remove(&*leaf.name) {
            None => missing.push(format!("`{}`", leaf.name)),
            Some(Array { shape, .. }) if *shape != leaf.shape => {
                misshapen.push(format!("`{}` has shape {shape:?} and needs {:?}", leaf.name, leaf.shape));
            }
            Some(_) => {}
        }
    }
    let unexpected = unexpected.keys().map(|name| format!("`{name}`")).collect();
    let kinds = [("missing: ", missing), ("unexpected: ", unexpected), ("", misshapen)];
    let problems: Vec<_> = kinds.into_iter().filter(|(_, found)| !found.is_empty()).collect();
    let list: Vec<_> = problems.iter().map(|(kind, found)| kind.to_string() + &some(found)).collect();
    if list.is_empty() { Ok(()) } else { Err(list.join("; ")) }
}

/// The first of them, and how many more there are.
fn some(found: &[String]) -> String {
    let shown = found[..found.len().min(NAMES)].join(", ");
    if found.len() > NAMES { format!("{shown} and {} more", found.len() - NAMES) } else { shown }
}
