//! Class by class, and group by group.

use maud::html;

use super::section::Section;
use super::tables::captioned;
use super::tested;
use crate::report::{number, percent, row, run, table};
use crate::run::metrics::Figures;
use crate::run::record::Record;

/// Groups that are listed.
const MOST: usize = 50;

/// Precision, recall and F1 of each class; `None` of values, and where nothing was tested.
pub fn section(record: &Record) -> Option<Section> {
    let Figures::Classes(classes) = &tested(record)?.1.figures else { return None };
    let body = captioned(
        "Precision: how many of those that were said are right. Recall: how many of those there are were found.",
        &run::by_class(classes),
    );
    Some(Section::new("classes", "Class by class", body))
}

/// The result of each group; `None` if there are none.
pub fn groups(record: &Record) -> Option<Section> {
    let (of, test) = tested(record)?;
    if test.groups.is_empty() {
        return None;
    }
    let mut groups: Vec<_> = test.groups.iter().collect();
    groups.sort_by(|a, b| a.score.total_cmp(&b.score));
    let is_of_values = matches!(test.figures, Figures::Values(_));
    let mut lines = table(["group", "samples", if is_of_values { "R²" } else { "accuracy" }]);
    for group in groups.iter().take(MOST) {
        let score = if is_of_values { format!("{:.4}", group.score) } else { percent(group.score) };
        lines.add_row(row(&group.name, [number(group.samples as usize), score]));
    }
    let beyond = groups.len().saturating_sub(MOST);
    let body = html! {
        (captioned(&format!("Groups of the {of}, such as people, the worst first."), &lines))
        @if beyond > 0 { p { (number(beyond)) " better groups are not listed." } }
    };
    Some(Section::new("groups", "Group by group", body))
}
