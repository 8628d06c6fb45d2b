//! The notebook that this project starts from, run again step by step: what each change is worth at the same number of updates.

use clap::Args;
use clap::builder::PossibleValuesParser;
use serde::Serialize;
use trainlet::networks::NAMES;

use crate::options::{DataOptions, DataSource, OptimizerName, Options, Scaling, ScheduleName};
use crate::run;
use crate::sweep::{Group, Outcome, gain, mean_and_deviation, repeated, sweep};

/// On which data, and where it goes.
#[derive(Clone, Debug, PartialEq, Args)]
pub struct Question {
    /// The network [default: watch-12x1, for a table flow-7x6]
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(NAMES))]
    pub config: Option<String>,
    /// Begin with the notebook's own network, 420,697 parameters; for tables of 42 columns, and takes hours
    #[arg(long)]
    pub notebook: bool,
    /// Passes over the training data, the same for each rung
    #[arg(long, default_value_t = 10, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub epochs: u32,
    /// Runs of each rung; on the watch recordings so many for each of three groups of new people
    #[arg(long, default_value_t = 3, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: u64,
    /// Write the figures
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<String>,
    /// Draw them
    #[arg(long, value_name = "FILE.svg")]
    pub svg: Option<String>,
    /// The data.
    #[command(flatten)]
    pub data: DataOptions,
}

/// Whether a rung stands on the one before it or beside the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// On all before it; its gain is that over the one before.
    Step,
    /// On the last step, by itself; its gain is that over it.
    Idea,
}

/// A rung, and what it came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// What is changed.
    pub rung: &'static str,
    /// What it stands on.
    pub kind: Kind,
    /// Share of the new samples whose class was found, run by run.
    pub accuracies: Vec<f32>,
    /// Their mean.
    pub mean: f32,
    /// Their standard deviation.
    pub deviation: f32,
    /// Mean of the differences to what it stands on, run by run.
    pub gain: f32,
    /// Standard deviation of these differences.
    pub gain_deviation: f32,
}

/// What is changed, and how.
type Rung = (&'static str, fn(&mut Options));

/// From the notebook's run to ours.
const STEPS: [Rung; 7] = [
    ("the notebook's run", as_the_notebook),
    ("tests without dropout and drop path", |options| options.regularisation.noisy_tests = false),
    ("a scale per column", |options| options.data.scaling = Scaling::Column),
    ("clipping that clips", |options| options.update.clip = 1.0),
    ("rate 0.005 in place of 0.1", |options| {
        options.rate.lr = 5e-3;
        options.rate.warmup = 0.05;
    }),
    ("a cosine over the whole run", |options| {
        options.rate.schedule = ScheduleName::Cosine;
        (options.rate.sharpness, options.rate.min_lr) = (None, None);
    }),
    ("without dropout and drop path", |options| {
        (options.regularisation.dropout, options.regularisation.drop_path) = (0.0, 0.0);
    }),
];

/// What else might help.
const IDEAS: [Rung; 5] = [
    ("warm restarts", |options| {
        options.rate.schedule = ScheduleName::WarmRestarts;
        options.rate.restart_epochs = Some((options.epochs / 3).max(1));
        options.rate.restart_factor = Some(2);
    }),
    ("sharp cosine", |options| {
        options.rate.schedule = ScheduleName::SharpCosine;
        options.rate.min_lr = Some(4e-5);
    }),
    ("AdamW, decay 0.01", |options| options.update.optimizer = OptimizerName::Adamw),
    ("dropout 0.3", |options| options.regularisation.dropout = 0.3),
    ("drop path 0.3", |options| options.regularisation.drop_path = 0.3),
];

/// The notebook's own settings, its mistakes among them: clipping that changed nothing, and tests as noisy as the training.
fn as_the_notebook(options: &mut Options) {
    options.data.scaling = Scaling::Table;
    options.update.clip = 0.0;
    options.rate.lr = 0.1;
    options.rate.min_lr = Some(1e-6);
    options.rate.schedule = ScheduleName::SharpCosine;
    options.rate.sharpness = Some(0.15);
    options.rate.warmup = 0.02;
    (options.regularisation.dropout, options.regularisation.drop_path) = (0.3, 0.3);
    options.regularisation.noisy_tests = true;
}

/// A rung, what it is like, and the number of the one that it is compared with.
struct Placed {
    rung: &'static str,
    kind: Kind,
    options: Options,
    under: usize,
}

fn placed(question: &Question) -> Vec<Placed> {
    let mut options = base(question);
    let mut all = Vec::new();
    if question.notebook {
        let mut options = Options { config: "notebook".into(), ..options.clone() };
        as_the_notebook(&mut options);
        all.push(Placed { rung: "the notebook's network and run", kind: Kind::Step, options, under: 0 });
    }
    for (rung, change) in STEPS {
        change(&mut options);
        let under = all.len().saturating_sub(1);
        all.push(Placed { rung, kind: Kind::Step, options: options.clone(), under });
    }
    let last = all.len() - 1;
    for (rung, change) in IDEAS {
        let mut options = options.clone();
        change(&mut options);
        all.push(Placed { rung, kind: Kind::Idea, options, under: last });
    }
    all
}

fn base(question: &Question) -> Options {
    let Question { config, epochs, data, .. } = question.clone();
    let usual = if data.data == DataSource::Watch { "watch-12x1" } else { "flow-7x6" };
    Options { config: config.unwrap_or_else(|| usual.into()), data, epochs, ..Options::default() }
}

/// Climbs it: all rungs on all cores.
///
/// # Errors
/// Options that make no sense, data that are not there or have no labels to test with.
pub fn rows(question: &Question) -> Result<Vec<Row>, run::Error> {
    let placed = placed(question);
    let group = |rung: &Placed| Group { name: rung.rung.into(), runs: repeated(&rung.options, question.seeds) };
    let outcomes = sweep(&placed.iter().map(group).collect::<Vec<_>>())?;
    let row = |(Placed { rung, kind, under, .. }, of): (&Placed, &Vec<Outcome>)| {
        let accuracies: Vec<f32> = of.iter().map(|outcome| outcome.accuracy).collect();
        let ((mean, deviation), (gain, gain_deviation)) =
            (mean_and_deviation(&accuracies), gain(of, &outcomes[*under]));
        Row { rung, kind: *kind, accuracies, mean, deviation, gain, gain_deviation }
    };
    Ok(placed.iter().zip(&outcomes).map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe;

    #[test]
    fn every_rung_can_be_trained_and_the_last_step_is_the_default_recipe() {
        let data = DataOptions::default();
        let question = Question { config: None, notebook: true, epochs: 25, seeds: 1, json: None, svg: None, data };
        let placed = placed(&question);
        assert_eq!(placed.len(), 1 + STEPS.len() + IDEAS.len());
        assert!(placed.iter().all(|rung| recipe::check(&rung.options).is_ok()));
        assert_eq!(placed[STEPS.len()].options, Options::default());
        assert!(placed.iter().skip(1 + STEPS.len()).all(|rung| rung.kind == Kind::Idea && rung.under == STEPS.len()));
    }
}
