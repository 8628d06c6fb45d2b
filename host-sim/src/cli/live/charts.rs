//! Curves on a screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Axis, Block, Chart, Dataset, GraphType};

use super::curve::Curve;
use super::view::View;
use crate::run::metrics::Figures;

/// Name, colour and points of a curve.
type Named<'a> = (&'static str, Color, &'a Curve);

const TRAINING: Color = Color::Cyan;
const VALIDATION: Color = Color::Yellow;
const TEST: Color = Color::Magenta;

/// Loss of steps, and of epochs on all samples that there are.
pub fn losses(frame: &mut Frame, view: &View, area: Rect) {
    let [validation, test] = [&view.validation[0], &view.test[0]];
    let curves = [
        ("step", Color::DarkGray, &view.steps),
        ("training", TRAINING, &view.training),
        ("validation", VALIDATION, validation),
        ("test", TEST, test),
    ];
    draw(frame, area, "loss", &curves, |loss| format!("{loss:.3}"));
}

/// Accuracy or R² of epochs.
pub fn scores(frame: &mut Frame, view: &View, area: Rect) {
    let curves = [("validation", VALIDATION, &view.validation[1]), ("test", TEST, &view.test[1])];
    match view.scores.as_ref().map(|scores| &scores.figures) {
        Some(Figures::Values(_)) => draw(frame, area, "R²", &curves, |score| format!("{score:.3}")),
        _ => draw(frame, area, "accuracy", &curves, |score| format!("{:.1} %", 100.0 * score)),
    }
}

/// The curves that have a point, over the steps.
fn draw(frame: &mut Frame, area: Rect, title: &str, curves: &[Named], label: impl Fn(f64) -> String) {
    let there = || curves.iter().filter(|(_, _, curve)| !curve.points().is_empty());
    let points = || there().flat_map(|(_, _, curve)| curve.points());
    let (steps, values) = (bounds(points().map(|point| point.0)), bounds(points().map(|point| point.1)));
    let axis = |[low, high]: [f64; 2], label: &dyn Fn(f64) -> String| {
        let labels = if there().next().is_some() { vec![label(low), label(high)] } else { Vec::new() };
        Axis::default().bounds([low, high]).labels(labels).style(Style::new().dim())
    };
    let chart = Chart::new(there().map(dataset).collect())
        .block(Block::bordered().title(legend(title, there())))
        .x_axis(axis(steps, &|step| format!("{step:.0}")))
        .y_axis(axis(values, &label))
        .legend_position(None);
    frame.render_widget(chart, area);
}

/// What is drawn, and the curves in their colours: within a small chart there is no room for a legend.
fn legend<'a>(title: &'a str, curves: impl Iterator<Item = &'a Named<'a>>) -> Line<'a> {
    let names = curves.flat_map(|&(name, color, _)| [Span::raw(" "), Span::styled(name, color)]);
    Line::from_iter(std::iter::once(Span::raw(title)).chain(names))
}

fn dataset<'a>(&(name, color, curve): &Named<'a>) -> Dataset<'a> {
    // A single point is no line.
    let kind = if curve.points().len() > 1 { GraphType::Line } else { GraphType::Scatter };
    Dataset::default().name(name).marker(Marker::Braille).graph_type(kind).style(color).data(curve.points())
}

/// The least and the greatest, a little apart if they are the same.
fn bounds(values: impl Iterator<Item = f64>) -> [f64; 2] {
    let (low, high) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    match () {
        () if low > high => [0.0, 1.0],
        () if low == high => [low, low + low.abs().max(1.0) * 1e-3],
        () => [low, high],
    }
}
