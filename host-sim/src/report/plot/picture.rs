//! What all pictures share: a title, and paper and ink that follow the reader's choice of light or dark.

use plotters::coord::Shift;
use plotters::prelude::*;

/// What is painted on.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Of lines behind what is drawn.
pub const GRID: RGBColor = RGBColor(225, 225, 225);

/// Height of the title, pixels.
const TITLE: u32 = 34;

/// In the dark, paper and ink change places; colours that mean something stay. Writing has a rim of paper, so that no line strikes it
/// through; white writing stands on bars and needs none.
pub const STYLE: &str = "\
text { font-family: system-ui, sans-serif; paint-order: stroke; stroke: #FFFFFF; stroke-width: 3px; stroke-linejoin: round }
text[fill=\"#FFFFFF\"] { stroke: none }
@media (prefers-color-scheme: dark) {
rect[fill=\"#FFFFFF\"] { fill: #0D1117 }
text[fill=\"#000000\"] { fill: #E6EDF3; stroke: #0D1117 }
[stroke=\"#000000\"] { stroke: #E6EDF3 }
circle[fill=\"#000000\"], polygon[fill=\"#000000\"] { fill: #E6EDF3 }
[stroke=\"#E1E1E1\"] { stroke: #30363D }
}";

/// A picture of `size` below its title.
///
/// # Errors
/// What `paint` says; none in memory.
pub fn picture(title: &str, size: (u32, u32), paint: impl FnOnce(&Area) -> Result<()>) -> Result<String> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        paint(&area)?;
        area.present()?;
    }
    let body = svg.split_once('\n').and_then(|(_, rest)| rest.rsplit_once("</svg>")).map_or("", |(body, _)| body);
    let ((width, height), title) = ((size.0, size.1 + TITLE), escaped(title));
    Ok(format!(
        "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" xmlns=\"http://www.w3.org/2000/svg\" \
         role=\"img\">\n<title>{title}</title>\n<style>\n{STYLE}\n</style>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#FFFFFF\"/>\n\
         <text x=\"14\" y=\"24\" font-size=\"15\" font-weight=\"bold\" fill=\"#000000\">{title}</text>\n\
         <g transform=\"translate(0 {TITLE})\">\n{body}</g>\n</svg>\n"
    ))
}

/// Names come from files of strangers.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A number that is written at an axis: places of ticks are sums, with digits that mean nothing.
pub fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_well_formed_and_has_a_title_that_is_no_markup() {
        let svg = picture("a < b", (200, 100), |area| {
            area.draw(&Text::new("x", (3, 3), ("sans-serif", 12)))?;
            Ok(())
        });
        let svg = svg.unwrap();
        assert!(svg.contains("height=\"134\"") && svg.contains("<title>a &lt; b</title>"), "{svg}");
        assert_eq!((svg.matches("<g ").count(), svg.matches("</g>").count(), svg.matches("</svg>").count()), (1, 1, 1));
        assert!(svg.contains("prefers-color-scheme: dark"));
    }
}
