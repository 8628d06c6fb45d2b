//! The reader of tables: whatever a file holds, it is read or refused, what is read is finite and as wide as it says, and the file
//! that was learnt from can be prepared again.

use std::path::Path;

use arbitrary::{Arbitrary, Result, Unstructured};
use trainlet::nn::loss::classes::number;
use trainlet_data::source::Scaling;
use trainlet_data::table::{Missing, TaskName};
use trainlet_data::{Options, Table, Target, learn};

use crate::scratch::with_file;

/// Cells that say something.
const CELLS: [&str; 48] = [
    "",
    "0",
    "1",
    "-1",
    "1.5",
    "1e3",
    "1e38",
    "1e39",
    "-1e-45",
    "007",
    "1700000000",
    "1700000001",
    "9007199254740993",
    "NA",
    "NULL",
    "?",
    "-",
    "nan",
    "inf",
    "yes",
    "no",
    "true",
    "FALSE",
    "a",
    "b",
    "tcp",
    "50%",
    "$3",
    "(4)",
    "1,234",
    "1.234,5",
    "1_000",
    "0x1F",
    "−2",
    "2024-02-30",
    "2024-02-29",
    "29/02/2024",
    "03/04/2024 10:00",
    "12:59",
    "1709210096123",
    "5 kg",
    "\"x\"",
    "\"a\"\"b\"",
    "\"open",
    "x\0y",
    "é",
    "🦀",
    " 1 ",
];
const SEPARATORS: [&str; 4] = [",", ";", "\t", "|"];
const ENDS: [&str; 3] = ["\n", "\r\n", "\r"];

/// A table of such cells.
struct Drawn(String);

impl Arbitrary<'_> for Drawn {
    fn arbitrary(u: &mut Unstructured) -> Result<Self> {
        let (columns, separator, end) = (u.int_in_range(1..=5)?, *u.choose(&SEPARATORS)?, *u.choose(&ENDS)?);
        let mut text: Vec<String> = (0..columns).map(|column| format!("c{column}")).collect();
        text.push("label".into());
        let mut text = text.join(separator) + end;
        // A column mostly has cells of one kind.
        let kinds: Vec<usize> = (0..=columns).map(|_| u.choose_index(CELLS.len())).collect::<Result<_>>()?;
        for row in 0..u.int_in_range(0..=24)? {
            for (column, kind) in kinds.iter().enumerate() {
                let other = u.ratio(1, 6)?;
                let cell = if other { *u.choose(&CELLS)? } else { CELLS[(kind + row % 2) % CELLS.len()] };
                text += cell;
                if column < columns || u.ratio(1, 60)? {
                    text += separator;
                }
            }
            text += end;
        }
        Ok(Self(text))
    }
}

/// Plays an input.
pub fn run(data: &[u8]) {
    let Some((mode, rest)) = data.split_first() else { return };
    let options = Options {
        label: vec!["label".into()],
        task: [None, Some(TaskName::Classify), Some(TaskName::Regress), None][usize::from(mode >> 6 & 3)],
        missing: [Missing::Refuse, Missing::Mean, Missing::Drop][usize::from(mode >> 1 & 3) % 3],
        one_hot: mode & 8 != 0,
        plain: if mode & 16 != 0 { vec!["c0".into()] } else { Vec::new() },
        text: if mode & 32 != 0 { vec!["c1".into()] } else { Vec::new() },
        ..Options::default()
    };
    let scaling = if mode & 64 != 0 { Scaling::Table } else { Scaling::Column };
    if mode & 1 == 0 {
        read(rest, &options, scaling);
    } else if let Ok(Drawn(text)) = Unstructured::new(rest).arbitrary() {
        read(text.as_bytes(), &options, scaling);
    }
}

fn read(bytes: &[u8], options: &Options, scaling: Scaling) {
    with_file(bytes, |path| {
        let Ok(table) = Table::open(Path::new(path), None) else { return };
        let learnt = match learn(&table, options, scaling) {
            Ok(learnt) => learnt,
            Err(error) => return assert!(!error.to_string().is_empty()),
        };
        let set = &learnt.set;
        assert_eq!((set.width, set.values.len()), (learnt.transform.features.len(), set.len() * set.width));
        assert!(set.values.iter().all(|value| value.is_finite()), "an input is not finite");
        assert!(set.labels.iter().all(|label| label.is_finite()) && set.labels.len() == set.len());
        if let Target::Classes(classes) = &set.target {
            assert!(set.labels.iter().all(|label| number(*label).is_some_and(|class| class < classes.len())));
        }
        if scaling == Scaling::Column {
            let again = learnt.transform.labelled(&table).expect("it was learnt from this file");
            assert_eq!((again.labels.len(), &again.target), (set.labels.len(), &set.target));
            let _ = learnt.transform.unlabelled(&table);
        }
    });
}
