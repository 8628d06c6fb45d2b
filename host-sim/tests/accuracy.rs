//! The promise of the whole: networks that know people and flows that they have never seen.

use std::io::{Write as _, stderr};
use std::path::Path;

use host_sim::data::source::Scaling;
use host_sim::networks;
use host_sim::networks::budget::STACK;
use host_sim::networks::optimizer::StateName;
use host_sim::run::augment;
use host_sim::run::metrics::Scores;
use host_sim::run::options::{DataOptions, DataSource, Options};
use host_sim::run::train;
use host_sim::study::modes::{self, FOLDS, SEEDS};
use host_sim::study::sweep::repeated;
use rayon::prelude::*;

const FLOWS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/unsw-nb15");

/// Past the test's captured output: who runs the tests should see what was measured.
fn say(line: &str) {
    stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}

fn test_after(options: &Options) -> Scores {
    train(options).unwrap().test.unwrap()
}

/// A recipe that was chosen by people who are not tested with: docs/people.md has the command.
fn recipe(network: &str, epochs: u32, dropout: f32) -> Options {
    let mut options = Options { network: network.into(), epochs, vote: Some(5), ..Options::default() };
    options.regularisation.augment = augment::usual();
    options.regularisation.dropout = dropout;
    options
}

/// Mean accuracy over folds, of windows alone and of five together. The table of docs/people.md has three seeds of each.
fn new_people(options: &Options) -> [f32; 2] {
    let runs = repeated(options, 1);
    let scores: Vec<Scores> = runs.par_iter().map(test_after).collect();
    let of = |scores: &[Scores]| {
        let alone: Vec<_> = scores.iter().map(Scores::score).collect();
        [mean(&alone), mean(&scores.iter().filter_map(|scores| scores.voted).collect::<Vec<_>>())]
    };
    for (fold, scores) in FOLDS.iter().zip(scores.chunks(1)) {
        say(&format!("{}, new people {fold:?}: alone and five together {:.4?}", options.network, of(scores)));
    }
    let means = of(&scores);
    say(&format!("{}, new people: mean accuracy alone and five together {means:.4?}", options.network));
    means
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len() as f32
}

#[test]
fn watch_12x1_recognises_the_exercises_of_new_people() {
    let [accuracy, _] = new_people(&recipe("watch-12x1", 25, 0.0));
    assert!(accuracy >= 0.80, "{accuracy}");
}

#[test]
fn watch_16x2_recognises_them_better() {
    let [accuracy, _] = new_people(&recipe("watch-16x2", 50, 0.3));
    assert!(accuracy >= 0.84, "{accuracy}");
}

#[test]
fn watch_pyramid_recognises_them_best_in_72_kib() {
    let recipe = recipe("watch-pyramid", 50, 0.2);
    let network = networks::find(&recipe.network).unwrap();
    assert!(network.budget.total + size_of::<f32>() * network.inputs + STACK <= 72 * 1024);
    let [accuracy, together] = new_people(&recipe);
    assert!(accuracy >= 0.86 && together >= 0.88, "{accuracy} {together}");
}

/// What saves memory costs no more than a point: fewer bits for the optimiser, and the smallest way of training, which keeps
/// neither state nor gradient. docs/memory.md has all ways of training with three seeds each.
#[test]
fn small_ways_of_training_know_new_people_as_well() {
    let of = |mode: &str| {
        say(mode);
        new_people(&Options { network: "watch-12x1".into(), ..modes::options(mode) })[0]
    };
    let full = of("keep-adam");
    for mode in ["recompute-adam-8bit", "online-sgd"] {
        assert!(of(mode) >= full - 0.01, "{mode} is more than a point below {full}");
    }
}

/// Training and test data, or what is missing.
fn flows(scaling: Scaling) -> Result<DataOptions, String> {
    let [training, testing] =
        ["UNSWNB15_training_coursework.csv", "UNSWNB15_testing1_coursework.csv"].map(|name| format!("{FLOWS}/{name}"));
    if let Some(file) = [&training, &testing].into_iter().find(|file| !Path::new(file).exists()) {
        return Err(format!("skipped: {file} is not there"));
    }
    let plain = ["sttl", "dttl", "swin", "dwin", "is_ftp_login", "is_sm_ips_ports", "ct_state_ttl"];
    Ok(DataOptions {
        data: DataSource::File(training),
        test: Some(testing),
        drop: vec!["id".into()],
        plain: plain.map(String::from).into(),
        scaling,
        ..DataOptions::default()
    })
}

/// Mean accuracy and area after runs of these options with each seed; says all of them.
fn new_flows(options: &Options, seeds: &[u64]) -> [f32; 2] {
    let run = |seed: &u64| test_after(&Options { seed: *seed, ..options.clone() });
    let scores: Vec<Scores> = seeds.par_iter().map(run).collect();
    let accuracies: Vec<f32> = scores.iter().map(|scores| scores.score()).collect();
    let areas: Vec<f32> = scores.iter().map(|scores| scores.classes().auc.unwrap()).collect();
    let f1: Vec<f32> = scores.iter().map(|scores| scores.classes().f1).collect();
    say(&format!("{}, new flows: accuracy {accuracies:.4?}, area {areas:.4?}, F1 {f1:.4?}", options.network));
    [&accuracies, &areas].map(|values| mean(values))
}

/// The data may be used for research but not passed on: the test runs where they are.
#[test]
fn flow_16x2_finds_attacks_in_flows_of_unsw_nb15() {
    let data = match flows(Scaling::Column) {
        Ok(data) => data,
        Err(missing) => return say(&missing),
    };
    let [accuracy, area] =
        new_flows(&Options { network: "flow-16x2".into(), data, epochs: 10, ..Options::default() }, &SEEDS);
    assert!(accuracy >= 0.888 && area >= 0.980, "{accuracy} {area}");
}

/// The best of what trains in 65,000 bytes, by validation: docs/tables.md says how it was chosen.
#[test]
fn flow_pieces_finds_more_of_them_in_65_000_bytes() {
    let data = match flows(Scaling::Quantile) {
        Ok(data) => data,
        Err(missing) => return say(&missing),
    };
    let mut options = Options { network: "flow-pieces".into(), data, epochs: 20, ..Options::default() };
    options.update.state = Some(StateName::Bf16);
    let bytes = train(&Options { steps: Some(1), ..options.clone() }).unwrap().budget.total;
    assert!(bytes <= 65_000, "{bytes}");
    let [accuracy, area] = new_flows(&options, &[0, 1, 2, 3, 4]);
    assert!(accuracy >= 0.898 && area >= 0.983, "{accuracy} {area}");
}
