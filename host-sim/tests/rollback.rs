//! A loss that explodes: back to where it was good, and on at a lower rate.

mod cli;

use cli::Cli;
use serde_json::Value;

/// Decay turns every weight around and makes it 49 times as large in each step.
const EXPLODES: &str = "train --optimizer adamw --weight-decay 1e4 --batch 100000 --epochs 6";

fn numbers(list: &Value, field: &str) -> Vec<u64> {
    list.as_array().unwrap().iter().map(|entry| entry[field].as_u64().unwrap()).collect()
}

#[test]
fn a_run_goes_back_and_on_at_a_lower_rate() {
    let cli = Cli::new();
    let report = cli.ok(&format!("{EXPLODES} --rollback 0.01 --json run.json"));
    let record = cli.json("run.json");
    let rollbacks = record["rollbacks"].as_array().unwrap();
    assert!(!rollbacks.is_empty(), "{record}");
    assert!(report.contains("The loss exploded in epoch "), "{report}");
    assert_eq!(numbers(&record["epochs"], "epoch"), [1, 2, 3, 4, 5, 6]);
    assert_eq!(numbers(&record["steps"], "step"), [0, 1, 2, 3, 4, 5]);
    assert!(record["epochs"].as_array().unwrap().iter().all(|epoch| epoch["train_loss"].as_f64().unwrap() < 10.0));
    let [usual, lower] = [5e-3, record["steps"][0]["lr"].as_f64().unwrap()];
    let back_to_start = rollbacks.iter().any(|rollback| rollback["back_to"] == 0);
    assert!(!back_to_start || (lower / usual - rollbacks[0]["rate"].as_f64().unwrap()).abs() < 1e-6, "{lower}");
}

#[test]
fn without_an_explosion_nothing_changes() {
    let cli = Cli::new();
    cli.ok("train --epochs 2 --json plain.json");
    cli.ok("train --epochs 2 --rollback 0.5 --json careful.json");
    let [plain, careful] = ["plain.json", "careful.json"].map(|name| cli.json(name));
    assert_eq!(plain["weights_crc32"], careful["weights_crc32"]);
    assert_eq!(careful.get("rollbacks"), None);
}

#[test]
fn a_run_that_explodes_again_and_again_ends() {
    let cli = Cli::new();
    let line = "train --lr 1e30 --optimizer sgd --clip 0 --steps 3 --batch 512 --rollback 0.5 --save w.safetensors";
    let message = cli.fails(1, line);
    assert_eq!(message.matches("back to the beginning").count(), 5, "{message}");
    assert!(message.contains("has diverged in epoch 1") && message.contains("nothing was written"), "{message}");
    assert!(cli.names().is_empty());
    cli.complains(2, "train --rollback 1", &["--rollback is 1", "above 0 and below 1"]);
    cli.complains(2, "board --port x --rollback 0.5", &["--rollback has no effect here: it belongs to train"]);
}
