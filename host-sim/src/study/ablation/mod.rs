//! The notebook that this project started from, changed step by step: what each change gains at the same number of updates.

mod rungs;

use clap::builder::PossibleValuesParser;
use serde::Serialize;

use crate::networks;
use crate::run::metrics::mean_and_deviation;
use crate::run::options::{DataOptions, DataSource, Options};
use crate::study::Error;
use crate::study::shards::{Runs, ShardOptions};
use crate::study::sweep::{Epoch, Group, Outcome, gain, mean_epochs, repeated, sweep};
use rungs::{Idea, PATCHED, STEPS, as_the_notebook, ideas_for, passes, that_help};

/// The settings of the study.
#[derive(Clone, Debug, PartialEq, clap::Args)]
#[group(skip)]
pub struct Args {
    /// The network [default: watch-12x1, for a table flow-7x6]
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(networks::names()))]
    pub network: Option<String>,
    /// Begin with the notebook's own network, 420,697 parameters: for tables of 42 columns, takes minutes per epoch
    #[arg(long)]
    pub notebook: bool,
    /// Passes over the training data, the same for each rung
    #[arg(long, default_value_t = 10, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..))]
    pub epochs: u32,
    /// Runs of each rung; on the watch recordings this many for each of five pairs of new subjects
    #[arg(long, default_value_t = 3, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..))]
    pub seeds: u64,
    /// Write the figures; `-` is standard output
    #[arg(long, value_name = "FILE.json")]
    pub json: Option<String>,
    /// Draw them
    #[arg(long, value_name = "FILE.svg")]
    pub svg: Option<String>,
    /// Draw the losses of each rung over its epochs, in training and on new samples
    #[arg(long, value_name = "FILE.svg")]
    pub curves: Option<String>,
    /// Several machines.
    #[command(flatten)]
    pub shards: ShardOptions,
    /// The data.
    #[command(flatten)]
    pub data: DataOptions,
}

/// What a rung is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Includes all before it, and is compared with the one before.
    Step,
    /// A single idea on top of the last step, with which it is compared.
    Idea,
    /// All ideas that helped, at once, on top of the last step.
    Together,
}

/// A rung, and its result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// What is changed.
    pub rung: &'static str,
    /// What it is compared with.
    pub kind: Kind,
    /// The ideas in it, if there are several.
    pub ideas: Vec<&'static str>,
    /// Weights of the network.
    pub parameters: usize,
    /// Passes over the training data, forward and backward.
    pub passes: u32,
    /// Accuracy on new samples, run by run.
    pub accuracies: Vec<f32>,
    /// Their mean.
    pub mean: f32,
    /// Their standard deviation.
    pub deviation: f32,
    /// Mean of the differences from what it is compared with, run by run.
    pub gain: f32,
    /// Standard deviation of these differences.
    pub gain_deviation: f32,
    /// Losses of each epoch, the mean of the runs.
    pub epochs: Vec<Epoch>,
}

/// A rung, its kind, and the number of the one that it is compared with.
struct Placed {
    rung: &'static str,
    kind: Kind,
    options: Options,
    under: usize,
}

/// From the notebook to ours.
fn steps(args: &Args) -> Vec<Placed> {
    let mut options = base(args);
    let mut all = Vec::new();
    if args.notebook {
        let mut options = Options { network: "notebook".into(), ..options.clone() };
        as_the_notebook(&mut options);
        all.push(Placed { rung: "the notebook's network and run", kind: Kind::Step, options, under: 0 });
    }
    for (rung, change) in STEPS {
        change(&mut options);
        let under = all.len().saturating_sub(1);
        all.push(Placed { rung, kind: Kind::Step, options: options.clone(), under });
    }
    all
}

/// Several ideas at once, on top of the step with this number.
fn beside(steps: &[Placed], under: usize, (rung, kind): (&'static str, Kind), ideas: &[&Idea]) -> Placed {
    let mut options = steps[under].options.clone();
    ideas.iter().for_each(|idea| (idea.change)(&mut options));
    Placed { rung, kind, options, under }
}

fn base(args: &Args) -> Options {
    let Args { network, epochs, data, .. } = args.clone();
    let usual = if data.data == DataSource::Watch { "watch-12x1" } else { PATCHED };
    Options { network: network.unwrap_or_else(|| usual.into()), data, epochs, ..Options::default() }
}

/// Runs all rungs on all cores, and then those ideas together that helped alone; `None` if some runs are for other machines.
///
/// # Errors
/// Options that make no sense, data that are not there or have no labels to test with, parts that are none.
pub fn rows(args: &Args, runs: &mut Runs) -> Result<Option<Vec<Row>>, Error> {
    let mut placed = steps(args);
    let last = placed.len() - 1;
    let ideas: Vec<_> = ideas_for(&placed[last].options).collect();
    placed.extend(ideas.iter().map(|idea| beside(&placed, last, (idea.name, Kind::Idea), &[idea])).collect::<Vec<_>>());
    let Some(mut outcomes) = sweep(&groups(&placed, args.seeds), runs)? else { return Ok(None) };

    let over_last = |of: &Vec<Outcome>| gain(of, &outcomes[last]).0;
    let helpful = that_help(ideas.iter().zip(outcomes[last + 1..].iter().map(over_last)));
    if helpful.len() > 1 {
        let together = beside(&placed, last, ("what helped", Kind::Together), &helpful);
        let Some(outcome) = sweep(&groups(std::slice::from_ref(&together), args.seeds), runs)? else { return Ok(None) };
        outcomes.extend(outcome);
        placed.push(together);
    }
    let row = |(placed, of): (&Placed, &Vec<Outcome>)| row(placed, of, &outcomes[placed.under], &helpful);
    Ok(Some(placed.iter().zip(&outcomes).map(row).collect()))
}

fn groups(placed: &[Placed], seeds: u64) -> Vec<Group> {
    placed.iter().map(|rung| Group { name: rung.rung.into(), runs: repeated(&rung.options, seeds) }).collect()
}

fn row(Placed { rung, kind, options, .. }: &Placed, of: &[Outcome], under: &[Outcome], helpful: &[&Idea]) -> Row {
    let accuracies: Vec<f32> = of.iter().map(|outcome| outcome.accuracy).collect();
    let ((mean, deviation), (gain, gain_deviation)) = (mean_and_deviation(&accuracies), gain(of, under));
    let ideas = if *kind == Kind::Together { helpful.iter().map(|idea| idea.name).collect() } else { Vec::new() };
    let (parameters, passes) = (of.first().map_or(0, |outcome| outcome.parameters), passes(options));
    let epochs = mean_epochs(of);
    Row { rung, kind: *kind, ideas, parameters, passes, accuracies, mean, deviation, gain, gain_deviation, epochs }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run;

    #[test]
    fn every_rung_can_be_trained_and_the_last_step_has_the_default_settings() {
        let data = DataOptions::default();
        let args = Args {
            network: None,
            notebook: true,
            epochs: 25,
            seeds: 1,
            json: None,
            svg: None,
            curves: None,
            shards: ShardOptions::default(),
            data,
        };
        let steps = steps(&args);
        assert_eq!(steps.len(), 1 + STEPS.len());
        assert!(steps.iter().all(|rung| run::check(&rung.options).is_ok()));
        assert_eq!(steps[STEPS.len()].options, Options::default());

        let ideas: Vec<_> = ideas_for(&Options::default()).collect();
        let alone = |idea| beside(&steps, STEPS.len(), ("", Kind::Idea), &[idea]);
        assert!(ideas.iter().map(alone).all(|rung| run::check(&rung.options).is_ok()));
        // One of each place, as many as there can be.
        for gains in [[1.0, 2.0].repeat(12), [2.0, 1.0].repeat(12)] {
            let together = that_help(ideas.iter().zip(gains));
            assert_eq!(together.len(), 8);
            let rung = beside(&steps, STEPS.len(), ("", Kind::Together), &together);
            assert!(run::check(&rung.options).is_ok());
        }
        let other = Options { network: "watch-convnext".into(), ..Options::default() };
        let names = |options: &Options| ideas_for(options).map(|idea| idea.name).collect::<Vec<_>>();
        assert!(!names(&other).contains(&"masked pre-training"), "there is no pretext for it");
        assert!(!names(&other).contains(&"patches of 1"), "its samples are no table");
        let flows = Options { network: PATCHED.into(), ..Options::default() };
        for name in ["patches of 1", "patches of 3", "patches of 14"] {
            let idea = ideas_for(&flows).find(|idea| idea.name == name).unwrap();
            let mut options = flows.clone();
            (idea.change)(&mut options);
            let [before, after] = [&flows, &options].map(|options| networks::find(&options.network).unwrap());
            assert_eq!((before.inputs, before.depth, before.outputs), (after.inputs, after.depth, after.outputs));
            assert_ne!(before.name, after.name);
        }
        assert!(!names(&Options::default()).contains(&"drop path 0.3"), "the first block is never left out");
    }
}
