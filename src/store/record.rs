//! What makes a slot count.

use crate::core::checksum::digest;

/// Bytes of a record.
pub const RECORD: usize = 32;
const MAGIC: u32 = u32::from_le_bytes(*b"TRNS");
const VERSION: u32 = 1;

/// Of a complete save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number, from 1.
    pub save: u32,
    /// Bytes of its contents.
    pub length: u32,
    /// Their CRC-32.
    pub checksum: u32,
}

impl Record {
    /// As it is written.
    pub fn to_bytes(self) -> [u8; RECORD] {
        let Self { save, length, checksum } = self;
        let mut fields = [MAGIC, VERSION, save, length, checksum, 0, 0, 0];
        fields[7] = of_all_but_the_last(&fields);
        let mut bytes = [0; RECORD];
        let (words, _) = bytes.as_chunks_mut::<4>();
        words.iter_mut().zip(fields).for_each(|(word, field)| *word = field.to_le_bytes());
        bytes
    }

    /// From what was written; `None` if it is no record, or damaged.
    pub fn from_bytes(bytes: &[u8; RECORD]) -> Option<Self> {
        let mut fields = [0; RECORD / 4];
        let (words, _) = bytes.as_chunks::<4>();
        fields.iter_mut().zip(words).for_each(|(field, word)| *field = u32::from_le_bytes(*word));
        let record = Self { save: fields[2], length: fields[3], checksum: fields[4] };
        let is_one = [fields[0], fields[1], fields[7]] == [MAGIC, VERSION, of_all_but_the_last(&fields)];
        is_one.then_some(record)
    }
}

fn of_all_but_the_last(fields: &[u32; RECORD / 4]) -> u32 {
    let mut digest = digest();
    fields.iter().take(RECORD / 4 - 1).for_each(|field| digest.update(&field.to_le_bytes()));
    digest.finalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_with_any_bit_flipped_is_none() {
        let record = Record { save: 3, length: 400, checksum: 0x1234_5678 };
        let bytes = record.to_bytes();
        assert_eq!(Record::from_bytes(&bytes), Some(record));
        for bit in 0..8 * RECORD {
            let mut flipped = bytes;
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Record::from_bytes(&flipped), None, "{bit}");
        }
        assert_eq!((Record::from_bytes(&[0xff; RECORD]), Record::from_bytes(&[0; RECORD])), (None, None));
    }
}
