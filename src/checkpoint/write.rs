//! Writing.

use embedded_io::Write;

use super::header::Header;
use super::{Error, Keep};
use crate::core::archive::{Archive, Failure};
use crate::core::checksum::digest;
use crate::core::send::send;

/// Bytes that [`write()`] would write now.
///
/// # Errors
/// It cannot be written.
pub fn length(keep: Keep) -> Result<u32, Failure> {
    Header::to_write(keep).map(|header| header.file_length())
}

/// Writes down what `keep` shows, and gives the number of bytes.
///
/// # Errors
/// A value cannot be kept, or the medium fails or is full.
pub fn write<W: Write>(medium: &mut W, keep: Keep) -> Result<u32, Error<W::Error>> {
    let header = Header::to_write(keep).map_err(Error::Value)?;
    all(medium, &header.to_bytes())?;
    let (mut digest, mut failed) = (digest(), None);
    let mut hand_over = |bytes: &mut [u8]| {
        digest.update(bytes);
        all(medium, bytes).map_err(|error| {
            failed = Some(error);
            Failure::Medium
        })
    };
    let mut archive = Archive::write(&mut hand_over);
    keep(&mut archive);
    let result = archive.result();
    if let Some(error) = failed {
        return Err(error);
    }
    result.map_err(Error::Value)?;
    all(medium, &digest.finalize().to_le_bytes())?;
    medium.flush().map_err(Error::Medium)?;
    Ok(header.file_length())
}

fn all<W: Write>(medium: &mut W, bytes: &[u8]) -> Result<(), Error<W::Error>> {
    if send(medium, bytes).map_err(Error::Medium)? { Ok(()) } else { Err(Error::Full) }
}
