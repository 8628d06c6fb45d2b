//! What a user can say about the data.

use std::str::FromStr;

use clap::{Args, ValueEnum};
use serde::{Serialize, Serializer};

pub use super::scaling::Scaling;

pub use super::watch::Half;

use super::Options;
use super::arguments::Arguments;
use super::table::{DateOrder, Decimal, Missing, Separator, TaskName};

const DATA: &str = "Data";

/// What to train on and test with.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Args)]
#[command(next_help_heading = DATA)]
pub struct DataOptions {
    /// `watch`, the recordings that ship with this program, or a CSV file with a line of column names (gzip may have packed it):
    /// each column of numbers is an input, sign(x) ln(1 + |x|), then each column of text, as its share of the rows; all standardised
    #[arg(long, default_value_t, value_name = "watch|FILE.csv")]
    pub data: DataSource,
    /// CSV file to test with, prepared as the training file was
    #[arg(long, value_name = "FILE.csv")]
    pub test: Option<String>,
    /// Column of the CSV file to predict [default: label]; to be repeated for several values
    #[arg(long, value_name = "COLUMN")]
    pub label: Vec<String>,
    /// What that column has [default: values if it has many different numbers or fractions, otherwise classes]
    #[arg(long, value_enum)]
    pub task: Option<TaskName>,
    /// Columns of the CSV file to leave out
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub drop: Vec<String>,
    /// Columns of numbers in the CSV file to take without the logarithm
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub plain: Vec<String>,
    /// Columns of the CSV file to take for text, whatever their cells look like
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub text: Vec<String>,
    /// What is done about missing numbers, dates and booleans of a table: cells that are empty, NA, N/A, NULL, nan, ? or -
    #[arg(long, value_enum, default_value_t)]
    pub missing: Missing,
    /// Give each text of a column an input of its own, where a column has at most 16 of them
    #[arg(long)]
    pub one_hot: bool,
    /// What separates the cells of a line [default: what gives all lines as many cells]
    #[arg(long, value_enum)]
    pub separator: Option<Separator>,
    /// What stands before the fraction of a number [default: what the numbers of a column say]
    #[arg(long, value_enum)]
    pub decimal: Option<Decimal>,
    /// What comes first in dates such as 03/04/2024 [default: what the dates of a column say]
    #[arg(long, value_enum)]
    pub dates: Option<DateOrder>,
    /// Column that says which samples belong together, such as those of a person: they are never divided between training and test
    #[arg(long, value_name = "COLUMN")]
    pub group: Option<String>,
    /// Groups of the CSV file that are for the test alone; with --group
    #[arg(long, value_name = "NAMES", value_delimiter = ',', conflicts_with = "test")]
    pub test_groups: Vec<String>,
    /// Share of the training samples that are kept aside: after each epoch the network is tried on them, and the best weights are kept
    #[arg(long, value_name = "SHARE", default_value_if("keep_best", "true", "0.2"))]
    pub validation: Option<f32>,
    /// Read the rows as recordings of a sensor: each sample is a window of this many rows. No logarithm is taken of the columns
    #[arg(long, value_name = "ROWS")]
    pub window: Option<usize>,
    /// Rows from the start of a window to that of the next; with --window [default: its length]
    #[arg(long, value_name = "ROWS")]
    pub hop: Option<usize>,
    /// Column that changes where another recording begins, as each file of a folder does; with --window
    #[arg(long, value_name = "COLUMN")]
    pub by: Option<String>,
    /// Column of the times, in which a gap ends a recording; with --window
    #[arg(long, value_name = "COLUMN")]
    pub time: Option<String>,
    /// Order of a table's inputs: as in the `file`, or with correlated ones side by side, for patches and convolutions
    #[arg(long, value_enum, default_value_t)]
    pub column_order: ColumnOrder,
    /// What is scaled together. `quantile` maps each column of a table to its quantiles, which suits networks with bins. With `table`
    /// all columns share one largest value, one mean and one deviation, and columns of
    /// text are numbers: the notebook's way, for comparisons
    #[arg(long, value_enum, default_value_t = Scaling::Column)]
    pub scaling: Scaling,
    /// People, 1 to 10, whose watch recordings are for the test alone [default: 9,10]
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    pub test_subjects: Vec<u32>,
    /// People, 1 to 10, whose watch recordings are left out altogether, as to choose settings by others than those of the final test
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    pub without_subjects: Vec<u32>,
    /// People, 1 to 10, whose watch recordings alone are learnt from, as by a device of theirs; with `--part` they may be those of the
    /// test [default: all others]
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    pub only_subjects: Vec<u32>,
    /// Half of each watch recording that is learnt from; the test has the other one
    #[arg(long, value_enum, default_value_t)]
    pub part: Half,
}

impl DataOptions {
    /// The arguments of a command that say the same, but for what is the default.
    pub fn arguments(&self) -> Vec<String> {
        Arguments::of(self).words(&Arguments::of(&Self::default()))
    }

    /// The files that it names, and the options that name them.
    pub fn files(&self) -> [(&'static str, Option<&str>); 2] {
        [("--data", self.data.file()), ("--test", self.test.as_deref())]
    }

    /// What they say about the columns of a table.
    pub fn columns(&self) -> Options {
        Options {
            label: if self.label.is_empty() { vec!["label".into()] } else { self.label.clone() },
            task: self.task,
            drop: self.drop.clone(),
            plain: self.plain.clone(),
            text: self.text.clone(),
            missing: self.missing,
            one_hot: self.one_hot,
            decimal: self.decimal,
            dates: self.dates,
            group: self.group.clone(),
            window: self.window.map(|frames| (frames, self.hop.unwrap_or(frames))),
            by: self.by.clone(),
            time: self.time.clone(),
        }
    }
}

/// Where samples come from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum DataSource {
    /// The recordings that ship with the program.
    #[default]
    Watch,
    /// A CSV file.
    File(String),
}

impl DataSource {
    /// The file, if it is one.
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::Watch => None,
            Self::File(path) => Some(path),
        }
    }
}

impl std::fmt::Display for DataSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Watch => "watch",
            Self::File(path) => path,
        })
    }
}

impl FromStr for DataSource {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == "watch" { Self::Watch } else { Self::File(text.into()) })
    }
}

impl Serialize for DataSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Orders of a table's inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnOrder {
    /// Columns of numbers as in the file, then columns of text
    #[default]
    File,
    /// Those with a large |correlation| in the training file side by side
    Correlation,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        data: DataOptions,
    }

    #[test]
    fn arguments_say_what_the_options_say() {
        let line = "t --data a.csv --test b.csv --label x,y --label z --task regress --drop a,b --plain c --text d --missing mean \
            --one-hot --separator tab --decimal comma --dates day-first --group g --validation 0.25 --window 16 --hop 8 --by r --time t \
            --column-order correlation --scaling quantile";
        let data = Line::try_parse_from(line.split_whitespace()).unwrap().data;
        let arguments = data.arguments();
        assert_eq!(arguments.len(), line.split_whitespace().count() - 1);
        assert_eq!(Line::try_parse_from(["t".to_string()].into_iter().chain(arguments)).unwrap().data, data);
        assert!(DataOptions::default().arguments().is_empty());
        let people = Line::try_parse_from(["t", "--test-subjects", "1,2"]).unwrap().data;
        assert_eq!(people.arguments(), ["--test-subjects", "1,2"]);
        let client = ["--only-subjects", "3", "--part", "early"];
        assert_eq!(Line::try_parse_from([&["t"][..], &client].concat()).unwrap().data.arguments(), client);
        let groups = Line::try_parse_from(["t", "--data", "a", "--group", "g", "--test-groups", "b,c"]).unwrap().data;
        assert!(groups.arguments().ends_with(&["--test-groups".into(), "b,c".into()]));
    }
}
