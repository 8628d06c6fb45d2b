//! How long the gradient of each leaf is.

use maud::html;

use super::note;
use super::section::Section;
use crate::networks::Network;
use crate::run::record::{GradientRecord, Record};

/// Norms at the end of the first epoch and of the last, with a bar on a logarithmic scale.
pub fn section(record: &Record, network: &Network) -> Section {
    let measured: Vec<_> = record.epochs.iter().filter(|epoch| !epoch.gradients.is_empty()).collect();
    let (Some(first), Some(last)) = (measured.first(), measured.last()) else {
        let why = "The gradient was not measured: a board keeps it to itself, and single-step SAM and --online have it only piece by piece.";
        return Section::new("gradients", "Gradients", note(why));
    };
    let verdicts = record.epochs.iter().filter_map(|epoch| Some((epoch.epoch, epoch.health.as_ref()?.describe())));
    let is_only = measured.len() == 1;
    let (low, high) = range(&last.gradients);
    let shape =
        |name: &str| network.leaves().iter().find(|leaf| leaf.name == name).map(|leaf| format!("{:?}", leaf.shape));
    let body = html! {
        @for (epoch, verdict) in verdicts { p { "Epoch " (epoch) ": " (verdict) "." } }
        div.scroll tabindex="0" {
            table.gradients {
                caption { "L2 norm of the gradient in the last step of an epoch, before clipping. The bar shows that of the last epoch, on a logarithmic scale." }
                thead { tr {
                    th scope="col" { "leaf" }
                    th scope="col" { "shape" }
                    @if !is_only { th.number scope="col" { "epoch " (first.epoch) } }
                    th.number scope="col" { "epoch " (last.epoch) }
                    th scope="col" { "size" }
                } }
                tbody {
                    @for (before, after) in first.gradients.iter().zip(&last.gradients) {
                        tr {
                            th scope="row" { (after.leaf) }
                            td { (shape(&after.leaf).unwrap_or_default()) }
                            @if !is_only { td.number { (format!("{:.2e}", before.norm)) } }
                            td.number { (format!("{:.2e}", after.norm)) }
                            td { span.meter style=(format!("width: {:.0}%", percent(after.norm, low, high))) {} }
                        }
                    }
                }
            }
        }
    };
    Section::new("gradients", "Gradients", body)
}

/// The smallest norm and the largest, of those above 0.
fn range(gradients: &[GradientRecord]) -> (f32, f32) {
    let norms = gradients.iter().map(|gradient| gradient.norm).filter(|norm| *norm > 0.0 && norm.is_finite());
    norms.fold((f32::MAX, f32::MIN_POSITIVE), |(low, high), norm| (low.min(norm), high.max(norm)))
}

/// Length of a bar: a tenth for the smallest, all for the largest.
fn percent(norm: f32, low: f32, high: f32) -> f32 {
    if norm > 0.0 && high > low { 10.0 + 90.0 * (norm / low).ln() / (high / low).ln() } else { 0.0 }
}
