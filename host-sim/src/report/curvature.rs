//! How the loss of networks curves.

use super::{Report, number, row, table};
use crate::run::metrics::mean_and_deviation;
use crate::study::curvature::{Batch, Row};

/// A table per look, with a line per network.
pub fn spectrum(rows: &[Row]) -> Report {
    let looks = rows.first().and_then(|row| row.runs.first()).map_or(0, |run| run.looks.len());
    let tables = (0..looks).map(|look| {
        let header = ["loss", "most positive", "most negative", "negative ratio", "negative share"];
        let name = format!("after {} epochs", rows[0].runs[0].looks[look].epoch);
        let mut networks = table([name, "parameters".into()].into_iter().chain(header.map(String::from)));
        for network in rows {
            let losses: Vec<f32> = network.runs.iter().map(|run| run.looks[look].loss).collect();
            let spread = |figure: fn(&Batch) -> f32| network.over_runs(look, figure);
            let figures = [
                with_deviation(mean_and_deviation(&losses), 3),
                with_deviation(spread(|batch| batch.largest), 2),
                with_deviation(spread(|batch| batch.smallest), 2),
                with_deviation(spread(|batch| batch.negative_ratio), 3),
                with_deviation(spread(|batch| batch.negative_share), 3),
            ];
            networks.add_row(row(network.network, std::iter::once(number(network.parameters)).chain(figures)));
        }
        networks
    });
    let note = "Means over mini-batches and runs; a deviation is that from run to run.";
    tables.fold(Report::default(), Report::table).text(note)
}

fn with_deviation((mean, deviation): (f32, f32), digits: usize) -> String {
    format!("{mean:.digits$} ± {deviation:.digits$}")
}
