//! Pictures of curvature: where networks lie, histograms of eigenvalues, and the loss around trained weights.

use plotters::prelude::*;

use crate::report::plot::picture::{Area, GRID, Result, picture};
use crate::study::curvature::{Batch, POINTS, Row, Surface, place};

const POSITIVE: RGBColor = RGBColor(68, 119, 170);
const NEGATIVE: RGBColor = RGBColor(238, 102, 119);
const SMALL: (&str, u32) = ("sans-serif", 13);

/// The most positive eigenvalue against the negative ratio, a panel per look; bars are a standard deviation over the runs.
///
/// # Errors
/// None in memory.
pub fn places(rows: &[Row]) -> Result<String> {
    let looks = &rows[0].runs[0].looks;
    picture("Eigenvalues of the Hessian, network by network", (420 * looks.len() as u32, 460), |area| {
        for (look, panel) in area.split_evenly((1, looks.len())).iter().enumerate() {
            let largest = rows.iter().map(|row| spread(row.over_runs(look, |batch| batch.largest)));
            let ratio = rows.iter().map(|row| spread(row.over_runs(look, |batch| batch.negative_ratio)));
            let (largest, ratio): (Vec<_>, Vec<_>) = (largest.collect(), ratio.collect());
            let least = largest.iter().map(|(low, ..)| *low).fold(f64::INFINITY, f64::min);
            let most = largest.iter().map(|(.., high)| *high).fold(0.0, f64::max);
            let mut chart = ChartBuilder::on(panel)
                .margin(12)
                .caption(after(looks[look].epoch), ("sans-serif", 15))
                .x_label_area_size(40)
                .y_label_area_size(46)
                .build_cartesian_2d((0.8 * least..2.5 * most).log_scale(), -0.02..0.62)?;
            let axes = ("most positive eigenvalue", "negative ratio");
            let mut mesh = chart.configure_mesh();
            mesh.light_line_style(TRANSPARENT)
                .bold_line_style(GRID)
                .x_labels(3)
                .x_label_formatter(&|x| format!("{x:.0}"));
            mesh.x_desc(axes.0).y_desc(axes.1).draw()?;
            for ((row, (left, x, right)), (low, y, high)) in rows.iter().zip(largest).zip(ratio) {
                let style = POSITIVE.mix(0.5);
                chart.draw_series(
                    [[(left, y), (right, y)], [(x, low), (x, high)]].map(|bar| PathElement::new(bar, style)),
                )?;
                chart.draw_series([Circle::new((x, y), 4, POSITIVE.filled())])?;
                chart.draw_series([EmptyElement::at((x, y)) + Text::new(row.network, (6, -14), SMALL)])?;
            }
        }
        Ok(())
    })
}

/// A deviation below the mean, the mean, and one above it; none of them below what a logarithmic axis shows.
fn spread((mean, deviation): (f32, f32)) -> (f64, f64, f64) {
    let (mean, deviation) = (f64::from(mean).max(1e-3), f64::from(deviation));
    ((mean - deviation).max(0.3 * mean), mean, mean + deviation)
}

/// Bars of a histogram for each unit of asinh λ, and how far they go: to an eigenvalue of about 1500.
const BARS_PER_UNIT: i32 = 4;
const END: i32 = 8 * BARS_PER_UNIT;
const TICKS: [f64; 9] = [-1000.0, -100.0, -10.0, -1.0, 0.0, 1.0, 10.0, 100.0, 1000.0];

/// A line of panels per network, one for each look: Ritz values of all mini-batches and runs in a light colour, the ends of each
/// mini-batch in a strong one. The axis is asinh λ, which is λ near 0 and a logarithm far from it.
///
/// # Errors
/// None in memory.
pub fn histograms(rows: &[Row]) -> Result<String> {
    let looks = &rows[0].runs[0].looks;
    picture("Eigenvalues over mini-batches", (330 * looks.len() as u32, 130 * rows.len() as u32), |area| {
        for (line, row) in area.split_evenly((rows.len(), 1)).iter().zip(rows) {
            for (look, panel) in line.split_evenly((1, looks.len())).iter().enumerate() {
                histogram(panel, row, look)?;
            }
        }
        Ok(())
    })
}

fn histogram(area: &Area, row: &Row, look: usize) -> Result<()> {
    let batches = || row.runs.iter().flat_map(|run| &run.looks[look].batches);
    let all = counts(batches().flat_map(|batch| batch.ritz.iter().copied()));
    let ends = counts(batches().flat_map(|batch| [batch.smallest, batch.largest]));
    let most = all.iter().copied().max().unwrap_or(1).max(1);
    let end = f64::from(END) / f64::from(BARS_PER_UNIT);
    let title = format!("{}, {}", row.network, after(row.runs[0].looks[look].epoch));
    let mut chart = ChartBuilder::on(area)
        .margin(5)
        .caption(title, SMALL)
        .x_label_area_size(20)
        .build_cartesian_2d(-end..end, 0..most)?;
    chart.configure_mesh().disable_mesh().disable_y_axis().x_labels(0).draw()?;
    for tick in TICKS {
        let (x, y) = chart.backend_coord(&(tick.asinh(), 0));
        let (left, top) = area.get_base_pixel();
        let label = tick.to_string();
        let middle = left + 3 * label.len() as i32;
        area.draw(&Text::new(label, (x - middle, y - top + 4), ("sans-serif", 11)))?;
    }
    for (counts, strength) in [(all, 0.4), (ends, 1.0)] {
        for (first, last, color) in [(-END, 0, NEGATIVE), (0, END, POSITIVE)] {
            chart.draw_series([Polygon::new(outline(&counts, first, last), color.mix(strength))])?;
        }
    }
    let (ratio, deviation) = row.over_runs(look, |batch: &Batch| batch.negative_ratio);
    let text = format!("negative ratio {ratio:.2} ± {deviation:.2}");
    area.draw(&Text::new(text, (10, 24), ("sans-serif", 11)))?;
    Ok(())
}

/// The bars from one place to another as one shape.
fn outline(counts: &[i32], first: i32, last: i32) -> Vec<(f64, i32)> {
    let at = |bar: i32| f64::from(bar) / f64::from(BARS_PER_UNIT);
    let mut shape = vec![(at(first), 0)];
    for bar in first..last {
        let count = counts[(bar + END) as usize];
        if shape.last().is_some_and(|(_, before)| *before != count) {
            let (_, before) = *shape.last().expect("there is a first one");
            shape.extend([(at(bar), before), (at(bar), count)]);
        }
    }
    let (_, before) = *shape.last().expect("there is a first one");
    shape.extend([(at(last), before), (at(last), 0)]);
    shape
}

fn counts(values: impl Iterator<Item = f32>) -> Vec<i32> {
    let mut counts = vec![0; 2 * END as usize];
    for value in values.filter(|value| !value.is_nan()) {
        let bar = (f64::from(value).asinh() * f64::from(BARS_PER_UNIT)).floor() as i32;
        counts[(bar.clamp(-END, END - 1) + END) as usize] += 1;
    }
    counts
}

/// Where one colour of a surface ends and the next begins.
const LEVELS: [f32; 10] = [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0];
const COLUMNS: usize = 5;

/// The loss of each network around the weights of its first run, in the same colours for all.
///
/// # Errors
/// None in memory.
pub fn surfaces(rows: &[Row]) -> Result<String> {
    let lines = rows.len().div_ceil(COLUMNS);
    let columns = rows.len().clamp(3, COLUMNS) as u32;
    picture("The loss on a plane through the trained weights", (210 * columns, 230 * lines as u32 + 40), |area| {
        let (panels, legend) = area.split_vertically(230 * lines as u32);
        for (panel, row) in panels.split_evenly((lines, columns as usize)).iter().zip(rows) {
            surface(panel, row.network, &row.runs[0].surface)?;
        }
        legend.draw(&Text::new("loss below", (12, 8), SMALL))?;
        for (index, level) in LEVELS.iter().enumerate() {
            let x = 90 + 52 * index as i32;
            legend.draw(&Rectangle::new([(x, 8), (x + 14, 22)], shade(index).filled()))?;
            legend.draw(&Text::new(level.to_string(), (x + 18, 8), SMALL))?;
        }
        Ok(())
    })
}

fn surface(area: &Area, name: &str, surface: &Surface) -> Result<()> {
    let least = surface.values().fold(f32::INFINITY, f32::min);
    let middle = surface.0[POINTS / 2][POINTS / 2];
    let title = format!("{name}: {middle:.3}{}", if least < middle { "" } else { ", the least" });
    let mut chart = ChartBuilder::on(area)
        .margin(6)
        .caption(title, SMALL)
        .x_label_area_size(18)
        .y_label_area_size(24)
        .build_cartesian_2d(-1.05..1.05, -1.05..1.05)?;
    chart.configure_mesh().disable_mesh().x_labels(3).y_labels(3).draw()?;
    let half = f64::from(place(1) - place(0)) / 2.0;
    for (row, losses) in surface.0.iter().enumerate() {
        let y = f64::from(place(row));
        let mut left = 0;
        // Neighbours of one colour are one rectangle.
        for group in losses.chunk_by(|a, b| level(*a) == level(*b)) {
            let right = left + group.len();
            let corners = [(f64::from(place(left)) - half, y - half), (f64::from(place(right - 1)) + half, y + half)];
            chart.draw_series([Rectangle::new(corners, shade(level(group[0])).filled())])?;
            left = right;
        }
    }
    Ok(())
}

/// Number of the colour of a loss; what is not a number counts as large.
fn level(loss: f32) -> usize {
    LEVELS.iter().position(|level| loss < *level).unwrap_or(LEVELS.len() - 1)
}

/// Dark blue at the bottom, light yellow on top.
fn shade(level: usize) -> RGBColor {
    let height = level as f64 / (LEVELS.len() - 1) as f64;
    let between = |low: f64, high: f64| (low + (high - low) * height) as u8;
    RGBColor(between(30.0, 255.0), between(40.0, 235.0), between(110.0, 140.0))
}

fn after(epoch: u32) -> String {
    match epoch {
        0 => "at the start".into(),
        1 => "after 1 epoch".into(),
        epoch => format!("after {epoch} epochs"),
    }
}
