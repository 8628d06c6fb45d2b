//! Windows of what a sensor measures frame by frame.

/// The last `LEN` frames of a sensor, which are a window once every `HOP` frames: a ring in fixed memory.
///
/// A frame `T` is what the sensor gives at a time: `[f32; FEATURES]`, or the whole numbers that it measures in, which [`in_units`] turns
/// into physical ones. The frames of a window follow each other without a gap: when one was [lost](Self::lose) the ring begins again, and
/// the next window is complete `LEN` frames later.
///
/// ```
/// use trainlet::data::SlidingWindow;
///
/// let mut window = SlidingWindow::<[i16; 2], 3, 2>::new([0; 2]);
/// let complete = [[1, 9], [2, 9], [3, 9], [4, 9], [5, 9]].map(|frame| window.push(frame));
/// assert_eq!(complete, [false, false, true, false, true]);
/// assert!(window.frames().eq(&[[3, 9], [4, 9], [5, 9]]));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct SlidingWindow<T, const LEN: usize, const HOP: usize> {
    ring: [T; LEN],
    /// Where the next frame goes, and where the oldest is in a full ring.
    next: usize,
    /// Frames that follow each other, `LEN` at most.
    filled: usize,
    /// Frames since the last window, if there was one since the last gap.
    since: usize,
    count: u32,
    lost: u32,
}

impl<T: Copy, const LEN: usize, const HOP: usize> SlidingWindow<T, LEN, HOP> {
    /// No frames yet; `empty` stands where there will be some. With zeros a static lands in `.bss`.
    pub const fn new(empty: T) -> Self {
        const {
            assert!(LEN > 0, "a window needs a frame: write 1 or more for LEN");
            assert!(HOP > 0, "the next window needs another frame: write 1 or more for HOP");
        }
        Self { ring: [empty; LEN], next: 0, filled: 0, since: 0, count: 0, lost: 0 }
    }

    /// Takes the frame that follows the last one. `true` if [`frames`](Self::frames) are a window now: the first `LEN` of them, and then
    /// once every `HOP`.
    pub fn push(&mut self, frame: T) -> bool {
        if let Some(place) = self.ring.get_mut(self.next) {
            *place = frame;
        }
        self.next = if self.next + 1 < LEN { self.next + 1 } else { 0 };
        self.count = self.count.saturating_add(1);
        if self.filled < LEN {
            self.filled += 1;
            self.since = 0;
        } else {
            self.since = if self.since + 1 < HOP { self.since + 1 } else { 0 };
        }
        self.filled == LEN && self.since == 0
    }

    /// `frames` frames are missing between the last one and the next; 0 if nobody knows how many, as after a pause. What came before
    /// them is in no window any more.
    pub fn lose(&mut self, frames: u32) {
        (self.next, self.filled) = (0, 0);
        self.lost = self.lost.saturating_add(frames);
    }

    /// The frames since the last gap, the oldest first: `LEN` at most, and `LEN` in a window.
    pub fn frames(&self) -> impl Iterator<Item = &T> {
        // A ring that is not full begins at its front.
        let (newer, older) = self.ring.split_at_checked(self.next).unwrap_or((&self.ring, &[]));
        let older = older.get(..self.filled.saturating_sub(self.next)).unwrap_or_default();
        older.iter().chain(newer)
    }

    /// Number of frames that were taken.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Number of frames that were [lost](Self::lose).
    pub fn lost(&self) -> u32 {
        self.lost
    }
}

/// A frame in physical units: `scale` has those of one count, feature by feature.
///
/// ```
/// assert_eq!(trainlet::data::in_units(&[-3_i16, 1000], &[0.5, 0.01]), [-1.5, 10.0]);
/// ```
pub fn in_units<T: Copy + Into<f32>, const F: usize>(counts: &[T; F], scale: &[f32; F]) -> [f32; F] {
    let mut frame = *scale;
    for (value, count) in frame.iter_mut().zip(counts) {
        *value *= (*count).into();
    }
    frame
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::rng::{Key, Purpose};
    use std::vec::Vec;

    /// Frames with their numbers, and gaps at random: every window is what a slice of the frames would be.
    fn check<const LEN: usize, const HOP: usize>(gaps: f32) {
        let mut window = SlidingWindow::<[f32; 3], LEN, HOP>::new([0.0; 3]);
        let mut random = Key::new(7, Purpose::Order).child((LEN * 64 + HOP) as u64).stream();
        let (mut run, mut lost, mut windows) = (Vec::new(), 0, 0);
        for number in 0..500_u16 {
            if random.uniform() < gaps {
                let missing = random.below(4);
                window.lose(missing);
                lost += missing;
                run.clear();
            }
            let frame = [1.0, -2.0, 0.5].map(|factor| factor * f32::from(number));
            run.push(frame);
            let complete = window.push(frame);
            assert_eq!(complete, run.len() >= LEN && (run.len() - LEN).is_multiple_of(HOP), "{LEN}, {HOP}: {number}");
            let expected = &run[run.len().saturating_sub(LEN)..];
            assert!(window.frames().eq(expected), "{LEN}, {HOP}: {number}");
            assert_eq!((window.count(), window.lost()), (u32::from(number) + 1, lost));
            windows += u32::from(complete);
        }
        assert!(windows > 0, "{LEN}, {HOP}: some windows are complete");
    }

    #[test]
    fn windows_are_slices_of_the_frames_between_gaps() {
        for gaps in [0.0, 0.04] {
            check::<1, 1>(gaps);
            check::<1, 3>(gaps);
            check::<5, 1>(gaps);
            check::<7, 3>(gaps);
            check::<7, 7>(gaps);
            check::<7, 11>(gaps);
            check::<16, 8>(gaps);
        }
    }

    #[test]
    fn nothing_before_the_first_frame_and_after_a_gap() {
        let mut window = SlidingWindow::<[i8; 2], 3, 1>::new([0; 2]);
        assert_eq!(window.frames().count(), 0);
        assert_eq!((0..7).filter(|_| window.push([1; 2])).count(), 5);
        window.lose(0);
        assert_eq!((window.frames().count(), window.lost(), window.count()), (0, 0, 7));
    }
}
