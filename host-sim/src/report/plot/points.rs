//! A picture of predicted values against true ones.

use plotters::prelude::*;

use crate::report::plot::picture::{GRID, Result, picture};
use crate::run::metrics::ValueScores;

const COLOR: RGBColor = RGBColor(68, 119, 170);

/// A dot for each of some samples; on the diagonal a prediction is right.
///
/// # Errors
/// None in memory.
pub fn values(scores: &ValueScores) -> Result<String> {
    let numbers =
        scores.points.iter().flat_map(|point| [point.truth, point.predicted]).filter(|value| value.is_finite());
    let (low, high) = numbers.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
    let (low, high) = if low < high { (low, high) } else { (low.min(0.0), low.min(0.0) + 1.0) };
    picture(&scores.name, (400, 360), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(16)
            .x_label_area_size(44)
            .y_label_area_size(74)
            .build_cartesian_2d(low..high, low..high)?;
        let mut mesh = chart.configure_mesh();
        mesh.label_style(("sans-serif", 15)).axis_desc_style(("sans-serif", 15));
        mesh.light_line_style(TRANSPARENT).bold_line_style(GRID).x_labels(5).y_labels(6);
        mesh.x_desc("value").y_desc("prediction").draw()?;
        chart.draw_series([PathElement::new([(low, low), (high, high)], BLACK.stroke_width(1))])?;
        let there = scores.points.iter().filter(|point| point.predicted.is_finite());
        chart
            .draw_series(there.map(|point| Circle::new((point.truth, point.predicted), 3, COLOR.mix(0.7).filled())))?;
        Ok(())
    })
}
