//! Ways of training side by side.

use super::{Report, number, percent, row, table};
use crate::board::trials::{Outcome, Work};
use crate::study::ablation;
use crate::study::ideas;
use crate::study::labels;
use crate::study::modes;

/// What pre-training gains.
pub fn pretrain_study(rows: &[labels::Row]) -> Report {
    let mut gains = table([
        "labels",
        "without pre-training, %",
        "with, %",
        "gain, points",
        "better",
        "rates without",
        "rates with",
    ]);
    let rates = |rates: &[f32]| rates.iter().map(f32::to_string).collect::<Vec<_>>().join(", ");
    for labels::Row { labels, without, with, gain, gain_deviation, better } in rows {
        let plus_minus = |value: f32, deviation: f32| format!("{:.1} ± {:.1}", 100.0 * value, 100.0 * deviation);
        let [before, after] = [without, with].map(|side| plus_minus(side.mean, side.deviation));
        let better = format!("{better} of {}", with.accuracies.len());
        let gain = plus_minus(*gain, *gain_deviation);
        let figures = [before, after, gain, better, rates(&without.rates), rates(&with.rates)];
        gains.add_row(row(percent(*labels), figures));
    }
    gains.into()
}

/// Rungs, each with its gain.
pub fn ladder(rows: &[ablation::Row]) -> Report {
    let mut rungs = table(["rung", "parameters", "passes", "accuracy", "deviation", "gain"]);
    let mut together = String::new();
    for ablation::Row { rung, kind, ideas, parameters, passes, mean, deviation, gain, gain_deviation, .. } in rows {
        let name = match kind {
            ablation::Kind::Step => rung.to_string(),
            ablation::Kind::Idea => format!("  alone: {rung}"),
            ablation::Kind::Together => format!("  together: {rung}"),
        };
        let gain = format!("{:+.1} ± {:.1}", 100.0 * gain, 100.0 * gain_deviation);
        let counts = [number(*parameters), number(*passes as usize)];
        rungs.add_row(row(name, counts.into_iter().chain([percent(*mean), percent(*deviation), gain])));
        if !ideas.is_empty() {
            together = format!("What helped: {}.", ideas.join("; "));
        }
    }
    Report::from(rungs).text(together)
}

/// Ways of training side by side.
pub fn modes(rows: &[modes::Row]) -> Report {
    let profiled = rows.iter().any(|row| row.outcome.sample.is_some_and(|work| work.cycles.is_some()));
    let (sample, update) = if profiled { ("sample", "update") } else { ("sample (instr.)", "update (instr.)") };
    let header = ["mode", "trainer", "stack", "in all", "per parameter", sample, update, "CRC-32", "accuracy"];
    let mut table = table(header);
    for row in rows {
        let outcome = &row.outcome;
        let optional = |bytes: Option<usize>| bytes.map_or("-".into(), number);
        let share = row.bytes().map_or("-".into(), |bytes| format!("{:.1}", bytes as f64 / row.parameters as f64));
        let crc = crc(outcome);
        let figures = [number(outcome.board_budget), optional(outcome.stack), optional(row.bytes()), share];
        let work = [outcome.sample, outcome.update].map(work);
        let accuracy = row.accuracy.map_or("-".into(), percent);
        table.add_row(self::row(outcome.trial, figures.into_iter().chain(work).chain([crc, accuracy])));
    }
    Report::from(table).text(format!(
        "Bytes: in all are trainer, sample and stack. Sample and update: {} without dropout. CRC-32: of the weights \
         after a few steps with everything random, on the board as here.",
        if profiled { "cycles, an estimate," } else { "instructions" }
    ))
}

fn crc(outcome: &Outcome) -> String {
    if outcome.is_equal() { format!("{:08x}", outcome.crc32) } else { "differs".into() }
}

/// Cycles, or instructions where nobody counts cycles.
fn work(work: Option<Work>) -> String {
    work.map_or("-".into(), |work| number(work.cycles.unwrap_or(work.instructions) as usize))
}

/// Cost and accuracy of ideas for training.
pub fn ideas(rows: &[ideas::Row]) -> Report {
    let mut table = table(["idea", "trainer", "stack", "sample", "update", "CRC-32", "accuracy"]);
    for ideas::Row { outcome, accuracy } in rows {
        let optional = |figure: Option<usize>| figure.map_or("-".into(), number);
        let crc = crc(outcome);
        let work = [outcome.sample, outcome.update].map(work);
        let accuracy = accuracy.map_or("-".into(), |accuracy| {
            format!("{:.1} % ± {:.1}", 100.0 * accuracy.mean, 100.0 * accuracy.deviation)
        });
        let figures = [number(outcome.board_budget), optional(outcome.stack)];
        table.add_row(row(outcome.trial, figures.into_iter().chain(work).chain([crc, accuracy])));
    }
    Report::from(table).text(
        "Bytes; cycles, an estimate, of each sample of a step, in both passes where there are two, and of what comes once \
         per step, without dropout. CRC-32: of the weights after some steps, on the board as here. Accuracy: for new people, mean over 5 pairs \
         of people and 3 seeds, and the deviation from seed to seed.",
    )
}
