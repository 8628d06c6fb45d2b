//! Tables for people.

mod boards;
mod changes;
mod columns;
mod curvature;
mod design;
pub mod events;
mod folded;
mod networks;
pub mod page;
mod parts;
mod people;
pub mod plot;
mod run;
mod studies;

use std::fmt::Display;

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use trainlet::core::budget::Budget;

pub use boards::{bench, difference, sizes, standing, stored, twin};
pub use changes::changes;
pub use columns::columns;
pub use curvature::spectrum;
pub use design::found;
pub use networks::{best, budget, comparison, fitting, flash, growth, networks, pretexts};
pub use parts::{Part, Report};
pub use people::personalised;
pub use run::folds;
pub use run::{run, scores};
pub use studies::{ideas, ladder, modes, pretrain_study};

/// One rule, under the names of the columns.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

fn budget_rows(table: &mut Table, budget: &Budget) {
    let roles = [
        ("RAM, bytes", budget.total),
        ("  weights", budget.weights),
        ("  gradients", budget.gradients),
        ("  optimiser", budget.optimizer),
        ("  copies of the weights", budget.copies),
        ("  arena: token stream", budget.stream),
        ("  arena: saved for the backward pass", budget.saved),
        ("  arena: scratch", budget.scratch),
        ("  settings and counters", budget.settings),
        ("  data", budget.data),
        ("  line", budget.link),
    ];
    for (role, bytes) in roles {
        // A trainer by itself has no buffers for data and for a line.
        if bytes > 0 {
            table.add_row(row(role, [number(bytes)]));
        }
    }
}

/// Names to the left, figures to the right.
fn table<T: Into<Cell>>(header: impl IntoIterator<Item = T>) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header.into_iter().map(Into::into).collect::<Vec<Cell>>());
    table.column_iter_mut().skip(1).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
    table
}

fn left(text: &str) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Left)
}

fn row<T: Display>(name: impl Display, figures: impl IntoIterator<Item = T>) -> Vec<Cell> {
    std::iter::once(Cell::new(name)).chain(figures.into_iter().map(Cell::new)).collect()
}

fn percent(share: f32) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// With a comma before each three digits.
pub(crate) fn number(value: usize) -> String {
    let digits = value.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn digits_come_in_threes() {
        let pairs = [(0, "0"), (999, "999"), (1000, "1,000"), (420_697, "420,697"), (1_000_000, "1,000,000")];
        assert!(pairs.iter().all(|(value, text)| number(*value) == *text));
    }
}
