//! What tells runs apart.

use crc::{CRC_32_ISO_HDLC, Crc};

use crate::data::preprocessing::Prepared;
use crate::run::checkpoint;
use crate::run::options::Options;

/// A number for the run with these options and data, by which a board recognises it. Not 0.
///
/// # Errors
/// None that options can lead to.
pub fn run_number(options: &Options, prepared: &Prepared) -> Result<u32, serde_json::Error> {
    let crc = Crc::<u32>::new(&CRC_32_ISO_HDLC);
    let mut digest = crc.digest();
    // Where the results go makes no difference.
    digest.update(&serde_json::to_vec(&Options { save: None, json: None, ..options.clone() })?);
    checkpoint::add(&prepared.train, &mut digest);
    Ok(digest.finalize().max(1))
}
