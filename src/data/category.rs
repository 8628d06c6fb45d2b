//! Text as numbers: each category becomes its frequency in the training data.

use core::fmt;

/// Up to `CAP` categories of one feature, counted while fitting.
///
/// A value is kept as the 64-bit FNV-1a hash of its bytes, 16 bytes per category; two values with one hash would
/// count as one category (1,000 categories: a chance of 3e-14).
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Categories<const CAP: usize> {
    seen: heapless::Vec<Category, CAP>,
    rows: u32,
}

#[derive(Clone, Copy, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Category {
    hash: u64,
    count: u32,
}

/// There was no room for one more category; nothing has been changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct TooManyCategories {
    /// How many there may be.
    pub capacity: usize,
}

impl<const CAP: usize> Categories<CAP> {
    /// No categories yet.
    pub const fn new() -> Self {
        const { assert!(CAP > 0, "there is no room for a category: write 1 or more for CAP") };
        Self { seen: heapless::Vec::new(), rows: 0 }
    }

    /// Counts one row of training data with this value.
    ///
    /// # Errors
    /// The value is new and `CAP` others have been seen.
    pub fn push(&mut self, value: &[u8]) -> Result<(), TooManyCategories> {
        self.push_many(value, 1)
    }

    /// Counts `rows` rows with this value at once, as when the counts come from elsewhere.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn push_many(&mut self, value: &[u8], rows: u32) -> Result<(), TooManyCategories> {
        let hash = hash(value);
        if let Some(category) = self.seen.iter_mut().find(|category| category.hash == hash) {
            category.count = category.count.saturating_add(rows);
        } else {
            let new = Category { hash, count: rows };
            self.seen.push(new).map_err(|_| TooManyCategories { capacity: CAP })?;
        }
        self.rows = self.rows.saturating_add(rows);
        Ok(())
    }

    /// ln(share of the training rows that have this value); a value that none had counts as half a row
    /// (see [`log_frequency`]). Values that as many rows have share a number: [`code`](Self::code) tells them apart.
    pub fn encode(&self, value: &[u8]) -> f32 {
        let hash = hash(value);
        let count = self.seen.iter().find(|category| category.hash == hash).map(|category| category.count);
        log_frequency(count, self.rows)
    }

    /// A number per value: 1, 2, ... in the order in which they were first seen, and 0 for a value that never was.
    pub fn code(&self, value: &[u8]) -> usize {
        let hash = hash(value);
        self.seen.iter().position(|category| category.hash == hash).map_or(0, |index| index + 1)
    }

    /// Number of categories, the unknown one not counted.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// No category seen yet.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }
}

/// ln(count / rows) for a category that `count` of `rows` training rows have, ln(0.5 / rows) for an unknown one
/// (`None`).
pub fn log_frequency(count: Option<u32>, rows: u32) -> f32 {
    let count = count.map_or(0.5, |count| count as f32);
    libm::logf(count / rows.max(1) as f32)
}

/// FNV-1a with 64 bits (Fowler, Noll, Vo).
fn hash(value: &[u8]) -> u64 {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x100_0000_01b3;
    value.iter().fold(OFFSET_BASIS, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME))
}

impl fmt::Display for TooManyCategories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "more than {} categories", self.capacity)
    }
}

impl core::error::Error for TooManyCategories {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn fitted() -> Categories<3> {
        let mut categories = Categories::new();
        for value in ["tcp", "udp", "tcp", "", "tcp"] {
            categories.push(value.as_bytes()).unwrap();
        }
        categories
    }

    #[test]
    fn values_become_their_log_frequency() {
        let categories = fitted();
        for (value, expected) in [("tcp", 0.6f64), ("udp", 0.2), ("", 0.2), ("icmp", 0.1), ("TCP", 0.1)] {
            let got = f64::from(categories.encode(value.as_bytes()));
            assert!((got - expected.ln()).abs() < 2e-7, "{value}: {got}");
        }
        assert_eq!(Categories::<3>::new().encode(b"tcp"), 0.5f32.ln());
    }

    #[test]
    fn codes_count_from_1_and_0_is_unknown() {
        let categories = fitted();
        assert_eq!(["tcp", "udp", "", "icmp"].map(|value| categories.code(value.as_bytes())), [1, 2, 3, 0]);
        assert_eq!((categories.len(), categories.is_empty()), (3, false));
    }

    #[test]
    fn one_too_many_is_refused_and_changes_nothing() {
        let mut categories = fitted();
        assert_eq!(categories.push(b"icmp"), Err(TooManyCategories { capacity: 3 }));
        categories.push_many(b"udp", 5).unwrap();
        assert!((categories.encode(b"udp") - 0.6f32.ln()).abs() < 1e-7);
        assert_eq!(categories.code(b"icmp"), 0);
    }

    /// From the test vectors of draft-eastlake-fnv.
    #[test]
    fn hashes_are_fnv_1a() {
        assert_eq!(hash(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(hash(b"foobar"), 0x8594_4171_f739_67e8);
        let distinct: HashSet<u64> = (0u32..100_000).map(|i| hash(&i.to_le_bytes())).collect();
        assert_eq!(distinct.len(), 100_000);
    }
}
