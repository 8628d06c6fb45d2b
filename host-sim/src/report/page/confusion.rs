//! Which class is taken for which.

use maud::{Markup, html};

use super::section::Section;
use super::tested;
use crate::report::number;
use crate::run::metrics::{Classes, Figures};
use crate::run::record::Record;

/// Classes that a table shows on a screen. Of more, the mistakes that come most often are listed.
const MOST: usize = 24;
/// How many of these.
const MISTAKES: usize = 20;

/// Samples by true and predicted class; `None` of values, and where nothing was tested.
pub fn section(record: &Record) -> Option<Section> {
    let (of, scores) = tested(record)?;
    let Figures::Classes(classes) = &scores.figures else { return None };
    let body = if classes.classes.len() <= MOST { matrix(of, classes) } else { mistakes(of, classes) };
    Some(Section::new("confusion", "Confusion matrix", body))
}

fn matrix(of: &str, Classes { classes, confusion, .. }: &Classes) -> Markup {
    html! {
        div.scroll tabindex="0" {
            table.confusion {
                caption { "Samples of the " (of) ": the true class of each row, the predicted class of each column." }
                thead { tr {
                    th scope="col" { "truth" }
                    @for class in classes { th scope="col" { (class.name) } }
                } }
                tbody {
                    @for (truth, (class, counts)) in classes.iter().zip(confusion).enumerate() {
                        tr {
                            th scope="row" { (class.name) }
                            @for (predicted, count) in counts.iter().enumerate() {
                                td.right[truth == predicted].wrong[truth != predicted] style=(shade(*count, class.samples)) { (number(*count as usize)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A share of the row, in steps that leave the writing readable.
fn shade(count: u32, of: u32) -> String {
    let share = if of > 0 { f64::from(count) / f64::from(of) } else { 0.0 };
    format!("--shade: {:.0}%", 45.0 * share)
}

fn mistakes(of: &str, found: &Classes) -> Markup {
    let Classes { classes, .. } = found;
    html! {
        div.scroll tabindex="0" {
            table {
                caption { "The mistakes that come most often in the " (of) ", of " (classes.len()) " classes." }
                thead { tr { th scope="col" { "truth" } th scope="col" { "predicted" } th scope="col" { "samples" } } }
                tbody {
                    @for (count, truth, predicted) in found.mistakes().into_iter().take(MISTAKES) {
                        tr {
                            th scope="row" { (classes[truth].name) }
                            td { (classes[predicted].name) }
                            td.number { (number(count as usize)) }
                        }
                    }
                }
            }
        }
    }
}
