//! Bytes handed to a writer.

use embedded_io::Write;

/// Writes all of the bytes; `false` if the writer takes no more. (embedded-io's own `write_all` panics then.)
pub(crate) fn send<W: Write>(writer: &mut W, bytes: &[u8]) -> Result<bool, W::Error> {
    let mut rest = bytes;
    while !rest.is_empty() {
        match writer.write(rest)? {
            0 => return Ok(false),
            count => rest = rest.get(count..).unwrap_or_default(),
        }
    }
    Ok(true)
}
