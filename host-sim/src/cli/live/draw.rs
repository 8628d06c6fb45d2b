//! The whole screen.

use std::time::{Duration, Instant};

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Style, Stylize as _};
use ratatui::text::Line;
use ratatui::widgets::{Block, LineGauge, Paragraph, Sparkline, Wrap};

use super::charts;
use super::results;
use super::view::View;
use crate::report::number;

/// Lines of the results with their frame, so that eight classes have room on the smallest usual screen.
const RESULTS: u16 = 11;

/// Draws a run as it is; on a small screen what has no room is left out.
pub fn draw(frame: &mut Frame, view: &View, now: Instant) {
    let rows = [
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Fill(1),
        Constraint::Max(RESULTS),
        Constraint::Length(1),
    ];
    let [title, gauge, curves, below, keys] = Layout::vertical(rows).areas(frame.area());
    let halves = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]);
    let [losses, scores] = halves.areas(curves);
    let [results, figures] = halves.areas(below);
    frame.render_widget(Line::from(headline(view)).bold(), title);
    frame.render_widget(Line::from(view.left(now).map_or(String::new(), in_words)).right_aligned(), title);
    let done = format!("{:>3.0} %", 100.0 * view.progress());
    frame.render_widget(LineGauge::default().ratio(view.progress()).label(done).filled_style(Color::Cyan), gauge);
    charts::losses(frame, view, losses);
    charts::scores(frame, view, scores);
    results::draw(frame, view, results);
    draw_figures(frame, view, figures);
    let hint = if view.is_stopping {
        "stopping after this step; once more ends the program at once"
    } else {
        "q or Ctrl-C: stop"
    };
    frame.render_widget(Line::from(hint).dim(), keys);
}

fn headline(view: &View) -> String {
    let phase = if view.is_pretraining { ", pre-training" } else { "" };
    let network = &view.network;
    match view.last {
        None => format!("{network}: reads the data"),
        Some(last) => {
            let [done, steps] = [last.done, last.steps].map(|steps| number(steps as usize));
            format!("{network}{phase}: epoch {}, step {done} of {steps}", last.epoch)
        }
    }
}

fn in_words(left: Duration) -> String {
    match left.as_secs() {
        seconds @ 0..100 => format!("{seconds} s left"),
        seconds @ 100..6000 => format!("{} min left", (seconds + 30) / 60),
        seconds => format!("{:.1} h left", seconds as f64 / 3600.0),
    }
}

/// The figures of the last step and the last epoch, the course of the rate, and what there is to say.
fn draw_figures(frame: &mut Frame, view: &View, area: Rect) {
    let block = Block::bordered().title("now");
    let inner = block.inner(area);
    frame.render_widget(block, area);
    let lines = figures(view);
    let rows = [Constraint::Length(lines.len() as u16), Constraint::Max(2), Constraint::Fill(1)];
    let [above, rate, notes] = Layout::vertical(rows).areas(inner);
    frame.render_widget(Paragraph::new(lines), above);
    let heights = heights(view.rates.points(), rate.width);
    frame.render_widget(Sparkline::default().data(heights).style(Style::new().fg(Color::Yellow)), rate);
    if let Some(note) = view.notes.iter().rfind(|note| !note.contains('\n')) {
        frame.render_widget(Paragraph::new(&**note).wrap(Wrap { trim: true }), notes);
    }
}

fn figures(view: &View) -> Vec<Line<'static>> {
    let Some(last) = view.last else { return Vec::new() };
    let mut lines = vec![
        format!("loss {:.4}, {} samples/s", last.loss, number(last.samples_per_second as usize)),
        format!("learning rate {:.2e}", last.lr),
    ];
    if let Some(epoch) = &view.epoch {
        let told = format!("epoch {}: loss {:.4}{}", epoch.epoch, epoch.train_loss, epoch.describe_tests());
        lines.extend(told.split(", ").map(String::from));
    }
    lines.into_iter().map(Line::from).collect()
}

/// Values from 0 to 1,000, one for each column of the screen.
fn heights(points: &[(f64, f64)], columns: u16) -> Vec<u64> {
    let largest = points.iter().map(|(_, value)| *value).fold(f64::MIN_POSITIVE, f64::max);
    let columns = usize::from(columns).min(points.len());
    let point = |column: usize| points[column * points.len() / columns].1;
    (0..columns).map(|column| (1e3 * point(column) / largest).clamp(0.0, 1e3) as u64).collect()
}
