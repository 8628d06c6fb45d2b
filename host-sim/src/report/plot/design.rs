//! A picture of what a search has found: score against RAM and time.

use plotters::prelude::*;

use crate::design::found::{Candidate, Found, Scored};
use crate::report::plot::picture::{Area, GRID, Result, picture};
use crate::report::plot::scatter::label;

/// A cost and how it is read off a candidate.
type Cost<'a> = (String, Box<dyn Fn(&Candidate) -> f64 + 'a>);

const COLOR: RGBColor = RGBColor(68, 119, 170);
const CHOICE: RGBColor = RGBColor(204, 51, 17);

/// Score of the finalists against RAM on the left and time on the right, with a bar of a standard deviation to either side; lines are plain
/// models.
///
/// # Errors
/// None in memory.
pub fn found(found: &Found) -> Result<String> {
    picture("What the search found: score against RAM and time", (1400, 520), |area| {
        let board = found.choice.candidate.milliseconds.keys().next_back().cloned().unwrap_or_default();
        let time = {
            let board = board.clone();
            move |of: &Candidate| of.milliseconds.get(&board).copied().unwrap_or(0.0)
        };
        let costs: [Cost; 2] = [
            ("RAM of the program `node` and its stack, KiB".into(), Box::new(|of| of.ram as f64 / 1024.0)),
            (format!("milliseconds to learn from a sample on {board}"), Box::new(time)),
        ];
        for (panel, cost) in area.split_evenly((1, 2)).iter().zip(&costs) {
            draw(panel, found, cost)?;
        }
        Ok(())
    })
}

fn draw(area: &Area, found: &Found, (name, cost): &Cost) -> Result<()> {
    let tested: Vec<(&Candidate, &Scored)> =
        found.candidates.iter().filter_map(|of| Some((of, of.score.as_ref().filter(|score| score.tested)?))).collect();
    let plain: Vec<(&str, f64)> =
        found.baselines.iter().skip(1).filter_map(|of| Some((&*of.name, of.score.as_ref()?.mean))).collect();
    let scores = || tested.iter().map(|(_, score)| *score);
    let low = scores()
        .map(|score| score.mean - score.deviation)
        .chain(plain.iter().map(|(_, mean)| *mean))
        .fold(1.0, f64::min);
    let high = scores()
        .map(|score| score.mean + score.deviation)
        .chain(plain.iter().map(|(_, mean)| *mean))
        .fold(low, f64::max);
    let most = tested.iter().map(|(of, _)| cost(of)).fold(0.0, f64::max);
    let right = 1.2 * most.max(1e-6);
    let margin = 0.08 * (high - low).max(0.01);
    let mut chart = ChartBuilder::on(area)
        .margin(14)
        // For the names of the plain models, at the ends of their lines.
        .margin_right(150)
        .x_label_area_size(40)
        .y_label_area_size(54)
        .build_cartesian_2d(0.0..right, low - margin..high + margin)?;
    let score = if found.metric == "accuracy" { "accuracy" } else { "R²" };
    chart.configure_mesh().light_line_style(TRANSPARENT).bold_line_style(GRID).x_desc(name).y_desc(score).draw()?;
    for (_, mean) in &plain {
        chart.draw_series([PathElement::new([(0.0, *mean), (right, *mean)], BLACK.mix(0.4))])?;
    }
    for (of, Scored { mean, deviation, .. }) in &tested {
        let is_choice = of.name == found.choice.candidate.name;
        let (x, color) = (cost(of), if is_choice { CHOICE } else { COLOR });
        let bar = [(x, mean - deviation), (x, mean + deviation)];
        chart.draw_series([PathElement::new(bar, color.mix(0.5))])?;
        let style = if of.front { color.filled() } else { color.stroke_width(2) };
        chart.draw_series([Circle::new((x, *mean), 4, style)])?;
    }
    let points = tested.iter().map(|(of, score)| (chart.backend_coord(&(cost(of), score.mean)), &*of.name));
    let lines = plain.iter().map(|(name, mean)| (chart.backend_coord(&(right, *mean)), *name));
    label(area, &points.chain(lines).collect::<Vec<_>>())
}
