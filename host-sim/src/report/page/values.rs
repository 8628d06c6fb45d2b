//! Values that are predicted.

use maud::html;

use super::figure::figure;
use super::section::Section;
use super::tables::captioned;
use super::tested;
use crate::report::plot::picture::Result;
use crate::report::plot::points;
use crate::report::run;
use crate::run::metrics::Figures;
use crate::run::record::Record;

/// Errors of each value, and predictions against the truth; `None` of classes, and where nothing was tested.
pub fn section(record: &Record) -> Result<Option<Section>> {
    let Some(Figures::Values(values)) = tested(record).map(|(_, scores)| &scores.figures) else { return Ok(None) };
    let drawn = values.values.iter().map(points::values).collect::<Result<Vec<_>>>()?;
    let body = html! {
        (captioned("Errors are in the unit of the column.", &run::by_value(values)))
        div.columns { @for svg in &drawn { (figure(svg)) } }
    };
    Ok(Some(Section::new("values", "Value by value", body)))
}
