//! A few samples of what was learnt before, to be learnt again beside new ones.

use crate::core::archive::{Archive, Failure};
use crate::core::rng::Key;

/// `N` samples at most of a stream in `K` classes: trained on again from time to time, they are not forgotten.
///
/// A sample `T` is what costs least: the bytes that a network with the stem [`Int8`](crate::nn::stem::Int8) takes, a place in flash. Which
/// ones stay is decided by class-balancing reservoir sampling (Chrysakis and Moens, Online Continual Learning from Imbalanced Data, ICML
/// 2020): as many of each class as there is room for, and of each class every sample that ever came with the same probability. The
/// length of the stream need not be known.
///
/// ```
/// use trainlet::core::rng::{Key, Purpose};
/// use trainlet::data::Replay;
///
/// let mut replay = Replay::<[i8; 2], 4, 2>::new([0; 2]);
/// let key = Key::new(1, Purpose::Replay);
/// for (sample, class) in (0..100).map(|i| ([i, -i], usize::from(i % 10 == 0))) {
///     replay.offer(sample, class, key);
/// }
/// assert_eq!(replay.iter().filter(|(_, class)| *class == 1).count(), 2); // Of the rare class as many as of the other.
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Replay<T, const N: usize, const K: usize> {
    samples: [T; N],
    classes: [u8; N],
    /// Places that are not to be used.
    reserved: usize,
    filled: usize,
    offered: u32,
    /// Samples of each class that came.
    seen: [u32; K],
    /// Classes that were the largest once.
    full: [bool; K],
}

impl<T: Copy, const N: usize, const K: usize> Replay<T, N, K> {
    /// No samples yet; `empty` stands where there will be some. With zeros a static lands in `.bss`.
    pub const fn new(empty: T) -> Self {
        const {
            assert!(N > 0, "a replay needs room: write 1 or more for N");
            assert!(0 < K && K <= 256, "the number of a class is kept in a byte: write 1 to 256 for K");
        }
        Self {
            samples: [empty; N],
            classes: [0; N],
            reserved: 0,
            filled: 0,
            offered: 0,
            seen: [0; K],
            full: [false; K],
        }
    }

    /// The same with at most `count` samples, where that is known at run time alone.
    pub fn limited_to(self, count: usize) -> Self {
        Self { reserved: N.saturating_sub(count), ..self }
    }

    /// Shows the next sample of the stream, which may take the place of another. `true` if it is kept. A class outside `0..K` is not
    /// kept. `key` names the random numbers of the whole stream.
    pub fn offer(&mut self, sample: T, class: usize, key: Key) -> bool {
        let Some(seen) = self.seen.get_mut(class) else { return false };
        *seen = seen.saturating_add(1);
        let seen = *seen;
        let mut stream = key.child(u64::from(self.offered)).stream();
        self.offered = self.offered.saturating_add(1);
        let place = if self.filled < N - self.reserved {
            self.filled += 1;
            Some(self.filled - 1)
        } else {
            let largest = self.largest();
            let own = self.count(class);
            // One of several that are the largest is full as well.
            let grown = if own < self.count(largest) { largest } else { class };
            if let Some(full) = self.full.get_mut(grown) {
                *full = true;
            }
            if self.full.get(class) == Some(&true) {
                // The chance with which each of those that came before is here.
                (stream.below(seen) < own).then(|| stream.below(own)).and_then(|number| self.place(class, number))
            } else {
                self.place(largest, stream.below(self.count(largest)))
            }
        };
        let Some(place) = place else { return false };
        if let (Some(kept), Some(label)) = (self.samples.get_mut(place), self.classes.get_mut(place)) {
            (*kept, *label) = (sample, class as u8);
        }
        true
    }

    /// The sample with this number, in the order of [`iter`](Self::iter), and its class.
    pub fn get(&self, number: usize) -> Option<(&T, usize)> {
        self.iter().nth(number)
    }

    /// Shows all that is kept to `archive`; `show` does so for a sample.
    pub fn persist(&mut self, archive: &mut Archive, mut show: impl FnMut(&mut T, &mut Archive)) {
        archive.part("replay");
        self.samples.iter_mut().for_each(|sample| show(sample, archive));
        archive.bytes(&mut self.classes);
        let mut filled = self.filled as u32;
        archive.count(&mut filled);
        if filled as usize > N {
            archive.fail(Failure::Malformed);
        }
        self.filled = filled as usize;
        archive.count(&mut self.offered);
        archive.counts(&mut self.seen);
        self.full.iter_mut().for_each(|full| archive.flag(full));
    }

    /// The samples that are kept, with their classes.
    pub fn iter(&self) -> impl Iterator<Item = (&T, usize)> {
        self.samples.iter().zip(self.classes.iter().map(|class| usize::from(*class))).take(self.filled)
    }

    /// Number of samples that are kept.
    pub fn len(&self) -> usize {
        self.filled
    }

    /// None is kept.
    pub fn is_empty(&self) -> bool {
        self.filled == 0
    }

    fn count(&self, class: usize) -> u32 {
        self.iter().filter(|(_, of)| *of == class).count() as u32
    }

    /// The class of which most are kept, the first of several.
    fn largest(&self) -> usize {
        let mut largest = (0, 0);
        for class in 0..K {
            let count = self.count(class);
            if count > largest.1 {
                largest = (class, count);
            }
        }
        largest.0
    }

    /// Where the sample of a class is that has this number among them.
    fn place(&self, class: usize, number: u32) -> Option<usize> {
        let of_class = self.iter().enumerate().filter(|(_, (_, of))| *of == class);
        of_class.map(|(place, _)| place).nth(number as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::{self, Slice};
    use crate::core::rng::Purpose;
    use std::vec::Vec;

    fn key(seed: u64) -> Key {
        Key::new(seed, Purpose::Replay)
    }

    #[test]
    fn classes_are_balanced_whatever_the_stream() {
        for seed in 0..20 {
            let mut replay = Replay::<u32, 21, 3>::new(0);
            // Sorted by class, and very uneven: 1,000, then 30, then 7.
            let stream = (0..1000).map(|_| 0).chain((0..30).map(|_| 1)).chain((0..7).map(|_| 2));
            for (sample, class) in (0..).zip(stream) {
                replay.offer(sample, class, key(seed));
                assert_eq!(replay.len(), 21.min(sample as usize + 1));
            }
            assert_eq!([0, 1, 2].map(|class| replay.count(class)), [7, 7, 7]);
            assert!(replay.iter().all(|(sample, class)| match sample {
                0..1000 => class == 0,
                1000..1030 => class == 1,
                _ => class == 2,
            }));
        }
    }

    /// 100 samples of one class in 10 places, 4,000 streams: 400 times each, with a deviation of 19.
    #[test]
    fn each_sample_of_a_class_stays_with_the_same_chance() {
        let mut kept = [0; 100];
        for seed in 0..4000 {
            let mut replay = Replay::<usize, 10, 2>::new(0);
            (0..100).for_each(|sample| _ = replay.offer(sample, 1, key(seed)));
            replay.iter().for_each(|(sample, _)| kept[*sample] += 1);
        }
        assert!(kept.iter().all(|count| (310..490).contains(count)), "{kept:?}");
    }

    #[test]
    fn a_limit_is_kept() {
        let mut replay = Replay::<u8, 9, 2>::new(0).limited_to(4);
        (0..50).for_each(|sample| _ = replay.offer(sample, usize::from(sample % 2), key(3)));
        assert_eq!(([0, 1].map(|class| replay.count(class)), replay.len()), ([2, 2], 4));
        let mut none = Replay::<u8, 9, 2>::new(0).limited_to(0);
        assert!(!none.offer(1, 0, key(0)) && none.is_empty());
    }

    /// The second half of a stream goes on as if nothing had happened.
    #[test]
    fn it_is_kept_and_goes_on() {
        let show = |sample: &mut [u8; 3], archive: &mut Archive| archive.bytes(sample);
        let sample = |number: u8| [number, 2 * number, 1];
        let whole = (0..40).fold(Replay::<[u8; 3], 6, 3>::new([0; 3]), |mut replay, number| {
            replay.offer(sample(number), number as usize % 3, key(7));
            replay
        });
        let mut replay = Replay::<[u8; 3], 6, 3>::new([0; 3]);
        (0..20).for_each(|number| _ = replay.offer(sample(number), number as usize % 3, key(7)));
        let mut bytes = Vec::new();
        checkpoint::write(&mut bytes, &mut |archive| replay.persist(archive, show)).unwrap();
        let mut again = Replay::<[u8; 3], 6, 3>::new([9; 3]);
        checkpoint::read(&mut Slice::new(&bytes), &mut |archive| again.persist(archive, show)).unwrap();
        (20..40).for_each(|number| _ = again.offer(sample(number), number as usize % 3, key(7)));
        assert!(again.iter().eq(whole.iter()) && again.get(5) == whole.iter().nth(5) && again.get(6).is_none());
        let smaller = &mut Replay::<[u8; 3], 5, 3>::new([0; 3]);
        assert!(checkpoint::read(&mut Slice::new(&bytes), &mut |archive| smaller.persist(archive, show)).is_err());
        assert!(smaller.is_empty());
    }

    #[test]
    fn classes_that_are_none_are_not_kept() {
        let mut replay = Replay::<u8, 1, 2>::new(0);
        assert!(!replay.offer(5, 2, key(0)) && replay.is_empty());
        assert!(replay.offer(5, 1, key(0)));
        assert_eq!(replay.iter().collect::<std::vec::Vec<_>>(), [(&5, 1)]);
    }
}
