//! A picture of accuracy against the share of the labels.

use plotters::prelude::*;

use crate::report::plot::picture::{GRID, Result, picture, rounded};
use crate::study::labels::{Row, Side};

/// A way to learn: its name, colour, and where its dots stand beside the tick.
type Way = (&'static str, RGBColor, fn(&Row) -> &Side, f64);

const WAYS: [Way; 2] = [
    ("without pre-training", RGBColor(204, 102, 119), |row| &row.without, -0.06),
    ("with pre-training", RGBColor(68, 119, 170), |row| &row.with, 0.06),
];

/// Every run as a dot, their means joined by a line, for each share of the labels with pre-training and without.
///
/// # Errors
/// None in memory.
pub fn by_labels(rows: &[Row]) -> Result<String> {
    let accuracies = || rows.iter().flat_map(|row| row.with.accuracies.iter().chain(&row.without.accuracies));
    let low = accuracies().copied().fold(1.0, f32::min) - 0.02;
    let high = accuracies().copied().fold(0.0, f32::max) + 0.02;
    let percent = |share: f32| 100.0 * f64::from(share);
    picture("Accuracy on new people against the share of labels", (720, 420), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(14)
            .margin_top(36)
            .x_label_area_size(40)
            .y_label_area_size(46)
            .build_cartesian_2d(-0.5..rows.len() as f64 - 0.5, percent(low)..percent(high))?;
        let label = |place: &f64| {
            let row = (place.fract() == 0.0).then(|| rows.get(*place as usize)).flatten();
            row.map_or(String::new(), |row| format!("{} %", rounded(f64::from(100.0 * row.labels))))
        };
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .disable_x_mesh()
            .x_labels(2 * rows.len() + 1)
            .x_label_formatter(&label)
            .x_desc("windows with a label")
            .y_desc("accuracy on new people, %")
            .draw()?;
        for (index, (name, color, side, beside)) in WAYS.into_iter().enumerate() {
            let at = |place: usize| place as f64 + beside;
            for (place, row) in rows.iter().enumerate() {
                let dots = side(row).accuracies.iter().map(|accuracy| (at(place), percent(*accuracy)));
                chart.draw_series(dots.map(|dot| Circle::new(dot, 2, color.mix(0.5).filled())))?;
            }
            let means = rows.iter().enumerate().map(|(place, row)| (at(place), percent(side(row).mean)));
            chart.draw_series([PathElement::new(means.clone().collect::<Vec<_>>(), color.stroke_width(2))])?;
            chart.draw_series(means.map(|mean| Circle::new(mean, 5, color.filled())))?;
            let x = 70 + 180 * index as i32;
            area.draw(&Circle::new((x, 20), 5, color.filled()))?;
            area.draw(&Text::new(name, (x + 10, 13), ("sans-serif", 13)))?;
        }
        Ok(())
    })
}
