//! A picture of accuracy against labelled windows of a new person.

use plotters::prelude::*;

use crate::report::plot::picture::{GRID, Result, picture};
use crate::study::personalise::Row;

const NEW: RGBColor = RGBColor(68, 119, 170);
const OTHERS: RGBColor = RGBColor(204, 102, 119);

/// Each subject as a dot, and the means of the new subject and of the others as lines, from no labelled window on.
///
/// # Errors
/// None in memory.
pub fn personalised(rows: &[Row]) -> Result<String> {
    let most = rows.iter().map(|row| row.windows).max().unwrap_or(1) as f64;
    let percent = |share: f32| 100.0 * f64::from(share);
    let of_row = |row: &Row| {
        let means = [row.mean.before, row.mean.after, row.mean.others_before, row.mean.others_after];
        row.subjects.iter().map(|adapted| adapted.accuracies.after).chain(means).fold(1.0, f32::min)
    };
    let low = rows.iter().map(of_row).fold(1.0, f32::min) - 0.02;
    picture("Accuracy after adapting to a new subject", (720, 420), |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(14)
            .margin_top(36)
            .x_label_area_size(40)
            .y_label_area_size(46)
            .build_cartesian_2d(-0.03 * most..1.05 * most, percent(low)..100.0)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .x_desc("labelled windows of the new subject")
            .y_desc("accuracy on later windows, %")
            .draw()?;
        for row in rows {
            let dots = row.subjects.iter().map(|adapted| (row.windows as f64, percent(adapted.accuracies.after)));
            chart.draw_series(dots.map(|dot| Circle::new(dot, 2, NEW.mix(0.5).filled())))?;
        }
        let before = rows.first().map(|row| [row.mean.before, row.mean.others_before]);
        for (index, (name, color)) in [("new subject", NEW), ("others", OTHERS)].into_iter().enumerate() {
            let after = rows.iter().map(|row| (row.windows as f64, [row.mean.after, row.mean.others_after][index]));
            let start = before.iter().map(|before| (0.0, before[index]));
            let line: Vec<_> = start.chain(after).map(|(windows, share)| (windows, percent(share))).collect();
            chart.draw_series([PathElement::new(line.clone(), color.stroke_width(2))])?;
            chart.draw_series(line.into_iter().map(|mean| Circle::new(mean, 5, color.filled())))?;
            let x = 70 + 180 * index as i32;
            area.draw(&Circle::new((x, 20), 5, color.filled()))?;
            area.draw(&Text::new(name, (x + 10, 13), ("sans-serif", 13)))?;
        }
        Ok(())
    })
}
