//! Files of the names that the pages give to a user's.

use std::fs;

use crate::cli::Cli;

/// A folder with all of them, which is deleted with what is given.
pub fn folder() -> Cli {
    let cli = Cli::new();
    for name in ["docs", "src"] {
        fs::create_dir(cli.path(name)).unwrap();
    }
    for (name, rows, labelled) in [
        ("train.csv", 200, true),
        ("UNSWNB15_training_coursework.csv", 50, true),
        ("test.csv", 100, true),
        ("new.csv", 20, false),
    ] {
        cli.write(name, &flows(rows, labelled));
    }
    cli
}

/// Columns that `--plain` and `--drop` name, and as many others as `flow-16x2` takes in all.
const NAMED: [&str; 7] = ["sttl", "dttl", "swin", "dwin", "is_ftp_login", "is_sm_ips_ports", "ct_state_ttl"];

fn flows(rows: u32, labelled: bool) -> String {
    let columns = NAMED.map(String::from).into_iter().chain((7..41).map(|column| format!("f{column}")));
    let columns: Vec<_> = columns.collect();
    let mut text = format!("id,{},proto{}\n", columns.join(","), if labelled { ",label" } else { "" });
    for row in 0..rows {
        let value = |column: u32| (row * 7919 + column * 104_729) % 1009;
        let cells: Vec<_> = (0..41).map(|column| value(column).to_string()).collect();
        let proto = if row % 3 == 0 { "tcp" } else { "udp" };
        let label = if value(3) + value(7) > 1009 { ",1" } else { ",0" };
        text += &format!("{row},{},{proto}{}\n", cells.join(","), if labelled { label } else { "" });
    }
    text
}
