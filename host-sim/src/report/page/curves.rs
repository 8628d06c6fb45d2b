//! How a run went.

use maud::{Markup, html};

use super::figure::figure;
use super::section::Section;
use crate::report::plot::course;
use crate::report::plot::picture::Result;
use crate::run::record::Record;

/// Loss, results and learning rate over the epochs.
pub fn section(record: &Record) -> Result<Section> {
    Ok(Section::new("curves", "Epoch by epoch", pictures(record)?))
}

/// The pictures by themselves.
pub fn pictures(record: &Record) -> Result<Markup> {
    let scores = course::scores(record)?;
    Ok(html! {
        div.columns {
            (figure(&course::losses(record)?))
            @if let Some(scores) = scores { (figure(&scores)) }
            (figure(&course::rates(record)?))
        }
    })
}
