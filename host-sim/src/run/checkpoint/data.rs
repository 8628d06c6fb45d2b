//! What tells the data of one run from those of another.

use crc::{CRC_32_ISO_HDLC, Crc, Digest};
use serde::{Deserialize, Serialize};

use crate::data::Dataset;
use crate::data::preprocessing::{Preparation, Prepared};

/// The data of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fingerprint {
    training: Set,
    validation: Option<Set>,
    test: Option<Set>,
    /// How raw data become inputs.
    preparation: Preparation,
}

/// Samples as a network sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Set {
    samples: usize,
    crc32: u32,
}

impl Fingerprint {
    /// Of prepared data.
    pub fn of(prepared: &Prepared) -> Self {
        let Prepared { train, validation, test, preparation, .. } = prepared;
        Self {
            training: Set::of(train),
            validation: validation.as_ref().map(Set::of),
            test: test.as_ref().map(Set::of),
            preparation: preparation.clone(),
        }
    }

    /// What of `other` is not what it was, in words.
    pub fn difference(&self, other: &Self) -> Option<String> {
        let sets = [
            ("training", Some(self.training), Some(other.training)),
            ("validation", self.validation, other.validation),
            ("test", self.test, other.test),
        ];
        let said = |set: Option<Set>| match set {
            Some(Set { samples, crc32 }) => format!("{samples} samples with CRC-32 {crc32:08x}"),
            None => "none".into(),
        };
        match sets.into_iter().find(|(_, kept, found)| kept != found) {
            Some((name, kept, found)) => {
                Some(format!("the {name} data have changed: they were {}, now they are {}", said(kept), said(found)))
            }
            None if self.preparation != other.preparation => Some("the data are prepared in another way now".into()),
            None => None,
        }
    }
}

impl Set {
    fn of(set: &Dataset) -> Self {
        let crc = Crc::<u32>::new(&CRC_32_ISO_HDLC);
        let mut digest = crc.digest();
        add(set, &mut digest);
        Self { samples: set.len(), crc32: digest.finalize() }
    }
}

/// Adds inputs and labels of all samples, little-endian.
pub fn add(set: &Dataset, digest: &mut Digest<u32>) {
    for (row, label) in set.samples() {
        row.iter().chain(label).for_each(|value| digest.update(&value.to_le_bytes()));
    }
}
