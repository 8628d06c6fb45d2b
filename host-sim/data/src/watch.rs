//! The shoulder exercises that the boards have in flash, as data sets.

use std::ops::Range;

use clap::ValueEnum;
use serde::Serialize;
use trainlet::data::Scaler;
use trainlet_app::watch::{RECORDINGS, TOKENS};

pub use trainlet_app::watch::{AXES, EXERCISES, People, Recording, Window, fit};

use super::{Dataset, Error, Target};

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

/// Which windows of each recording.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Half {
    /// Every one
    #[default]
    All,
    /// Those of the first half
    Early,
    /// Those of the second half, but for the one that overlaps with the first
    Late,
}

impl Half {
    /// The windows of a recording, by number.
    pub fn of(self, recording: &Recording) -> Range<usize> {
        match self {
            Self::All => 0..recording.len(),
            Self::Early => recording.early(),
            Self::Late => recording.late(),
        }
    }

    /// The half that shares no frame with this one; of all there is none, so that other people are needed.
    pub fn other(self) -> Self {
        match self {
            Self::All => Self::All,
            Self::Early => Self::Late,
            Self::Late => Self::Early,
        }
    }
}

/// Who is learnt from, and who is tested.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choice<'a> {
    /// For the test.
    pub test: &'a [u32],
    /// Left out altogether.
    pub without: &'a [u32],
    /// To learn from; none for all others.
    pub only: &'a [u32],
    /// Of each recording that is learnt from; the test has the other half.
    pub half: Half,
}

impl Choice<'_> {
    /// The people to learn from, and those of the test. They are the same only where each recording is halved.
    ///
    /// # Errors
    /// A subject who isn't there.
    pub fn people(&self) -> Result<[People; 2], Error> {
        let Self { test, without, only, half } = *self;
        let test_people = people(test)?;
        if only.is_empty() {
            return Ok([people(&[test, without].concat())?.others(), test_people]);
        }
        people(&[only, without].concat())?;
        let is_unseen = |subject: &u32| without.contains(subject) || (half == Half::All && test.contains(subject));
        let learnt: Vec<u32> = only.iter().copied().filter(|subject| !is_unseen(subject)).collect();
        Ok([people(&learnt)?, test_people])
    }

    /// The windows to learn from, and those of the test, each with the number of its recording.
    ///
    /// # Errors
    /// A subject who isn't there, or nobody on one of the sides.
    pub fn windows(&self) -> Result<[Vec<(u32, Window)>; 2], Error> {
        let [train, test] = self.people()?;
        for (people, side) in [(train, "train"), (test, "test")] {
            if people.is_empty() {
                return Err(Error::NobodyLeft { side });
            }
        }
        Ok([
            windows(train, |recording| self.half.of(recording)),
            windows(test, |recording| self.half.other().of(recording)),
        ])
    }

    /// Both sides, standardised by `scaler` or as the training windows demand.
    ///
    /// # Errors
    /// Those of [`windows`](Self::windows).
    pub fn split(&self, scaler: Option<Scaler<AXES>>) -> Result<Split, Error> {
        let [train, test] = self.windows()?;
        let scaler = scaler.unwrap_or_else(|| fit(train.iter().map(|(_, window)| *window)));
        Ok(Split { train: of_windows(&train, &scaler), test: of_windows(&test, &scaler), scaler })
    }
}

/// These subjects, by number from 1 to 10.
///
/// # Errors
/// A subject who isn't there.
pub fn people(subjects: &[u32]) -> Result<People, Error> {
    let known = |subject: &u32| RECORDINGS.iter().any(|recording| u32::from(recording.subject) == *subject);
    match subjects.iter().find(|subject| !known(subject)) {
        Some(&subject) => Err(Error::UnknownSubject { subject }),
        None => Ok(People::only(&subjects.iter().map(|subject| *subject as u8).collect::<Vec<_>>())),
    }
}

/// Standardised windows as samples of 16 x 6 inputs.
pub fn dataset(people: People, scaler: &Scaler<AXES>) -> Dataset {
    of_windows(&windows(people, |recording| 0..recording.len()), scaler)
}

/// The windows of all recordings of these people that `part` names, with the number of each one's recording.
pub fn windows(people: People, part: impl Fn(&Recording) -> Range<usize>) -> Vec<(u32, Window)> {
    let of = |(number, recording): (u32, &'static Recording)| {
        part(recording).filter_map(move |index| Some((number, recording.window(index)?)))
    };
    (0..).zip(people.recordings()).flat_map(of).collect()
}

/// Standardised windows as samples, in their order.
pub fn of_windows(windows: &[(u32, Window)], scaler: &Scaler<AXES>) -> Dataset {
    let (mut values, mut labels, mut groups, mut recordings) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (recording, window) in windows {
        labels.push(window.label as f32);
        groups.push(u32::from(window.subject));
        recordings.push(*recording);
        for mut frame in window.frames() {
            scaler.apply(&mut frame);
            values.extend(frame);
        }
    }
    let target = Target::Classes(EXERCISES.map(String::from).into());
    let (name, width, frames) = ("watch".into(), TOKENS * AXES, TOKENS);
    // Subjects are numbered from 1.
    let group_names = (0..=10).map(|subject| subject.to_string()).collect();
    Dataset { name, target, width, frames, values, labels, groups, group_names, recordings }
}

/// Trains on everybody but `test` and those `without` whom all is done, tests on the former.
///
/// # Errors
/// A subject who isn't there, none at all, or nobody left to train on.
pub fn split(test: &[u32], without: &[u32]) -> Result<Split, Error> {
    Choice { test, without, ..Choice::default() }.split(None)
}

/// Trains on some people, tests on others.
///
/// # Errors
/// Nobody on one of the sides.
pub fn between(train: People, test: People) -> Result<Split, Error> {
    for (people, side) in [(train, "train"), (test, "test")] {
        if people.is_empty() {
            return Err(Error::NobodyLeft { side });
        }
    }
    let scaler = train.fit();
    Ok(Split { train: dataset(train, &scaler), test: dataset(test, &scaler), scaler })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Means and deviations of an independent implementation.
    #[test]
    fn training_on_subjects_3_to_10_gives_the_reference_scaler() {
        let split = split(&[1, 2], &[]).unwrap();
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
        let (split, train) = (split(&[9, 10], &[]).unwrap(), People::only(&[9, 10]).others());
        let scaler = split.scaler;
        assert_eq!(train.windows().count(), split.train.len());
        for (window, (row, label)) in train.windows().zip(split.train.samples()) {
            assert_eq!([window.label as f32], label);
            let frame = window.frames().nth(5).unwrap();
            assert_eq!(row[5 * AXES + 2], (frame[2] - scaler.mean[2]) / scaler.std[2]);
        }
        assert_eq!(split.train.row(7), split.train.rows().nth(7).unwrap());
    }

    #[test]
    fn a_client_learns_from_one_half_and_is_tested_on_the_other() {
        let client = Choice { test: &[3], only: &[3], half: Half::Early, ..Choice::default() };
        let own = client.split(None).unwrap();
        let count = |half: Half| People::only(&[3]).recordings().map(|of| half.of(of).len()).sum::<usize>();
        assert_eq!([own.train.len(), own.test.len()], [Half::Early, Half::Late].map(count));
        assert!([own.train.groups.clone(), own.test.groups.clone()].concat().iter().all(|subject| *subject == 3));
        let late = Choice { half: Half::Late, ..client }.split(Some(own.scaler)).unwrap();
        assert_eq!((late.train.values, late.test.values), (own.test.values, own.train.values));
        // Whole recordings cannot be both learnt from and tested.
        assert!(matches!(Choice { half: Half::All, ..client }.split(None), Err(Error::NobodyLeft { side: "train" })));
        let few = Choice { test: &[9], only: &[3, 4, 9], without: &[4], half: Half::All };
        assert_eq!(few.people().unwrap(), [People::only(&[3]), People::only(&[9])]);
        assert!(matches!(Choice { only: &[11], ..client }.split(None), Err(Error::UnknownSubject { subject: 11 })));
    }

    #[test]
    fn a_split_needs_people_on_both_sides() {
        assert!(matches!(split(&[1, 11], &[]), Err(Error::UnknownSubject { subject: 11 })));
        assert!(matches!(split(&[257], &[]), Err(Error::UnknownSubject { subject: 257 })));
        assert!(matches!(split(&[], &[]), Err(Error::NobodyLeft { side: "test" })));
        let everybody: Vec<u32> = (1..=10).collect();
        assert!(matches!(split(&everybody, &[]), Err(Error::NobodyLeft { side: "train" })));
    }
}
