//! Values of tensors and trees as little-endian bytes, a part at a time.

use core::ops::Range;

use super::message::Refusal;
use super::sizes::{READ, WORD};
use crate::core::params::Params;

/// Some values of a sequence that is visited slice by slice: `bytes` are the values from number `next` on.
pub struct Part<B> {
    next: usize,
    bytes: B,
}

impl<B: AsRef<[u8]>> Part<B> {
    /// The values from number `offset` on; `None` unless all of them are among the `count` of the sequence.
    pub fn new(offset: u32, bytes: B, count: usize) -> Option<Self> {
        let next = usize::try_from(offset).ok()?;
        let length = bytes.as_ref().len();
        let whole = length.is_multiple_of(WORD);
        (whole && next.checked_add(length / WORD)? <= count).then_some(Self { next, bytes })
    }
}

/// The overlap of the part that is left with a slice of `length` values, as a range of the slice.
fn overlap<B: AsRef<[u8]>>(part: &mut Part<B>, length: usize) -> Range<usize> {
    let left = part.bytes.as_ref().len() / WORD;
    let start = part.next.min(length);
    part.next -= start;
    start..start.saturating_add(left).min(length)
}

impl Part<&[u8]> {
    /// Copies what belongs into the next slice of the sequence, and gives the places in it.
    pub fn write(&mut self, slice: &mut [f32]) -> Range<usize> {
        let range = overlap(self, slice.len());
        let (here, later) = self.bytes.split_at_checked(range.len() * WORD).unwrap_or_default();
        for (value, bytes) in slice.get_mut(range.clone()).unwrap_or_default().iter_mut().zip(here.as_chunks().0) {
            *value = f32::from_le_bytes(*bytes);
        }
        self.bytes = later;
        range
    }

    /// Its values.
    pub fn values(&self) -> impl Iterator<Item = f32> {
        self.bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes))
    }

    /// Whether all its values are finite.
    pub fn is_finite(&self) -> bool {
        self.values().all(f32::is_finite)
    }
}

impl Part<&mut [u8]> {
    /// Copies what belongs from the next slice of the sequence.
    pub fn read(&mut self, slice: &[f32]) {
        let range = overlap(self, slice.len());
        let bytes = core::mem::take(&mut self.bytes);
        let (here, later) = bytes.split_at_mut_checked(range.len() * WORD).unwrap_or_default();
        for (value, bytes) in slice.get(range).unwrap_or_default().iter().zip(here.as_chunks_mut().0) {
            *bytes = value.to_le_bytes();
        }
        self.bytes = later;
    }
}

/// Room for the values of an answer.
pub struct Values([u8; READ * WORD]);

impl Default for Values {
    fn default() -> Self {
        Self([0; READ * WORD])
    }
}

impl Values {
    /// The bytes of `count` values.
    pub fn bytes(&mut self, count: usize) -> Result<&mut [u8], Refusal> {
        self.0.get_mut(..count * WORD).ok_or(Refusal::OutOfRange)
    }
}

/// Reads a part of a tree in the order of the walk.
pub fn read_tree<M: Params>(mut part: Part<&mut [u8]>, tree: &M) {
    tree.read(&mut |_, values| part.read(values));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::layer::Linear;
    use std::vec::Vec;

    type Tree = ([Linear<3, 2>; 2], Linear<2, 1>);

    #[test]
    fn a_tree_is_copied_part_by_part_whatever_the_size_of_the_parts() {
        let mut tree = Tree::ZERO;
        let mut next = 0.0;
        tree.walk(&mut |_, values| {
            values.iter_mut().for_each(|value| {
                next += 1.0;
                *value = next;
            })
        });
        let flat: Vec<f32> = (1..=Tree::COUNT).map(|value| value as f32).collect();
        let expected: Vec<u8> = flat.iter().flat_map(|value| value.to_le_bytes()).collect();
        for size in 1..=Tree::COUNT {
            let (mut bytes, mut copy) = (expected.clone(), flat.clone());
            bytes.fill(0);
            copy.fill(0.0);
            for (index, chunk) in bytes.chunks_mut(size * WORD).enumerate() {
                read_tree(Part::new((index * size) as u32, &mut *chunk, Tree::COUNT).unwrap(), &tree);
                Part::new((index * size) as u32, &*chunk, Tree::COUNT).unwrap().write(&mut copy);
            }
            assert_eq!((bytes, copy), (expected.clone(), flat.clone()), "parts of {size}");
        }
    }

    #[test]
    fn parts_beyond_the_end_or_of_half_values_are_refused() {
        let eight = [0_u8; 8];
        assert!(Part::new(3, &eight[..], 5).is_some() && Part::new(4, &eight[..], 5).is_none());
        assert!(Part::new(u32::MAX, &eight[..], 5).is_none() && Part::new(0, &eight[..7], 5).is_none());
        assert!(Part::new(5, &eight[..0], 5).is_some());
    }
}
