//! Shoulder exercises measured by a smartwatch, in flash as signed bytes: `data/watch-imu` has their origin and licence.

use core::ops::Range;

use trainlet::data::{Scaler, ScalerFit, in_units};

include!(concat!(env!("OUT_DIR"), "/recordings.rs"));

/// Frames per window: the tokens of the network.
pub const TOKENS: usize = 16;
/// Frames from the start of one window to the start of the next.
pub const HOP: usize = 8;
/// Three axes of acceleration in g, three of rotation in rad/s.
pub const AXES: usize = 6;

/// Physical units per count of the stored bytes.
pub const SCALE: [f32; AXES] = [0.025461, 0.025461, 0.025461, 0.064952, 0.064952, 0.064952];

/// All frames, 6.25 per second, one recording after the other: `[frame][axis]` as signed bytes.
pub static FRAMES: &[u8] = include_bytes!("../data/watch-imu/recordings.i8");

/// One person doing one exercise with the watch on one wrist.
#[derive(Clone, Copy, Debug)]
pub struct Recording {
    /// Who, 1 to 10.
    pub subject: u8,
    /// Index into [`EXERCISES`].
    pub label: usize,
    first_frame: usize,
    /// Number of frames.
    pub frames: usize,
}

/// A piece of a [`Recording`]: one sample, still in flash.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Who, 1 to 10.
    pub subject: u8,
    /// Index into [`EXERCISES`].
    pub label: usize,
    /// `[frame][axis]`, in counts.
    pub counts: &'static [[i8; AXES]; TOKENS],
}

impl Window {
    /// Its frames in order of time, in g and rad/s.
    pub fn frames(&self) -> impl Iterator<Item = [f32; AXES]> + use<> {
        self.counts.iter().map(|counts| in_units(counts, &SCALE))
    }
}

/// [`FRAMES`], frame by frame.
fn frames() -> &'static [[i8; AXES]] {
    // Bytes can be seen as signed ones whatever they are.
    bytemuck::try_cast_slice::<u8, i8>(FRAMES).unwrap_or_default().as_chunks().0
}

impl Recording {
    /// Number of its windows.
    pub fn len(&self) -> usize {
        (self.frames + HOP).saturating_sub(TOKENS) / HOP
    }

    /// Shorter than a window.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The windows of its first half, by number: what a device has seen of a new person when it adapts.
    pub fn early(&self) -> Range<usize> {
        0..self.len() / 2
    }

    /// Those of its second half, but for the one that overlaps with the first.
    pub fn late(&self) -> Range<usize> {
        self.len() / 2 + 1..self.len()
    }

    /// Frame number `index` in order of time, in g and rad/s; `None` beyond the last.
    pub fn frame(&self, index: usize) -> Option<[f32; AXES]> {
        let counts = frames().get(self.first_frame..)?.get(..self.frames)?.get(index)?;
        Some(in_units(counts, &SCALE))
    }

    /// Window number `index` in order of time; `None` beyond the last.
    pub fn window(&self, index: usize) -> Option<Window> {
        let counts = frames().get(self.first_frame..)?.get(..self.frames)?;
        let counts = counts.get(index * HOP..)?.first_chunk()?;
        Some(Window { subject: self.subject, label: self.label, counts })
    }
}

/// Some of the ten people, and their windows in file order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct People {
    /// Bit number `subject` is set for each of them.
    subjects: u16,
}

impl People {
    /// These, by number from 1 to 10.
    pub const fn only(subjects: &[u8]) -> Self {
        let mut bits = 0;
        let mut rest = subjects;
        while let [subject, others @ ..] = rest {
            bits |= 1 << (*subject % 16);
            rest = others;
        }
        Self { subjects: bits }
    }

    /// All others.
    pub const fn others(self) -> Self {
        Self { subjects: !self.subjects }
    }

    /// Their recordings in file order.
    pub fn recordings(self) -> impl Iterator<Item = &'static Recording> {
        RECORDINGS.iter().filter(move |recording| self.subjects >> (recording.subject % 16) & 1 == 1)
    }

    /// Number of their windows.
    pub fn len(self) -> usize {
        self.recordings().map(Recording::len).sum()
    }

    /// None of them was recorded.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Their window number `index`; `None` beyond the last.
    pub fn window(self, mut index: usize) -> Option<Window> {
        for recording in self.recordings() {
            if index < recording.len() {
                return recording.window(index);
            }
            index -= recording.len();
        }
        None
    }

    /// All their windows.
    pub fn windows(self) -> impl Iterator<Item = Window> {
        self.some_windows(|recording| 0..recording.len())
    }

    /// The windows of each of their recordings that `part` names.
    pub fn some_windows(self, part: impl Fn(&Recording) -> Range<usize>) -> impl Iterator<Item = Window> {
        self.recordings().flat_map(move |recording| part(recording).filter_map(move |index| recording.window(index)))
    }

    /// Mean and deviation per axis over all frames of their windows; a frame in two windows counts twice.
    pub fn fit(self) -> Scaler<AXES> {
        fit(self.windows())
    }
}

/// Mean and deviation per axis over all frames of these windows; a frame in two windows counts twice.
pub fn fit(windows: impl Iterator<Item = Window>) -> Scaler<AXES> {
    let mut fit = ScalerFit::ZERO;
    windows.for_each(|window| window.frames().for_each(|frame| fit.push(&frame)));
    fit.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn the_recordings_are_complete() {
        assert_eq!(crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(FRAMES), 0x82c9_cbfe);
        assert_eq!(RECORDINGS.len(), 140);
        let mut end = 0;
        for recording in &RECORDINGS {
            assert_eq!(recording.first_frame, end, "they lie one after the other");
            end += recording.frames;
        }
        assert_eq!((end, FRAMES.len()), (30_457, 30_457 * AXES));
        for (subject, label) in (1..=10).flat_map(|subject| (0..EXERCISES.len()).map(move |label| (subject, label))) {
            let wrists = RECORDINGS.iter().filter(|r| (r.subject, r.label) == (subject, label)).count();
            assert_eq!(wrists, 2, "subject {subject}, {}", EXERCISES[label]);
        }
    }

    #[test]
    fn windows_overlap_by_half() {
        let everybody = People::only(&[]).others();
        assert_eq!((everybody.len(), everybody.windows().count()), (3605, 3605));
        let [first, second] = [0, 1].map(|index| everybody.window(index).unwrap().frames());
        let first: Vec<_> = first.collect();
        assert!(first[HOP..].iter().copied().eq(second.take(TOKENS - HOP)));
        // The first frame of all, by hand from the bytes of the file.
        let bytes: [i8; AXES] = core::array::from_fn(|axis| FRAMES[axis].cast_signed());
        assert_eq!(first[0][0], f32::from(bytes[0]) * 0.025461);
        assert_eq!(first[0][5], f32::from(bytes[5]) * 0.064952);
    }

    #[test]
    fn early_and_late_windows_share_no_frame() {
        for recording in &RECORDINGS {
            let (early, late) = (recording.early(), recording.late());
            assert!(early.end * HOP + TOKENS - HOP <= late.start * HOP && late.end == recording.len());
        }
        let windows = |subject| People::only(&[subject]).recordings().map(|of| of.early().len()).sum::<usize>();
        assert_eq!((1..=10).map(windows).sum::<usize>() / 10, 177, "as many as a person labels");
    }

    #[test]
    fn people_are_divided_and_counted() {
        let (few, others) = (People::only(&[9, 10]), People::only(&[9, 10]).others());
        assert_eq!((few.len(), few.len() + others.len()), (773, 3605));
        assert!(few.windows().all(|window| window.subject >= 9) && others.windows().all(|window| window.subject < 9));
        for people in [few, others] {
            assert!(people.windows().enumerate().all(|(index, window)| people.window(index) == Some(window)));
            assert_eq!(people.window(people.len()), None);
        }
        assert!(People::only(&[]).is_empty() && People::only(&[11]).is_empty());
    }
}
