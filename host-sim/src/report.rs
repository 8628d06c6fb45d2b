//! Tables for people.

use std::fmt::Display;

use comfy_table::{Cell, CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use trainlet::budget::Budget;

use crate::board::bench;
use crate::board::firmware;
use crate::board::inspect::Standing;
use crate::board::twin;
use crate::budget::Row;
use crate::compare;
use crate::configs::Config;
use crate::growth;
use crate::idea_trials;
use crate::ladder;
use crate::modes;
use crate::pretexts;
use crate::pretrain_study;
use crate::pretraining::PretrainRecord;
use crate::record::Record;
use crate::scores::Scores;

/// One rule, under the names of the columns.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// The result of a training run.
pub fn run(record: &Record) -> String {
    let mut parts = Vec::new();
    match &record.test {
        Some(test) => parts.push(scores(test)),
        None => parts.push("Not tested: give a file with --test.".into()),
    }
    record.pretraining.iter().for_each(|pretraining| parts.push(pretrained(pretraining)));
    let mut cost = table(["cost", "figure"]);
    cost.add_row(row("parameters", [number(record.parameters)]));
    budget_rows(&mut cost, &record.budget);
    cost.add_row(row("training samples per second", [number(record.samples_per_second as usize)]));
    if let Some(micros) = record.device_micros {
        cost.add_row(row("seconds of the board's own time", [format!("{:.1}", micros as f64 * 1e-6)]));
    }
    cost.add_row(row("CRC-32 of the weights", [format!("{:08x}", record.weights_crc32)]));
    parts.push(cost.to_string());
    if record.skipped > 0 {
        let (skipped, steps) = (record.skipped, record.steps.len());
        parts.push(format!(
            "{skipped} of {steps} steps changed nothing, because their gradient was not finite: take a lower --lr."
        ));
    }
    parts.join("\n\n")
}

/// Networks side by side.
pub fn comparison(rows: &[compare::Row]) -> String {
    let estimated = rows.iter().any(|row| !row.measured);
    let cycles = if estimated { "cycles per sample, estimated" } else { "cycles per sample" };
    let mut networks = table(["network", "parameters", "RAM", cycles, "accuracy", "deviation", "against the first"]);
    for compare::Row { config, parameters, ram, cycles, mean, deviation, gain, gain_deviation, .. } in rows {
        let costs = [number(*parameters), number(*ram), number(*cycles as usize)];
        let gain = format!("{:+.1} ± {:.1}", 100.0 * gain, 100.0 * gain_deviation);
        networks.add_row(row(config, costs.into_iter().chain([percent(*mean), percent(*deviation), gain])));
    }
    networks.to_string()
}

/// What pre-training costs.
pub fn pretexts(rows: &[pretexts::Row]) -> String {
    let header = ["network", "masking", "visible", "parameters", "kept"];
    let costs = ["bytes, training", "pre-training", "both", "MACs of a sample, training", "pre-training"];
    let mut all = table(header.into_iter().chain(costs));
    for cost in rows {
        let what = [cost.masking.to_string(), format!("{} of {}", cost.visible, cost.tokens)];
        let budgets = [cost.training, cost.pretraining, cost.both].map(|budget| number(budget.total));
        let macs = [cost.macs, cost.pretraining_macs].map(number);
        let weights = [cost.parameters, cost.shared].map(number);
        all.add_row(row(cost.config, what.into_iter().chain(weights).chain(budgets).chain(macs)));
    }
    all.to_string()
}

/// What learning without labels is worth.
pub fn pretrain_study(rows: &[pretrain_study::Row]) -> String {
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
    for pretrain_study::Row { labels, without, with, gain, gain_deviation, better } in rows {
        let plus_minus = |value: f32, deviation: f32| format!("{:.1} ± {:.1}", 100.0 * value, 100.0 * deviation);
        let [before, after] = [without, with].map(|side| plus_minus(side.mean, side.deviation));
        let better = format!("{better} of {}", with.accuracies.len());
        let gain = plus_minus(*gain, *gain_deviation);
        let figures = [before, after, gain, better, rates(&without.rates), rates(&with.rates)];
        gains.add_row(row(percent(*labels), figures));
    }
    gains.to_string()
}

/// What was learnt without labels.
fn pretrained(record: &PretrainRecord) -> String {
    let PretrainRecord { visible, tokens, samples, parameters, shared, epochs, budget, .. } = record;
    let mut learnt = table(["pre-training", "result"]);
    learnt.add_row(row("samples", [number(*samples)]));
    learnt.add_row(row("steps", [number(record.steps.len())]));
    learnt.add_row(row("visible tokens", [format!("{visible} of {tokens}")]));
    let [first, last] = [epochs.first(), epochs.last()].map(|loss| loss.copied().unwrap_or(f64::NAN));
    learnt.add_row(row("loss in the first epoch", [format!("{first:.4}")]));
    learnt.add_row(row("loss in the last epoch", [format!("{last:.4}")]));
    learnt.add_row(row("parameters", [number(*parameters)]));
    learnt.add_row(row("parameters kept", [number(*shared)]));
    learnt.add_row(row("RAM of both phases, bytes", [number(budget.total)]));
    learnt.add_row(row("CRC-32 of the weights", [format!("{:08x}", record.weights_crc32)]));
    learnt.to_string()
}

/// The cost of a sample, network by network.
pub fn growth(rows: &[growth::Row]) -> String {
    let mut networks = table(["network", "parameters", "MACs", "cycles per sample", "cycles per MAC", "bound"]);
    for row_of in rows {
        let growth::Row { config, parameters, macs, cycles, per_mac } = row_of;
        let [parameters, macs, cycles] = [*parameters, *macs, *cycles as usize].map(number);
        networks
            .add_row(row(config, [parameters, macs, cycles, format!("{per_mac:.2}"), number(row_of.bound() as usize)]));
    }
    networks.to_string()
}

/// Rungs, each with its gain.
pub fn ladder(rows: &[ladder::Row]) -> String {
    let mut rungs = table(["rung", "parameters", "passes", "accuracy", "deviation", "gain"]);
    let mut together = String::new();
    for ladder::Row { rung, kind, ideas, parameters, passes, mean, deviation, gain, gain_deviation, .. } in rows {
        let name = match kind {
            ladder::Kind::Step => rung.to_string(),
            ladder::Kind::Idea => format!("  alone: {rung}"),
            ladder::Kind::Together => format!("  together: {rung}"),
        };
        let gain = format!("{:+.1} ± {:.1}", 100.0 * gain, 100.0 * gain_deviation);
        let counts = [number(*parameters), number(*passes as usize)];
        rungs.add_row(row(name, counts.into_iter().chain([percent(*mean), percent(*deviation), gain])));
        if !ideas.is_empty() {
            together = format!("\n\nWhat helped: {}.", ideas.join("; "));
        }
    }
    format!("{rungs}{together}")
}

/// The result of a test.
pub fn scores(scores: &Scores) -> String {
    let mut overall = table(["test", "result"]);
    overall.add_row(row("samples", [number(scores.samples as usize)]));
    overall.add_row(row("accuracy", [percent(scores.accuracy)]));
    overall.add_row(row("loss", [format!("{:.4}", scores.loss)]));
    let two = scores.classes.len() == 2;
    overall.add_row(row(if two { "F1" } else { "F1, mean over the classes" }, [format!("{:.3}", scores.f1)]));
    if two {
        let auc = scores.auc.map_or("- (one class only)".into(), |auc| format!("{auc:.4}"));
        overall.add_row(row("area under the ROC curve", [auc]));
    }

    let mut classes = table(["class", "samples", "precision", "recall", "F1"]);
    for class in &scores.classes {
        let figures = [percent(class.precision), percent(class.recall), format!("{:.3}", class.f1)];
        classes.add_row(row(&class.name, [number(class.samples as usize)].into_iter().chain(figures)));
    }

    let names = scores.classes.iter().map(|class| class.name.clone());
    let mut confusion = table(std::iter::once("truth \\ predicted".to_string()).chain(names));
    for (class, counts) in scores.classes.iter().zip(&scores.confusion) {
        confusion.add_row(row(&class.name, counts.iter().map(|count| number(*count as usize))));
    }
    format!("{overall}\n\n{classes}\n\n{confusion}")
}

/// All named networks and what they cost.
pub fn configs(configs: &[Config]) -> String {
    let mut what =
        table(["network", "inputs", "classes", "parameters"].map(Cell::new).into_iter().chain([left("about")]));
    let header = ["bytes", "weights", "gradients", "Adam", "stream", "saved", "scratch", "settings", "total"];
    let mut cost = table(header.into_iter().chain(["arena", "arena to predict"]));
    for config in configs {
        let Config { name, about, inputs, classes, parameters, budget, arena, infer, .. } = config;
        let mut cells = row(name, [*inputs, *classes, *parameters].map(number));
        cells.push(left(about));
        what.add_row(cells);
        let parts = [budget.weights, budget.gradients, budget.optimizer, budget.stream, budget.saved];
        let rest = [budget.scratch, budget.settings, budget.total, *arena, *infer];
        cost.add_row(row(name, parts.into_iter().chain(rest).map(number)));
    }
    format!(
        "{what}\n\nRAM for training with Adam. The arena is stream, saved and scratch; to predict, weights and a smaller \
         arena are enough.\n{cost}"
    )
}

/// How a board is.
pub fn standing(standing: &Standing) -> String {
    let Standing { board, network, status, ram, budget, weights_crc32 } = standing;
    let mut table = table(["board", board]);
    table.add_row(row("network", [network]));
    let run = if status.run == 0 { "none".into() } else { format!("{:08x}", status.run) };
    table.add_row(row("run", [run]));
    table.add_row(row("steps", [number(status.steps as usize)]));
    table.add_row(row("  left out, their gradient not being finite", [number(status.skipped as usize)]));
    table.add_row(row("samples for the next step", [number(status.samples as usize)]));
    table.add_row(row("seconds of its own time", [format!("{:.1}", status.busy_micros as f64 * 1e-6)]));
    table.add_row(row("CRC-32 of the weights", [format!("{weights_crc32:08x}")]));
    table.add_row(row("RAM of the program beside the stack, bytes", [number(*ram as usize)]));
    budget_rows(&mut table, budget);
    table.to_string()
}

/// Board and desktop that are alike to the last bit.
pub fn twin(report: &twin::Report) -> String {
    let twin::Report { place, steps, weights_crc32, repeats, .. } = report;
    let repeated = if *repeats == 0 { String::new() } else { format!(", {repeats} requests sent again") };
    format!("{place} and the desktop have the same weights after {steps} steps: CRC-32 {weights_crc32:08x}{repeated}")
}

/// The first bit that is not.
pub fn difference(step: u32, difference: &twin::Difference) -> String {
    let twin::Difference { leaf, index, board, desktop } = difference;
    format!(
        "the weights differ after step {step}: value {index} of `{leaf}` is {board} ({:08x}) on the board and {desktop} \
         ({:08x}) here; board and desktop must be built from the same version",
        board.to_bits(),
        desktop.to_bits()
    )
}

/// Sizes of the boards' programs.
pub fn sizes(programs: &[firmware::Built]) -> String {
    let mut sizes = table(["board", "program", ".text", ".rodata", ".data", ".bss"]);
    for firmware::Built { board, program, sizes: bytes } in programs {
        let figures = [bytes.text, bytes.rodata, bytes.data, bytes.bss].map(|bytes| number(bytes as usize));
        sizes.add_row(row(board, std::iter::once(program.to_string()).chain(figures)));
    }
    sizes.to_string()
}

/// What work costs on a Cortex-M4F, and with `functions` which of them take the most of each window.
pub fn bench(rows: &[bench::Row], functions: bool) -> String {
    let mut costs = table(["window", "instructions", "cycles", "per", "cycles each", "at most", ""]);
    for row in rows {
        let bench::Row { window, unit, instructions, cycles, cycles_per_unit, limit, .. } = row;
        let over = if limit.is_some_and(|limit| *cycles_per_unit > limit) { "over" } else { "" };
        let whole = [instructions, cycles].map(|figure| number(*figure as usize));
        let each = [unit.to_string(), figure(*cycles_per_unit), limit.map_or(String::new(), figure), over.into()];
        costs.add_row(self::row(window, whole.into_iter().chain(each)));
    }
    let mut parts = vec![costs.to_string()];
    parts.extend(rows.iter().filter(|_| functions).map(costliest));
    parts.join("\n\n")
}

/// So many functions of a window are listed.
const COSTLIEST: usize = 8;

fn costliest(row: &bench::Row) -> String {
    let mut costs = table([&*row.window, "instructions", "cycles", "share"]);
    for bench::Function { name, instructions, cycles } in row.functions.iter().take(COSTLIEST) {
        let share = percent(*cycles as f32 / row.cycles as f32);
        costs.add_row(self::row(short(name), [number(*instructions as usize), number(*cycles as usize), share]));
    }
    costs.to_string()
}

/// The ends of a long name, which says what the function is called and for which types.
fn short(name: &str) -> String {
    let characters: Vec<_> = name.chars().collect();
    match (characters.first_chunk::<60>(), characters.last_chunk::<30>()) {
        (Some(start), Some(end)) if characters.len() > 100 => {
            format!("{} … {}", start.iter().collect::<String>(), end.iter().collect::<String>())
        }
        _ => name.into(),
    }
}

/// Large ones without decimals.
fn figure(value: f64) -> String {
    if value < 1000.0 { format!("{value:.2}") } else { number(value.round() as usize) }
}

/// What networks need, what boards have left, and how long they take.
pub fn budget(rows: &[Row]) -> String {
    let mut roles = table([
        "bytes",
        "mode",
        "weights",
        "gradients",
        "optimiser",
        "stream",
        "saved",
        "scratch",
        "settings",
        "sample",
        "stack",
        "total",
    ]);
    let boards: Vec<_> = rows.first().map(|row| row.on.iter().map(|on| on.board).collect()).unwrap_or_default();
    let named = |first: [&'static str; 4]| table(first.into_iter().chain(boards.iter().copied()));
    let mut left = named(["bytes left on", "mode", "parameters", "trained"]);
    let mut time = named(["ms per sample on", "mode", "trained", "MACs"]);
    for Row { config, mode, parameters, trained, macs, budget, stack, total, on } in rows {
        let arena = [budget.stream, budget.saved, budget.scratch];
        let bytes = [budget.weights, budget.gradients, budget.optimizer].into_iter().chain(arena);
        let bytes = bytes.chain([budget.settings, budget.data, *stack, *total]).map(number);
        roles.add_row(row(config, std::iter::once(mode.to_string()).chain(bytes)));
        let spare = on.iter().map(|on| match on.left {
            bytes @ 0.. => number(bytes as usize),
            missing => format!("-{}", number(missing.unsigned_abs() as usize)),
        });
        let figures = [mode.to_string(), number(*parameters), number(*trained)];
        left.add_row(row(config, figures.into_iter().chain(spare)));
        let millis = on.iter().map(|on| if on.left < 0 { "-".into() } else { format!("{:.2}", on.millis) });
        let figures = [mode.to_string(), number(*trained), number(*macs)];
        time.add_row(row(config, figures.into_iter().chain(millis)));
    }
    format!(
        "{roles}\n\nBelow 0 it does not fit.\n{left}\n\nAn estimate from multiply-accumulates and updates, for memory without \
         wait states; the updates of batches are shared by 32 samples.\n{time}"
    )
}

/// Ways of training side by side.
pub fn modes(rows: &[modes::Row]) -> String {
    let profiled = rows.iter().any(|row| row.trial.sample.cycles.is_some());
    let (sample, update) = if profiled { ("sample", "update") } else { ("sample (instr.)", "update (instr.)") };
    let header = ["mode", "trainer", "stack", "in all", "per parameter", sample, update, "CRC-32", "accuracy"];
    let mut table = table(header);
    for row in rows {
        let trial = &row.trial;
        let optional = |bytes: Option<usize>| bytes.map_or("-".into(), number);
        let share = row.bytes().map_or("-".into(), |bytes| format!("{:.1}", bytes as f64 / row.parameters as f64));
        let crc = if trial.is_equal() { format!("{:08x}", trial.crc32) } else { "differs".into() };
        let figures = [number(trial.board_budget), optional(trial.stack), optional(row.bytes()), share];
        let work = [trial.sample, trial.update].map(|work| number(work.cycles.unwrap_or(work.instructions) as usize));
        let accuracy = row.accuracy.map_or("-".into(), percent);
        table.add_row(self::row(trial.mode, figures.into_iter().chain(work).chain([crc, accuracy])));
    }
    format!(
        "{table}\n\nBytes: in all are trainer, sample and stack. Sample and update: {} without dropout. CRC-32: of the weights \
         after a few steps with everything random, on the board as here.",
        if profiled { "cycles, an estimate," } else { "instructions" }
    )
}

/// What ideas for training take and bring.
pub fn ideas(rows: &[idea_trials::Row]) -> String {
    let mut table = table(["idea", "trainer", "stack", "sample", "update", "CRC-32", "accuracy"]);
    for idea_trials::Row { trial, accuracy } in rows {
        let optional = |figure: Option<usize>| figure.map_or("-".into(), number);
        let crc = if trial.is_equal() { format!("{:08x}", trial.crc32) } else { "differs".into() };
        let work = [trial.sample, trial.update].map(|cycles| optional(cycles.map(|cycles| cycles as usize)));
        let accuracy = accuracy.map_or("-".into(), |accuracy| {
            format!("{:.1} % ± {:.1}", 100.0 * accuracy.mean, 100.0 * accuracy.deviation)
        });
        let figures = [number(trial.board_budget), optional(trial.stack)];
        table.add_row(row(trial.idea, figures.into_iter().chain(work).chain([crc, accuracy])));
    }
    format!(
        "{table}\n\nBytes; cycles, an estimate, of each sample of a step, in both passes where there are two, and of what comes once \
         per step. CRC-32: of the weights after some steps, on the board as here. Accuracy: for new people, mean over 3 groups \
         of people and 3 seeds, and the deviation from seed to seed."
    )
}

fn budget_rows(table: &mut Table, budget: &Budget) {
    let roles = [
        ("RAM, bytes", budget.total),
        ("  weights", budget.weights),
        ("  gradients", budget.gradients),
        ("  optimiser", budget.optimizer),
        ("  copies of the weights", budget.copies),
        ("  arena: token stream", budget.stream),
        ("  arena: saved for the backward pass", budget.saved),
        ("  arena: scratch", budget.scratch),
        ("  settings and counters", budget.settings),
        ("  data", budget.data),
        ("  line", budget.link),
    ];
    for (role, bytes) in roles {
        // A trainer by itself has no buffers for data and for a line.
        if bytes > 0 {
            table.add_row(row(role, [number(bytes)]));
        }
    }
}

/// Names to the left, figures to the right.
fn table<T: Into<Cell>>(header: impl IntoIterator<Item = T>) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header.into_iter().map(Into::into).collect::<Vec<Cell>>());
    table.column_iter_mut().skip(1).for_each(|column| column.set_cell_alignment(CellAlignment::Right));
    table
}

fn left(text: &str) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Left)
}

fn row<T: Display>(name: impl Display, figures: impl IntoIterator<Item = T>) -> Vec<Cell> {
    std::iter::once(Cell::new(name)).chain(figures.into_iter().map(Cell::new)).collect()
}

fn percent(share: f32) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// With a comma before each three digits.
fn number(value: usize) -> String {
    let digits = value.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::{number, short};

    #[test]
    fn digits_come_in_threes() {
        let pairs = [(0, "0"), (999, "999"), (1000, "1,000"), (420_697, "420,697"), (1_000_000, "1,000,000")];
        assert!(pairs.iter().all(|(value, text)| number(*value) == *text));
    }
    #[test]
    fn long_names_keep_their_ends() {
        assert_eq!(short("trainlet::kernels::matmul::nn"), "trainlet::kernels::matmul::nn");
        let name = format!("<{}>::run", "µ".repeat(200));
        assert_eq!(short(&name), format!("<{} … {}>::run", "µ".repeat(59), "µ".repeat(24)));
    }
}
