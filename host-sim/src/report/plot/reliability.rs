//! A picture of how often a network is right, against how sure it is.

use plotters::prelude::*;

use crate::report::plot::picture::{GRID, Result, picture};
use crate::run::metrics::Calibration;

const COLOR: RGBColor = RGBColor(68, 119, 170);
/// Radius of the dot of a bin that has every sample, pixels.
const LARGEST: f64 = 16.0;

/// A dot for each bin, its area by its share of the samples; on the diagonal, probabilities mean what they say.
///
/// # Errors
/// None in memory.
pub fn reliability(calibration: &Calibration) -> Result<String> {
    let all: u32 = calibration.bins.iter().map(|bin| bin.samples).sum();
    picture("How often it is right, against how sure it is", (400, 360), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(16)
            .x_label_area_size(44)
            .y_label_area_size(60)
            .build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
        let mut mesh = chart.configure_mesh();
        mesh.label_style(("sans-serif", 15)).axis_desc_style(("sans-serif", 15));
        mesh.light_line_style(TRANSPARENT).bold_line_style(GRID).x_labels(6).y_labels(6);
        mesh.x_desc("mean probability of the predicted class").y_desc("accuracy").draw()?;
        chart.draw_series([PathElement::new([(0.0, 0.0), (1.0, 1.0)], BLACK.stroke_width(1))])?;
        let dots = calibration.bins.iter().map(|bin| {
            let share = f64::from(bin.samples) / f64::from(all.max(1));
            let radius = (LARGEST * share.sqrt()).max(3.0) as i32;
            Circle::new((f64::from(bin.confidence), f64::from(bin.accuracy)), radius, COLOR.mix(0.8).filled())
        });
        chart.draw_series(dots)?;
        Ok(())
    })
}
