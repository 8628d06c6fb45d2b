//! Which values there are, whatever they are.

use crate::core::checksum::{Digest, digest};
use crate::core::params::{Leaf, Role, Segment};

/// Sums up the values that an archive is shown: how many bytes, of which network, and of what beside its weights.
#[derive(Clone)]
pub struct Shapes {
    /// How many bytes they take.
    pub bytes: u32,
    network: Digest,
    kept: Digest,
    /// Values of a choice: whatever is chosen, it is the same program.
    pub(super) within_choice: bool,
}

impl Shapes {
    /// Of nothing.
    pub fn new() -> Self {
        Self { bytes: 0, network: digest(), kept: digest(), within_choice: false }
    }

    /// CRC-32 over places, shapes and roles of the leaves of the network.
    pub fn network(&self) -> u32 {
        self.network.clone().finalize()
    }

    /// CRC-32 over names, kinds and numbers of all other values.
    pub fn others(&self) -> u32 {
        self.kept.clone().finalize()
    }

    pub(super) fn kept(&mut self, bytes: &[u8]) {
        if !self.within_choice {
            self.kept.update(bytes);
        }
    }

    /// A leaf whose place is that of PyTorch's name for it, however the blocks are nested.
    pub(super) fn leaf(&mut self, leaf: &Leaf) {
        let network = &mut self.network;
        leaf.path.segments(&mut |segment| match segment {
            Segment::Name(name) => {
                network.update(name.as_bytes());
                network.update(b".");
            }
            Segment::Number(number) => network.update(&(number as u32).to_le_bytes()),
        });
        network.update(match leaf.role {
            Role::Weight => b"w",
            Role::Bias => b"b",
            Role::Norm => b"n",
        });
        leaf.shape.iter().for_each(|length| network.update(&(*length as u32).to_le_bytes()));
    }
}

impl Default for Shapes {
    fn default() -> Self {
        Self::new()
    }
}
