//! The bytes of a file.

use std::fmt;

use crc::{CRC_32_ISO_HDLC, Crc};
use trainlet::checkpoint;

use super::Run;

/// Version of what stands behind the learner.
pub const VERSION: u32 = 1;

const LEARNER: &[u8; 4] = b"TRNL";
const RUN: &[u8; 4] = b"TRNR";
/// Header and checksum of the library's format.
const AROUND_LEARNER: usize = 28;
const LENGTH: usize = 16;
static CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// What is wrong with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Fault {
    Foreign,
    Version(u32),
    NoRun,
    Cut,
    Damaged,
    Malformed,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign => f.write_str("is not a checkpoint; give a file that `train --checkpoint` wrote"),
            Self::Version(version) => write!(
                f,
                "is of version {version} of the format, and this program reads version {VERSION}; go on with the program that wrote it"
            ),
            Self::NoRun => f.write_str(
                "is a trainer without its run, such as a board keeps; `train` goes on from files of --checkpoint",
            ),
            Self::Cut => f.write_str("its end is missing; take a copy that is whole"),
            Self::Damaged => f.write_str("is damaged: its checksum is wrong; take a copy that is whole"),
            Self::Malformed => f.write_str("its contents are not what this program writes"),
        }
    }
}

/// A file of a learner's bytes and the run around it.
pub fn bytes(learner: &[u8], run: &Run) -> Vec<u8> {
    let mut bytes = learner.to_vec();
    bytes.extend(RUN);
    bytes.extend(VERSION.to_le_bytes());
    let start = bytes.len() + 4;
    bytes.extend([0; 4]);
    ciborium::into_writer(run, &mut bytes).expect("memory takes every byte, and CBOR every value");
    let length = (bytes.len() - start) as u32;
    bytes[start - 4..start].copy_from_slice(&length.to_le_bytes());
    bytes.extend(CRC.checksum(&bytes).to_le_bytes());
    bytes
}

/// The learner's bytes, and the run.
pub fn parse(bytes: &[u8]) -> Result<(Vec<u8>, Run<'static>), Fault> {
    match (bytes.first_chunk(), word(bytes, 4)) {
        (None, _) => return Err(if bytes.is_empty() { Fault::Cut } else { Fault::Foreign }),
        (Some(magic), _) if magic != LEARNER => return Err(Fault::Foreign),
        (_, Some(version)) if version != checkpoint::VERSION => return Err(Fault::Version(version)),
        _ => {}
    }
    let learner = (word(bytes, LENGTH).ok_or(Fault::Cut)? as usize).saturating_add(AROUND_LEARNER);
    if bytes.len() == learner {
        return Err(Fault::NoRun);
    }
    let (learner, rest) = bytes.split_at_checked(learner).ok_or(Fault::Cut)?;
    let (checked, checksum) = bytes.split_last_chunk().ok_or(Fault::Cut)?;
    let is_whole = CRC.checksum(checked) == u32::from_le_bytes(*checksum);
    let version = word(rest, 4).ok_or(Fault::Cut)?;
    if rest.first_chunk() == Some(RUN) && version != VERSION && is_whole {
        return Err(Fault::Version(version));
    }
    let length = word(rest, 8).ok_or(Fault::Cut)? as usize;
    let run = rest.get(12..).unwrap_or_default();
    if run.len() < length.saturating_add(4) {
        return Err(Fault::Cut);
    }
    if !is_whole || run.len() != length + 4 || rest.first_chunk() != Some(RUN) {
        return Err(Fault::Damaged);
    }
    let run = ciborium::from_reader(&run[..length]).map_err(|_| Fault::Malformed)?;
    Ok((learner.to_vec(), run))
}

fn word(bytes: &[u8], place: usize) -> Option<u32> {
    bytes.get(place..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}
