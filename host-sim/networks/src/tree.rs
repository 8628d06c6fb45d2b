//! The weights of a network, whatever its type: a flat vector, and the names and shapes of its leaves.

use std::sync::Arc;

use trainlet::core::params::{Params, Role};

/// A leaf of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// As PyTorch names it: `blocks.0.token_mixing.0.weight`.
    pub name: String,
    /// As PyTorch has it, `[out][in]` for a linear layer.
    pub shape: Vec<usize>,
    /// What it is for.
    pub role: Role,
    /// Whether training changes it.
    pub trained: bool,
}

impl Leaf {
    /// Number of its values.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// No values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// All leaves of a network, in the order of the walk.
pub fn leaves<M: Params>() -> Arc<[Leaf]> {
    let mut leaves = Vec::new();
    let model = Box::new(M::ZERO);
    model.read(&mut |leaf, _| {
        let (name, shape) = (leaf.path.to_string(), leaf.shape.to_vec());
        leaves.push(Leaf { name, shape, role: leaf.role, trained: leaf.trained });
    });
    leaves.into()
}

/// Weights of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// What they belong to.
    pub leaves: Arc<[Leaf]>,
    /// All values in the order of the walk.
    pub values: Vec<f32>,
}

impl Weights {
    /// All zeros.
    pub fn zero(leaves: Arc<[Leaf]>) -> Self {
        let count = leaves.iter().map(Leaf::len).sum();
        Self { leaves, values: vec![0.0; count] }
    }

    /// Each leaf with its values.
    pub fn iter(&self) -> impl Iterator<Item = (&Leaf, &[f32])> {
        let mut rest = &self.values[..];
        self.leaves.iter().map(move |leaf| {
            let (values, later) = rest.split_at(leaf.len());
            rest = later;
            (leaf, values)
        })
    }

    /// CRC-32 of all values, little-endian, as boards compute it.
    pub fn crc32(&self) -> u32 {
        trainlet::core::checksum::crc32_of(&self.values)
    }

    /// Whether every value is a finite number.
    pub fn are_finite(&self) -> bool {
        self.values.iter().all(|value| value.is_finite())
    }

    /// The name of the leaf whose first value has this place in a gradient.
    pub fn name_of_trained(&self, place: usize) -> Option<&str> {
        let mut first = 0;
        self.leaves.iter().filter(|leaf| leaf.trained).find_map(|leaf| {
            let found = first == place;
            first += leaf.len();
            found.then_some(&*leaf.name)
        })
    }
}

/// Replaces the first weights of a model, as many as there are values.
pub fn write<M: Params>(model: &mut M, values: &[f32]) {
    let mut values = values.iter();
    model.walk(&mut |_, weights| {
        for (weight, value) in weights.iter_mut().zip(&mut values) {
            *weight = *value;
        }
    });
}

/// All weights of a model.
pub fn read<M: Params>(model: &M) -> Vec<f32> {
    let mut values = Vec::with_capacity(M::COUNT);
    model.read(&mut |_, weights| values.extend_from_slice(weights));
    values
}
