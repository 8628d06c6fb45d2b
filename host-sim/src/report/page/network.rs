//! A network as its stages, from inputs to outputs.

use maud::{Markup, html};

use super::section::Section;
use crate::networks::tree::Leaf;
use crate::networks::{Network, describe};
use crate::report::number;

/// A box for each stage, with names, shapes and bytes of its leaves.
pub fn section(network: &Network) -> Section {
    let leaves = network.leaves();
    let stages: Vec<&[Leaf]> = leaves.chunk_by(|a, b| stage(&a.name) == stage(&b.name)).collect();
    let (inputs, outputs) = (network.inputs, network.outputs);
    let body = html! {
        p {
            (network.about) ". " (number(network.macs)) " multiply-accumulates to predict a sample, " (number(network.train_macs))
            " to learn from one; weights are in f32."
        }
        ol.stages {
            li { h3 { "inputs" } p { "[" (inputs) "]" } p.note { (number(size_of::<f32>() * inputs)) " bytes" } }
            @for leaves in stages { li { (of_stage(leaves)) } }
            li { h3 { "outputs" } p { "[" (outputs) "], " (describe(network.task)) } p.note { (number(size_of::<f32>() * outputs)) " bytes" } }
        }
    };
    Section::new("network", "Network", body)
}

fn of_stage(leaves: &[Leaf]) -> Markup {
    let name = stage(&leaves[0].name);
    let bytes = |leaf: &Leaf| size_of::<f32>() * leaf.len();
    html! {
        h3 { (name) }
        ul {
            @for leaf in leaves {
                li {
                    span { (leaf.name[name.len()..].trim_start_matches('.')) }
                    span { (format!("{:?}", leaf.shape)) }
                    span.number { (number(bytes(leaf))) }
                }
            }
        }
        p.note { (number(leaves.iter().map(bytes).sum())) " bytes" }
    }
}

/// `blocks.0` of `blocks.0.token_mixing.0.weight`, `stem` of `stem.weight`.
fn stage(leaf: &str) -> &str {
    let mut dots = leaf.match_indices('.').map(|(place, _)| place);
    let first = dots.next().unwrap_or(leaf.len());
    let end = dots.next().unwrap_or(leaf.len());
    let is_numbered = leaf
        .get(first + 1..end)
        .is_some_and(|part| !part.is_empty() && part.bytes().all(|digit| digit.is_ascii_digit()));
    &leaf[..if is_numbered { end } else { first }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_a_block_or_what_has_a_name_of_its_own() {
        let names = ["blocks.0.token_mixing.0.weight", "stem.weight", "head.0.bias", "scale", "stages.1.2.bias"];
        assert_eq!(names.map(stage), ["blocks.0", "stem", "head.0", "scale", "stages.1"]);
    }
}
