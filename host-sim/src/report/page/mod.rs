//! A page of HTML with all that a command has found: one file, which asks nothing of the network. Texts that come from files of
//! strangers are escaped by [`maud`].

mod calibration;
mod classes;
mod confusion;
mod curves;
mod cycles;
mod data;
mod figure;
mod frame;
mod gradients;
mod headline;
mod memory;
mod network;
mod origin;
mod section;
mod tables;
mod values;

pub use origin::Origin;

use maud::{Markup, html};

use self::section::Section;
use super::Report;
use super::plot::picture::Result;
use crate::networks;
use crate::run::folds::Folds;
use crate::run::metrics::Scores;
use crate::run::record::Record;

/// The page of a run.
///
/// # Errors
/// None for a record of this program.
pub fn run(record: &Record, origin: &Origin) -> Result<String> {
    let network = networks::find(&record.network)?;
    let (title, lead) = headline::of(record);
    let sections = [
        Some(headline::result(record)),
        Some(curves::section(record)?),
        confusion::section(record),
        calibration::section(record)?,
        classes::section(record),
        classes::groups(record),
        values::section(record)?,
        Some(gradients::section(record, network)),
        Some(memory::section(record, network)),
        Some(network::section(network)),
        cycles::section(network),
        Some(data::section(record)),
        Some(origin.section(Some(&record.options))),
    ];
    Ok(frame::page(&title, &lead, sections.into_iter().flatten()))
}

/// The page of a cross-validation.
///
/// # Errors
/// None in memory.
pub fn folds(folds: &Folds, origin: &Origin) -> Result<String> {
    let options = folds.folds.first().map(|record| &record.options);
    let mut sections = vec![Section::new("results", "Results", tables::report(&super::folds(folds)))];
    for (number, record) in (1..).zip(&folds.folds) {
        sections.push(Section::new(format!("fold-{number}"), format!("Fold {number}"), curves::pictures(record)?));
    }
    sections.push(origin.section(options));
    Ok(frame::page("Cross-validation", &html! {}, sections))
}

/// The page of a command that compares: its tables, and pictures as SVG.
pub fn comparison(title: &str, report: &Report, pictures: &[String], origin: &Origin) -> String {
    let drawn = html! { @for svg in pictures { (figure::wide(svg)) } };
    let sections = [
        (!pictures.is_empty()).then(|| Section::new("pictures", "Pictures", drawn)),
        Some(Section::new("results", "Results", tables::report(report))),
        Some(origin.section(None)),
    ];
    frame::page(title, &html! {}, sections.into_iter().flatten())
}

/// What a page shows the mistakes of, and its name: the test, or without one the samples for validation.
fn tested(record: &Record) -> Option<(&'static str, &Scores)> {
    let validation = record.validation.as_ref().map(|scores| ("validation", scores));
    record.test.as_ref().map(|scores| ("test", scores)).or(validation)
}

/// Sentences that stand where there is nothing to show.
fn note(text: &str) -> Markup {
    html! { p.note { (text) } }
}
