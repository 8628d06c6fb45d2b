//! Result and cost of a run.

use comfy_table::Table;

use super::{budget_rows, number, percent, row, table};
use crate::run::folds::Folds;
use crate::run::metrics::{Classes, Figures, Scores, ValueScores, Values};
use crate::run::record::{PretrainRecord, Record};

/// The result of a training run.
pub fn run(record: &Record) -> String {
    let mut parts = Vec::new();
    match &record.test {
        Some(test) => parts.push(scores(test)),
        None if record.validation.is_some() => {}
        None => parts.push("Not tested: give a file with --test.".into()),
    }
    if let (Some(epoch), Some(validation)) = (record.best_epoch, &record.validation) {
        let (result, samples) = (result(validation, validation.score()), number(validation.samples as usize));
        parts.push(format!(
            "Kept are the weights of epoch {epoch}: {result} of {samples} samples kept aside for validation."
        ));
    }
    record.pretraining.iter().for_each(|pretraining| parts.push(pretrained(pretraining)));
    let mut cost = table(["cost", "figure"]);
    cost.add_row(row("parameters", [number(record.parameters)]));
    budget_rows(&mut cost, &record.budget);
    cost.add_row(row("training samples per second", [number(record.samples_per_second as usize)]));
    if let Some(micros) = record.device_micros {
        cost.add_row(row("seconds of the board's own time", [format!("{:.1}", micros as f64 * 1e-6)]));
    }
    cost.add_row(row("CRC-32 of the weights", [format!("{:08x}", record.weights_crc32)]));
    parts.push(cost.to_string());
    parts.extend(record.rollbacks.iter().map(|rollback| {
        let text = rollback.describe();
        format!("{}{}.", text[..1].to_uppercase(), &text[1..])
    }));
    if record.skipped > 0 {
        let (skipped, steps) = (record.skipped, record.steps.len());
        parts.push(format!(
            "{skipped} of {steps} steps changed nothing, because their gradient was not finite: take a lower --lr."
        ));
    }
    parts.join("\n\n")
}

/// The results of all folds.
pub fn folds(folds: &Folds) -> String {
    let mut all = table(["fold", "training samples", "test samples", "epoch kept", "result"]);
    for (fold, record) in (1..).zip(&folds.folds) {
        let Some(test) = &record.test else { continue };
        let kept = record.best_epoch.map_or("last".into(), |epoch| epoch.to_string());
        let counts = [record.training_samples, test.samples as usize].map(number);
        all.add_row(row(fold, counts.into_iter().chain([kept, result(test, test.score())])));
    }
    let Some(test) = folds.folds.iter().find_map(|fold| fold.test.as_ref()) else { return all.to_string() };
    format!("{all}\n\nmean {}, standard deviation {}", result(test, folds.mean), result(test, folds.deviation))
}

/// An accuracy or R².
fn result(of: &Scores, score: f32) -> String {
    match of.figures {
        Figures::Classes(_) => percent(score),
        Figures::Values(_) => format!("{score:.4}"),
    }
}

/// Result of the pre-training.
fn pretrained(record: &PretrainRecord) -> String {
    let PretrainRecord { target, visible, tokens, samples, parameters, shared, epochs, budget, .. } = record;
    let mut learnt = table(["pre-training", "result"]);
    learnt.add_row(row("samples", [number(*samples)]));
    learnt.add_row(row("steps", [number(record.steps.len())]));
    learnt.add_row(row("predicts", [target.to_string()]));
    learnt.add_row(row("visible tokens", [format!("{visible} of {tokens}")]));
    let [first, last] = [epochs.first(), epochs.last()].map(|loss| loss.copied().unwrap_or(f64::NAN));
    learnt.add_row(row("loss in the first epoch", [format!("{first:.4}")]));
    learnt.add_row(row("loss in the last epoch", [format!("{last:.4}")]));
    learnt.add_row(row("parameters", [number(*parameters)]));
    learnt.add_row(row("parameters kept", [number(*shared)]));
    learnt.add_row(row("RAM of both phases, bytes", [number(budget.total)]));
    learnt.add_row(row("CRC-32 of the weights", [format!("{:08x}", record.weights_crc32)]));
    learnt.to_string()
}

/// The result of a test.
pub fn scores(scores: &Scores) -> String {
    let mut overall = table(["test", "result"]);
    overall.add_row(row("samples", [number(scores.samples as usize)]));
    overall.add_row(row("loss", [format!("{:.4}", scores.loss)]));
    if let Some(voted) = scores.voted {
        overall.add_row(row("accuracy of windows together", [percent(voted)]));
    }
    match &scores.figures {
        Figures::Classes(classes) => self::classes(overall, classes),
        Figures::Values(values) => self::values(overall, values),
    }
}

fn classes(mut overall: Table, scores: &Classes) -> String {
    let two = scores.classes.len() == 2;
    let of = |what: &str| if two { what.to_string() } else { format!("{what}, mean over the classes") };
    let area = |area: Option<f32>| area.map_or("- (one class only)".into(), |area| format!("{area:.4}"));
    overall.add_row(row("accuracy", [percent(scores.accuracy)]));
    overall.add_row(row("balanced accuracy", [percent(scores.balanced_accuracy)]));
    overall.add_row(row("share of the largest class", [percent(scores.majority)]));
    overall.add_row(row(of("F1"), [format!("{:.3}", scores.f1)]));
    overall.add_row(row(of("area under the ROC curve"), [area(scores.auc)]));
    overall.add_row(row(of("average precision"), [area(scores.average_precision)]));

    let mut classes = table(["class", "samples", "precision", "recall", "F1"]);
    for class in &scores.classes {
        let figures = [percent(class.precision), percent(class.recall), format!("{:.3}", class.f1)];
        classes.add_row(row(&class.name, [number(class.samples as usize)].into_iter().chain(figures)));
    }

    let names = scores.classes.iter().map(|class| class.name.clone());
    let mut confusion = table(std::iter::once("truth \\ predicted".to_string()).chain(names));
    for (class, counts) in scores.classes.iter().zip(&scores.confusion) {
        confusion.add_row(row(&class.name, counts.iter().map(|count| number(*count as usize))));
    }
    let warning = if scores.is_no_better_than_the_majority() { MAJORITY } else { "" };
    format!("{overall}{warning}\n\n{classes}\n\n{confusion}")
}

const MAJORITY: &str = "\nThe accuracy is no better than that of saying the largest class always: look at the balanced accuracy, \
    and try --class-weight balanced.";

fn values(mut overall: Table, scores: &Values) -> String {
    overall.add_row(row("R²", [format!("{:.4}", scores.r2)]));
    let mut values = table(["value", "mean absolute error", "root mean squared error", "R²"]);
    for ValueScores { name, mae, rmse, r2 } in &scores.values {
        values.add_row(row(name, [significant(*mae), significant(*rmse), format!("{r2:.4}")]));
    }
    format!("{overall}\n\n{values}")
}

/// Four digits, whatever the unit.
fn significant(value: f64) -> String {
    let places = 3 - value.abs().max(f64::MIN_POSITIVE).log10().floor() as i32;
    if (0..=7).contains(&places) { format!("{value:.*}", places as usize) } else { format!("{value:.3e}") }
}
