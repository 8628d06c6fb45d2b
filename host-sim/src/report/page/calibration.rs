//! Whether probabilities mean what they say.

use maud::html;

use super::figure::figure;
use super::section::Section;
use super::tables::captioned;
use super::tested;
use crate::report::plot::picture::Result;
use crate::report::plot::reliability::reliability;
use crate::report::{number, percent, row, table};
use crate::run::metrics::Figures;
use crate::run::record::Record;

/// Confidence against accuracy; `None` of values, and where nothing was tested.
pub fn section(record: &Record) -> Result<Option<Section>> {
    let Some(Figures::Classes(classes)) = tested(record).map(|(_, scores)| &scores.figures) else { return Ok(None) };
    let Some(calibration) = &classes.calibration else { return Ok(None) };
    let mut bins = table(["bin", "samples", "mean probability", "accuracy"]);
    for (bin, number_of_bin) in calibration.bins.iter().zip(1..) {
        let figures = [number(bin.samples as usize), percent(bin.confidence), percent(bin.accuracy)];
        bins.add_row(row(number_of_bin, figures));
    }
    let body = html! {
        p {
            "Expected calibration error: " strong { (format!("{:.4}", calibration.expected_error)) } ". It is the mean distance between the \
             probability of the predicted class and the share of right predictions, in 15 bins of equal width (Guo et al. 2017, On \
             Calibration of Modern Neural Networks, eq. 3, arXiv 1706.04599). Dots below the diagonal are of a network that is too sure."
        }
        div.columns {
            (figure(&reliability(calibration)?))
            (captioned("The bins that have samples.", &bins))
        }
    };
    Ok(Some(Section::new("calibration", "Calibration", body)))
}
