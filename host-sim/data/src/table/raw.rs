//! A training file that has been read, before it is decided which of its samples are learnt from: what is fitted to those,
//! prepares all of them.

use super::asked::Answer;
use super::feature::Encoding;
use super::learning::Learnt;
use super::plan::Input;
use super::summary::{ColumnSummary, Kind, Summary};
use super::windows::Windowing;
use super::{Dataset, Error, Missing, Scaling, Separator, Target, Transform};

/// All samples of a training file, not yet standardised.
#[derive(Clone, Debug)]
pub struct Raw {
    pub(super) path: String,
    pub(super) separator: Separator,
    pub(super) scaling: Scaling,
    pub(super) missing: Missing,
    pub(super) windowing: Option<Windowing>,
    pub(super) answer: Answer,
    pub(super) inputs: Vec<Input>,
    pub(super) columns: Vec<ColumnSummary>,
    pub(super) left_out: usize,
    /// What is missing is not a number.
    pub(super) values: Vec<f32>,
    pub(super) labels: Vec<f32>,
    pub(super) groups: Vec<u32>,
    pub(super) recordings: Vec<u32>,
    /// Names of the groups in their order.
    pub(super) names: Vec<String>,
}

impl Raw {
    /// Number of samples.
    pub fn len(&self) -> usize {
        self.values.len() / self.width()
    }

    /// No samples.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Rows of a sample.
    fn frames(&self) -> usize {
        self.windowing.as_ref().map_or(1, |windowing| windowing.frames)
    }

    /// Inputs of a sample.
    fn width(&self) -> usize {
        self.frames() * self.inputs.len()
    }

    /// The file's name.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Names of the groups of the samples.
    pub fn group_names(&self) -> &[String] {
        &self.names
    }

    /// What is predicted, before any standardisation.
    pub fn target(&self) -> Target {
        self.answer.label().target()
    }

    /// `[samples][numbers of a label]`, not standardised.
    pub fn labels(&self) -> &[f32] {
        &self.labels
    }

    /// `[samples]`, or empty.
    pub fn groups(&self) -> &[u32] {
        &self.groups
    }

    /// Fits what prepares samples to all of them.
    ///
    /// # Errors
    /// Values that spread too far.
    pub fn fit(self) -> Result<Learnt, Error> {
        self.fit_to(|_| true)
    }

    /// Fits what prepares samples to some of them, and prepares all.
    ///
    /// # Errors
    /// Values that spread too far.
    pub fn fit_to(mut self, is_learnt: impl Fn(usize) -> bool) -> Result<Learnt, Error> {
        let (width, features) = (self.width(), self.inputs.len());
        if self.scaling != Scaling::Table {
            let is_learnt = |place| is_learnt(place / width);
            for (offset, input) in self.inputs.iter_mut().enumerate() {
                match self.scaling {
                    Scaling::Quantile => input.rank(&mut self.values, (offset, features), is_learnt),
                    _ => input.standardise(&mut self.values, (offset, features), is_learnt, &self.path)?,
                }
                let kind = &mut self.columns[input.column].kind;
                if input.feature.std == 0.0 && !matches!(kind, Kind::OneHot { .. }) {
                    *kind = Kind::Constant;
                }
            }
        }
        if let Answer::Values(inputs) = &mut self.answer {
            let count = inputs.len();
            for (offset, input) in inputs.iter_mut().enumerate() {
                input.standardise(&mut self.labels, (offset, count), |place| is_learnt(place / count), &self.path)?;
            }
        }
        Ok(self.learnt(width))
    }

    /// The column of each input with this encoding, and the skewness of its numbers: 0 where they lie evenly around their mean, 2 of an
    /// exponential distribution.
    pub fn skewness(&self, encoding: &Encoding) -> Vec<(String, f64)> {
        let inputs = self.inputs.iter().enumerate().filter(|(_, input)| input.feature.encoding == *encoding);
        let of = |(offset, input): (usize, &Input)| {
            let column = || {
                let values = self.values.iter().skip(offset).step_by(self.inputs.len());
                values.filter(|value| !value.is_nan()).map(|value| f64::from(*value))
            };
            let count = column().count().max(1) as f64;
            let mean = column().sum::<f64>() / count;
            let [square, cube] =
                [2, 3].map(|power| column().map(|value| (value - mean).powi(power)).sum::<f64>() / count);
            (input.feature.column.clone(), if square > 0.0 { cube / square.powf(1.5) } else { 0.0 })
        };
        inputs.map(of).collect()
    }

    fn learnt(self, width: usize) -> Learnt {
        let (label, frames, samples) = (self.answer.label(), self.frames(), self.len());
        let Self {
            path,
            separator,
            missing,
            windowing,
            inputs,
            columns,
            left_out,
            values,
            labels,
            groups,
            names: group_names,
            recordings,
            ..
        } = self;
        let target = label.target();
        let features = inputs.into_iter().map(|input| input.feature).collect();
        Learnt {
            transform: Transform { label, features, missing, windowing },
            set: Dataset { name: path.clone(), target, width, frames, values, labels, groups, group_names, recordings },
            summary: Summary { path, separator, samples, left_out, frames, columns },
        }
    }
}
