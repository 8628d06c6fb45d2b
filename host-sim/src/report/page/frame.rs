//! What is around the sections of every page.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::section::Section;
use crate::report::plot::picture::STYLE;

/// Paper, ink and the places of things.
const SHEET: &str = include_str!("style.css");

/// A whole document.
pub fn page(title: &str, lead: &Markup, sections: impl IntoIterator<Item = Section>) -> String {
    let sections: Vec<_> = sections.into_iter().collect();
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(SHEET)) (PreEscaped(of_pictures())) }
            }
            body {
                header {
                    h1 { (title) }
                    (lead)
                    nav aria-label="Sections" { ul { @for section in &sections { li { (section.link()) } } } }
                }
                main { @for section in &sections { (section.markup()) } }
            }
        }
    };
    document.into_string()
}

/// The style of the pictures for pictures alone, and never dark on paper: inside a page that of each would be a style of everything.
fn of_pictures() -> String {
    format!(".picture {{\n{}\n}}\n", STYLE.replace("@media (", "@media screen and ("))
}
