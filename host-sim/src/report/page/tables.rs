//! The tables of a report, as those of a page.

use comfy_table::{Row, Table};
use maud::{Markup, html};

use crate::report::{Part, Report};

/// All of a report.
pub fn report(report: &Report) -> Markup {
    html! {
        @for part in &report.parts {
            @match part {
                Part::Table(above, table) => (captioned(above, table)),
                Part::Text(text) => { p.text { (text) } }
            }
        }
    }
}

/// A table under the name of its first column.
pub fn table(table: &Table) -> Markup {
    captioned("", table)
}

/// A table under a sentence; without one it has the name of its first column, for those who do not see it.
pub fn captioned(above: &str, table: &Table) -> Markup {
    let header = cells(table.header());
    let first = header.first().map_or("", |name| name.as_str());
    let below = cells(table.row_iter().next());
    let is_over_numbers = |column: usize| below.get(column).is_some_and(|cell| column > 0 && is_number(cell));
    html! {
        div.scroll tabindex="0" {
            table {
                @if above.is_empty() {
                    caption.unseen { (first) }
                } @else {
                    caption { (above) }
                }
                thead { tr { @for (column, name) in header.iter().enumerate() { th.number[is_over_numbers(column)] scope="col" { (name) } } } }
                tbody { @for line in table.row_iter() { (row(&cells(Some(line)))) } }
            }
        }
    }
}

/// A name and what belongs to it.
fn row(cells: &[String]) -> Markup {
    let (name, figures) = cells.split_first().map_or(("", cells), |(name, figures)| (name.as_str(), figures));
    html! {
        tr {
            th.part[name.starts_with("  ")] scope="row" { (name.trim_start()) }
            @for figure in figures { td.number[is_number(figure)] { (figure) } }
        }
    }
}

fn cells(row: Option<&Row>) -> Vec<String> {
    row.map(|row| row.cell_iter().map(|cell| cell.content()).collect()).unwrap_or_default()
}

fn is_number(text: &str) -> bool {
    text.trim_start_matches(['+', '-']).starts_with(|first: char| first.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_headings_and_no_markup() {
        let mut lines = crate::report::table(["a<b", "x"]);
        lines.add_row(crate::report::row("  <script>", ["-1,200"]));
        let found = captioned("under & over", &lines).into_string();
        let expected = "<div class=\"scroll\" tabindex=\"0\"><table><caption>under &amp; over</caption>\
             <thead><tr><th class=\"\" scope=\"col\">a&lt;b</th><th class=\"number\" scope=\"col\">x</th></tr></thead>\
             <tbody><tr><th class=\"part\" scope=\"row\">&lt;script&gt;</th><td class=\"number\">-1,200</td></tr></tbody></table></div>";
        assert_eq!(found, expected);
    }
}
