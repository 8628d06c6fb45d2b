//! One number for the bits of all weights.

use crc::{CRC_32_ISO_HDLC, Crc, NoTable};

use crate::core::params::Params;

/// Bit by bit: a table would be a kilobyte of flash, and the serial line is slower anyway.
static CRC: Crc<u32, NoTable> = Crc::<u32, NoTable>::new(&CRC_32_ISO_HDLC);

/// A checksum under way.
#[derive(Clone)]
pub(crate) struct Digest(crc::Digest<'static, u32, NoTable>);

impl Digest {
    /// One copy of the loop in a program, whoever calls it.
    #[inline(never)]
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// That of all bytes.
    pub fn finalize(self) -> u32 {
        self.0.finalize()
    }
}

/// CRC-32 (that of zip and Ethernet) of all values of a tree, little-endian, in the order of the walk: two runs with the
/// same one ended in the same bits.
pub fn crc32<M: Params>(tree: &M) -> u32 {
    let mut digest = digest();
    tree.read(&mut |_, values| update(&mut digest, values));
    digest.finalize()
}

/// The same checksum of values that `read` hands over piece by piece, such as the weights of a
/// [`Learner`](crate::train::Learner).
pub fn crc32_with(read: impl FnOnce(&mut dyn FnMut(&[f32]))) -> u32 {
    let mut digest = digest();
    read(&mut |values| update(&mut digest, values));
    digest.finalize()
}

/// The same checksum of values that lie flat.
pub fn crc32_of(values: &[f32]) -> u32 {
    let mut digest = digest();
    update(&mut digest, values);
    digest.finalize()
}

/// One copy of the loop for all leaves of a tree.
#[inline(never)]
fn update(digest: &mut Digest, values: &[f32]) {
    for value in values {
        digest.update(&value.to_le_bytes());
    }
}

/// The same checksum over bytes as they come.
pub(crate) fn digest() -> Digest {
    Digest(CRC.digest())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::params::{Init, Role};

    struct Digits {
        first: [f32; 1],
        second: [[f32; 1]; 1],
    }
    crate::params! {
        [] Digits {
            first: leaf(Role::Weight, [1], Init::Constant(0.0)),
            second: leaf(Role::Bias, [1, 1], Init::Constant(0.0)),
        }
    }

    /// The check value of the algorithm's catalogue is of the bytes `123456789`; zlib gives this one for `12345678`.
    #[test]
    fn it_is_the_usual_one_over_the_bytes_of_all_leaves() {
        let [first, second] = [*b"1234", *b"5678"].map(f32::from_le_bytes);
        assert_eq!(crc32(&Digits { first: [first], second: [[second]] }), 0x9AE0_DAAF);
        assert_eq!(crc32(&()), 0);
    }
}
