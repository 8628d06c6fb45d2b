//! Pictures of losses over the epochs.

use plotters::prelude::*;

use crate::report::plot::picture::{Area, GRID, Result, picture};
use crate::study::ablation::{Kind, Row};
use crate::study::sweep::Epoch;

/// A loss: its name, colour and value.
type Curve = (&'static str, RGBColor, fn(&Epoch) -> f32);

const CURVES: [Curve; 2] = [
    ("training", RGBColor(68, 119, 170), |epoch| epoch.train_loss),
    ("new samples", RGBColor(204, 102, 119), |epoch| epoch.test_loss),
];

const COLUMNS: usize = 4;
const PANEL: (u32, u32) = (240, 170);
/// Height of the legend, pixels.
const LEGEND: u32 = 34;

/// A panel per rung with its losses over the epochs, the mean of its runs; all panels have the same logarithmic axis of losses.
///
/// # Errors
/// None in memory.
pub fn rungs(rows: &[Row]) -> Result<String> {
    let losses = rows.iter().flat_map(|row| &row.epochs).flat_map(|epoch| CURVES.map(|(.., loss)| loss(epoch)));
    let losses = losses.filter(|loss| *loss > 0.0 && loss.is_finite());
    let (low, high) = losses.fold((f32::MAX, f32::MIN_POSITIVE), |(low, high), loss| (low.min(loss), high.max(loss)));
    let (low, high) = (0.9 * low.min(high), 1.1 * high);
    let lines = rows.len().div_ceil(COLUMNS);
    picture("Losses, epoch by epoch", (COLUMNS as u32 * PANEL.0, LEGEND + lines as u32 * PANEL.1), |area| {
        let (legend, panels) = area.split_vertically(LEGEND);
        for (index, (name, color, _)) in CURVES.into_iter().enumerate() {
            let x = 24 + 120 * index as i32;
            legend.draw(&PathElement::new([(x, 18), (x + 20, 18)], color.stroke_width(2)))?;
            legend.draw(&Text::new(name, (x + 26, 11), ("sans-serif", 13)))?;
        }
        for (row, panel) in rows.iter().zip(panels.split_evenly((lines, COLUMNS))) {
            draw(row, &panel, low..high)?;
        }
        Ok(())
    })
}

fn draw(row: &Row, panel: &Area, losses: std::ops::Range<f32>) -> Result<()> {
    let together = if row.kind == Kind::Together { ", together" } else { "" };
    let mut chart = ChartBuilder::on(panel)
        .margin(6)
        .caption(format!("{}{together}", row.rung), ("sans-serif", 12))
        .x_label_area_size(20)
        .y_label_area_size(34)
        .build_cartesian_2d(1..row.epochs.len().max(2), losses.log_scale())?;
    chart.configure_mesh().bold_line_style(GRID).light_line_style(TRANSPARENT).x_labels(5).y_labels(8).draw()?;
    for (_, color, loss) in CURVES {
        let points = row.epochs.iter().enumerate().map(|(index, epoch)| (index + 1, loss(epoch)));
        let points: Vec<_> = points.filter(|(_, loss)| *loss > 0.0 && loss.is_finite()).collect();
        chart.draw_series([PathElement::new(points, color.stroke_width(2))])?;
    }
    Ok(())
}
