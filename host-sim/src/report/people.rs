//! What an adaptation to new people is worth.

use super::{Report, number, percent, row, table};
use crate::study::personalise::{Adapted, Row};

/// A row for each number of labelled windows, then one for each subject of the last of them.
pub fn personalised(rows: &[Row]) -> Report {
    let columns = [
        "windows labelled",
        "new: before",
        "after",
        "deviation",
        "better",
        "others: before",
        "after",
        "seconds",
        "RAM",
        "flash",
    ];
    let mut all = table(columns);
    for Row { labels, windows, subjects, mean, deviation, better, cost } in rows {
        let of_each = labels.map_or("first half".into(), |labels| format!("{labels} of each recording"));
        let figures = [
            percent(mean.before),
            percent(mean.after),
            percent(*deviation),
            format!("{better} of {}", subjects.len()),
            percent(mean.others_before),
            percent(mean.others_after),
            format!("{:.1}", cost.seconds),
            number(cost.ram),
            number(cost.flash),
        ];
        all.add_row(row(format!("{windows}: {of_each}"), figures));
    }
    let mut people =
        table(["subject", "windows", "new: before", "after", "others: before", "after", "CRC-32", "board"]);
    for Adapted { subject, windows, accuracies, weights_crc32, board_crc32, board_seconds, .. } in
        rows.last().map_or(&[][..], |row| &row.subjects)
    {
        let of = [accuracies.before, accuracies.after, accuracies.others_before, accuracies.others_after].map(percent);
        let board = match (board_crc32, board_seconds) {
            (Some(_), Some(seconds)) => format!("same bits, {seconds:.1} s"),
            _ => "-".into(),
        };
        let figures = [number(*windows)].into_iter().chain(of).chain([format!("{weights_crc32:08x}"), board]);
        people.add_row(row(subject, figures));
    }
    Report::from(all).table(people)
}
