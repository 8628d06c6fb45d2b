//! What the last round says.

use std::collections::BTreeMap;

use trainlet_worker::message::{Model, Recipe, StateName};

use super::found::{Baseline, Candidate, Choice, Draft, Found, Scored, name};
use super::halving::Purpose;
use super::score::{Score, Spread};

/// Scores of the jobs of the last round, by number.
pub type Results = BTreeMap<usize, Option<Score>>;

/// A finalist in the last round: scores by fold, the means over its runs.
struct Finalist {
    arm: usize,
    /// In validation: what decides.
    values: Vec<f64>,
    /// In validation.
    validation: f64,
    /// In the tests.
    tests: Vec<f64>,
    second: f64,
}

/// The result, from what is known before the last round and the scores of its jobs; `None` if they are too few.
pub fn finish(draft: &Draft, results: &Results) -> Option<Found> {
    let finalists: Vec<_> = (0..draft.finalists.len()).filter_map(|number| finalist(draft, results, number)).collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let ram = |finalist: &Finalist| draft.candidates[draft.plan.arms[finalist.arm].candidate].ram;
    // Of equals that which needs least.
    let order = |a: &&Finalist, b: &&Finalist| mean(&a.values).total_cmp(&mean(&b.values)).then(ram(b).cmp(&ram(a)));
    let best = finalists.iter().max_by(order)?;
    let in_fold = |fold: usize| {
        let best = finalists.iter().max_by(|a, b| a.values[fold].total_cmp(&b.values[fold]).then(ram(b).cmp(&ram(a))));
        best.map_or(0.0, |finalist| finalist.tests[fold])
    };
    let search = Spread::of((0..draft.data.folds).map(in_fold).collect());
    let mut candidates = draft.candidates.clone();
    standings(draft, &mut candidates);
    for finalist in &finalists {
        let arm = &draft.plan.arms[finalist.arm];
        let candidate = &mut candidates[arm.candidate];
        let is_better = candidate.score.as_ref().is_none_or(|score| !score.tested)
            || candidate.validation.is_none_or(|validation| finalist.validation > validation);
        if is_better || std::ptr::eq(finalist, best) {
            candidate.recipe = Some(arm.recipe);
            candidate.validation = Some(finalist.validation);
            let Spread { mean, deviation, folds } = Spread::of(finalist.tests.clone());
            candidate.score = Some(Scored { mean, deviation, folds, second: finalist.second, tested: true });
        }
    }
    // The recipe of the choice is that of the best, whatever others its network was tried with.
    let chosen = &draft.plan.arms[best.arm];
    {
        let candidate = &mut candidates[chosen.candidate];
        let Spread { mean, deviation, folds } = Spread::of(best.tests.clone());
        candidate.recipe = Some(chosen.recipe);
        candidate.validation = Some(best.validation);
        candidate.score = Some(Scored { mean, deviation, folds, second: best.second, tested: true });
    }
    mark_front(&mut candidates);
    let baselines = baselines(draft, results);
    let candidate = candidates[chosen.candidate].clone();
    let (keep, variants) = draft.types[chosen.candidate].clone();
    let choice = Choice { train: train(&chosen.recipe, draft), candidate, keep, variants };
    let mut notes = notes(draft, &choice.candidate, &baselines);
    let complete = draft.complete && results.len() == draft.jobs.len();
    if !complete {
        notes.push("the search was ended before all was tried: raise --minutes for the whole of it".into());
    }
    Some(Found {
        command: draft.command.clone(),
        data: draft.data.clone(),
        metric: if is_classes(draft) { "accuracy" } else { "r2" }.into(),
        limits: draft.limits.clone(),
        candidates,
        baselines,
        choice,
        search,
        notes,
        complete,
    })
}

fn is_classes(draft: &Draft) -> bool {
    draft.data.task == "classify"
}

/// `None` if a fold is missing, or a run diverged.
fn finalist(draft: &Draft, results: &Results, number: usize) -> Option<Finalist> {
    let folds = draft.data.folds;
    let (mut validations, mut tests) = (vec![Vec::new(); folds], vec![Vec::new(); folds]);
    for (job, purpose) in draft.jobs.iter().enumerate() {
        let score = results.get(&job).copied().flatten();
        match *purpose {
            Purpose::Validate { finalist, fold } if finalist == number => validations[fold].extend(score),
            Purpose::Test { finalist, fold } if finalist == number => tests[fold].extend(score),
            _ => {}
        }
    }
    let over = |scores: &[Vec<Score>], figure: fn(&Score) -> f64| -> Option<Vec<f64>> {
        let of_fold = |scores: &Vec<Score>| {
            let usable = !scores.is_empty() && scores.iter().all(|score| *score != Score::NONE);
            usable.then(|| scores.iter().map(figure).sum::<f64>() / scores.len() as f64)
        };
        scores.iter().map(of_fold).collect()
    };
    let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
    Some(Finalist {
        arm: draft.finalists[number],
        values: over(&validations, |score| score.value)?,
        validation: mean(over(&validations, |score| score.main)?),
        tests: over(&tests, |score| score.main)?,
        second: mean(over(&tests, |score| score.second)?),
    })
}

/// What candidates have reached before the last round: the best of their arms.
fn standings(draft: &Draft, candidates: &mut [Candidate]) {
    let mut reached = vec![0; candidates.len()];
    for (arm, standing) in draft.plan.arms.iter().zip(&draft.standings) {
        let usable = !standing.scores.is_empty() && standing.scores.iter().all(|score| *score != Score::NONE);
        if !usable || standing.rounds < reached[arm.candidate] {
            continue;
        }
        let folds: Vec<f64> = standing.scores.iter().map(|score| score.main).collect();
        let second = standing.scores.iter().map(|score| score.second).sum::<f64>() / folds.len() as f64;
        let Spread { mean, deviation, folds } = Spread::of(folds);
        let candidate = &mut candidates[arm.candidate];
        if standing.rounds > reached[arm.candidate] || candidate.validation.is_none_or(|other| mean > other) {
            reached[arm.candidate] = standing.rounds;
            candidate.recipe = Some(arm.recipe);
            candidate.validation = Some(mean);
            candidate.score = Some(Scored { mean, deviation, folds, second, tested: false });
        }
    }
}

/// Finalists of which no other is at least as good, as small and as fast.
fn mark_front(candidates: &mut [Candidate]) {
    let time = |candidate: &Candidate| candidate.milliseconds.values().copied().fold(0.0, f64::max);
    let figures: Vec<_> = candidates
        .iter()
        .map(|candidate| {
            let tested = candidate.score.as_ref().filter(|score| score.tested);
            tested.map(|score| (score.mean, candidate.ram, time(candidate)))
        })
        .collect();
    for (candidate, of) in candidates.iter_mut().zip(&figures) {
        let Some((score, ram, time)) = *of else { continue };
        let beats = |other: &(f64, usize, f64)| {
            other.0 >= score && other.1 <= ram && other.2 <= time && *other != (score, ram, time)
        };
        candidate.front = !figures.iter().flatten().any(beats);
    }
}

fn baselines(draft: &Draft, results: &Results) -> Vec<Baseline> {
    let constant = if is_classes(draft) { "the most frequent class" } else { "the mean" };
    let mut all =
        vec![Baseline { name: constant.into(), score: Some(Spread::of(draft.constant.clone())), tried: true }];
    for (number, model) in draft.models.into_iter().enumerate() {
        let of_fold = |fold: usize| {
            let job = draft.jobs.iter().position(|purpose| *purpose == Purpose::Baseline { model: number, fold })?;
            results.get(&job).copied().flatten()
        };
        let scores = (0..draft.data.folds).map(of_fold).collect::<Option<Vec<_>>>();
        let fitted = scores.as_ref().filter(|scores| scores.iter().all(|score| *score != Score::NONE));
        let score = fitted.map(|scores| Spread::of(scores.iter().map(|score| score.main).collect()));
        let name = name(model, is_classes(draft)).into();
        all.push(Baseline { name, score, tried: scores.is_some() });
    }
    all
}

fn notes(draft: &Draft, choice: &Candidate, baselines: &[Baseline]) -> Vec<String> {
    let Some(score) = &choice.score else { return Vec::new() };
    let is_as_good = |other: f64| other >= score.mean - 0.5 * score.deviation;
    let mut notes = Vec::new();
    let reached = |name: &str| {
        baselines.iter().find(|baseline| baseline.name == name).and_then(|of| of.score.as_ref()).map(|of| of.mean)
    };
    let constant = baselines.first().and_then(|of| of.score.as_ref()).map_or(f64::MIN, |of| of.mean);
    if score.mean <= constant + 0.5 * score.deviation {
        notes.push(if is_classes(draft) {
            format!(
                "accuracy is no better than to say the most frequent class always ({constant:.4}); the mean recall of the classes is {:.4}",
                score.second
            )
        } else {
            "the network is no better than to say the mean always: the inputs may say nothing about the label".into()
        });
    }
    let linear = name(draft.models[0], is_classes(draft));
    // Where nothing helps, a linear model does not either.
    let nothing_helps = !notes.is_empty();
    if let Some(mean) = reached(linear).filter(|mean| is_as_good(*mean) && !nothing_helps) {
        notes.push(format!("a linear model is as good: {linear} reaches {mean:.4}"));
    }
    let forest = name(Model::Forest, is_classes(draft));
    if let Some(mean) = reached(forest).filter(|mean| *mean > score.mean + 0.5 * score.deviation) {
        notes.push(format!("a {forest} reaches {mean:.4}: there is more in the data than networks of this size find"));
    }
    let smallest = draft.data.counts.iter().copied().min().filter(|_| is_classes(draft));
    if let Some(count) = smallest.filter(|count| *count < draft.data.folds) {
        notes.push(format!("a class has {count} samples, fewer than there are folds: its figures mean little"));
    }
    notes
}

/// Options of `host-sim train` for a recipe.
fn train(recipe: &Recipe, draft: &Draft) -> Vec<String> {
    let Recipe { epochs, batch, lr, warmup, weight_decay, clip, dropout, drop_path, label_smoothing, state } = *recipe;
    let mut options = draft.data.options.clone();
    options.extend(["--optimizer".to_string(), "adamw".into()]);
    let mut add = |name: &str, value: String| options.extend([format!("--{name}"), value]);
    add("epochs", epochs.to_string());
    add("batch", batch.to_string());
    add("lr", lr.to_string());
    add("warmup", warmup.to_string());
    add("weight-decay", weight_decay.to_string());
    add("clip", clip.to_string());
    add("dropout", dropout.to_string());
    add("drop-path", drop_path.to_string());
    if let Some(share) = label_smoothing.filter(|_| is_classes(draft)) {
        add("label-smoothing", share.to_string());
    }
    match state {
        StateName::F32 => {}
        StateName::Bf16 => add("state", "bf16".into()),
        StateName::Block8 => add("state", "8bit".into()),
    }
    options
}
