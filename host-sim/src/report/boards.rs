//! Boards, emulated or real.

use super::{budget_rows, number, percent, row, table};
use trainlet::link::message::Saved;

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

/// Cycles on a Cortex-M4F, and with `functions` the functions that take most of each window.
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

/// Number of functions that are listed of a window.
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

#[cfg(test)]
mod tests {
    use super::short;

    #[test]
    fn long_names_keep_their_ends() {
        assert_eq!(short("trainlet::kernels::matmul::nn"), "trainlet::kernels::matmul::nn");
        let name = format!("<{}>::run", "µ".repeat(200));
        assert_eq!(short(&name), format!("<{} … {}>::run", "µ".repeat(59), "µ".repeat(24)));
    }
}
