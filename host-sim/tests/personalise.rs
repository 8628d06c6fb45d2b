//! A network that adapts to new people: accuracies of the whole protocol, and the same bits on a board.

mod cli;
mod needs;

use cli::Cli;
use host_sim::board::emulator::Machine;
use host_sim::board::firmware::{self, Board};
use needs::is_there;
use serde_json::Value;

fn rows(cli: &Cli, options: &str) -> Vec<Value> {
    cli.ok(&format!("personalise {options} --json rows.json"));
    serde_json::from_value(cli.json("rows.json")).unwrap()
}

fn mean(row: &Value, of: &str) -> f64 {
    row["mean"][of].as_f64().unwrap()
}

/// An independent implementation of the protocol reached .938 on the new subject without replay; with it .929 and .859 on the others,
/// and .850 from four windows of each recording.
#[test]
fn ten_people_gain_and_replay_keeps_the_others() {
    let cli = Cli::new();
    let [all] = &rows(&cli, "--labels all")[..] else { panic!() };
    assert!(mean(all, "after") >= 0.93 && all["better"] == 10, "{all}");
    assert_eq!(all["windows"], 177);
    assert!(all["cost"]["seconds"].as_f64().unwrap() <= 8.0, "{}", all["cost"]);

    let [few, replayed] = &rows(&cli, "--labels 4,all --replay 177")[..] else { panic!() };
    assert!(mean(few, "after") >= 0.84, "{few}");
    assert!(mean(replayed, "after") >= 0.92 && mean(replayed, "others_after") >= 0.85, "{replayed}");
    assert!(mean(replayed, "others_after") > mean(all, "others_after"));
}

/// Two of them on an emulated Cortex-M4F, briefly.
#[test]
fn a_board_adapts_to_the_same_bits() {
    let missing = firmware::missing(Board::Stm32f405).map(|error| error.to_string());
    if !is_there(missing.or(Machine::Stm32f405.missing().map(|error| error.to_string()))) {
        return;
    }
    let cli = Cli::new();
    let [row] = &rows(&cli, "--subjects 1,2 --labels 1 --epochs 4 --replay 7 --on qemu")[..] else { panic!() };
    for adapted in row["subjects"].as_array().unwrap() {
        assert!(adapted["board_crc32"].is_u64() && adapted["board_crc32"] == adapted["weights_crc32"], "{adapted}");
        assert!(adapted["board_seconds"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let cli = Cli::new();
    for (code, options, message) in [
        (2, "--subjects 11", "numbers from 1 to 10"),
        (2, "--labels 0", "a number above 0"),
        (1, "--network flow-16x2 --subjects 1 --labels 1", "42"),
        (2, "--method head --on qemu", "over a line the boards train every weight"),
        (2, "--lr 0", "--lr"),
    ] {
        let error = cli.fails(code, &format!("personalise {options}"));
        assert!(error.contains(message), "{options}: {error}");
    }
}
