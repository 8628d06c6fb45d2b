//! What was learnt from.

use maud::html;

use super::section::Section;
use super::tables;
use crate::report::{columns, number};
use crate::run::record::Record;

/// What the columns of a table were taken for; of the recordings of the watch, how many windows there are.
pub fn section(record: &Record) -> Section {
    let of = |scores: &Option<_>| {
        scores.as_ref().map(|scores: &crate::run::metrics::Scores| number(scores.samples as usize))
    };
    let body = html! {
        p {
            (number(record.training_samples)) " training samples"
            @if let Some(samples) = of(&record.validation) { ", " (samples) " for validation" }
            @if let Some(samples) = of(&record.test) { ", " (samples) " for the test" }
            "."
        }
        @match &record.table {
            Some(summary) => (tables::report(&columns(summary))),
            None => { p { "Windows of the smartwatch recordings that ship with the program, standardised by the training samples." } }
        }
    };
    Section::new("data", "Data", body)
}
