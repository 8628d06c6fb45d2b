//! What a reader wants to know first.

use maud::{Markup, html};

use super::note;
use super::section::Section;
use super::tables::table;
use super::tested;
use crate::report::{number, percent, run};
use crate::run::metrics::{Figures, Scores};
use crate::run::record::Record;

/// The title of the page, and figures under it.
pub fn of(record: &Record) -> (String, Markup) {
    let tested = tested(record);
    let title = match tested {
        Some((of, scores)) => format!("{}: {} in the {of}", record.network, result_of(scores)),
        None => format!("{}: trained, not tested", record.network),
    };
    let mut figures = vec![
        ("epochs", number(record.epochs.len())),
        ("training samples", number(record.training_samples)),
        ("parameters", number(record.parameters)),
        ("RAM of the trainer, bytes", number(record.budget.total)),
        ("training samples per second", number(record.samples_per_second as usize)),
        ("trained on", record.device.clone()),
        ("seed", record.seed.to_string()),
        ("CRC-32 of the weights", format!("{:08x}", record.weights_crc32)),
    ];
    if let Some((_, scores)) = tested {
        figures.insert(0, ("loss", format!("{:.4}", scores.loss)));
    }
    let lead = html! {
        dl.figures { @for (name, figure) in figures { div { dt { (name) } dd { (figure) } } } }
    };
    (title, lead)
}

fn result_of(scores: &Scores) -> String {
    match &scores.figures {
        Figures::Classes(classes) => format!("{} accuracy", percent(classes.accuracy)),
        Figures::Values(values) => format!("R² {:.4}", values.r2),
    }
}

/// The results on the test and on the samples for validation.
pub fn result(record: &Record) -> Section {
    let kept = record
        .best_epoch
        .map(|epoch| format!("Kept are the weights of epoch {epoch}, the best on the samples for validation."));
    let body = html! {
        @if record.test.is_none() { (note("Nothing was tested: give a file with --test.")) }
        div.columns {
            @if let Some(test) = &record.test { (table(&run::overall("test", test))) }
            @if let Some(validation) = &record.validation { (table(&run::overall("validation", validation))) }
            @if let Some(pretraining) = &record.pretraining { (table(&run::pretrained(pretraining))) }
        }
        @if let Some(kept) = kept { p { (kept) } }
        @for rollback in &record.rollbacks { p { (rollback.describe()) } }
    };
    Section::new("result", "Result", body)
}
