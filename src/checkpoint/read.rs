//! Reading: first all of it is looked at, then values are put in place.

use embedded_io::{Read, ReadExactError, Seek, SeekFrom};

use super::header::{CHECKSUM, HEADER, Header, NoHeader};
use super::{Error, Keep};
use crate::core::archive::{Archive, Failure};
use crate::core::checksum::digest;

/// Bytes that are looked at at a time.
const PIECE: usize = 64;

/// Puts what was written in place of what `keep` shows. The checkpoint begins where the medium stands. It is read three times: for
/// its checksum, for the ranges of its values, and then to take it over. Gives the number of its bytes.
///
/// # Errors
/// It cannot be read; nothing has changed then, unless the medium fails the third time.
pub fn read<R: Read + Seek>(medium: &mut R, keep: Keep) -> Result<u32, Error<R::Error>> {
    let expected = Header::to_replace(keep).map_err(Error::Value)?;
    let start = medium.stream_position().map_err(Error::Medium)?;
    let header = header(medium)?;
    if header.network != expected.network {
        return Err(Error::Network);
    }
    if header.others != expected.others {
        return Err(Error::Kept);
    }
    check(medium, header.length)?;
    for load in [false, true] {
        medium.seek(SeekFrom::Start(start + HEADER as u64)).map_err(Error::Medium)?;
        walk(medium, header.length, keep, load)?;
    }
    Ok(header.file_length())
}

fn header<R: Read>(medium: &mut R) -> Result<Header, Error<R::Error>> {
    let mut bytes = [0; HEADER];
    medium.read_exact(&mut bytes).map_err(ended)?;
    Header::from_bytes(&bytes).map_err(|error| match error {
        NoHeader::Foreign => Error::Foreign,
        NoHeader::Damaged => Error::Damaged,
        NoHeader::Version(version) => Error::Version(version),
    })
}

/// Compares the checksum of the contents.
fn check<R: Read>(medium: &mut R, length: u32) -> Result<(), Error<R::Error>> {
    let (mut digest, mut rest) = (digest(), length as usize);
    while rest > 0 {
        let mut bytes = [0; PIECE];
        let piece = bytes.get_mut(..rest.min(PIECE)).unwrap_or_default();
        medium.read_exact(piece).map_err(ended)?;
        digest.update(piece);
        rest -= piece.len();
    }
    let mut checksum = [0; CHECKSUM];
    medium.read_exact(&mut checksum).map_err(ended)?;
    if digest.finalize() == u32::from_le_bytes(checksum) { Ok(()) } else { Err(Error::Damaged) }
}

/// Looks at `length` bytes of contents, or puts them in place.
fn walk<R: Read>(medium: &mut R, length: u32, keep: Keep, load: bool) -> Result<(), Error<R::Error>> {
    let (mut rest, mut failed) = (length as usize, None);
    let mut get = |bytes: &mut [u8]| {
        // More than there is: the contents end in the middle of a value.
        rest = rest.checked_sub(bytes.len()).ok_or(Failure::Malformed)?;
        medium.read_exact(bytes).map_err(|error| {
            failed = Some(ended(error));
            Failure::Medium
        })
    };
    let mut archive = if load { Archive::load(&mut get) } else { Archive::verify(&mut get) };
    keep(&mut archive);
    let result = archive.result();
    match (failed, result) {
        (Some(error), _) => Err(error),
        (None, Err(failure)) => Err(Error::Value(failure)),
        (None, Ok(())) if rest > 0 => Err(Error::Value(Failure::Malformed)),
        (None, Ok(())) => Ok(()),
    }
}

fn ended<E>(error: ReadExactError<E>) -> Error<E> {
    match error {
        ReadExactError::UnexpectedEof => Error::Cut,
        ReadExactError::Other(error) => Error::Medium(error),
    }
}
