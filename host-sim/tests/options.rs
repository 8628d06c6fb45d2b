//! No option is without effect: on every network it changes the weights, or there is an error.

use std::fmt::Write as _;
use std::fs;

use clap::{CommandFactory as _, Parser as _};
use host_sim::networks::{self, Network};
use host_sim::run::options::Options;
use host_sim::run::train;
use rayon::prelude::*;
use tempfile::TempDir;

/// What is changed, and what it is changed from. A line may be an error on some networks, but not on all.
const CASES: &[(&str, &str)] = &[
    ("--epochs 2", ""),
    ("--steps 5", ""),
    ("--batch 3", ""),
    ("--order file", ""),
    ("--seed 1", ""),
    ("--lr 1e-3", ""),
    ("--schedule constant", ""),
    ("--schedule sharp-cosine", ""),
    ("--schedule warm-restarts --restart-epochs 1", ""),
    ("--warmup 0.5", ""),
    ("--min-lr 1e-3", ""),
    ("--sharpness 0.9", "--schedule sharp-cosine"),
    ("--restart-epochs 1", "--schedule warm-restarts"),
    ("--restart-factor 1", "--schedule warm-restarts --restart-epochs 1"),
    ("--optimizer adamw", ""),
    ("--optimizer lion", ""),
    ("--optimizer schedule-free", "--schedule constant"),
    ("--optimizer schedule-free-sgd", "--schedule constant"),
    ("--optimizer ldog --lr 1", "--schedule constant --warmup 0"),
    ("--proximal 0.1", ""),
    ("--proximal 0.1", "--optimizer momentum"),
    ("--optimizer sgd", ""),
    ("--optimizer momentum", ""),
    ("--optimizer nesterov", ""),
    ("--optimizer nesterov", "--optimizer momentum"),
    ("--state bf16", ""),
    ("--state 8bit", ""),
    ("--state 8bit", "--optimizer momentum"),
    ("--trained last-block", ""),
    ("--trained last-block", "--trained head"),
    ("--trained biases", ""),
    ("--trained biases", "--trained head"),
    ("--trained head", ""),
    ("--weight-decay 0.1", ""),
    ("--weight-decay 0.1", "--optimizer adamw"),
    ("--weight-decay 0.1", "--optimizer lion"),
    ("--weight-decay 0.1", "--optimizer sgd"),
    ("--momentum 0.5", "--optimizer momentum"),
    ("--clip 0.01", "--optimizer sgd"),
    ("--dropout 0.2", ""),
    ("--drop-path 0.2", ""),
    ("--augment scale", ""),
    ("--augment jitter=0.3", "--augment jitter"),
    ("--label-smoothing 0.1", ""),
    ("--pos-weight 2", ""),
    ("--class-weight balanced", ""),
    ("--sam sam", ""),
    ("--sam asam", ""),
    ("--sam top-k", "--sam sam"),
    ("--sam dynamic", "--sam sam"),
    ("--sam fisher", "--sam top-k"),
    ("--sam single-step", ""),
    ("--rho 0.2", "--sam sam"),
    ("--sparsity 0.9", "--sam top-k"),
    ("--noise 0.5", ""),
    ("--noise-shape karras", "--noise 0.5"),
    ("--noise-law gaussian", "--noise 0.5"),
    ("--noise-gate 1e9", "--noise 0.5"),
    ("--ema 0.1", ""),
    ("--pretrain masked", ""),
    ("--pretrain-epochs 1", "--pretrain masked"),
    ("--pretrain-steps 1", "--pretrain masked"),
    ("--pretrain-lr 1e-3", "--pretrain masked"),
    ("--pretrain-target latents", "--pretrain masked"),
    ("--pretrain-target latents", "--pretrain masked --masking subset"),
    ("--masking subset", "--pretrain masked"),
    ("--visible 5", "--pretrain masked"),
    ("--visible 12", "--pretrain masked"),
    ("--labels 0.5", ""),
];

/// Options that say more about a run, and those whose effect other tests show. (`--online` gives the bits of batches of one.)
const OTHERS: [&str; 11] = [
    "network",
    "monitor",
    "noisy-tests",
    "online",
    "init",
    "keep-best",
    "patience",
    "folds",
    "rollback",
    "vote",
    "help",
];
const HEADINGS: [&str; 2] = ["Data", "Files"];

#[test]
fn every_option_is_tried() {
    for option in Options::command().get_arguments() {
        let Some(name) = option.get_long() else { continue };
        let elsewhere = OTHERS.contains(&name) || option.get_help_heading().is_some_and(|of| HEADINGS.contains(&of));
        let is_tried =
            CASES.iter().any(|(option, _)| option.split(' ').any(|word| word.strip_prefix("--") == Some(name)));
        assert!(is_tried || elsewhere, "--{name} has no line in this test");
    }
}

/// Rows of random numbers, as many as the network takes, with all its classes.
fn table(folder: &TempDir, network: &Network) -> String {
    let mut text: String = (0..network.inputs).fold(String::new(), |mut text, column| {
        write!(text, "c{column},").unwrap();
        text
    });
    text += "label\n";
    for row in 0..8 {
        for column in 0..network.inputs {
            write!(text, "{},", ((row * 7919 + column * 104_729) % 1009) as f32 / 1009.0 - 0.5).unwrap();
        }
        // Some classes are rarer than others.
        writeln!(text, "k{}", row % 7 % network.task.classes()).unwrap();
    }
    let path = folder.path().join(format!("{}.csv", network.name));
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// The options of `from`, but for those that `options` gives anew.
fn changed(from: &str, options: &str) -> String {
    let kept = from.split("--").filter(|option| {
        option.split(' ').next().is_some_and(|name| !name.is_empty() && !options.contains(&format!("--{name} ")))
    });
    kept.map(|option| format!("--{option} ")).collect::<String>() + options
}

/// The weights after a run with these options, or why there is none.
fn weights(network: &str, data: &str, options: &str) -> Result<u32, String> {
    let lasts = options.contains("--epochs") || options.contains("--steps 5");
    let few = [("--epochs", "--epochs 3", !lasts), ("--batch", "--batch 4", true), ("--clip", "--clip 0", true)];
    let pretraining = options.contains("--pretrain ") && !options.contains("--pretrain-epochs");
    let pretraining = pretraining && !options.contains("--pretrain-steps");
    let few = few.into_iter().filter(|(option, _, wanted)| *wanted && !options.contains(&format!("{option} ")));
    let line: String = few.map(|(_, option, _)| format!("{option} ")).collect();
    let line = format!("train --network {network} --data {data} {line}{options}");
    let line = if pretraining { line + " --pretrain-epochs 2" } else { line };
    let options = Options::try_parse_from(line.split_whitespace()).map_err(|error| error.to_string())?;
    train(&options).map(|record| record.weights_crc32).map_err(|error| error.to_string())
}

#[test]
fn every_option_changes_the_weights_or_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let networks: Vec<_> = networks::all().iter().filter(|network| network.name != "notebook").collect();
    let data: Vec<_> = networks.iter().map(|network| table(&folder, network)).collect();
    let problems: Vec<String> = CASES
        .par_iter()
        .flat_map(|(option, from)| {
            let tried = networks.iter().zip(&data).map(|(network, data)| {
                let before = weights(network.name, data, from)?;
                let after = weights(network.name, data, &changed(from, option))?;
                Ok((before == after).then(|| format!("{option} from `{from}` has no effect on {}", network.name)))
            });
            let tried: Vec<Result<Option<String>, String>> = tried.collect();
            let never = tried.iter().all(Result::is_err).then(|| format!("{option} from `{from}`: {tried:?}"));
            tried.into_iter().flatten().flatten().chain(never).collect::<Vec<_>>()
        })
        .collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
