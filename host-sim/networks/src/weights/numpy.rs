//! Arrays as numpy writes them: `.npy` files in a folder, or together in a `.npz`. The format is that of
//! [NEP 1](https://numpy.org/neps/nep-0001-npy-format.html).

use std::fs;
use std::io::{self, Cursor, Error, ErrorKind, Read as _, Write as _};
use std::path::Path;

use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::arrays::{Array, Arrays};
use crate::tree::Weights;

const MAGIC: &[u8] = b"\x93NUMPY";
const ENDING: &str = ".npy";
/// Bytes of all arrays of an archive, unpacked: a small one can hold what no memory does.
const MOST: u64 = 256 << 20;

/// What stands in a `.npz`, by name.
///
/// # Errors
/// Not such a file.
pub fn of_archive(bytes: &[u8]) -> io::Result<Arrays> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))?;
    let mut arrays = Arrays::new();
    let mut room = MOST;
    for index in 0..archive.len() {
        let entry = archive.by_index(index)?;
        let name = entry.name()?.into_owned();
        let Some(name) = name.strip_suffix(ENDING) else { return Err(invalid(format!("it has `{name}`"))) };
        let mut bytes = Vec::new();
        let read = entry.take(room + 1).read_to_end(&mut bytes)? as u64;
        room = room.checked_sub(read).ok_or_else(|| invalid("its arrays take more than 256 MiB".into()))?;
        arrays.insert(name.into(), array(&bytes).map_err(|error| invalid(format!("`{name}`: {error}")))?);
    }
    Ok(arrays)
}

/// What the `.npy` files of a folder hold, by their names without the ending.
///
/// # Errors
/// A file that cannot be read, or is not one of numpy.
pub fn of_folder(folder: &Path) -> io::Result<Arrays> {
    let mut arrays = Arrays::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some(name) = name.strip_suffix(ENDING) else { continue };
        let array = fs::read(&path).and_then(|bytes| array(&bytes));
        arrays.insert(name.into(), array.map_err(|error| invalid(format!("`{name}`: {error}")))?);
    }
    if arrays.is_empty() { Err(invalid("the folder has no .npy file".into())) } else { Ok(arrays) }
}

fn invalid(what: String) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

fn array(bytes: &[u8]) -> io::Result<Array> {
    let broken = || invalid("is not a whole .npy file".into());
    let (version, rest) = bytes.strip_prefix(MAGIC).and_then(|rest| rest.split_at_checked(2)).ok_or_else(broken)?;
    let (length, rest) = rest.split_at_checked(if version[0] == 1 { 2 } else { 4 }).ok_or_else(broken)?;
    let length = length.iter().rev().fold(0, |length, byte| length << 8 | usize::from(*byte));
    let (header, data) = rest.split_at_checked(length).ok_or_else(broken)?;
    let header = str::from_utf8(header).map_err(|_| broken())?;
    let kind = entry(header, "descr").and_then(|text| text.split('\'').nth(1)).ok_or_else(broken)?;
    let shape = entry(header, "shape").and_then(lengths).ok_or_else(broken)?;
    let count = shape.iter().try_fold(1_usize, |count, length| count.checked_mul(*length)).ok_or_else(broken)?;
    let values: Vec<f32> = match kind {
        "<f4" => data.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect(),
        "<f8" => data.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes) as f32).collect(),
        other => return Ok(Array { shape, values: Err(other.into()) }),
    };
    if values.len() != count {
        return Err(broken());
    }
    let by_columns = entry(header, "fortran_order").is_some_and(|text| text.starts_with("True"));
    Ok(Array { values: Ok(if by_columns { row_by_row(&values, &shape) } else { values }), shape })
}

/// What follows a key of the header, a dictionary of Python.
fn entry<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    header.split_once(&format!("'{key}':")).map(|(_, value)| value.trim_start())
}

/// The numbers of a tuple.
fn lengths(tuple: &str) -> Option<Vec<usize>> {
    let (inside, _) = tuple.strip_prefix('(')?.split_once(')')?;
    inside.split(',').map(str::trim).filter(|text| !text.is_empty()).map(|text| text.parse().ok()).collect()
}

/// Values that stand column by column, the first axis fastest, with the last axis fastest.
fn row_by_row(values: &[f32], shape: &[usize]) -> Vec<f32> {
    let place = |mut index: usize| {
        let mut place = 0;
        for axis in (0..shape.len()).rev() {
            let stride: usize = shape[..axis].iter().product();
            place += index % shape[axis] * stride;
            index /= shape[axis];
        }
        place
    };
    (0..values.len()).map(|index| values[place(index)]).collect()
}

/// A `.npz` of the weights, for `numpy.load`.
///
/// # Errors
/// None in memory.
pub fn to_bytes(weights: &Weights) -> ZipResult<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (leaf, values) in weights.iter() {
        archive.start_file(format!("{}{ENDING}", leaf.name), SimpleFileOptions::default())?;
        let shape: String = leaf.shape.iter().map(|length| format!("{length}, ")).collect();
        let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}), }}");
        // The numbers begin at a multiple of 64 bytes, behind the magic, the version and the length.
        let padded = format!("{header:<width$}\n", width = (header.len() + 11).next_multiple_of(64) - 11);
        archive.write_all(&[MAGIC, &[1, 0], &(padded.len() as u16).to_le_bytes(), padded.as_bytes()].concat())?;
        archive.write_all(&super::little_endian(values))?;
    }
    Ok(archive.finish()?.into_inner())
}

#[cfg(test)]
mod tests {
    use zip::CompressionMethod;

    use super::*;

    /// A quarter of a megabyte that unpacks to more than 256.
    #[test]
    fn an_archive_that_unpacks_to_too_much_is_refused() {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        archive.start_file("w.npy", packed).unwrap();
        let zeros = vec![0; 1 << 20];
        (0..=MOST >> 20).for_each(|_| archive.write_all(&zeros).unwrap());
        let bytes = archive.finish().unwrap().into_inner();
        assert!(bytes.len() < 1 << 20, "{}", bytes.len());
        assert!(of_archive(&bytes).unwrap_err().to_string().contains("256 MiB"));
    }

    /// `numpy.save` of `numpy.arange(6.).reshape(3, 2).T`, and of the same in another order.
    #[test]
    fn arrays_in_either_order_and_of_either_precision_are_read() {
        let file = |kind: &str, order: &str, numbers: Vec<u8>| {
            let header = format!("{{'descr': '{kind}', 'fortran_order': {order}, 'shape': (2, 3), }}\n");
            [MAGIC, &[1, 0], &(header.len() as u16).to_le_bytes(), header.as_bytes(), &numbers].concat()
        };
        let wide = (0..6).flat_map(|number| f64::from(number).to_le_bytes()).collect();
        let narrow = [0f32, 2.0, 4.0, 1.0, 3.0, 5.0].iter().flat_map(|number| number.to_le_bytes()).collect();
        for bytes in [file("<f8", "True", wide), file("<f4", "False", narrow)] {
            let array = array(&bytes).unwrap();
            assert_eq!((array.shape, array.values), (vec![2, 3], Ok(vec![0.0, 2.0, 4.0, 1.0, 3.0, 5.0])));
        }
        assert_eq!(array(&file("<i8", "False", vec![0; 48])).unwrap().values, Err("<i8".into()));
        for broken in [&b"PK"[..], MAGIC, &file("<f4", "False", vec![0; 23])] {
            assert!(array(broken).is_err());
        }
    }
}
