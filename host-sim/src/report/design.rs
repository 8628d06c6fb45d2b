//! What a search has found.

use comfy_table::Cell;

use super::{Report, number, row, table};
use crate::design::found::{Candidate, Found, Scored};
use crate::run::shell;

/// Characters in a line.
const WIDTH: usize = 78;

/// Finalists, plain models, and what is to be said.
pub fn found(found: &Found) -> Report {
    let mut tested: Vec<_> = found.candidates.iter().filter_map(|of| Some((of, tested(of)?))).collect();
    tested.sort_by(|(_, a), (_, b)| b.mean.total_cmp(&a.mean));
    let boards = found.choice.candidate.milliseconds.keys().map(Cell::new);
    let mut rows = table(["network", "score", "weights", "RAM"].map(Cell::new).into_iter().chain(boards));
    for (candidate, score) in &tested {
        let is_choice = candidate.name == found.choice.candidate.name;
        let mark = if is_choice {
            "->"
        } else if candidate.front {
            " *"
        } else {
            "  "
        };
        let figures = [spread(score.mean, score.deviation), number(candidate.parameters), number(candidate.ram)];
        let times = candidate.milliseconds.values().map(|millis| time(*millis));
        rows.add_row(row(format!("{mark} {}", candidate.name), figures.into_iter().chain(times)));
    }
    let mut plain = table(["compared with", "score"]);
    for baseline in &found.baselines {
        let none = if baseline.tried { "cannot be fitted" } else { "not tried" };
        let score = baseline.score.as_ref().map_or(none.into(), |of| spread(of.mean, of.deviation));
        plain.add_row(row(&baseline.name, [score]));
    }
    let report = Report::default().text(head(found)).table(rows).text(legend(found)).table(plain).text(choice(found));
    found.notes.iter().fold(report, |report, note| report.text(wrapped(&format!("Note: {note}."))))
}

fn tested(candidate: &Candidate) -> Option<&Scored> {
    candidate.score.as_ref().filter(|score| score.tested)
}

fn head(found: &Found) -> String {
    let data = &found.data;
    let what = match (&*data.task, data.window) {
        ("classify", None) => format!("{} inputs, {} classes", data.inputs, data.targets.len()),
        ("classify", Some((frames, channels))) => {
            format!("windows of {frames} x {channels}, {} classes", data.targets.len())
        }
        (_, None) => format!("{} inputs, {} to predict", data.inputs, data.targets.join(", ")),
        (_, Some((frames, channels))) => {
            format!("windows of {frames} x {channels}, {} to predict", data.targets.join(", "))
        }
    };
    let fitting = found.candidates.iter().filter(|of| of.fits).count();
    let groups = if data.groups > 0 { format!(" of {} groups", data.groups) } else { String::new() };
    wrapped(&format!(
        "{}: {} samples{groups}, {what}. {fitting} of {} candidates fit {} bytes of RAM; {} folds.",
        data.name,
        number(data.rows),
        found.candidates.len(),
        number(found.limits.ram),
        data.folds,
    ))
}

fn legend(found: &Found) -> String {
    let score = if found.metric == "accuracy" { "accuracy" } else { "R²" };
    wrapped(&format!(
        "-> is the choice, by validation alone; * has none that is better, smaller and faster. Score: {score} on the folds, mean ± deviation. \
         RAM: all variables of the program `node` and its stack. Under the boards: milliseconds to learn from a sample, an estimate that is \
         within 16 % for the networks that were counted. The search as a whole, with a choice for each fold by its own validation: {}.",
        spread(found.search.mean, found.search.deviation)
    ))
}

fn choice(found: &Found) -> String {
    let choice = &found.choice;
    let of = &choice.candidate;
    format!(
        "{}\n{}\n{}",
        wrapped(&format!("The choice, {}: {}, {}.", of.name, of.about, of.loss)),
        wrapped(&format!("  {}", of.of)).replace('\n', "\n  "),
        wrapped(&format!("Trained with {}", shell::line(&choice.train)))
    )
}

fn spread(mean: f64, deviation: f64) -> String {
    format!("{mean:.4} ± {deviation:.3}")
}

fn time(millis: f64) -> String {
    if millis < 10.0 { format!("{millis:.2}") } else { format!("{millis:.0}") }
}

/// In lines of at most [`WIDTH`] characters.
fn wrapped(text: &str) -> String {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split(' ') {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line += word;
    }
    lines.push(line);
    lines.join("\n")
}
