//! What a training file teaches: a first pass over it decides what its columns are, a second one fills the inputs, which are then
//! standardised in place.

mod filling;

use super::Scaling;
use super::Table;
use super::asked::{Answer, Asked};
use super::column::Taken;
use super::plan::{Input, encoding, kind};
use super::profile::{Profile, Rules};
use super::raw::Raw;
use super::summary::{ColumnSummary, Kind, Summary};
use super::{Dataset, Error, Missing, Options, Separator, Transform};

/// What a training file teaches, and its samples.
#[derive(Clone, Debug)]
pub struct Learnt {
    /// What other files are prepared by.
    pub transform: Transform,
    /// The samples, prepared.
    pub set: Dataset,
    /// What the columns were taken for.
    pub summary: Summary,
}

/// Learns from a training file. Where the table is to have one scale, numbers stay as they are and texts are numbered.
///
/// # Errors
/// A column that isn't there, a label in `drop` or `plain`, text in `plain`, cells of a column that do not say one thing, missing
/// values unless there is something to do about them, fewer than two classes, nothing left to learn from.
pub fn learn(table: &Table, options: &Options, scaling: Scaling) -> Result<Learnt, Error> {
    read(table, options, scaling)?.fit()
}

/// Reads a training file, and leaves open which of its samples are learnt from.
///
/// # Errors
/// Those of [`learn`].
pub fn read(table: &Table, options: &Options, scaling: Scaling) -> Result<Raw, Error> {
    Lesson::first_pass(table, options, scaling)?.second_pass()
}

/// A file after its first pass.
struct Lesson<'a> {
    table: &'a Table,
    options: &'a Options,
    scaling: Scaling,
    answer: Answer,
    /// In the order of the network: values, then texts.
    inputs: Vec<Input>,
    rows: usize,
    columns: Vec<ColumnSummary>,
}

impl<'a> Lesson<'a> {
    fn first_pass(table: &'a Table, options: &'a Options, scaling: Scaling) -> Result<Self, Error> {
        check(table, options)?;
        let rules = rules(table, options);
        let mut asked = Asked::new(table, options, rules)?;
        let labels = asked.columns();
        let beside = [&options.by, &options.time, &options.group];
        let used = |column: &usize| {
            let name = &table.columns()[*column];
            !(labels.contains(column) || options.drop.contains(name) || beside.contains(&&Some(name.clone())))
        };
        let numbers = (0..table.columns().len()).filter(used);
        let mut profiles: Vec<_> = numbers.map(|column| Profile::new(column, rules)).collect();
        let mut rows = 0;
        table.scan(|row| {
            rows += 1;
            asked.see(row);
            profiles.iter_mut().for_each(|profile| profile.see(row.cell(profile.column)));
            Ok(())
        })?;
        let (answer, columns) = (asked.decide(table, options, rows)?, Vec::new());
        let mut lesson = Self { table, options, scaling, answer, inputs: Vec::new(), rows, columns };
        lesson.plan(profiles)?;
        Ok(lesson)
    }

    /// Decides on the inputs, and says so.
    fn plan(&mut self, profiles: Vec<Profile>) -> Result<(), Error> {
        let Self { table, options, answer, .. } = self;
        let summary = |column: &String| {
            let beside = [&options.by, &options.time, &options.group].contains(&&Some(column.clone()));
            let kind = match (options.label.contains(column), beside) {
                (true, _) => answer.kind(),
                (_, true) => Kind::Beside,
                _ => Kind::Dropped,
            };
            ColumnSummary { column: column.clone(), kind, missing: 0 }
        };
        self.columns = table.columns().iter().map(summary).collect();
        let mut texts = Vec::new();
        for profile in profiles {
            let column = profile.column;
            let name = &table.columns()[column];
            let (missing, gap, first_text) = (profile.missing, profile.gap.clone(), profile.first_text().cloned());
            // The readings of a sensor are taken as they are.
            let plain = options.plain.contains(name) || (options.window.is_some() && !options.text.contains(name));
            let taken = if options.text.contains(name) { profile.into_text() } else { profile.decide(table)? };
            match taken {
                Taken::Categories(_) if options.plain.contains(name) => {
                    let seen = first_text.unwrap_or_default();
                    return Err(Error::PlainText { place: table.place(seen.line, column), text: seen.text });
                }
                Taken::Categories(Some(values)) if options.one_hot => {
                    self.columns[column].kind = Kind::OneHot { values: values.len() };
                    texts.extend(values.into_iter().map(|value| Input::one_hot(column, name, value)));
                }
                // How many there are is known when all have passed by.
                Taken::Categories(_) => texts.push(Input::text(column, name)),
                Taken::Values { linear: true, .. } if options.plain.contains(name) => {
                    return Err(Error::NoLogarithm { path: table.path().into(), column: name.clone() });
                }
                Taken::Values { reading, range, span, linear } => {
                    // One scale for the whole table knows no mean of a column.
                    let no_mean = options.missing == Missing::Mean && self.scaling == Scaling::Table;
                    if let Some(gap) = gap.filter(|_| options.missing == Missing::Refuse || no_mean) {
                        return Err(Error::missing_cell(table.place(gap.line, column), &gap.text));
                    }
                    let encoding = encoding(range, span, linear, plain, self.scaling);
                    let kind = kind(&reading, &encoding, linear);
                    self.columns[column] = ColumnSummary { column: name.clone(), kind, missing };
                    self.inputs.push(Input::value(column, name, reading, encoding));
                }
            }
        }
        self.inputs.append(&mut texts);
        if self.inputs.is_empty() { Err(Error::NoFeatures { path: table.path().into() }) } else { Ok(()) }
    }
}

/// What the user and the file say about all columns.
fn rules(table: &Table, options: &Options) -> Rules {
    Rules { decimal: options.decimal, dates: options.dates, commas_separate: table.separator() == Separator::Comma }
}

/// Options name columns that are there, and not the label.
fn check(table: &Table, options: &Options) -> Result<(), Error> {
    for (option, names) in [("--drop", &options.drop), ("--plain", &options.plain), ("--text", &options.text)] {
        for name in names {
            table.column(name, option)?;
            if options.label.contains(name) && option != "--text" {
                return Err(Error::LabelTwice { column: name.clone(), option });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::Style;
    use super::*;
    use proptest::prelude::*;

    pub const TRAIN: &str = "id,size,kind,port,same,label\n\
        1,0,tcp,80,7,no\n\
        2,1e3,udp,80,7,yes\n\
        3,-1000,tcp,443,7,no\n\
        4,4e9,tcp,80,7,yes\n";

    pub fn table(text: &str) -> Table {
        Table::parse("t.csv", text.as_bytes()).unwrap()
    }

    pub fn options(drop: &[&str], plain: &[&str]) -> Options {
        let owned = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
        Options { label: vec!["label".into()], drop: owned(drop), plain: owned(plain), ..Options::default() }
    }

    pub fn learnt(text: &str, options: &Options) -> Result<Learnt, Error> {
        learn(&table(text), options, Scaling::Column)
    }

    pub fn fitted() -> Transform {
        learnt(TRAIN, &options(&["id"], &["port"])).unwrap().transform
    }

    pub fn message(text: &str, options: &Options) -> String {
        learnt(text, options).unwrap_err().to_string()
    }

    pub fn names(transform: &Transform) -> Vec<&str> {
        transform.features.iter().map(|feature| feature.column.as_str()).collect()
    }

    #[test]
    fn one_scale_has_no_mean_for_what_is_missing() {
        let table = table("x,y,label\n1,2,a\n,3,b\n");
        let mean = Options { missing: Missing::Mean, ..options(&[], &[]) };
        let error = learn(&table, &mean, Scaling::Table).unwrap_err().to_string();
        assert!(error.contains("`x`") && error.contains("line 3"), "{error}");
        assert!(learn(&table, &mean, Scaling::Column).is_ok());
    }

    #[test]
    fn features_are_numbers_then_categories_standardised() {
        let Learnt { transform, set, summary } = learnt(TRAIN, &options(&["id"], &["port"])).unwrap();
        assert_eq!(names(&transform), ["size", "port", "same", "kind"]);
        assert_eq!((set.len(), set.width, &set.labels[..]), (4, 4, &[0.0, 1.0, 0.0, 1.0][..]));
        assert_eq!(set.target.classes(), ["no", "yes"]);
        assert_eq!(transform.labelled(&table(TRAIN)).unwrap(), set, "the same on the way of any other file");
        let (log, rare, often) = (|x: f64| x.signum() * x.abs().ln_1p(), 0.25f64.ln(), 0.75f64.ln());
        let columns =
            [[0.0, log(1e3), log(-1e3), log(4e9)], [80.0, 80.0, 443.0, 80.0], [0.0; 4], [often, rare, often, often]];
        for (feature, raw) in columns.into_iter().enumerate() {
            let mean = raw.iter().sum::<f64>() / 4.0;
            let std = (raw.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 4.0).sqrt();
            for (row, x) in set.rows().zip(raw) {
                let expected = if std > 0.0 { (x - mean) / std } else { 0.0 };
                assert!((f64::from(row[feature]) - expected).abs() < 1e-6, "feature {feature}: {row:?}");
            }
        }
        let style = Style::default;
        let kinds: Vec<_> = summary.columns.into_iter().map(|column| column.kind).collect();
        assert_eq!(
            kinds,
            [
                Kind::Dropped,
                Kind::NumberWithLogarithm(style()),
                Kind::Categories { values: 2 },
                Kind::Number(style()),
                Kind::Constant,
                Kind::Label { classes: 2 }
            ]
        );
    }

    #[test]
    fn columns_that_cannot_be_used_are_named() {
        let none = options(&[], &[]);
        let there = "there are: id, size, kind, port, same, label";
        let missing = |option: &str| format!("t.csv: there is no column `x`, which {option} names; {there}");
        assert_eq!(message(TRAIN, &Options { label: vec!["x".into()], ..none.clone() }), missing("--label"));
        assert_eq!(message(TRAIN, &options(&["x"], &[])), missing("--drop"));
        assert_eq!(message(TRAIN, &options(&[], &["x"])), missing("--plain"));
        assert_eq!(message(TRAIN, &Options { text: vec!["x".into()], ..none.clone() }), missing("--text"));
        assert_eq!(message(TRAIN, &options(&["label"], &[])), "column `label` is the label; take it out of --drop");
        let text = message(TRAIN, &options(&[], &["kind"]));
        assert!(text.starts_with("t.csv, line 2, column `kind`: `tcp` is text, but only numbers can be --plain"));
        for cells in ["yes\nno", "2024-01-01\n2024-01-02"] {
            let text = format!("label,a\n0,{}\n", cells.replace('\n', "\n1,"));
            let message = message(&text, &options(&[], &["a"]));
            assert!(message.contains("column `a` holds dates or booleans") && message.contains("--plain"), "{message}");
        }
        let nothing = message("a,label\n1,0\n2,1\n", &options(&["a"], &[]));
        assert!(nothing.starts_with("t.csv: no column is left to learn from"), "{nothing}");
        let far = message("a,label\n3e38,0\n-3e38,1\n", &options(&[], &["a"]));
        assert!(far.starts_with("t.csv: the values of column `a` spread too far"), "{far}");
        let less = fitted().labelled(&table("size,port,same,label\n1,2,3,no\n")).unwrap_err().to_string();
        assert!(less.starts_with("t.csv: there is no column `kind`, which the trained network names"), "{less}");
        assert!(
            matches!(fitted().labelled(&table("size\n1\n")), Err(Error::NoSuchColumn { column, .. }) if column == "label")
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        /// Whatever stands in the cells: there is an error, or all inputs are finite and come out the same once more.
        #[test]
        fn no_cells_at_all_can_make_it_panic(
            cells in prop::collection::vec(("[0-9.,$%()x:/aTyn+\u{2212} _-]{0,8}", "[0-9]{0,3}[-/.:]?[0-9]{0,3}[-/.:]?[0-9]{0,4}[k%]?"), 2..12),
            missing in 0..3_usize,
            one_hot: bool,
        ) {
            let missing = [Missing::Refuse, Missing::Mean, Missing::Drop][missing];
            let lines: String =
                cells.iter().enumerate().map(|(i, (a, b))| format!("\"{a}\",\"{b}\",{}\n", i % 2)).collect();
            let table = table(&format!("a,b,label\n{lines}"));
            let options = Options { missing, one_hot, ..options(&[], &[]) };
            if let Ok(Learnt { transform, set, .. }) = learn(&table, &options, Scaling::Column) {
                prop_assert!(set.values.iter().all(|value| value.is_finite()));
                prop_assert_eq!(transform.labelled(&table).unwrap(), set);
            }
        }
    }
}
