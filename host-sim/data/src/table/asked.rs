//! The columns that are to be predicted, while a training file passes by for the first time.

use clap::ValueEnum;
use serde::Serialize;

use super::cell::number;
use super::column::Taken;
use super::label::{ClassLabel, Spellings};
use super::plan::{Input, encoding};
use super::profile::{Profile, Rules};
use super::row::Row;
use super::summary::Kind;
use super::target::Label;
use super::{Error, Missing, Options, Scaling, Table};

/// What is predicted, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum TaskName {
    /// A class
    Classify,
    /// A value
    Regress,
}

/// What has been seen of the columns of the labels.
pub(super) struct Asked {
    spellings: Spellings,
    profiles: Vec<Profile>,
}

/// What a label is to be.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    Class(ClassLabel),
    /// To be standardised.
    Values(Vec<Input>),
}

/// Whole numbers are classes if there are no more different ones than this,
const FEW: usize = 10;
/// or than this and at least [`ROWS`] rows for each.
const MANY: usize = 64;
const ROWS: usize = 8;

impl Asked {
    pub fn new(table: &Table, options: &Options, rules: Rules) -> Result<Self, Error> {
        let columns = options.label.iter().map(|name| table.column(name, "--label"));
        let profiles: Vec<_> = columns.map(|column| Ok(Profile::new(column?, rules))).collect::<Result<_, Error>>()?;
        let [first, ..] = &profiles[..] else { return Err(Error::NoLabel) };
        let spellings = Spellings::new(first.column, options.text.contains(&table.columns()[first.column]));
        Ok(Self { spellings, profiles })
    }

    pub fn columns(&self) -> Vec<usize> {
        self.profiles.iter().map(|profile| profile.column).collect()
    }

    /// Takes the labels of a row into account.
    pub fn see(&mut self, row: &Row) {
        self.spellings.see(row.cell(self.spellings.column));
        self.profiles.iter_mut().for_each(|profile| profile.see(row.cell(profile.column)));
    }

    /// What they are: as the user says, or as they look.
    pub fn decide(self, table: &Table, options: &Options, rows: usize) -> Result<Answer, Error> {
        let several = self.profiles.len() > 1;
        let task = options.task.unwrap_or_else(|| if several { TaskName::Regress } else { self.guess(rows) });
        match task {
            TaskName::Classify if several => Err(Error::SeveralClasses),
            TaskName::Classify => self.class(table, options).map(Answer::Class),
            TaskName::Regress => {
                let values = self.profiles.into_iter().map(|profile| value(profile, table, options));
                values.collect::<Result<_, _>>().map(Answer::Values)
            }
        }
    }

    /// Many different numbers, or numbers with a fraction, are values; all else are classes.
    fn guess(&self, rows: usize) -> TaskName {
        let Spellings { as_text, lines, .. } = &self.spellings;
        let different = lines.len();
        let numbers: Option<Vec<f64>> = lines.keys().map(|text| number(text)).collect();
        match numbers.filter(|_| !as_text && different > 2) {
            Some(numbers) => {
                let whole = numbers.iter().all(|number| number.fract() == 0.0);
                let classes = different <= FEW || (different <= MANY && rows >= ROWS * different);
                if whole && classes { TaskName::Classify } else { TaskName::Regress }
            }
            None => TaskName::Classify,
        }
    }

    fn class(self, table: &Table, options: &Options) -> Result<ClassLabel, Error> {
        let (column, gap) = (self.spellings.column, self.spellings.gap.clone());
        let label = self.spellings.label(table)?;
        match gap.filter(|_| options.missing != Missing::Drop) {
            Some(gap) => Err(Error::missing_label(table.place(gap.line, column), &gap.text)),
            None => Ok(label),
        }
    }
}

/// A value that is predicted, by the column that it stands in.
fn value(profile: Profile, table: &Table, options: &Options) -> Result<Input, Error> {
    let (column, gap, first_text) = (profile.column, profile.gap.clone(), profile.first_text().cloned());
    let name = &table.columns()[column];
    if let Some(gap) = gap.filter(|_| options.missing != Missing::Drop) {
        return Err(Error::missing_label(table.place(gap.line, column), &gap.text));
    }
    match profile.decide(table)? {
        Taken::Categories(_) => {
            let seen = first_text.unwrap_or_default();
            Err(Error::TextValue { place: table.place(seen.line, column), text: seen.text })
        }
        Taken::Values { range, .. } if range.span() == 0.0 => {
            Err(Error::OneValue { path: table.path().into(), column: name.clone() })
        }
        Taken::Values { reading, range, span, linear } => {
            let encoding = encoding(range, span, linear, true, Scaling::Column);
            Ok(Input::value(column, name, reading, encoding))
        }
    }
}

impl Answer {
    /// What to say of the columns.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Class(label) => Kind::Label { classes: label.classes.len() },
            Self::Values(_) => Kind::Value,
        }
    }

    /// What it is before any standardisation.
    pub fn label(&self) -> Label {
        match self {
            Self::Class(label) => Label::Class(label.clone()),
            Self::Values(inputs) => {
                Label::Values { values: inputs.iter().map(|input| input.feature.clone()).collect() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::learning::tests::{learnt, message, options, table};
    use super::super::{Learnt, Target};
    use super::*;

    /// A table of these labels beside a number.
    fn of(labels: impl Iterator<Item = String>) -> String {
        let lines: String = labels.enumerate().map(|(row, label)| format!("{},{label}\n", (row * 7) % 31)).collect();
        format!("x,label\n{lines}")
    }

    fn target(labels: impl Iterator<Item = String>, task: Option<TaskName>) -> Target {
        learnt(&of(labels), &Options { task, ..options(&[], &[]) }).unwrap().set.target
    }

    #[test]
    fn many_numbers_and_fractions_are_values() {
        let numbers = |rows: usize, different: usize| (0..rows).map(move |row| (row % different).to_string());
        let classes = |rows, different| matches!(target(numbers(rows, different), None), Target::Classes(_));
        assert!(classes(4, 2) && classes(10, 10) && classes(88, 11) && classes(512, 64));
        assert!(!classes(87, 11) && !classes(2000, 65));
        let tenths = || (0..9).map(|row| format!("{}.{}", row / 3, row % 3));
        assert!(matches!(target(tenths(), None), Target::Values(_)));
        assert!(matches!(target(tenths(), Some(TaskName::Classify)), Target::Classes(_)));
        assert!(matches!(target(numbers(6, 3), Some(TaskName::Regress)), Target::Values(_)));
        assert!(matches!(target(["0.5", "1.5", "0.5"].map(String::from).into_iter(), None), Target::Classes(_)));
        assert!(matches!(target(numbers(9, 3).map(|number| format!("k{number}")), None), Target::Classes(_)));
    }

    #[test]
    fn values_are_standardised_and_known_by_their_unit() {
        let text = "x,label,speed\n1,10,$1.50\n2,20,$2.50\n3,30,$3.50\n5,40,$9.50\n";
        let both = Options { label: vec!["label".into(), "speed".into()], ..options(&[], &[]) };
        let Learnt { transform, set, .. } = learnt(text, &both).unwrap();
        let Target::Values(measures) = &set.target else { panic!() };
        assert_eq!((set.width, &*measures[1].name, set.labels.len()), (1, "speed", 8));
        for (row, (label, speed)) in [(10.0, 1.5), (20.0, 2.5), (30.0, 3.5), (40.0, 9.5)].into_iter().enumerate() {
            let values: Vec<f64> = measures.iter().zip(set.label(row)).map(|(of, value)| of.value(*value)).collect();
            assert!((values[0] - label).abs() < 1e-5 && (values[1] - speed).abs() < 1e-6, "{values:?}");
        }
        assert_eq!(transform.labelled(&table(text)).unwrap(), set);
        let saved = serde_json::to_string(&transform).unwrap();
        assert_eq!(serde_json::from_str::<super::super::Transform>(&saved).unwrap(), transform);
    }

    #[test]
    fn labels_that_are_no_values_are_named() {
        let regress = Options { task: Some(TaskName::Regress), ..options(&[], &[]) };
        let text = message("x,label\n1,a\n2,b\n", &regress);
        assert!(text.starts_with("t.csv, line 2, column `label`: `a` is no value"), "{text}");
        let same = message("x,label\n1,5\n2,5\n", &regress);
        assert!(same.contains("same value in column `label`"), "{same}");
        let gap = message("x,label\n1,5.5\n2,\n3,7\n4,8\n", &regress);
        assert!(gap.contains("line 3, column `label`: the label is missing"), "{gap}");
        let drop = Options { missing: Missing::Drop, ..regress };
        assert_eq!(learnt("x,label\n1,5.5\n2,\n3,7\n4,8\n", &drop).unwrap().set.len(), 3);
    }
}
