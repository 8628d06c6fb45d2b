//! What each layer takes of a sample's time.

use maud::{Markup, html};

use super::section::Section;
use crate::networks::Network;
use crate::networks::budget::layers::{Layer, layers};
use crate::report::number;

/// A bar for each layer; `None` of a network with a part that does not say what it computes.
pub fn section(network: &Network) -> Option<Section> {
    let layers = layers(network)?;
    let total: f64 = layers.iter().map(|layer| layer.cycles).sum();
    let largest = layers.iter().map(|layer| layer.cycles).fold(0.0, f64::max);
    let body = html! {
        div.scroll tabindex="0" {
            table.cycles {
                caption {
                    "An estimate of the cycles that each layer takes on a Cortex-M4F to learn from a sample, forward and backward: the "
                    (number(total.round() as usize)) " of the whole network, which " code { "host-sim budget" }
                    " goes by as well, shared out by what is computed. Updates of the weights come on top."
                }
                thead { tr {
                    th scope="col" { "layer" }
                    th.number scope="col" { "cycles" }
                    th.number scope="col" { "share" }
                    th scope="col" { "size" }
                } }
                tbody { @for layer in &layers { (bar(layer, total, largest)) } }
            }
        }
    };
    Some(Section::new("cycles", "Cycles by layer", body))
}

fn bar(Layer { name, cycles }: &Layer, total: f64, largest: f64) -> Markup {
    html! {
        tr {
            th scope="row" { (name) }
            td.number { (number(cycles.round() as usize)) }
            td.number { (format!("{:.1} %", 100.0 * cycles / total)) }
            td { span.meter style=(format!("width: {:.0}%", 100.0 * cycles / largest)) {} }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::networks::{
        self,
        budget::boards::{Core, Effort},
    };

    /// Rounded, each bar by half a cycle.
    #[test]
    fn the_bars_add_up_to_what_the_budget_has() {
        let network = networks::find("watch-12x1").unwrap();
        let html = section(network).unwrap().markup().into_string();
        let effort = Effort { macs: network.train_macs, updates: 0.0, moments: 0 };
        let total = Core::CortexM4F.cycles(network, effort);
        assert!(html.contains("estimate") && html.contains(&number(total as usize)), "{html}");
        let rows: Vec<_> = html.split("<tr><th scope=\"row\">").skip(1).collect();
        let cycles = rows.iter().map(|row| row.split("number\">").nth(1).unwrap().split('<').next().unwrap());
        let sum: f64 = cycles.map(|cycles| cycles.replace(',', "").parse::<f64>().unwrap()).sum();
        assert!(rows.len() > 10 && (sum - total).abs() <= 0.5 * rows.len() as f64, "{sum} of {total}: {html}");
    }
}
