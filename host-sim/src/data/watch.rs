//! The shoulder exercises in `data/watch-imu`, which are part of the program.

use serde::Deserialize;
use trainlet::data::{Scaler, ScalerFit};

use super::{Dataset, Error};

/// The exercises; a label is an index into it.
pub const EXERCISES: [&str; 7] = ["PEN", "ABD", "FEL", "IR", "ER", "TRAP", "ROW"];
/// Frames per window: the tokens of the network.
pub const TOKENS: usize = 16;
/// Frames from the start of one window to the start of the next.
pub const HOP: usize = 8;
/// Three axes of acceleration in g, three of rotation in rad/s.
pub const AXES: usize = 6;

/// Physical units per count of the stored bytes.
const SCALE: [f32; AXES] = [0.025461, 0.025461, 0.025461, 0.064952, 0.064952, 0.064952];
const FRAMES: &[u8] = include_bytes!("../../data/watch-imu/recordings.i8");
const INDEX: &str = include_str!("../../data/watch-imu/recordings.csv");

/// One person doing one exercise with the watch on one wrist.
#[derive(Clone, Debug)]
pub struct Recording {
    /// Who, 1 to 10.
    pub subject: u32,
    /// Which wrist, `left` or `right`.
    pub side: String,
    /// Index into [`EXERCISES`].
    pub exercise: usize,
    /// 6.25 frames per second, in g and rad/s.
    pub frames: Vec<[f32; AXES]>,
}

/// A piece of a [`Recording`]: one sample.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// Who, 1 to 10.
    pub subject: u32,
    /// Index into [`EXERCISES`].
    pub label: usize,
    /// `[tokens][axes]` in g and rad/s.
    pub frames: [[f32; AXES]; TOKENS],
}

/// The two sides of a test on new people, both standardised as the training side demands.
#[derive(Clone, Debug)]
pub struct Split {
    /// Windows of everybody else.
    pub train: Dataset,
    /// Windows of the test subjects.
    pub test: Dataset,
    /// One mean and one deviation per axis, of the training windows.
    pub scaler: Scaler<AXES>,
}

/// All 140 recordings in file order.
pub fn recordings() -> Vec<Recording> {
    #[derive(Deserialize)]
    struct Line {
        subject: u32,
        side: String,
        exercise: String,
        first_frame: usize,
        frames: usize,
    }
    let frames: Vec<_> = FRAMES.as_chunks().0.iter().map(to_physical).collect();
    csv::Reader::from_reader(INDEX.as_bytes())
        .deserialize()
        .map(|line| {
            let line: Line = line.expect("part of the program and read by a test");
            let exercise = EXERCISES.iter().position(|name| *name == line.exercise).expect("one of the seven");
            let frames = frames[line.first_frame..][..line.frames].to_vec();
            Recording { subject: line.subject, side: line.side, exercise, frames }
        })
        .collect()
}

fn to_physical(frame: &[u8; AXES]) -> [f32; AXES] {
    std::array::from_fn(|axis| f32::from(frame[axis].cast_signed()) * SCALE[axis])
}

impl Recording {
    /// Its windows in order of time.
    pub fn windows(&self) -> impl Iterator<Item = Window> {
        self.frames.windows(TOKENS).step_by(HOP).map(|frames| Window {
            subject: self.subject,
            label: self.exercise,
            frames: std::array::from_fn(|token| frames[token]),
        })
    }
}

/// All 3,605 windows in file order.
pub fn windows() -> Vec<Window> {
    recordings().iter().flat_map(Recording::windows).collect()
}

/// Mean and deviation per axis over all frames of the windows; a frame in two windows counts twice.
pub fn fit<'a>(windows: impl IntoIterator<Item = &'a Window>) -> Scaler<AXES> {
    let mut fit = ScalerFit::ZERO;
    windows.into_iter().flat_map(|window| &window.frames).for_each(|frame| fit.push(frame));
    fit.finish()
}

/// Standardised windows as samples of 16 x 6 inputs.
pub fn dataset<'a>(windows: impl IntoIterator<Item = &'a Window>, scaler: &Scaler<AXES>) -> Dataset {
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    for window in windows {
        labels.push(window.label);
        for mut frame in window.frames {
            scaler.apply(&mut frame);
            values.extend(frame);
        }
    }
    Dataset { name: "watch".into(), classes: EXERCISES.map(String::from).into(), width: TOKENS * AXES, values, labels }
}

/// Trains on everybody but `test_subjects`, tests on them.
///
/// # Errors
/// A subject who isn't there, none at all, or nobody left to train on.
pub fn split(test_subjects: &[u32]) -> Result<Split, Error> {
    let windows = windows();
    if let Some(&subject) = test_subjects.iter().find(|subject| !windows.iter().any(|w| w.subject == **subject)) {
        return Err(Error::UnknownSubject { subject });
    }
    let (test, train): (Vec<_>, Vec<_>) = windows.iter().partition(|window| test_subjects.contains(&window.subject));
    if train.is_empty() || test.is_empty() {
        return Err(Error::NobodyLeft { side: if train.is_empty() { "train" } else { "test" } });
    }
    let scaler = fit(train.iter().copied());
    Ok(Split { train: dataset(train, &scaler), test: dataset(test, &scaler), scaler })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recordings_are_complete() {
        assert_eq!(crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC).checksum(FRAMES), 0x82c9_cbfe);
        let recordings = recordings();
        assert_eq!(recordings.len(), 140);
        assert_eq!(recordings.iter().map(|r| r.frames.len()).sum::<usize>(), 30_457);
        for (subject, exercise) in (1..=10).flat_map(|s| (0..7).map(move |e| (s, e))) {
            let sides: Vec<_> = recordings.iter().filter(|r| (r.subject, r.exercise) == (subject, exercise)).collect();
            assert_eq!(sides.len(), 2, "subject {subject}, {}", EXERCISES[exercise]);
            assert_ne!(sides[0].side, sides[1].side);
        }
    }

    #[test]
    fn windows_overlap_by_half() {
        let windows = windows();
        assert_eq!(windows.len(), 3605);
        assert_eq!(windows[0].frames[HOP..], windows[1].frames[..TOKENS - HOP]);
        // The first frame of all, by hand from the bytes of the file.
        let bytes: [i8; AXES] = std::array::from_fn(|axis| FRAMES[axis] as i8);
        assert_eq!(windows[0].frames[0][0], f32::from(bytes[0]) * 0.025461);
        assert_eq!(windows[0].frames[0][5], f32::from(bytes[5]) * 0.064952);
    }

    /// Means and deviations of an independent implementation.
    #[test]
    fn training_on_subjects_3_to_10_gives_the_reference_scaler() {
        let split = split(&[1, 2]).unwrap();
        assert_eq!((split.train.len(), split.test.len()), (2754, 851));
        assert_eq!((split.train.width, split.train.labels.len()), (96, 2754));
        let mean = [-0.013177153, 0.374858092, -0.110903038, 0.026730202, -0.003235513, 0.010574747];
        let std = [0.932860886, 0.478764176, 0.531431943, 0.850535165, 2.587590541, 0.945666715];
        for (got, expected) in split.scaler.mean.iter().zip(mean).chain(split.scaler.std.iter().zip(std)) {
            assert!((f64::from(*got) / expected - 1.0).abs() < 1e-6, "{got} {expected}");
        }
    }

    #[test]
    fn samples_are_the_windows_standardised() {
        let (windows, split) = (windows(), split(&[9, 10]).unwrap());
        let train: Vec<_> = windows.iter().filter(|window| window.subject < 9).collect();
        let scaler = split.scaler;
        for (window, (row, label)) in train.iter().zip(split.train.samples()) {
            assert_eq!(window.label, label);
            assert_eq!(row[5 * AXES + 2], (window.frames[5][2] - scaler.mean[2]) / scaler.std[2]);
        }
        assert_eq!(split.train.row(7), split.train.rows().nth(7).unwrap());
    }

    #[test]
    fn a_split_needs_people_on_both_sides() {
        assert!(matches!(split(&[1, 11]), Err(Error::UnknownSubject { subject: 11 })));
        assert!(matches!(split(&[]), Err(Error::NobodyLeft { side: "test" })));
        let everybody: Vec<u32> = (1..=10).collect();
        assert!(matches!(split(&everybody), Err(Error::NobodyLeft { side: "train" })));
    }
}
