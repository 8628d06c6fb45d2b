//! RAM by role, and the boards that have it.

use maud::{Markup, html};

use super::section::Section;
use crate::networks::Network;
use crate::networks::budget::STACK;
use crate::networks::budget::boards::{BOARDS, Board, Effort};
use crate::networks::optimizer::OptimizerName;
use crate::report::number;
use crate::run::options::{Options, Part};
use crate::run::record::Record;

/// Name, class in the style sheet, and bytes.
type Role = (&'static str, &'static str, usize);

/// What the trainer, a sample and the stack take, and how it compares with boards.
pub fn section(record: &Record, network: &Network) -> Section {
    let roles = roles(record, network);
    let total: usize = roles.iter().map(|(.., bytes)| bytes).sum();
    let millis = |board: &Board| effort(&record.options, network).map(|effort| board.millis(network, effort));
    let body = html! {
        div.columns {
            div.scroll tabindex="0" {
                table {
                    caption { "Bytes of RAM to train it, by role; a sample and the stack are those of a board." }
                    thead { tr { th scope="col" { "role" } th.number scope="col" { "bytes" } } }
                    tbody {
                        @for (name, class, bytes) in &roles {
                            tr { th scope="row" { span class={ "swatch " (class) } {} (name) } td.number { (number(*bytes)) } }
                        }
                        tr { th scope="row" { "total" } td.number { (number(total)) } }
                    }
                }
            }
            div { @for board in &BOARDS { (on(board, &roles, total, millis(board))) } }
        }
    };
    Section::new("memory", "Memory and boards", body)
}

fn on(board: &Board, roles: &[Role], total: usize, millis: Option<f64>) -> Markup {
    let percent = |bytes: usize| format!("width: {:.2}%", 100.0 * bytes as f64 / board.ram.max(total) as f64);
    let (left, fits) = (board.ram.abs_diff(total), board.ram >= total);
    html! {
        div.board {
            p {
                strong { (board.name) } ", " (number(board.ram)) " bytes: "
                @if fits { (number(left)) " left" } @else { span.wrong { "does not fit, " (number(left)) " are missing" } }
                @if let Some(millis) = millis.filter(|_| fits) { ", about " (format!("{millis:.2}")) " ms to learn from a sample" }
            }
            div.bar aria-hidden="true" { @for (_, class, bytes) in roles { span class=(class) style=(percent(*bytes)) {} } }
        }
    }
}

/// Those that take something.
fn roles(record: &Record, network: &Network) -> Vec<Role> {
    let budget = &record.budget;
    // A trainer by itself has no room for a sample.
    let sample = if budget.data > 0 { budget.data } else { size_of::<f32>() * network.inputs };
    let all = [
        ("weights", "weights", budget.weights),
        ("gradients", "gradients", budget.gradients),
        ("optimiser", "optimizer", budget.optimizer),
        ("copies of the weights", "copies", budget.copies),
        ("arena: token stream", "stream", budget.stream),
        ("arena: saved for the backward pass", "saved", budget.saved),
        ("arena: scratch", "scratch", budget.scratch),
        ("settings and counters", "settings", budget.settings),
        ("data: a sample", "data", sample),
        ("line", "link", budget.link),
        ("stack, at most", "stack", STACK),
    ];
    all.into_iter().filter(|(.., bytes)| *bytes > 0).collect()
}

/// What a sample takes, of ways of training whose cycles are known.
fn effort(options: &Options, network: &Network) -> Option<Effort> {
    let moments = match options.update.optimizer {
        OptimizerName::Adam | OptimizerName::Adamw | OptimizerName::ScheduleFree => 2,
        OptimizerName::Lion | OptimizerName::Momentum | OptimizerName::Nesterov | OptimizerName::ScheduleFreeSgd => 1,
        OptimizerName::Sgd | OptimizerName::Ldog => 0,
    };
    let updates = network.parameters as f64 / f64::from(options.batch.max(1));
    let is_counted = options.update.trained == Part::All && !options.ideas.any();
    is_counted.then_some(Effort { macs: network.train_macs, updates, moments })
}
