//! Pictures in a page.

use maud::{Markup, PreEscaped, html};

/// A picture of ours, which shrinks with the page.
pub fn figure(svg: &str) -> Markup {
    html! { figure { (drawing(svg)) } }
}

/// One that is wide: on a small screen it is moved from side to side.
pub fn wide(svg: &str) -> Markup {
    html! { figure.wide.scroll tabindex="0" { (drawing(svg)) } }
}

/// The picture without a style of its own, which the page has for all of them.
fn drawing(svg: &str) -> Markup {
    let plain = match (svg.split_once("<style>"), svg.split_once("</style>")) {
        (Some((before, _)), Some((_, after))) => format!("{before}{after}"),
        _ => svg.into(),
    };
    PreEscaped(plain.replacen("<svg ", "<svg class=\"picture\" ", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_brings_no_style_along() {
        let svg = "<svg width=\"3\" role=\"img\">\n<title>t</title>\n<style>\ntext { fill: red }\n</style>\n<g/></svg>";
        let found = figure(svg).into_string();
        let expected =
            "<figure><svg class=\"picture\" width=\"3\" role=\"img\">\n<title>t</title>\n\n<g/></svg></figure>";
        assert_eq!(found, expected);
    }
}
