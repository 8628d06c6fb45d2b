//! The last test on a screen.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Paragraph};

use super::view::View;
use crate::cli::output::printable;
use crate::report::number;
use crate::run::metrics::{ClassScores, Classes, Figures, ValueScores, Values};

/// Characters of a name beside a matrix, and of one above it at least.
const NAME: usize = 10;
const SHORT: usize = 3;

/// Which class is taken for which, or how good each value is.
pub fn draw(frame: &mut Frame, view: &View, area: Rect) {
    let figures = view.scores.as_ref().map(|scores| &scores.figures);
    let (title, block) =
        (if let Some(Figures::Values(_)) = figures { "values" } else { "truth \\ predicted" }, Block::bordered());
    let inner = block.inner(area);
    let lines = match figures {
        Some(Figures::Classes(classes)) => matrix(classes, inner).unwrap_or_else(|| mistakes(classes)),
        Some(Figures::Values(values)) => by_value(values),
        None => vec!["not tested yet".into()],
    };
    frame.render_widget(Paragraph::new(lines).block(block.title(title)), area);
}

/// A line per class, and one above; `None` if there is no room for them.
fn matrix(Classes { classes, confusion, .. }: &Classes, area: Rect) -> Option<Vec<Line<'static>>> {
    let largest = confusion.iter().flatten().max().copied().unwrap_or(0);
    let cell = largest.to_string().len().max(SHORT) + 1;
    let name = classes.iter().map(|class| class.name.chars().count()).max().unwrap_or(0).min(NAME);
    let fits = name + cell * classes.len() <= area.width.into() && classes.len() < area.height.into();
    let head = |class: &ClassScores| format!("{:>cell$}", cut(&class.name, cell - 1));
    let above = Line::from(format!("{:name$}{}", "", classes.iter().map(head).collect::<String>()));
    let row = |(truth, counts): (usize, &Vec<u32>)| {
        let counts = counts
            .iter()
            .enumerate()
            .map(|(predicted, count)| Span::styled(format!("{count:>cell$}"), color(*count, truth == predicted)));
        let named = Span::raw(format!("{:name$}", cut(&classes[truth].name, name)));
        Line::from_iter(std::iter::once(named).chain(counts))
    };
    fits.then(|| std::iter::once(above).chain(confusion.iter().enumerate().map(row)).collect())
}

fn color(count: u32, is_right: bool) -> Style {
    Style::new().fg(match (count, is_right) {
        (0, _) => Color::DarkGray,
        (_, true) => Color::Green,
        (_, false) => Color::Red,
    })
}

/// Those that come most often.
fn mistakes(classes: &Classes) -> Vec<Line<'static>> {
    let name = |class: usize| cut(&classes.classes[class].name, NAME);
    let line = |(count, truth, predicted)| {
        Line::from(format!("{} \\ {} {}", name(truth), name(predicted), number(count as usize)))
    };
    classes.mistakes().into_iter().map(line).collect()
}

fn by_value(values: &Values) -> Vec<Line<'static>> {
    let line = |value: &ValueScores| Line::from(format!("{}: R² {:.3}", printable(&value.name), value.r2));
    values.values.iter().map(line).collect()
}

/// The first characters of a name.
fn cut(name: &str, most: usize) -> String {
    printable(name).chars().take(most).collect()
}
