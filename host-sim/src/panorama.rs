//! Pictures of curvature: histograms of Ritz values and slices of the loss.

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::landscape::{POINTS, Surface, place};
use crate::spectrum::{Look, Row};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const POSITIVE: RGBColor = RGBColor(68, 119, 170);
const NEGATIVE: RGBColor = RGBColor(238, 102, 119);
/// Bars of a histogram.
const BARS: usize = 48;
const PANEL: (u32, u32) = (300, 250);

/// A line of four panels per network: Ritz values over all mini-batches at the start and after training, then the loss around
/// either. The axis of the values is asinh λ, which is λ near 0 and a logarithm far from it.
///
/// # Errors
/// None in memory.
pub fn networks(rows: &[Row]) -> Result<String> {
    let mut svg = String::new();
    {
        let size = (4 * PANEL.0, PANEL.1 * rows.len() as u32);
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        area.fill(&WHITE)?;
        let looks = || rows.iter().flat_map(|row| [&row.start, &row.trained]);
        let values = || looks().flat_map(|look| &look.batches).flat_map(|batch| &batch.ritz).map(|value| axis(*value));
        let ends = (values().fold(-1.0, f64::min) - 0.2, values().fold(1.0, f64::max) + 0.2);
        for (line, row) in area.split_evenly((rows.len(), 1)).iter().zip(rows) {
            let panels = line.split_evenly((1, 4));
            let looks = [("start", &row.start), ("trained", &row.trained)];
            for (panel, (when, look)) in panels.iter().zip(looks) {
                histogram(panel, &format!("{}, {when}", row.config), look, ends)?;
            }
            for (panel, (when, look)) in panels.iter().skip(2).zip(looks) {
                slice(panel, when, &look.surface)?;
            }
        }
        area.present()?;
    }
    Ok(svg)
}

fn axis(value: f32) -> f64 {
    f64::from(value).asinh()
}

fn histogram(area: &Area, title: &str, look: &Look, (low, high): (f64, f64)) -> Result<()> {
    let mut bars = [0_u32; BARS];
    let width = (high - low) / BARS as f64;
    for value in look.batches.iter().flat_map(|batch| &batch.ritz) {
        bars[(((axis(*value) - low) / width) as usize).min(BARS - 1)] += 1;
    }
    let most = bars.iter().copied().max().unwrap_or(1).max(1);
    let mut chart = ChartBuilder::on(area)
        .margin(8)
        .caption(title, ("sans-serif", 14))
        .x_label_area_size(24)
        .y_label_area_size(30)
        .build_cartesian_2d(low..high, 0..most)?;
    let label = |x: &f64| format!("{:.1}", x.sinh());
    chart.configure_mesh().light_line_style(WHITE).x_labels(7).x_label_formatter(&label).draw()?;
    chart.draw_series(bars.iter().enumerate().map(|(index, count)| {
        let left = low + width * index as f64;
        let color = if left + width / 2.0 < 0.0 { NEGATIVE } else { POSITIVE };
        Rectangle::new([(left, 0), (left + width, *count)], color.filled())
    }))?;
    Ok(())
}

fn slice(area: &Area, when: &str, Surface(losses): &Surface) -> Result<()> {
    let all = || losses.as_flattened().iter().map(|loss| f64::from(*loss));
    let (least, most) = (all().fold(f64::INFINITY, f64::min), all().fold(0.0, f64::max));
    let title = format!("loss, {when}: {least:.2} to {most:.2}");
    let mut chart = ChartBuilder::on(area)
        .margin(8)
        .caption(title, ("sans-serif", 14))
        .x_label_area_size(24)
        .y_label_area_size(30)
        .build_cartesian_2d(-1.1..1.1, -1.1..1.1)?;
    chart.configure_mesh().disable_mesh().x_labels(5).y_labels(5).draw()?;
    let span = (1.0 + most).ln() - (1.0 + least).ln();
    chart.draw_series((0..POINTS * POINTS).map(|index| {
        let (row, column) = (index / POINTS, index % POINTS);
        let loss = f64::from(losses[row][column]);
        let height = if span > 0.0 { ((1.0 + loss).ln() - (1.0 + least).ln()) / span } else { 0.0 };
        let (x, y) = (f64::from(place(column)), f64::from(place(row)));
        let shade = HSLColor(0.62 * (1.0 - height), 0.6, 0.35 + 0.35 * height);
        Rectangle::new([(x - 0.1, y - 0.1), (x + 0.1, y + 0.1)], shade.filled())
    }))?;
    Ok(())
}
