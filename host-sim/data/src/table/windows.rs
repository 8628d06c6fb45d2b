//! Recordings: the rows of a sensor's log in order of time, of which windows of some rows are the samples.

use serde::{Deserialize, Serialize};

use super::feature::Reading;
use super::row::Row;
use super::{Error, Table};

/// How the rows of recordings become samples.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Windowing {
    /// Rows of a window, at least 1.
    pub frames: usize,
    /// Rows from the start of a window to that of the next, at least 1.
    pub hop: usize,
    /// A change in these columns begins another recording.
    pub by: Vec<String>,
    /// The column of the times, a gap in which ends a recording, and how it is read.
    pub time: Option<(String, Reading)>,
}

/// Rows that were read, and where recordings begin.
#[derive(Debug, Default)]
pub(super) struct Frames {
    /// `[rows][width]`
    pub values: Vec<f32>,
    /// `[rows][numbers of a label]`, or empty.
    pub labels: Vec<f32>,
    /// `[rows]`, or empty.
    pub groups: Vec<u32>,
    /// The first row of each recording, in order.
    pub starts: Vec<usize>,
}

/// Finds out where recordings begin, while their rows pass by.
pub(super) struct Runs<'a> {
    table: &'a Table,
    by: Vec<usize>,
    time: Option<(usize, &'a Reading)>,
    last: Option<Last>,
    starts: Vec<usize>,
    /// Rows that follow another one of their recording, and by how much.
    steps: Vec<(usize, f64)>,
    rows: usize,
}

struct Last {
    file: usize,
    by: Vec<String>,
    time: Option<f64>,
}

/// A step of time that is longer than this many usual ones is a gap.
const GAP: f64 = 1.5;

impl<'a> Runs<'a> {
    pub fn new(table: &'a Table, windowing: &'a Windowing) -> Result<Self, Error> {
        let by = windowing.by.iter().map(|column| table.column(column, "--by or --group"));
        let time = windowing.time.as_ref().map(|(column, reading)| Ok((table.column(column, "--time")?, reading)));
        let (by, time) = (by.collect::<Result<_, _>>()?, time.transpose()?);
        Ok(Self { table, by, time, last: None, starts: Vec::new(), steps: Vec::new(), rows: 0 })
    }

    /// Takes the next row of the samples into account.
    pub fn see(&mut self, row: &Row) -> Result<(), Error> {
        let by: Vec<_> = self.by.iter().map(|column| row.cell(*column).text.to_string()).collect();
        let time = self.time.map(|(column, reading)| reading.value(row.cell(column))).transpose()?;
        match &self.last {
            Some(last) if last.file == row.line.file && last.by == by => {
                let step = time.zip(last.time).map(|(time, last)| time - last);
                self.steps.extend(step.map(|step| (self.rows, step)));
            }
            _ => self.starts.push(self.rows),
        }
        self.last = Some(Last { file: row.line.file, by, time });
        self.rows += 1;
        Ok(())
    }

    /// A row is left out: what comes after it is another recording.
    pub fn interrupt(&mut self) {
        self.last = None;
    }

    /// The first row of each recording: a step of time that is longer than usual, or back, begins one as well.
    pub fn finish(mut self) -> Result<Vec<usize>, Error> {
        let mut steps: Vec<f64> = self.steps.iter().map(|(_, step)| *step).collect();
        steps.sort_unstable_by(f64::total_cmp);
        if let (Some((column, _)), Some(usual)) = (self.time, steps.get(steps.len() / 2)) {
            if *usual <= 0.0 {
                let column = self.table.columns()[column].clone();
                return Err(Error::TimeStands { path: self.table.path().into(), column });
            }
            let breaks = self.steps.iter().filter(|(_, step)| *step < 0.0 || *step > GAP * usual);
            self.starts.extend(breaks.map(|(row, _)| *row));
            self.starts.sort_unstable();
        }
        Ok(self.starts)
    }
}

/// Samples that were cut out of recordings.
#[derive(Debug, Default)]
pub(super) struct Windows {
    /// `[windows][frames][width]`
    pub values: Vec<f32>,
    /// `[windows][numbers of a label]`, or empty.
    pub labels: Vec<f32>,
    /// `[windows]`, or empty.
    pub groups: Vec<u32>,
    /// `[windows]` number of the recording.
    pub recordings: Vec<u32>,
    /// Windows without a label that most of their rows have.
    pub undecided: usize,
}

impl Windowing {
    /// The windows of all recordings, none of which leaves its recording. The label of one is the class of more than half of its
    /// rows, or the mean of their values; it is left out if there is no such class.
    pub(super) fn cut(&self, frames: &Frames, width: usize, classes: bool, label_len: usize) -> Windows {
        let mut windows = Windows::default();
        let rows = frames.values.len() / width;
        for (number, start) in frames.starts.iter().enumerate() {
            let end = frames.starts.get(number + 1).copied().unwrap_or(rows);
            let mut first = *start;
            while first + self.frames <= end {
                self.cut_one(frames, first, (width, label_len, classes), &mut windows);
                windows.recordings.resize(windows.values.len() / (width * self.frames), number as u32);
                first += self.hop;
            }
        }
        windows
    }

    fn cut_one(&self, frames: &Frames, first: usize, shape: (usize, usize, bool), windows: &mut Windows) {
        let (width, label_len, classes) = shape;
        let rows = first..first + self.frames;
        if !frames.labels.is_empty() {
            let labels = &frames.labels[label_len * rows.start..label_len * rows.end];
            let Some(label) = (if classes { majority(labels) } else { Some(means(labels, label_len)) }) else {
                windows.undecided += 1;
                return;
            };
            windows.labels.extend(label);
        }
        windows.values.extend_from_slice(&frames.values[width * rows.start..width * rows.end]);
        windows.groups.extend(frames.groups.get(first));
    }
}

/// The class of more than half of the rows.
fn majority(labels: &[f32]) -> Option<Vec<f32>> {
    let mut sorted = labels.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let longest = sorted.chunk_by(|a, b| a == b).max_by_key(|run| run.len())?;
    (2 * longest.len() > labels.len()).then(|| vec![longest[0]])
}

fn means(labels: &[f32], label_len: usize) -> Vec<f32> {
    let rows = labels.len() / label_len;
    let mean = |place| labels.iter().skip(place).step_by(label_len).map(|value| f64::from(*value)).sum::<f64>();
    (0..label_len).map(|place| (mean(place) / rows as f64) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::super::learning::tests::{learnt, message, options, table};
    use super::super::{Learnt, Options, Target};

    /// Rows of time, recording, x and label.
    fn log(rows: &[(f64, &str, f64, &str)]) -> String {
        let lines: String = rows.iter().map(|(t, by, x, label)| format!("{t},{by},{x},{label}\n")).collect();
        format!("t,run,x,label\n{lines}")
    }

    fn windows(frames: usize, hop: usize) -> Options {
        let [by, time] = ["run", "t"].map(|column| Some(column.to_string()));
        Options { window: Some((frames, hop)), by, time, ..options(&[], &[]) }
    }

    /// The first value of each window in its own unit, and its label.
    fn firsts(Learnt { transform, set, .. }: &Learnt) -> Vec<(f32, f32)> {
        let feature = &transform.features[0];
        set.samples().map(|(row, label)| ((row[0] * feature.std + feature.mean).round(), label[0])).collect()
    }

    #[test]
    fn windows_stay_within_recordings_and_gaps() {
        let row = |i: usize| {
            let run = if i < 7 { "a" } else { "b" };
            // A second is missing before row 10.
            let time = 0.5 * i as f64 + if i >= 10 { 1.0 } else { 0.0 };
            (time, run, i as f64, if i.is_multiple_of(2) { "even" } else { "odd" })
        };
        let rows: Vec<_> = (0..16).map(row).collect();
        let lesson = learnt(&log(&rows), &windows(3, 1)).unwrap();
        assert_eq!((lesson.set.frames, lesson.set.width), (3, 3));
        let starts: Vec<_> = firsts(&lesson).iter().map(|(first, _)| *first as usize).collect();
        assert_eq!(starts, [0, 1, 2, 3, 4, 7, 10, 11, 12, 13]);
        assert_eq!(firsts(&lesson)[0].1, 0.0, "two of three rows are even");
        assert_eq!(lesson.transform.labelled(&table(&log(&rows))).unwrap(), lesson.set);
        let hop = learnt(&log(&rows), &windows(3, 2)).unwrap();
        let starts: Vec<_> = firsts(&hop).iter().map(|(first, _)| *first as usize).collect();
        assert_eq!(starts, [0, 2, 4, 7, 10, 12]);
    }

    #[test]
    fn windows_without_a_majority_are_left_out_and_counted() {
        let labels = ["a", "a", "b", "b", "b", "a"];
        let rows: Vec<_> = labels.iter().enumerate().map(|(i, label)| (i as f64, "r", i as f64, *label)).collect();
        let lesson = learnt(&log(&rows), &windows(4, 1)).unwrap();
        assert_eq!(firsts(&lesson), [(1.0, 1.0), (2.0, 1.0)]);
        assert_eq!(lesson.summary.left_out, 1);
    }

    #[test]
    fn values_are_the_means_of_their_rows() {
        let rows: Vec<_> = (0..6).map(|i| format!("{i},r,{},{}.5\n", i * i, 2 * i)).collect();
        let text = format!("t,run,x,label\n{}", rows.concat());
        let Learnt { set, .. } = learnt(&text, &windows(2, 2)).unwrap();
        let Target::Values(measures) = &set.target else { panic!() };
        let values: Vec<_> = set.samples().map(|(_, label)| (2.0 * measures[0].value(label[0])).round()).collect();
        assert_eq!(values, [3.0, 11.0, 19.0]);
    }

    #[test]
    fn logs_that_cannot_be_cut_are_named() {
        let rows: Vec<_> = (0..4).map(|i| (7.0, "r", f64::from(i), if i < 2 { "a" } else { "b" })).collect();
        let stands = message(&log(&rows), &windows(2, 1));
        assert!(stands.contains("`t`") && stands.contains("do not rise"), "{stands}");
        let short = message(&log(&rows), &Options { time: None, ..windows(9, 1) });
        assert!(short.contains("no recording is as long as a window of 9"), "{short}");
    }
}
