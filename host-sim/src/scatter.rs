//! Pictures of accuracy against what it costs.

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::compare::Row;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A cost: its name, and how it is read off a row.
type Cost = (&'static str, fn(&Row) -> f64);

const COSTS: [Cost; 2] = [
    ("RAM to train, KiB", |row| row.ram as f64 / 1024.0),
    ("thousand cycles per sample, forward and backward", |row| row.cycles as f64 / 1000.0),
];
const COLOR: RGBColor = RGBColor(68, 119, 170);

/// Mean accuracy with a standard deviation to either side, against RAM on the left and cycles on the right.
///
/// # Errors
/// None in memory.
pub fn comparison(rows: &[Row]) -> Result<String, Box<dyn std::error::Error>> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (1180, 520)).into_drawing_area();
        area.fill(&WHITE)?;
        for (panel, cost) in area.split_evenly((1, COSTS.len())).iter().zip(COSTS) {
            draw(panel, rows, cost)?;
        }
        area.present()?;
    }
    Ok(svg)
}

fn draw(area: &Area, rows: &[Row], (name, cost): Cost) -> Result<(), Box<dyn std::error::Error>> {
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
    chart.configure_mesh().light_line_style(WHITE).x_desc(name).y_desc("accuracy, %").draw()?;
    for row in rows {
        let (x, y, deviation) = (cost(row), percent(row.mean), percent(row.deviation));
        let bar = [(x, y - deviation), (x, y + deviation)];
        chart.draw_series([PathElement::new(bar, COLOR.mix(0.5).stroke_width(2))])?;
        chart.draw_series([Circle::new((x, y), 4, COLOR.filled())])?;
        let label = Text::new(row.config, (7, -6), ("sans-serif", 13));
        chart.draw_series([EmptyElement::at((x, y)) + label])?;
    }
    Ok(())
}
