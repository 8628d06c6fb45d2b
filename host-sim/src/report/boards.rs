//! Boards, emulated or real.

use super::{budget_rows, number, percent, row, table};
use trainlet::link::message::Saved;

use crate::board::cycles::Processor;
use crate::board::inspect::Standing;
use crate::board::{bench, firmware};
use crate::run::twin;

/// Progress of a board.
pub fn standing(standing: &Standing) -> String {
    let Standing { board, reset, network, status, ram, budget, weights_crc32 } = standing;
    let mut table = table(["board", board]);
    table.add_row(row("reset by", [reset.name()]));
    table.add_row(row("network", [network]));
    let run = if status.run == 0 { "none".into() } else { format!("{:08x}", status.run) };
    table.add_row(row("run", [run]));
    table.add_row(row("steps", [number(status.steps as usize)]));
    table.add_row(row("  left out, their gradient not being finite", [number(status.skipped as usize)]));
    table.add_row(row("samples for the next step", [number(status.samples as usize)]));
    table.add_row(row("seconds of its own time", [format!("{:.1}", status.busy_micros as f64 * 1e-6)]));
    table.add_row(row("saves in its flash so far", [number(status.saves as usize)]));
    table.add_row(row("errors of its store", [number(status.store_errors as usize)]));
    table.add_row(row("CRC-32 of the weights", [format!("{weights_crc32:08x}")]));
    table.add_row(row("RAM of the program beside the stack, bytes", [number(*ram as usize)]));
    budget_rows(&mut table, budget);
    table.to_string()
}

/// A save in a board's flash.
pub fn stored(Saved { bytes, number: save }: &Saved) -> String {
    format!("saved in the board's flash: {} bytes, save {save}", number(*bytes as usize))
}

/// Board and desktop with the same weights.
pub fn twin(report: &twin::Report) -> String {
    let twin::Report { place, steps, weights_crc32, repeats, .. } = report;
    let repeated = if *repeats == 0 { String::new() } else { format!(", {repeats} requests sent again") };
    format!("{place} and the desktop have the same weights after {steps} steps: CRC-32 {weights_crc32:08x}{repeated}")
}

/// The first difference.
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
    let mut sizes = table(["board", "program", ".text", ".rodata", ".data", ".bss", "code that trains"]);
    for firmware::Built { board, program, sizes: bytes, training } in programs {
        let figures = [bytes.text, bytes.rodata, bytes.data, bytes.bss, *training].map(|bytes| number(bytes as usize));
        sizes.add_row(row(board, std::iter::once(program.to_string()).chain(figures)));
    }
    sizes.to_string()
}

/// Cycles and instructions per unit by processor, and with `functions` the functions that take most of each window on the first
/// processor that was measured.
pub fn bench(rows: &[bench::Row], functions: bool) -> String {
    let mut costs = table(["window", "per", "M4F", "at most", "", "M33F", "RV32IMC"]);
    // For a line of 100 characters.
    for column in costs.column_iter_mut() {
        column.set_padding((0, 0));
    }
    for row in rows {
        let bench::Row { window, unit, limit, figures, .. } = row;
        let [m4, m33, rv32] = Processor::ALL.map(|processor| figures.get(&processor).map(|figures| figures.per_unit));
        let over = if m4.zip(*limit).is_some_and(|(each, limit)| each > limit) { "over" } else { "" };
        let [m4, limit, m33, rv32] = [m4, *limit, m33, rv32].map(|value| value.map_or(String::new(), figure));
        costs.add_row(self::row(window, [unit.to_string(), m4, limit, over.into(), m33, rv32]));
    }
    let mut parts = vec![costs.to_string(), LEGEND.into()];
    parts.extend(rows.iter().filter(|_| functions).filter_map(costliest));
    parts.join("\n\n")
}

const LEGEND: &str = "M4F, M33F: cycles on a Cortex-M4F and a Cortex-M33F; RV32IMC: instructions";

/// Number of functions that are listed of a window.
const COSTLIEST: usize = 8;

fn costliest(row: &bench::Row) -> Option<String> {
    let figures = row.figures.values().next()?;
    let mut costs = table([&*row.window, "instructions", "cycles", "share"]);
    for bench::Function { name, cost } in figures.functions.iter().take(COSTLIEST) {
        let cycles = cost.cycles.map_or(String::new(), |cycles| number(cycles as usize));
        let share = percent(cost.size() as f32 / figures.cost.size() as f32);
        costs.add_row(self::row(short(name), [number(cost.instructions as usize), cycles, share]));
    }
    Some(costs.to_string())
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

#[cfg(test)]
mod tests {
    use super::bench::{Cost, Figures, Row, WINDOWS};
    use super::*;

    #[test]
    fn long_names_keep_their_ends() {
        assert_eq!(short("trainlet::kernels::matmul::nn"), "trainlet::kernels::matmul::nn");
        let name = format!("<{}>::run", "µ".repeat(200));
        assert_eq!(short(&name), format!("<{} … {}>::run", "µ".repeat(59), "µ".repeat(24)));
    }

    #[test]
    fn the_cycles_of_all_processors_fit_a_line_of_100_characters() {
        let figures = |per_unit| {
            let cost = Cost { instructions: 1, cycles: Some(1) };
            Figures { cost, per_unit, functions: Vec::new() }
        };
        let all = [9_999_999.0, 9_999_998.0, 99_999_999.0].map(figures);
        let rows = WINDOWS.map(|(window, unit, _)| {
            let figures = Processor::ALL.into_iter().zip(all.clone()).collect();
            Row { window: window.into(), unit, count: 1, limit: Some(9_999_997.0), figures }
        });
        let text = bench(&rows, false);
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        let expected = "9,999,999 9,999,997 over 9,999,998 99,999,999";
        assert_eq!(text.lines().filter(|line| line.trim_end().ends_with(expected)).count(), WINDOWS.len(), "{text}");
        let mut slow = rows[0].clone();
        slow.figures.remove(&Processor::CortexM4f);
        assert!(!bench(&[slow], false).contains("over"));
    }
}
