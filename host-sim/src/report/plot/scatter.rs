//! Pictures of accuracy against what it costs.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::board::growth;
use crate::report::plot::labels;
use crate::report::plot::picture::{Area, GRID, Result, picture};
use crate::study::compare::Row;

/// A cost: its name, and how it is read off a row.
type Cost = (&'static str, fn(&Row) -> f64);

const COSTS: [Cost; 2] = [
    ("RAM to train, KiB", |row| row.ram as f64 / 1024.0),
    ("thousand cycles per sample, forward and backward", |row| row.cycles as f64 / 1000.0),
];
const COLOR: RGBColor = RGBColor(68, 119, 170);

/// Mean accuracy against RAM on the left and cycles on the right. Bars are a standard deviation to either side: a thin one over
/// people and seeds, a thick one that of the differences to the first network.
///
/// # Errors
/// None in memory.
pub fn comparison(rows: &[Row]) -> Result<String> {
    picture("Accuracy against what it costs", (1180, 520), |area| {
        for (panel, cost) in area.split_evenly((1, COSTS.len())).iter().zip(COSTS) {
            draw(panel, rows, cost)?;
        }
        Ok(())
    })
}

/// Cycles of a sample against parameters, and for each network the bound of its multiply-accumulates.
///
/// # Errors
/// None in memory.
pub fn growth(rows: &[growth::Row]) -> Result<String> {
    let thousand = |cycles: f64| cycles / 1000.0;
    picture("Cycles of a sample against parameters", (760, 520), |area| {
        let most = rows.iter().map(|row| row.parameters).max().unwrap_or(1) as f64;
        let highest = rows.iter().map(|row| thousand(row.cycles as f64)).fold(1.0, f64::max);
        let mut chart = ChartBuilder::on(area)
            .margin(14)
            .x_label_area_size(40)
            .y_label_area_size(60)
            .build_cartesian_2d(0.0..1.2 * most, 0.0..1.1 * highest)?;
        let axes = ("parameters", "thousand cycles per sample, forward and backward");
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .x_desc(axes.0)
            .y_desc(axes.1)
            .draw()?;
        for row in rows {
            let (x, cycles, bound) = (row.parameters as f64, thousand(row.cycles as f64), thousand(row.bound()));
            chart.draw_series([PathElement::new([(x, bound), (x, cycles)], COLOR.mix(0.5))])?;
            chart.draw_series([Circle::new((x, cycles), 4, COLOR.filled())])?;
            chart.draw_series([TriangleMarker::new((x, bound), 5, BLACK.filled())])?;
        }
        let points = rows.iter().map(|row| ((row.parameters as f64, thousand(row.cycles as f64)), row.network));
        label(area, &points.map(|(point, name)| (chart.backend_coord(&point), name)).collect::<Vec<_>>())?;
        area.draw(&Text::new("● counted   ▲ 2.55 cycles for each multiply-accumulate", (76, 10), ("sans-serif", 13)))?;
        Ok(())
    })
}

fn draw(area: &Area, rows: &[Row], (name, cost): Cost) -> Result<()> {
    let percent = |share: f32| 100.0 * f64::from(share);
    let low = rows.iter().map(|row| percent(row.mean - row.deviation)).fold(f64::INFINITY, f64::min);
    let high = rows.iter().map(|row| percent(row.mean + row.deviation)).fold(f64::NEG_INFINITY, f64::max);
    let least = rows.iter().map(cost).fold(f64::INFINITY, f64::min);
    let most = rows.iter().map(cost).fold(0.0, f64::max);
    let margin = 0.15 * (most - least).max(0.1 * most);
    let mut chart = ChartBuilder::on(area)
        .margin(14)
        .x_label_area_size(40)
        .y_label_area_size(46)
        .build_cartesian_2d(least - margin..most + 3.0 * margin, low - 1.0..high + 1.0)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .x_desc(name)
        .y_desc("accuracy, %")
        .draw()?;
    for row in rows {
        let (x, y, deviation) = (cost(row), percent(row.mean), percent(row.deviation));
        for (deviation, width) in [(deviation, 1), (percent(row.gain_deviation), 4)] {
            let bar = [(x, y - deviation), (x, y + deviation)];
            chart.draw_series([PathElement::new(bar, COLOR.mix(0.5).stroke_width(width))])?;
        }
        chart.draw_series([Circle::new((x, y), 4, COLOR.filled())])?;
    }
    let points = rows.iter().map(|row| (chart.backend_coord(&(cost(row), percent(row.mean))), row.network));
    label(area, &points.collect::<Vec<_>>())
}

/// Writes names beside points, which are given in pixels of the whole picture.
pub(super) fn label(area: &Area, points: &[((i32, i32), &str)]) -> Result<()> {
    let ((left, top), middle) = (area.get_base_pixel(), Pos::new(HPos::Left, VPos::Center));
    for ((_, name), (x, y)) in points.iter().zip(labels::places(points)) {
        let style = ("sans-serif", 13).into_font().into_text_style(area).pos(middle);
        area.draw(&Text::new(*name, (x - left, y - top), style))?;
    }
    Ok(())
}
