//! Networks side by side.

use super::folded::{Column, TERMINAL, folded};
use super::{Report, left, number, percent, row, table};
use crate::board::growth;
use crate::networks::budget::flash::{Area, RUN, Wear};
use crate::networks::budget::pretexts;
use crate::networks::budget::{Fitting, OnBoard, Row};
use crate::networks::{Network, describe};
use crate::study::compare;

/// All networks and what they cost.
pub fn networks(networks: &[Network]) -> Report {
    let mut about = table([left("network"), left("about")]);
    about.set_width(TERMINAL as u16);
    about.add_rows(networks.iter().map(|network| [left(network.name), left(network.about)]));
    let text = |name: &str, cell: fn(&Network) -> String| column(name, networks, cell);
    let names = [text("network", |network| network.name.into())];
    let tasks = [
        text("inputs", |network| number(network.inputs)),
        text("predicts", |network| describe(network.task)),
        text("parameters", |network| number(network.parameters)),
    ];
    let bytes = |name: &str, bytes: fn(&Network) -> usize| column(name, networks, |network| number(bytes(network)));
    let roles = [
        bytes("weights", |network| network.budget.weights),
        bytes("gradients", |network| network.budget.gradients),
        bytes("Adam", |network| network.budget.optimizer),
        bytes("stream", |network| network.budget.stream),
        bytes("saved", |network| network.budget.saved),
        bytes("scratch", |network| network.budget.scratch),
        bytes("settings", |network| network.budget.settings),
        bytes("total", |network| network.budget.total),
        bytes("arena", |network| network.arena),
        bytes("arena to\npredict", |network| network.infer),
    ];
    Report::from(about).with(folded("", &names, &tasks)).with(folded(TRAINER, &names, &roles))
}

const TRAINER: &str = "\
Bytes of RAM for training with Adam. The arena is stream, saved and scratch; to
predict, weights and a smaller arena are enough.";

/// Cost of pre-training, beside that of training.
pub fn pretexts(rows: &[pretexts::Row]) -> Report {
    let count = |name: &str, count: fn(&pretexts::Row) -> usize| column(name, rows, |row| number(count(row)));
    let keys = [
        column("network", rows, |row| row.network.into()),
        column("masking", rows, |row| row.masking.to_string()),
        column("predicts", rows, |row| row.target.to_string()),
    ];
    let costs = [
        column("visible", rows, |row| format!("{} of {}", row.visible, row.tokens)),
        count("parameters", |row| row.parameters),
        count("kept", |row| row.shared),
        count("bytes,\ntraining", |row| row.training.total),
        count("bytes, pre-\ntraining", |row| row.pretraining.total),
        count("bytes,\nboth", |row| row.both.total),
        count("MACs of a\nsample,\ntraining", |row| row.macs),
        count("MACs of a\nsample, pre-\ntraining", |row| row.pretraining_macs),
    ];
    folded("", &keys, &costs)
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
    modes.set_width(TERMINAL as u16);
    for Fitting { network, modes: names } in fitting {
        let names = if names.is_empty() { "no way that is asked about".into() } else { names.join(", ") };
        modes.add_row([left(network), left(&names)]);
    }
    modes.into()
}

/// What a table of networks and ways of training begins with. A network that is alone is named above it instead.
fn keys(rows: &[Row]) -> Vec<Column> {
    let is_alone = rows.iter().all(|row| row.network == rows[0].network);
    let networks = column("network", rows, |row| row.network.into());
    let modes = column("mode", rows, |row| row.mode.into());
    if is_alone { vec![modes] } else { vec![networks, modes] }
}

/// The network that is alone, as part of a sentence.
fn of_one(rows: &[Row]) -> String {
    match rows {
        [first, rest @ ..] if rest.iter().all(|row| row.network == first.network) => format!(" of {}", first.network),
        _ => String::new(),
    }
}

fn column<R>(name: &str, rows: &[R], cell: impl Fn(&R) -> String) -> Column {
    (name.into(), rows.iter().map(cell).collect())
}

/// What networks need, what boards have left, and how long they take.
pub fn budget(rows: &[Row]) -> Report {
    let (keys, of) = (keys(rows), of_one(rows));
    let bytes = |name: &str, bytes: fn(&Row) -> usize| column(name, rows, |row| number(bytes(row)));
    let roles = [
        bytes("weights", |row| row.budget.weights),
        bytes("gradients", |row| row.budget.gradients),
        bytes("optimiser", |row| row.budget.optimizer),
        bytes("stream", |row| row.budget.stream),
        bytes("saved", |row| row.budget.saved),
        bytes("scratch", |row| row.budget.scratch),
        bytes("settings", |row| row.budget.settings),
        bytes("sample", |row| row.budget.data),
        bytes("stack", |row| row.stack),
        bytes("total", |row| row.total),
    ];
    let weights =
        [bytes("parameters", |row| row.parameters), bytes("trained", |row| row.trained), bytes("MACs", |row| row.macs)];
    let boards = rows.first().map_or(&[][..], |row| &row.on).iter().enumerate();
    let on = |cell: fn(&OnBoard) -> String| {
        let column_of = |(index, on): (usize, &OnBoard)| column(on.board, rows, |row| cell(&row.on[index]));
        boards.clone().map(column_of).collect::<Vec<_>>()
    };
    let left = on(|on| match on.left {
        bytes @ 0.. => number(bytes as usize),
        missing => format!("-{}", number(missing.unsigned_abs() as usize)),
    });
    let millis = on(|on| on.millis.filter(|_| on.left >= 0).map_or("-".into(), |millis| format!("{millis:.2}")));
    let is_known = rows.iter().flat_map(|row| &row.on).all(|on| on.millis.is_some());
    let above = if is_known { MILLIS.into() } else { format!("{MILLIS}\n{UNKNOWN}") };
    folded(&format!("Bytes{of} by what they are for."), &keys, &roles)
        .with(folded("Weights, and multiply-accumulates of a sample.", &keys, &weights))
        .with(folded("The bytes left on each board. Below 0 it does not fit.", &keys, &left))
        .with(folded(&above, &keys, &millis))
}

const MILLIS: &str = "\
Milliseconds per sample by what emulated boards were seen to take, for memory
without wait states; the updates of batches are shared by 32 samples.";

const UNKNOWN: &str = "\
Predictions from bytes are counted, not estimated, and not for every network.";

/// What saves write, and how long the flash of boards lasts; nothing where no board keeps anything.
pub fn flash(rows: &[Row], areas: &[Area], save_every: u32) -> Report {
    if areas.is_empty() {
        return Report::default();
    }
    let sizes = |name: &str, size: fn(&Area) -> u64| column(name, areas, |area| number(size(area) as usize));
    let boards = [
        sizes("slots", |area| area.slots.into()),
        sizes("bytes\nof a slot", |area| area.slot.into()),
        sizes("erased\ntogether", |area| area.erase_size.into()),
        sizes("erasures", |area| area.endurance.into()),
        sizes("saves", |area| area.saves),
        column("years, a\nrun a day", areas, |area| format!("{:.1}", area.years)),
    ];
    let saved: Vec<Row> = rows.iter().filter(|row| row.checkpoint.is_some()).cloned().collect();
    let wear = |row: &Row| row.on.iter().find_map(|on| on.flash);
    let written = |row: &Row| wear(row).map_or("-".into(), |wear| number(wear.written as usize));
    let mut saves = vec![
        column("bytes of a\ncheckpoint", &saved, |row| {
            row.checkpoint.map_or("-".into(), |bytes| number(bytes as usize))
        }),
        column("written\nper save", &saved, written),
    ];
    saves.extend(areas.iter().map(|area| {
        let of = |row: &Row| row.on.iter().find(|on| on.board == area.board).and_then(|on| Some((on.flash?, on.left)));
        column(area.board, &saved, |row| of(row).map_or("-".into(), |(wear, left)| lasts(&wear, left)))
    }));
    let each = format!(
        "A run of {RUN} steps, 25 epochs of the recordings, saves every {save_every} steps\n\
         and at its end."
    );
    let names = [column("flash of", areas, |area| area.board.into())];
    let areas = folded(&each, &names, &boards);
    if saved.is_empty() {
        return areas;
    }
    areas.with(folded("The same until it is worn out, if a board trains on and on.", &keys(&saved), &saves))
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
