//! Networks side by side.

use comfy_table::Cell;

use super::{Report, left, number, percent, row, table};
use crate::board::growth;
use crate::networks::budget::flash::{Area, RUN, Wear};
use crate::networks::budget::pretexts;
use crate::networks::budget::{Fitting, Row};
use crate::networks::{Network, describe};
use crate::study::compare;

/// All networks and what they cost.
pub fn networks(networks: &[Network]) -> Report {
    let mut what =
        table(["network", "inputs", "predicts", "parameters"].map(Cell::new).into_iter().chain([left("about")]));
    let header = ["bytes", "weights", "gradients", "Adam", "stream", "saved", "scratch", "settings", "total"];
    let mut cost = table(header.into_iter().chain(["arena", "arena to predict"]));
    for network in networks {
        let Network { name, about, inputs, task, parameters, budget, arena, infer, .. } = network;
        let mut cells = row(name, [number(*inputs), describe(*task), number(*parameters)]);
        cells.push(left(about));
        what.add_row(cells);
        let parts = [budget.weights, budget.gradients, budget.optimizer, budget.stream, budget.saved];
        let rest = [budget.scratch, budget.settings, budget.total, *arena, *infer];
        cost.add_row(row(name, parts.into_iter().chain(rest).map(number)));
    }
    Report::from(what).table_under(
        "RAM for training with Adam. The arena is stream, saved and scratch; to predict, weights and a smaller arena are enough.",
        cost,
    )
}

/// Cost of pre-training, beside that of training.
pub fn pretexts(rows: &[pretexts::Row]) -> Report {
    let header = ["network", "masking", "predicts", "visible", "parameters", "kept"];
    let costs = ["bytes, training", "pre-training", "both", "MACs of a sample, training", "pre-training"];
    let mut all = table(header.into_iter().chain(costs));
    for cost in rows {
        let visible = format!("{} of {}", cost.visible, cost.tokens);
        let what = [cost.masking.to_string(), cost.target.to_string(), visible];
        let budgets = [cost.training, cost.pretraining, cost.both].map(|budget| number(budget.total));
        let macs = [cost.macs, cost.pretraining_macs].map(number);
        let weights = [cost.parameters, cost.shared].map(number);
        all.add_row(row(cost.network, what.into_iter().chain(weights).chain(budgets).chain(macs)));
    }
    all.into()
}

/// Networks side by side.
pub fn comparison(rows: &[compare::Row]) -> Report {
    let estimated = rows.iter().any(|row| !row.measured);
    let cycles = if estimated { "cycles per sample, estimated" } else { "cycles per sample" };
    let areas = rows.iter().any(|row| row.auc.is_some());
    let auc = areas.then_some("AUC");
    let votes = rows.iter().any(|row| row.voted.is_some());
    let voted = votes.then_some("windows together");
    let columns = ["network", "parameters", "RAM", cycles, "accuracy", "deviation", "against the first"];
    let mut networks = table(columns.into_iter().chain(voted).chain(auc));
    for row_of in rows {
        let compare::Row { network, parameters, ram, cycles, mean, deviation, auc, gain, gain_deviation, .. } = row_of;
        let voted = votes.then(|| row_of.voted.map_or("-".into(), percent));
        let costs = [number(*parameters), number(*ram), number(*cycles as usize)];
        let gain = format!("{:+.1} ± {:.1}", 100.0 * gain, 100.0 * gain_deviation);
        let auc = areas.then(|| auc.map_or("-".into(), |auc| format!("{auc:.3}")));
        networks.add_row(row(
            network,
            costs.into_iter().chain([percent(*mean), percent(*deviation), gain]).chain(voted).chain(auc),
        ));
    }
    networks.into()
}

/// The cost of a sample, network by network.
pub fn growth(rows: &[growth::Row]) -> Report {
    let mut networks = table(["network", "parameters", "MACs", "cycles per sample", "cycles per MAC", "bound"]);
    for row_of in rows {
        let growth::Row { network, parameters, macs, cycles, per_mac } = row_of;
        let [parameters, macs, cycles] = [*parameters, *macs, *cycles as usize].map(number);
        networks.add_row(row(
            network,
            [parameters, macs, cycles, format!("{per_mac:.2}"), number(row_of.bound() as usize)],
        ));
    }
    networks.into()
}

/// The best mode of each network that fits each board. Boards where all are the same share a column.
pub fn best(boards: &[(&str, Vec<Fitting>)]) -> Report {
    let first = |fitting: &Fitting| fitting.modes.first().copied().unwrap_or("-");
    let mut columns: Vec<(String, Vec<&str>)> = Vec::new();
    for (board, fitting) in boards {
        let modes: Vec<_> = fitting.iter().map(first).collect();
        match columns.iter_mut().find(|(_, others)| *others == modes) {
            Some((names, _)) => *names += &format!("\n{board}"),
            None => columns.push((board.to_string(), modes)),
        }
    }
    let mut best = table(std::iter::once("network").chain(columns.iter().map(|(names, _)| &**names)));
    let networks = boards.first().map(|(_, fitting)| fitting.iter()).into_iter().flatten();
    for (index, Fitting { network, .. }) in networks.enumerate() {
        best.add_row(row(network, columns.iter().map(|(_, modes)| modes[index])));
    }
    Report::from(best).text(
        "The first way of training that fits, in the order of docs/memory.md.\n\
         --network NAME: bytes, time and flash of each way. --all: of all networks.",
    )
}

/// The ways of training that fit a board.
pub fn fitting(fitting: &[Fitting], board: &str) -> Report {
    let mut modes = table([left("network"), left(&format!("fits {board} in"))]);
    modes.set_width(TERMINAL);
    for Fitting { network, modes: names } in fitting {
        let names = if names.is_empty() { "no way that is asked about".into() } else { names.join(", ") };
        modes.add_row([left(network), left(&names)]);
    }
    modes.into()
}

/// Characters in a line of a terminal that nobody made wider.
const TERMINAL: u16 = 80;

/// What networks need, what boards have left, and how long they take.
pub fn budget(rows: &[Row]) -> Report {
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
    for Row { network, mode, parameters, trained, macs, budget, stack, total, on, .. } in rows {
        let arena = [budget.stream, budget.saved, budget.scratch];
        let bytes = [budget.weights, budget.gradients, budget.optimizer].into_iter().chain(arena);
        let bytes = bytes.chain([budget.settings, budget.data, *stack, *total]).map(number);
        roles.add_row(row(network, std::iter::once(mode.to_string()).chain(bytes)));
        let spare = on.iter().map(|on| match on.left {
            bytes @ 0.. => number(bytes as usize),
            missing => format!("-{}", number(missing.unsigned_abs() as usize)),
        });
        let figures = [mode.to_string(), number(*parameters), number(*trained)];
        left.add_row(row(network, figures.into_iter().chain(spare)));
        let millis = on.iter().map(|on| if on.left < 0 { "-".into() } else { format!("{:.2}", on.millis) });
        let figures = [mode.to_string(), number(*trained), number(*macs)];
        time.add_row(row(network, figures.into_iter().chain(millis)));
    }
    Report::from(roles).table_under("Below 0 it does not fit.", left).table_under(
        "Milliseconds by what emulated boards were seen to take, for memory without wait states; the updates of batches are \
         shared by 32 samples.",
        time,
    )
}

/// What saves write, and how long the flash of boards lasts; nothing where no board keeps anything.
pub fn flash(rows: &[Row], areas: &[Area], save_every: u32) -> Report {
    let header =
        ["flash of", "slots", "bytes of a slot", "erased together", "erasures", "saves", "years at a run a day"];
    let mut boards = table(header);
    for Area { board, slots, slot, erase_size, endurance, saves, years } in areas {
        let sizes = [*slots, *slot, *erase_size, *endurance].map(|value| number(value as usize));
        let lasts = [number(*saves as usize), format!("{years:.1}")];
        boards.add_row(row(board, sizes.into_iter().chain(lasts)));
    }
    let names = areas.iter().map(|area| area.board);
    let mut saves =
        table(["without a pause", "mode", "bytes of a checkpoint", "written per save"].into_iter().chain(names));
    for Row { network, mode, checkpoint, on, .. } in rows {
        let (Some(checkpoint), Some(wear)) = (checkpoint, on.iter().find_map(|on| on.flash)) else { continue };
        let lasts = on.iter().filter_map(|on| on.flash.map(|wear| lasts(&wear, on.left)));
        let figures = [mode.to_string(), number(*checkpoint as usize), number(wear.written as usize)];
        saves.add_row(row(network, figures.into_iter().chain(lasts)));
    }
    if areas.is_empty() {
        return Report::default();
    }
    let each =
        format!("A run of {RUN} steps, 25 epochs of the recordings, saves every {save_every} steps and at its end.");
    Report::default()
        .table_under(each, boards)
        .table_under("The same until it is worn out, if a board trains on and on.", saves)
}

/// Until a flash is worn out; `-` where the network does not fit the board's RAM.
fn lasts(wear: &Wear, left: i64) -> String {
    let days = 365.25 * wear.years;
    match wear {
        _ if left < 0 => "-".into(),
        Wear { fits: false, .. } => "no slot".into(),
        _ if days.is_infinite() => "forever".into(),
        Wear { years, .. } if *years >= 1.0 => format!("{years:.1} years"),
        _ => format!("{days:.1} days"),
    }
}
