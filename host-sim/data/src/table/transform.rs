//! From the cells of a table to the inputs of a network.

use serde::{Deserialize, Serialize};

use super::Table;
use super::feature::Feature;
use super::row::Row;
use super::target::{Label, Labels};
use super::windows::{Frames, Runs, Windowing, Windows};
use super::{Dataset, DateOrder, Decimal, Error, Missing, TaskName};

/// What the user says about the columns of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The columns to predict: one with classes, or some with values.
    pub label: Vec<String>,
    /// What they are, if that is not to be guessed.
    pub task: Option<TaskName>,
    /// Columns to leave out.
    pub drop: Vec<String>,
    /// Columns of numbers that are taken as they are, without the logarithm.
    pub plain: Vec<String>,
    /// Columns that are taken for text, whatever their cells look like.
    pub text: Vec<String>,
    /// What is done about missing values.
    pub missing: Missing,
    /// Columns of few texts get an input for each.
    pub one_hot: bool,
    /// What stands before fractions, if that is known.
    pub decimal: Option<Decimal>,
    /// What comes first in dates, if that is known.
    pub dates: Option<DateOrder>,
    /// The column that says which samples belong together.
    pub group: Option<String>,
    /// Rows of a window, and from the start of one to that of the next; without it each row is a sample.
    pub window: Option<(usize, usize)>,
    /// The column that changes where another recording begins.
    pub by: Option<String>,
    /// The column of the times.
    pub time: Option<String>,
}

/// Everything learned from a training file that it takes to feed another file to the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Transform {
    /// What is predicted.
    pub label: Label,
    /// The inputs of the network in order: columns of values as in the file, then columns of text, unless they were
    /// [`reordered`](Self::reordered).
    pub features: Vec<Feature>,
    /// What is done about missing values.
    #[serde(default, skip_serializing_if = "Missing::is_refuse")]
    pub missing: Missing,
    /// How rows become samples, if each of these has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windowing: Option<Windowing>,
}

impl Transform {
    /// The same with the inputs in another order, which names each of them once by its number in this one.
    pub fn reordered(self, order: &[usize]) -> Self {
        Self { features: order.iter().map(|&index| self.features[index].clone()).collect(), ..self }
    }

    /// Inputs and labels of a file whose columns may come in any order, beside others.
    ///
    /// # Errors
    /// A column of the training file that isn't there, a cell that is not like those of the training file, a label that the
    /// training file has not, a missing value unless there is something to do about it.
    pub fn labelled(&self, table: &Table) -> Result<Dataset, Error> {
        self.dataset(table, Some(self.label.of(table)?))
    }

    /// Inputs of a file that needs no label; one that is there is not looked at. There is one sample for each line.
    ///
    /// # Errors
    /// As [`labelled`](Self::labelled), but for the labels, and for a missing value of a network whose training left such samples
    /// out.
    pub fn unlabelled(&self, table: &Table) -> Result<Dataset, Error> {
        self.dataset(table, None)
    }

    fn dataset(&self, table: &Table, labels_of: Option<Labels>) -> Result<Dataset, Error> {
        let column = |feature: &Feature| table.column(&feature.column, "the trained network");
        let columns = self.features.iter().map(column).collect::<Result<Vec<_>, _>>()?;
        let drop = labels_of.is_some() && self.missing == Missing::Drop;
        let is_whole = |row: &Row| -> Result<bool, Error> {
            let inputs =
                self.features.iter().zip(&columns).all(|(feature, column)| feature.is_there(row.cell(*column)));
            let known = labels_of.as_ref().map_or(Ok(true), |labels| labels.are_there(row))?;
            Ok(inputs && known)
        };
        // To ask for exactly as much memory as it takes.
        let mut samples = 0;
        table.scan(|row| {
            samples += usize::from(!drop || is_whole(row)?);
            Ok(())
        })?;
        let width = self.features.len();
        let mut runs = self.windowing.as_ref().map(|windowing| Runs::new(table, windowing)).transpose()?;
        let mut values = Vec::with_capacity(width * samples);
        let target = self.label.target();
        let numbers = if labels_of.is_some() { target.task().label_len() } else { 0 };
        let mut labels = Vec::with_capacity(numbers * samples);
        table.scan(|row| {
            if drop && !is_whole(row)? {
                runs.iter_mut().for_each(Runs::interrupt);
                return Ok(());
            }
            runs.as_mut().map_or(Ok(()), |runs| runs.see(row))?;
            for (feature, column) in self.features.iter().zip(&columns) {
                let cell = row.cell(*column);
                values.push(match (feature.input(cell)?, self.missing) {
                    (Some(value), _) => value,
                    // The mean, standardised.
                    (None, Missing::Mean) => 0.0,
                    (None, _) if labels_of.is_none() => return Err(cell.missing_for_a_prediction()),
                    (None, Missing::Refuse | Missing::Drop) => return Err(cell.missing()),
                });
            }
            labels_of.as_ref().map_or(Ok(()), |of| of.push(row, &mut labels))
        })?;
        if samples == 0 {
            return Err(Error::AllLeftOut { path: table.path().into() });
        }
        let (name, groups, group_names) = (table.path().into(), Vec::new(), Vec::new());
        let Some((windowing, runs)) = self.windowing.as_ref().zip(runs) else {
            let recordings = Vec::new();
            return Ok(Dataset { name, target, width, frames: 1, values, labels, groups, group_names, recordings });
        };
        let (frames, task) = (windowing.frames, target.task());
        let rows = Frames { values, labels, groups, starts: runs.finish()? };
        let Windows { values, labels, groups, recordings, .. } =
            windowing.cut(&rows, width, task.classes() > 0, task.label_len());
        if values.is_empty() {
            return Err(Error::NoWindow { path: name, frames });
        }
        Ok(Dataset { name, target, width: frames * width, frames, values, labels, groups, group_names, recordings })
    }
}

#[cfg(test)]
mod tests {
    use super::super::learning::tests::{TRAIN, fitted, learnt, message, names, options, table};
    use super::super::{Learnt, Scaling, learn};
    use super::*;
    use proptest::prelude::*;
    use trainlet::data::log_frequency;

    #[test]
    fn another_file_may_have_other_columns_in_another_order_and_new_categories() {
        let transform = fitted();
        let set = transform.unlabelled(&table("kind,extra,same,port,size\nicmp,x,9,80,0\n")).unwrap();
        assert!(set.labels.is_empty() && set.len() == 1);
        let kind = &transform.features[3];
        assert_eq!(set.row(0)[3], (log_frequency(None, 4) - kind.mean) / kind.std);
        assert_eq!(set.row(0)[2], 0.0, "a constant stays out of it");
        let labelled = transform.labelled(&table(TRAIN)).unwrap();
        assert_eq!(set.row(0)[..2], labelled.row(0)[..2]);
    }

    #[test]
    fn another_order_moves_inputs_and_nothing_else() {
        let (set, moved) = (fitted().labelled(&table(TRAIN)).unwrap(), fitted().reordered(&[3, 0, 2, 1]));
        assert_eq!(names(&moved), ["kind", "size", "same", "port"]);
        let mut reordered = set.clone();
        reordered.reorder(&[3, 0, 2, 1]);
        assert_eq!(moved.labelled(&table(TRAIN)).unwrap(), reordered);
        assert_eq!(reordered.row(2), [3, 0, 2, 1].map(|index| set.row(2)[index]));
    }

    #[test]
    fn cells_that_cannot_be_used_are_named() {
        let message = message("a,label\n1,0\n-inf,1\n", &options(&[], &[]));
        assert!(message.starts_with("t.csv, line 3, column `a`: `-inf` is not a finite"), "{message}");
        let test = table("size,port,same,kind,label\n1,2,3,tcp,no\n1,high,3,tcp,no\n");
        let message = fitted().labelled(&test).unwrap_err().to_string();
        assert!(message.starts_with("t.csv, line 3, column `port`: `high` is not a number"), "{message}");
        let far = table("size,port,same,kind\n1,2,3,tcp\n1,3e38,3,tcp\n");
        let narrow = learnt("size,label\n0,0\n1e-9,1\n", &options(&[], &["size"])).unwrap().transform;
        assert!(fitted().unlabelled(&far).is_ok());
        assert!(narrow.unlabelled(&table("size\n3e38\n")).is_err(), "overflows once divided by the deviation");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        /// Any finite numbers become finite inputs of mean 0 and deviation 1 (or 0), and the transform outlives its
        /// file.
        #[test]
        fn any_numbers_are_standardised_and_saved(
            rows in prop::collection::vec((any::<f32>(), "[a-c]?", any::<bool>()), 2..40)
        ) {
            prop_assume!(rows.iter().any(|row| row.2) && rows.iter().any(|row| !row.2));
            prop_assume!(rows.iter().any(|row| !row.1.is_empty()));
            let lines: String = rows.iter().map(|(a, b, label)| format!("{a},{b},{label}\n")).collect();
            let table = table(&format!("a,b,label\n{lines}"));
            let Ok(Learnt { transform, set, .. }) = learn(&table, &options(&[], &[]), Scaling::Column) else {
                prop_assert!(rows.iter().any(|row| !row.0.is_finite()));
                return Ok(());
            };
            let saved = serde_json::to_string(&transform).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Transform>(&saved).unwrap(), &transform);
            prop_assert_eq!(&transform.labelled(&table).unwrap(), &set);
            for feature in 0..set.width {
                let column: Vec<f64> = set.rows().map(|row| f64::from(row[feature])).collect();
                let mean = column.iter().sum::<f64>() / column.len() as f64;
                let square = column.iter().map(|x| x * x).sum::<f64>() / column.len() as f64;
                prop_assert!(mean.abs() < 1e-4, "{}", mean);
                prop_assert!(square == 0.0 || (square - 1.0).abs() < 1e-4, "{}", square);
            }
        }
    }
}
