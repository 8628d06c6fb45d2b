//! Samples that are read once, and divided and prepared as often as need be.

use std::path::Path;

use trainlet_app::watch::People;

use super::preprocessing::{Preparation, Prepared};
use super::source::{ColumnOrder, DataOptions, DataSource};
use super::split::Divided;
use super::table::{Learnt, Raw};
use super::{Dataset, Error, Table, Target, by_correlation, read, watch};

/// All samples of a source.
#[derive(Clone, Debug)]
pub struct Samples {
    path: String,
    target: Target,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// The recordings of the watch: labels, and subjects as groups.
    Watch(Vec<f32>, Vec<u32>),
    Table(Box<Raw>, ColumnOrder),
}

/// Numbers of samples that are not learnt from. All others are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Division {
    /// For choosing between networks, settings or epochs.
    pub validation: Vec<usize>,
    /// For the final figures alone.
    pub test: Vec<usize>,
    /// Left out altogether.
    pub unseen: Vec<usize>,
}

impl Samples {
    /// Reads all samples.
    ///
    /// # Errors
    /// Bad data.
    pub fn read(options: &DataOptions) -> Result<Self, Error> {
        match &options.data {
            DataSource::Watch => {
                let everybody = People::only(&[]).others();
                let Dataset { name, target, labels, groups, .. } = watch::dataset(everybody, &everybody.fit());
                // Subjects count from 1.
                let groups = groups.into_iter().map(|subject| subject - 1).collect();
                Ok(Self { path: name, target, kind: Kind::Watch(labels, groups) })
            }
            DataSource::File(path) => {
                let table = Table::open(Path::new(path), options.separator)?;
                Ok(Self::of(read(&table, &options.columns(), options.scaling)?, options.column_order))
            }
        }
    }

    fn of(raw: Raw, order: ColumnOrder) -> Self {
        Self { path: raw.path().into(), target: raw.target(), kind: Kind::Table(Box::new(raw), order) }
    }

    /// For dividing them.
    pub fn divided(&self) -> Divided<'_> {
        let (labels, groups) = match &self.kind {
            Kind::Watch(labels, groups) => (&labels[..], &groups[..]),
            Kind::Table(raw, _) => (raw.labels(), raw.groups()),
        };
        Divided { path: &self.path, target: &self.target, labels, groups }
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.divided().labels.len() / self.target.task().label_len()
    }

    /// No samples.
    pub fn is_empty(&self) -> bool {
        self.divided().labels.is_empty()
    }

    /// What is predicted.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// The samples of these groups, by name.
    ///
    /// # Errors
    /// A group that isn't there.
    pub fn of_groups(&self, names: &[String]) -> Result<Vec<usize>, Error> {
        let known: Vec<String> = match &self.kind {
            Kind::Watch(..) => (1..=10).map(|subject: u32| subject.to_string()).collect(),
            Kind::Table(raw, _) => raw.group_names().to_vec(),
        };
        let number = |name: &String| {
            known.iter().position(|known| known == name).ok_or_else(|| Error::NoSuchGroup {
                path: self.path.clone(),
                group: name.clone(),
                there: known.join(", "),
            })
        };
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let groups = self.divided().groups;
        let wanted = names.iter().map(number).collect::<Result<Vec<_>, _>>()?;
        Ok((0..self.len()).filter(|sample| wanted.contains(&(groups[*sample] as usize))).collect())
    }

    /// The samples of a division, all prepared by what those that are learnt from teach.
    ///
    /// # Errors
    /// Nothing to learn from, or values that spread too far.
    pub fn prepare(self, Division { validation, test, unseen }: &Division) -> Result<Prepared, Error> {
        let mut is_learnt = vec![true; self.len()];
        validation.iter().chain(test).chain(unseen).for_each(|sample| is_learnt[*sample] = false);
        let train: Vec<_> = (0..self.len()).filter(|sample| is_learnt[*sample]).collect();
        if train.is_empty() {
            return Err(Error::NothingLeft { path: self.path, side: "train" });
        }
        // Of a large file no copy is made.
        let is_whole = train.len() == is_learnt.len();
        let (all, preparation, summary) = match self.kind {
            Kind::Watch(_, groups) => {
                let subjects: Vec<u8> = train.iter().map(|sample| groups[*sample] as u8 + 1).collect();
                let scaler = People::only(&subjects).fit();
                let preparation = Preparation::Watch { mean: scaler.mean, std: scaler.std };
                (watch::dataset(People::only(&[]).others(), &scaler), preparation, None)
            }
            Kind::Table(raw, order) => {
                let Learnt { mut transform, mut set, summary } = raw.fit_to(|sample| is_learnt[sample])?;
                if order == ColumnOrder::Correlation {
                    let order = if is_whole { by_correlation(&set) } else { by_correlation(&set.subset(&train)) };
                    transform = transform.reordered(&order);
                    set.reorder(&order);
                }
                (set, Preparation::Table(transform), Some(summary))
            }
        };
        let part = |numbers: &[usize]| (!numbers.is_empty()).then(|| all.subset(numbers));
        let (validation, test) = (part(validation), part(test));
        let train = if is_whole { all } else { all.subset(&train) };
        Ok(Prepared { train, validation, test, preparation, left_to_do: None, summary })
    }
}
