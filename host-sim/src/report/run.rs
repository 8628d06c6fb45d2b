//! Result and cost of a run.

use comfy_table::Table;

use super::{Report, budget_rows, number, percent, row, table};
use crate::run::folds::Folds;
use crate::run::metrics::{Classes, Figures, Scores, ValueScores, Values};
use crate::run::record::{PretrainRecord, Record};

/// The result of a training run.
pub fn run(record: &Record) -> Report {
    let mut report = match &record.test {
        Some(test) => scores(test),
        None if record.validation.is_some() => Report::default(),
        None => Report::default().text("Not tested: give a file with --test."),
    };
    if let (Some(epoch), Some(validation)) = (record.best_epoch, &record.validation) {
        let (result, samples) = (result(validation, validation.score()), number(validation.samples as usize));
        report = report.text(format!(
            "Kept are the weights of epoch {epoch}: {result} of {samples} samples kept aside for validation."
        ));
    }
    if let Some(pretraining) = &record.pretraining {
        report = report.table(pretrained(pretraining));
    }
    report = report.table(cost(record));
    for rollback in &record.rollbacks {
        let text = rollback.describe();
        report = report.text(format!("{}{}.", text[..1].to_uppercase(), &text[1..]));
    }
    if record.skipped > 0 {
        let (skipped, steps) = (record.skipped, record.steps.len());
        report = report.text(format!(
            "{skipped} of {steps} steps changed nothing, because their gradient was not finite: take a lower --lr."
        ));
    }
    report
}

/// What a run needs, and what it ends in.
fn cost(record: &Record) -> Table {
    let mut cost = table(["cost", "figure"]);
    cost.add_row(row("parameters", [number(record.parameters)]));
    budget_rows(&mut cost, &record.budget);
    cost.add_row(row("training samples per second", [number(record.samples_per_second as usize)]));
    if let Some(micros) = record.device_micros {
        cost.add_row(row("seconds of the board's own time", [format!("{:.1}", micros as f64 * 1e-6)]));
    }
    cost.add_row(row("CRC-32 of the weights", [format!("{:08x}", record.weights_crc32)]));
    cost
}

/// The results of all folds.
pub fn folds(folds: &Folds) -> Report {
    let mut all = table(["fold", "training samples", "test samples", "epoch kept", "result"]);
    for (fold, record) in (1..).zip(&folds.folds) {
        let Some(test) = &record.test else { continue };
        let kept = record.best_epoch.map_or("last".into(), |epoch| epoch.to_string());
        let counts = [record.training_samples, test.samples as usize].map(number);
        all.add_row(row(fold, counts.into_iter().chain([kept, result(test, test.score())])));
    }
    let Some(test) = folds.folds.iter().find_map(|fold| fold.test.as_ref()) else { return all.into() };
    let (mean, deviation) = (result(test, folds.mean), result(test, folds.deviation));
    Report::from(all).text(format!("mean {mean}, standard deviation {deviation}"))
}

/// An accuracy or R².
fn result(of: &Scores, score: f32) -> String {
    match of.figures {
        Figures::Classes(_) => percent(score),
        Figures::Values(_) => format!("{score:.4}"),
    }
}

/// Result of the pre-training.
pub(super) fn pretrained(record: &PretrainRecord) -> Table {
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
    learnt
}

/// The result of a test.
pub fn scores(scores: &Scores) -> Report {
    let report = Report::from(overall("test", scores));
    match &scores.figures {
        Figures::Classes(classes) => {
            let warning = if classes.is_no_better_than_the_majority() { MAJORITY } else { "" };
            report.text(warning).table(by_class(classes)).table(confusion(classes))
        }
        Figures::Values(values) => report.table(by_value(values)),
    }
}

/// Figures of all samples together, under the name of what they are for.
pub(super) fn overall(of: &str, scores: &Scores) -> Table {
    let mut overall = table([of, "result"]);
    overall.add_row(row("samples", [number(scores.samples as usize)]));
    overall.add_row(row("loss", [format!("{:.4}", scores.loss)]));
    if let Some(voted) = scores.voted {
        overall.add_row(row("accuracy of windows together", [percent(voted)]));
    }
    match &scores.figures {
        Figures::Classes(classes) => all_classes(&mut overall, classes),
        Figures::Values(values) => {
            overall.add_row(row("R²", [format!("{:.4}", values.r2)]));
        }
    }
    overall
}

fn all_classes(overall: &mut Table, scores: &Classes) {
    let two = scores.classes.len() == 2;
    let of = |what: &str| if two { what.to_string() } else { format!("{what}, mean over the classes") };
    let area = |area: Option<f32>| area.map_or("- (one class only)".into(), |area| format!("{area:.4}"));
    overall.add_row(row("accuracy", [percent(scores.accuracy)]));
    overall.add_row(row("balanced accuracy", [percent(scores.balanced_accuracy)]));
    overall.add_row(row("share of the largest class", [percent(scores.majority)]));
    overall.add_row(row(of("F1"), [format!("{:.3}", scores.f1)]));
    overall.add_row(row(of("area under the ROC curve"), [area(scores.auc)]));
    overall.add_row(row(of("average precision"), [area(scores.average_precision)]));
    if let Some(calibration) = &scores.calibration {
        overall.add_row(row("expected calibration error", [format!("{:.4}", calibration.expected_error)]));
    }
}

/// A line per class.
pub(super) fn by_class(scores: &Classes) -> Table {
    let mut classes = table(["class", "samples", "precision", "recall", "F1"]);
    for class in &scores.classes {
        let figures = [percent(class.precision), percent(class.recall), format!("{:.3}", class.f1)];
        classes.add_row(row(&class.name, [number(class.samples as usize)].into_iter().chain(figures)));
    }
    classes
}

fn confusion(scores: &Classes) -> Table {
    let names = scores.classes.iter().map(|class| class.name.clone());
    let mut confusion = table(std::iter::once("truth \\ predicted".to_string()).chain(names));
    for (class, counts) in scores.classes.iter().zip(&scores.confusion) {
        confusion.add_row(row(&class.name, counts.iter().map(|count| number(*count as usize))));
    }
    confusion
}

const MAJORITY: &str = "The accuracy is no better than that of saying the largest class always: look at the balanced accuracy, \
    and try --class-weight balanced.";

/// A line per value.
pub(super) fn by_value(scores: &Values) -> Table {
    let mut values = table(["value", "mean absolute error", "root mean squared error", "R²"]);
    for ValueScores { name, mae, rmse, r2, .. } in &scores.values {
        values.add_row(row(name, [significant(*mae), significant(*rmse), format!("{r2:.4}")]));
    }
    values
}

/// Four digits, whatever the unit.
fn significant(value: f64) -> String {
    let places = 3 - value.abs().max(f64::MIN_POSITIVE).log10().floor() as i32;
    if (0..=7).contains(&places) { format!("{value:.*}", places as usize) } else { format!("{value:.3e}") }
}
