//! Event files, which TensorBoard reads.
//!
//! A record is framed as in a file of TFRecords: its length, the masked CRC-32C of the length, the record, and its masked CRC-32C, all
//! little-endian ([`record_writer.cc`](https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/lib/io/record_writer.h)). Each holds
//! an `Event` in protobuf, of which these are the fields that scalars need.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crc::{CRC_32_ISCSI, Crc};
use prost::{Message, Oneof};

const CRC_32C: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// `tensorflow.Event`
#[derive(Clone, PartialEq, Message)]
struct Event {
    /// Seconds since 1970.
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(oneof = "What", tags = "3, 5")]
    what: Option<What>,
}

#[derive(Clone, PartialEq, Oneof)]
enum What {
    /// In the first record of a file.
    #[prost(string, tag = "3")]
    FileVersion(String),
    #[prost(message, tag = "5")]
    Summary(Summary),
}

/// `tensorflow.Summary`
#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    value: Vec<Scalar>,
}

/// `tensorflow.Summary.Value`
#[derive(Clone, PartialEq, Message)]
struct Scalar {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, tag = "2")]
    simple_value: f32,
}

/// A file of scalars.
pub struct EventFile {
    file: BufWriter<File>,
}

impl EventFile {
    /// Begins a new file in a folder, which is made if it is not there; those of earlier runs stay.
    ///
    /// # Errors
    /// The folder cannot be made or written to.
    pub fn create(folder: &Path) -> io::Result<Self> {
        if folder.as_os_str().is_empty() || folder.exists() && !folder.is_dir() {
            return Err(io::Error::new(io::ErrorKind::NotADirectory, "it names no folder"));
        }
        fs::create_dir_all(folder)?;
        let name = format!("events.out.tfevents.{:.0}.{}.host-sim", now() * 1e3, std::process::id());
        let mut file = Self { file: BufWriter::new(File::create(folder.join(name))?) };
        file.write(0, What::FileVersion("brain.Event:2".into()))?;
        file.flush()?;
        Ok(file)
    }

    /// Writes scalars of a step, each with its tag.
    ///
    /// # Errors
    /// A full disk.
    pub fn scalars(&mut self, step: u32, values: &[(&str, f64)]) -> io::Result<()> {
        let value = values.iter().map(|(tag, value)| Scalar { tag: tag.to_string(), simple_value: *value as f32 });
        self.write(step, What::Summary(Summary { value: value.collect() }))
    }

    /// Shows all that was written to those who read along.
    ///
    /// # Errors
    /// A full disk.
    pub fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }

    fn write(&mut self, step: u32, what: What) -> io::Result<()> {
        let event = Event { wall_time: now(), step: step.into(), what: Some(what) }.encode_to_vec();
        let length = (event.len() as u64).to_le_bytes();
        for part in [&length[..], &masked(&length), &event, &masked(&event)] {
            self.file.write_all(part)?;
        }
        Ok(())
    }
}

/// A checksum that differs from that of bytes which have a checksum of their own among them.
fn masked(bytes: &[u8]) -> [u8; 4] {
    CRC_32C.checksum(bytes).rotate_right(15).wrapping_add(0xa282_ead8).to_le_bytes()
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The records of a file, whose checksums must be right.
    fn read(mut bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        while let Some((length, rest)) = bytes.split_first_chunk::<8>() {
            let (sum, rest) = rest.split_first_chunk::<4>().unwrap();
            let (event, rest) = rest.split_at(u64::from_le_bytes(*length) as usize);
            let (sum_of_event, rest) = rest.split_first_chunk::<4>().unwrap();
            assert_eq!((*sum, *sum_of_event), (masked(length), masked(event)));
            events.push(Event::decode(event).unwrap());
            bytes = rest;
        }
        events
    }

    /// RFC 3720, B.4, has the CRC-32C of 32 zeros as `aa 36 91 8a`; masked it is what `masked_crc32c` of tensorboard 2.21 gives.
    #[test]
    fn checksums_are_masked_crc_32c() {
        assert_eq!(CRC_32C.checksum(&[0; 32]), 0x8a91_36aa);
        assert_eq!(u32::from_le_bytes(masked(&[0; 32])), 0x0fd7_fffa);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs/one");
        let mut file = EventFile::create(&path).unwrap();
        file.scalars(3, &[("loss", 0.25), ("rate", 5e-3)]).unwrap();
        file.scalars(4, &[("loss", f64::NAN)]).unwrap();
        drop(file);
        let [entry] = &fs::read_dir(&path).unwrap().collect::<Vec<_>>()[..] else { panic!() };
        let entry = entry.as_ref().unwrap();
        assert!(entry.file_name().to_string_lossy().contains("tfevents"));
        let events = read(&fs::read(entry.path()).unwrap());
        assert_eq!(events[0].what, Some(What::FileVersion("brain.Event:2".into())));
        assert!(events[1].step == 3 && events[1].wall_time > 1.7e9);
        let scalar = |tag: &str, simple_value| Scalar { tag: tag.into(), simple_value };
        let expected = Summary { value: vec![scalar("loss", 0.25), scalar("rate", 5e-3)] };
        assert_eq!(events[1].what, Some(What::Summary(expected)));
        let Some(What::Summary(last)) = &events[2].what else { panic!() };
        assert!(events.len() == 3 && last.value[0].simple_value.is_nan());
    }
}
