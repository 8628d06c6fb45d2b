//! Pictures with bars.

use plotters::prelude::*;

use crate::networks::budget::Row;
use crate::networks::budget::boards::Board;
use crate::report::plot::picture::{GRID, Result, picture};
use crate::study::ablation;

/// Name, colour and bytes of a part of a bar.
type Role = (&'static str, RGBColor, fn(&Row) -> usize);

/// In the order of the bar.
const ROLES: [Role; 6] = [
    ("weights", RGBColor(68, 119, 170), |row| row.budget.weights),
    ("gradients", RGBColor(102, 204, 238), |row| row.budget.gradients),
    ("optimiser", RGBColor(34, 136, 51), |row| row.budget.optimizer),
    ("arena", RGBColor(204, 187, 68), |row| row.budget.stream + row.budget.saved + row.budget.scratch),
    ("sample and settings", RGBColor(238, 102, 119), |row| row.budget.data + row.budget.settings),
    ("stack", RGBColor(170, 51, 119), |row| row.stack),
];

const KIB: f64 = 1024.0;
const BAR: u32 = 34;
const WIDTH: u32 = 960;
/// Width of a letter of a label, pixels.
const LETTER: i32 = 7;

/// A bar per row, stacked by role, and a line per board. What is longer than the largest board's RAM is cut off there.
///
/// # Errors
/// None in memory.
pub fn budgets(rows: &[Row], boards: &[Board]) -> Result<String> {
    let largest = boards.iter().map(|board| board.ram).max().unwrap_or(0).max(1);
    let longest = rows.iter().map(|row| row.total).filter(|total| *total <= largest).max().unwrap_or(largest);
    let lines: Vec<_> = boards.iter().filter(|board| board.ram <= 2 * longest.max(largest / 8)).collect();
    let end = lines.iter().map(|board| board.ram).chain([longest]).max().unwrap_or(longest) as f64 * 1.08 / KIB;

    picture("RAM by role, and the RAM of boards", (WIDTH, 130 + BAR * rows.len() as u32), |area| {
        let count = rows.len() as f64;
        let mut chart = ChartBuilder::on(area)
            .margin(12)
            .margin_top(60)
            .x_label_area_size(36)
            .y_label_area_size(260)
            .build_cartesian_2d(0.0..end, 0.0..count)?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .disable_y_axis()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .x_desc("RAM, KiB")
            .x_label_formatter(&|kib| format!("{kib:.0}"))
            .draw()?;
        // Those that have the same RAM share a line.
        for boards in lines.chunk_by(|a, b| a.ram == b.ram) {
            let ram = boards[0].ram as f64 / KIB;
            chart.draw_series([PathElement::new([(ram, 0.0), (ram, count)], BLACK.stroke_width(1))])?;
            let (x, y) = chart.backend_coord(&(ram, count));
            let names = boards.iter().map(|board| board.name).collect::<Vec<_>>().join(", ");
            let label = format!("{names} {ram:.0} KiB");
            let x = (x - 48).min(WIDTH as i32 - LETTER * label.len() as i32);
            area.draw(&Text::new(label, (x, y - 16), ("sans-serif", 12)))?;
        }
        for (index, row) in rows.iter().enumerate() {
            let middle = count - index as f64 - 0.5;
            let mut start = 0.0;
            for (_, color, bytes) in ROLES {
                let stop = start + bytes(row) as f64 / KIB;
                let corners = [(f64::min(start, end), middle - 0.36), (f64::min(stop, end), middle + 0.36)];
                chart.draw_series([Rectangle::new(corners, color.filled())])?;
                start = stop;
            }
            let (_, y) = chart.backend_coord(&(0.0, middle));
            let name = format!("{} {}", row.network, row.mode);
            area.draw(&Text::new(name, (14, y - 7), ("sans-serif", 14)))?;
            let label = format!("{:.1}{}", row.total as f64 / KIB, if start > end { " (cut off)" } else { "" });
            let (x, color) = if start > end { (end * 0.8, &WHITE) } else { (start, &BLACK) };
            let (x, _) = chart.backend_coord(&(x, middle));
            area.draw(&Text::new(label, (x + 4, y - 7), ("sans-serif", 13).into_font().color(color)))?;
        }
        let mut x = 270;
        for (role, color, _) in ROLES {
            area.draw(&Rectangle::new([(x, 8), (x + 12, 20)], color.filled()))?;
            area.draw(&Text::new(role, (x + 16, 8), ("sans-serif", 12)))?;
            x += 46 + 7 * role.len() as i32;
        }
        Ok(())
    })
}

/// A bar of accuracy per rung, with a standard deviation to either side; ideas are lighter than steps.
///
/// # Errors
/// None in memory.
pub fn ladder(rows: &[ablation::Row]) -> Result<String> {
    let color = RGBColor(68, 119, 170);
    let percent = |share: f32| 100.0 * f64::from(share);
    picture(
        "Accuracy, step by step, with a standard deviation to either side",
        (860, 70 + BAR * rows.len() as u32),
        |area| {
            let count = rows.len() as f64;
            let mut chart = ChartBuilder::on(area)
                .margin(12)
                .x_label_area_size(36)
                .y_label_area_size(290)
                .build_cartesian_2d(0.0..100.0, 0.0..count)?;
            let mut mesh = chart.configure_mesh();
            mesh.disable_y_mesh().disable_y_axis().light_line_style(TRANSPARENT).bold_line_style(GRID);
            mesh.x_desc("accuracy, %").draw()?;
            for (index, row) in rows.iter().enumerate() {
                let (middle, mean, deviation) = (count - index as f64 - 0.5, percent(row.mean), percent(row.deviation));
                // Black is read on the lighter one.
                let (shade, ink) = if row.kind == ablation::Kind::Step { (1.0, WHITE) } else { (0.5, BLACK) };
                let corners = [(0.0, middle - 0.36), (mean, middle + 0.36)];
                chart.draw_series([Rectangle::new(corners, color.mix(shade).filled())])?;
                chart
                    .draw_series([PathElement::new([(mean - deviation, middle), (mean + deviation, middle)], BLACK)])?;
                let (_, y) = chart.backend_coord(&(0.0, middle));
                let together = if row.kind == ablation::Kind::Together { ", together" } else { "" };
                area.draw(&Text::new(format!("{}{together}", row.rung), (14, y - 7), ("sans-serif", 14)))?;
                let (x, _) = chart.backend_coord(&(1.0, middle));
                area.draw(&Text::new(format!("{mean:.1}"), (x, y - 7), ("sans-serif", 13).into_font().color(&ink)))?;
            }
            Ok(())
        },
    )
}
