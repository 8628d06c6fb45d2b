//! Training and test data, both standardised by the scales of the training data.

use serde::{Deserialize, Serialize};
use trainlet::data::{Scaler, ScalerFit};
use trainlet_app::watch::{AXES, People, Window};

use crate::ways::{CLASSES, COLUMNS};

/// Rows and their classes.
#[derive(Default)]
pub struct Samples {
    width: usize,
    values: Vec<f32>,
    classes: Vec<usize>,
}

impl Samples {
    /// Number of samples.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Sample number `index`.
    pub fn get(&self, index: usize) -> (&[f32], usize) {
        (&self.values[index * self.width..][..self.width], self.classes[index])
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&[f32], usize)> {
        (0..self.len()).map(|index| self.get(index))
    }

    fn push(&mut self, row: &[f32], class: usize) {
        self.width = row.len();
        self.values.extend_from_slice(row);
        self.classes.push(class);
    }
}

/// How raw numbers became inputs, for the file of weights.
#[derive(Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Preparation {
    /// Windows of the watch recordings, as host-sim writes it down.
    Watch(Scaler<AXES>),
    /// Rows of a table.
    Table {
        /// Names of the columns that are in use.
        columns: Vec<String>,
        /// Names of the classes that are in use.
        classes: Vec<String>,
        /// Of each input; 0 where there is no column.
        #[serde(flatten)]
        scaler: Scaler<COLUMNS>,
    },
}

/// A table of one's own.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Names of the columns, 1 to [`COLUMNS`].
    columns: Vec<String>,
    /// Names of the classes, 2 to [`CLASSES`].
    classes: Vec<String>,
    /// `[row][column]`
    values: Vec<f32>,
    /// The class of each row.
    labels: Vec<usize>,
}

/// The data of a run.
pub struct Data {
    /// To learn from.
    pub train: Samples,
    /// Never learnt from.
    pub test: Samples,
    /// Learnt from `train`.
    pub preparation: Preparation,
    /// Number of classes in use.
    pub classes: usize,
}

/// The people that host-sim and the boards test with.
const TEST_PEOPLE: People = People::only(&[9, 10]);

/// Every row of this number is for the test.
const TEST_EVERY: usize = 4;

impl Data {
    /// The bundled recordings; two people are for the test.
    pub fn watch() -> Self {
        let people = TEST_PEOPLE.others();
        let scaler = people.fit();
        let classes = trainlet_app::watch::EXERCISES.len();
        let (train, test) = (windows(people, &scaler), windows(TEST_PEOPLE, &scaler));
        Self { train, test, preparation: Preparation::Watch(scaler), classes }
    }

    /// A table; every fourth row is for the test.
    ///
    /// # Errors
    /// Measures that do not fit together or are out of their range.
    pub fn table(table: Table) -> Result<Self, &'static str> {
        let Table { columns, classes, values, labels } = table;
        let (width, count) = (columns.len(), classes.len());
        let fits = (1..=COLUMNS).contains(&width) && (2..=CLASSES).contains(&count);
        if !fits || values.len() != width * labels.len() || labels.iter().any(|label| *label >= count) {
            return Err("the table does not have the measures that it says");
        }
        if labels.len() < TEST_EVERY || values.iter().any(|value| !value.is_finite()) {
            return Err("the table has too few rows, or a number that is too large");
        }
        let row = |index: usize| {
            let mut row = [0.0; COLUMNS];
            row[..width].copy_from_slice(&values[index * width..][..width]);
            row
        };
        let is_tested = |index: &usize| index % TEST_EVERY == TEST_EVERY - 1;
        let (tested, learnt): (Vec<_>, Vec<_>) = (0..labels.len()).partition(is_tested);
        let mut fit = ScalerFit::ZERO;
        learnt.iter().for_each(|index| fit.push(&row(*index)));
        let scaler = fit.finish();
        let of = |indices: &[usize]| {
            let mut samples = Samples::default();
            for &index in indices {
                let mut row = row(index);
                scaler.apply(&mut row);
                samples.push(&row, labels[index]);
            }
            samples
        };
        let (train, test) = (of(&learnt), of(&tested));
        Ok(Self { train, test, preparation: Preparation::Table { columns, classes, scaler }, classes: count })
    }
}

fn windows(people: People, scaler: &Scaler<AXES>) -> Samples {
    let (mut samples, mut row) = (Samples::default(), Vec::new());
    for window in people.windows() {
        row.clear();
        row.extend(standardised(window, scaler).flatten());
        samples.push(&row, window.label);
    }
    samples
}

fn standardised(window: Window, scaler: &Scaler<AXES>) -> impl Iterator<Item = [f32; AXES]> {
    window.frames().map(|mut frame| {
        scaler.apply(&mut frame);
        frame
    })
}
