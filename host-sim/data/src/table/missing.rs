//! What is done about cells without a value.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// Policies for missing numbers, dates and booleans. In a column of text they are a category like others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// An error that names the first of them
    #[default]
    Refuse,
    /// The mean of the column in the training file, which is 0 after standardisation
    Mean,
    /// Samples with one of them are left out
    Drop,
}

impl Missing {
    pub(super) fn is_refuse(&self) -> bool {
        *self == Self::Refuse
    }
}

#[cfg(test)]
mod tests {
    use super::super::Options;
    use super::super::learning::tests::{learnt, message, options, table};
    use super::*;

    #[test]
    fn missing_values_are_refused_filled_or_left_out() {
        let with = |missing| Options { missing, ..options(&[], &[]) };
        for gap in ["", "NA", "n/a", "NULL", "null", "?", "nan", "-"] {
            let text = format!("a,kind,label\n1,x,0\n2,-,1\n{gap},x,0\n6,y,1\n");
            let refused = message(&text, &with(Missing::Refuse));
            assert!(refused.starts_with("t.csv, line 4, column `a`: "), "{refused}");
            assert!(refused.contains("--missing mean or --missing drop"), "{refused}");
            assert!(gap.is_empty() || refused.contains(&format!("`{gap}`")), "{refused}");

            let mean = learnt(&text, &with(Missing::Mean)).unwrap();
            assert_eq!((mean.set.len(), mean.set.row(2)[0], mean.summary.columns[0].missing), (4, 0.0, 1));
            let without = learnt("a,kind,label\n1,x,0\n2,-,1\n6,y,1\n", &with(Missing::Refuse)).unwrap();
            assert_eq!(
                (mean.transform.features[0].mean, mean.set.row(3)[0]),
                (without.transform.features[0].mean, without.set.row(2)[0])
            );

            let drop = learnt(&text, &with(Missing::Drop)).unwrap();
            assert_eq!((&drop.set, drop.summary.left_out), (&without.set, 1), "a text is never missing");
            assert_eq!(drop.transform.labelled(&table(&text)).unwrap(), without.set);
            let one = table(&format!("a,kind\n{gap},x\n"));
            assert_eq!(mean.transform.unlabelled(&one).unwrap().values[0], 0.0);
            for transform in [&drop.transform, &without.transform] {
                let message = transform.unlabelled(&one).unwrap_err().to_string();
                assert!(message.starts_with("t.csv, line 2, column `a`"), "{message}");
                // `predict` has no option for it.
                assert!(message.contains("train with --missing mean") && !message.contains("drop"), "{message}");
            }
        }
        let nothing = "a,label\nNA,0\n?,1\n";
        assert!(message(nothing, &with(Missing::Mean)).starts_with("t.csv: column `a` has no value in any line"));
        let never = "a,b,label\nNA,1,0\n2,,1\n";
        assert!(message(never, &with(Missing::Drop)).starts_with("t.csv: nothing is left"));
        let unlabelled = "a,label\n1,0\n2,NA\n3,1\n";
        for missing in [Missing::Refuse, Missing::Mean] {
            let message = message(unlabelled, &with(missing));
            assert!(message.starts_with("t.csv, line 3, column `label`: the label is missing: `NA`"), "{message}");
        }
        assert_eq!(learnt(unlabelled, &with(Missing::Drop)).unwrap().set.labels, [0.0, 1.0]);
        let as_text = Options { text: vec!["label".into()], ..with(Missing::Refuse) };
        assert_eq!(learnt(unlabelled, &as_text).unwrap().set.target.classes(), ["0", "1", "NA"]);
    }
}
