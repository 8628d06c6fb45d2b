//! The `host-sim` command as its users meet it.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// A folder to work in, which goes when the test is through.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn run(&self, line: &str) -> Output {
        let mut command = Command::cargo_bin("host-sim").unwrap();
        command.current_dir(&self.folder).args(line.split_whitespace()).output().unwrap()
    }

    /// Standard output of a command that must succeed.
    fn ok(&self, line: &str) -> String {
        let Output { status, stdout, stderr } = self.run(line);
        assert!(status.success(), "host-sim {line}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    /// Standard error of a command that must fail with this code, without results.
    fn fails(&self, code: i32, line: &str) -> String {
        let Output { status, stdout, stderr } = self.run(line);
        let message = String::from_utf8(stderr).unwrap();
        assert_eq!(status.code(), Some(code), "host-sim {line}: {message}");
        assert!(stdout.is_empty(), "host-sim {line}");
        message
    }

    /// A failure whose whole message is `error: ` and text with these parts.
    fn complains(&self, code: i32, line: &str, parts: &[&str]) {
        let message = self.fails(code, line);
        assert!(message.starts_with("error: ") && message.lines().count() == 1, "host-sim {line}: {message}");
        for part in parts {
            assert!(message.contains(part), "host-sim {line}: {message} lacks {part}");
        }
    }

    /// A table for `flow-16x2`: 41 numbers and a text; the label follows from two of them.
    fn write_flows(&self, name: &str, rows: u32, first: u32) {
        let header: String = (0..41).map(|column| format!("f{column},")).collect();
        let mut text = format!("id,{header}kind,label\n");
        for row in first..first + rows {
            let value = |column: u32| f64::from((row * 7919 + column * 104_729) % 1009) / 1009.0 - 0.5;
            let cells: String = (0..41).map(|column| format!("{},", value(column))).collect();
            let kind = if row % 3 == 0 { "tcp" } else { "udp" };
            text += &format!("{row},{cells}{kind},{}\n", if value(3) + value(7) > 0.0 { "attack" } else { "normal" });
        }
        self.write(name, &text);
    }
}

#[test]
fn help_teaches() {
    let desk = Desk::new();
    let help = desk.ok("--help");
    for part in ["train", "configs", "evaluate", "predict", "Examples:"] {
        assert!(help.contains(part), "{part}");
    }
    let train = desk.ok("train --help");
    for part in [
        "[default: watch-12x1]",
        "[default: 25]",
        "[default: 32]",
        "[default: 0.005]",
        "[default: cosine]",
        "[default: 0.05]",
        "[default: adam]",
        "[default: 1]",
        "[default: shuffled]",
        "[default: watch]",
        "[default: 9,10]",
        "with sharp-cosine",
        "with momentum and nesterov",
        "mlp-42-64-32-1",
        "Examples:",
    ] {
        assert!(train.contains(part), "{part} is not in\n{train}");
    }
    assert!(desk.ok("evaluate --help").contains("Examples:") && desk.ok("predict --help").contains("Examples:"));
    assert!(desk.ok("--version").starts_with("host-sim 0."));
}

#[test]
fn configs_are_listed_with_their_cost() {
    let list = Desk::new().ok("configs");
    let line = |start: &str| list.lines().find(|line| line.starts_with(start)).unwrap().to_string();
    let first = line(" watch-12x1");
    assert_eq!(first.split_whitespace().take(4).collect::<Vec<_>>(), ["watch-12x1", "96", "7", "1,403"]);
    for (name, parameters) in
        [("watch-16x2", "3,095"), ("flow-16x2", "2,697"), ("flow-7x6", "2,339"), ("notebook", "420,697")]
    {
        assert!(line(&format!(" {name}")).contains(parameters));
    }
    let costs: Vec<_> = list.lines().filter(|line| line.starts_with(" watch-12x1")).collect();
    assert!(costs[1].contains("5,612"), "{costs:?}");
}

#[test]
fn a_saved_network_scores_the_same_again() {
    let desk = Desk::new();
    let report = desk.ok("train --epochs 2 --test-subjects 5,6 --seed 9 --save w.safetensors --json run.json");
    let test = report.split(" cost").next().unwrap().trim_end();
    assert_eq!(desk.ok("evaluate --weights w.safetensors --test-subjects 5,6").trim_end(), test);
    assert_ne!(desk.ok("evaluate --weights w.safetensors --test-subjects 1").trim_end(), test);

    let record = desk.json("run.json");
    assert_eq!((&record["config"], &record["parameters"]), (&"watch-12x1".into(), &1403.into()));
    assert_eq!((&record["seed"], &record["options"]["epochs"]), (&9.into(), &2.into()));
    let steps = record["steps"].as_array().unwrap();
    let samples = record["training_samples"].as_u64().unwrap();
    assert_eq!(steps.len() as u64, 2 * samples.div_ceil(32));
    assert!(steps[0]["loss"].as_f64().unwrap() > steps.last().unwrap()["loss"].as_f64().unwrap());
    let epochs = record["epochs"].as_array().unwrap();
    assert_eq!((epochs.len(), &epochs[1]["test_accuracy"]), (2, &record["test"]["accuracy"]));
    assert_eq!(record["test"]["confusion"].as_array().unwrap().len(), 7);
    assert!(record["test"]["auc"].is_null() && record["weights_crc32"].is_u64());
    assert!(record["samples_per_second"].as_f64().unwrap() > 0.0);
    let bytes: u64 = ["weights", "gradients", "optimizer", "stream", "saved", "scratch", "settings"]
        .iter()
        .map(|role| record["budget"][role].as_u64().unwrap())
        .sum();
    assert_eq!(record["budget"]["total"], bytes);

    desk.ok("train --epochs 2 --test-subjects 5,6 --seed 9 --save again.safetensors --json again.json");
    assert_eq!(record["weights_crc32"], desk.json("again.json")["weights_crc32"]);
    assert_eq!(fs::read(desk.path("w.safetensors")).unwrap(), fs::read(desk.path("again.safetensors")).unwrap());
    desk.ok("train --steps 1 --test-subjects 5,6 --seed 10 --json other.json");
    assert_ne!(record["weights_crc32"], desk.json("other.json")["weights_crc32"]);
    assert_eq!(desk.names(), ["again.json", "again.safetensors", "other.json", "run.json", "w.safetensors"]);
}

#[test]
fn training_goes_on_from_saved_weights() {
    let desk = Desk::new();
    desk.ok("train --epochs 2 --save w.safetensors --json run.json");
    desk.ok("train --steps 1 --lr 1e-9 --init w.safetensors --save w.safetensors --json on.json");
    let accuracy = |name: &str| desk.json(name)["test"]["accuracy"].as_f64().unwrap();
    assert_eq!(accuracy("run.json"), accuracy("on.json"));
}

#[test]
fn a_table_is_learned_and_predicted() {
    let desk = Desk::new();
    desk.write_flows("train.csv", 600, 0);
    desk.write_flows("test.csv", 200, 5000);
    let options = "--config flow-7x6 --data train.csv --test test.csv --drop id --epochs 20";
    desk.ok(&format!("train {options} --save w.safetensors --json run.json"));
    let test = &desk.json("run.json")["test"];
    assert!(test["accuracy"].as_f64().unwrap() > 0.85 && test["auc"].as_f64().unwrap() > 0.9, "{test}");
    let scores = desk.ok("evaluate --weights w.safetensors --data test.csv");
    assert!(scores.contains(&format!("{:.1} %", 100.0 * test["accuracy"].as_f64().unwrap())), "{scores}");

    // The label and the dropped column may be missing.
    let header_and_rows: Vec<Vec<String>> =
        desk.read("test.csv").lines().map(|line| line.split(',').map(String::from).collect()).collect();
    let without: Vec<String> = header_and_rows.iter().map(|cells| cells[1..cells.len() - 1].join(",")).collect();
    desk.write("new.csv", &without.join("\n"));
    let predictions = desk.ok("predict --weights w.safetensors --data new.csv");
    desk.ok("predict --weights w.safetensors --data test.csv --output predicted.csv");
    assert_eq!(predictions, desk.read("predicted.csv"));
    let lines: Vec<Vec<&str>> = predictions.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines[0], ["predicted", "probability_attack", "probability_normal"]);
    assert_eq!(lines.len(), 201);
    let right = lines[1..].iter().zip(&header_and_rows[1..]).filter(|(line, row)| line[0] == row[43]).count();
    assert_eq!(right as f64 / 200.0, (test["accuracy"].as_f64().unwrap() * 1e6).round() / 1e6);
    for line in &lines[1..] {
        let [attack, normal] = [1, 2].map(|column| line[column].parse::<f32>().unwrap());
        assert!((attack + normal - 1.0).abs() < 1e-6 && (attack > normal) == (line[0] == "attack"), "{line:?}");
    }

    desk.ok("train --config flow-7x6 --data train.csv --drop id --steps 3 --json untested.json");
    assert!(desk.json("untested.json")["test"].is_null());
}

#[test]
fn every_schedule_order_and_optimiser_runs() {
    let desk = Desk::new();
    for options in [
        "--schedule constant --optimizer adamw --weight-decay 0.1",
        "--schedule cosine --min-lr 1e-4 --optimizer sgd --clip 0 --order file",
        "--schedule sharp-cosine --sharpness 0.5 --optimizer momentum --momentum 0.8 --order stride:977",
        "--schedule warm-restarts --restart-epochs 1 --restart-factor 1 --optimizer nesterov --label-smoothing 0.1",
    ] {
        desk.ok(&format!("train --steps 60 {options} --dropout 0.1 --drop-path 0.1 --json run.json"));
        let steps = desk.json("run.json")["steps"].as_array().unwrap().clone();
        assert_eq!(steps.len(), 60);
        assert!(steps.iter().all(|step| step["loss"].is_f64()), "{options}");
        let lr: Vec<_> = steps.iter().map(|step| step["lr"].as_f64().unwrap()).collect();
        assert!((lr[2] - 0.005).abs() < 1e-8 && lr[0] < lr[1], "{options}: warm after 3 of 60 steps");
        assert_eq!(lr[59] < lr[2], !options.contains("constant"), "{options}");
    }
}

#[test]
fn options_out_of_range_or_place_are_usage_errors() {
    let desk = Desk::new();
    for (option, value) in [
        ("--lr", "0"),
        ("--lr", "-1"),
        ("--lr", "inf"),
        ("--lr", "NaN"),
        ("--min-lr", "1"),
        ("--warmup", "1.5"),
        ("--batch", "0"),
        ("--epochs", "0"),
        ("--steps", "0"),
        ("--dropout", "1"),
        ("--drop-path", "-0.1"),
        ("--clip", "NaN"),
        ("--weight-decay", "-1"),
        ("--label-smoothing", "1"),
    ] {
        desk.complains(2, &format!("train {option} {value}"), &[&format!("{option} is {value}, but must be ")]);
    }
    desk.complains(2, "train --schedule sharp-cosine --sharpness 0", &["--sharpness is 0"]);
    desk.complains(2, "train --optimizer momentum --momentum 1", &["--momentum is 1"]);
    desk.complains(2, "train --momentum 0.9", &["--momentum has no effect", "momentum or nesterov"]);
    desk.complains(2, "train --sharpness 0.9", &["--sharpness has no effect", "--schedule sharp-cosine"]);
    desk.complains(2, "train --restart-epochs 2", &["--restart-epochs has no effect", "warm-restarts"]);
    desk.complains(2, "train --schedule constant --min-lr 1e-5", &["--min-lr has no effect"]);
    desk.complains(2, "train --label x", &["--label has no effect", "--data FILE.csv"]);
    desk.complains(2, "train --data x.csv --test-subjects 1", &["--test-subjects has no effect", "--data watch"]);
    desk.complains(2, "train --pos-weight 2 --steps 1", &["--pos-weight has no effect", "single output"]);
    desk.complains(2, "train --save x --json ./x", &["--save and --json both name"]);
    for line in [
        "train --epochs many",
        "train --epochs 2 --steps 3",
        "train --config watch-13x1",
        "train --order random",
        "bake",
    ] {
        let message = desk.fails(2, line);
        assert!(message.starts_with("error: "), "{message}");
    }
    assert!(desk.fails(2, "train --config watch-13x1").contains("watch-16x2"), "the names are listed");
    assert!(desk.names().is_empty());
}

#[test]
fn bad_data_are_named() {
    let desk = Desk::new();
    desk.write_flows("flows.csv", 50, 0);
    let flows = desk.read("flows.csv");
    let lines: Vec<&str> = flows.lines().collect();
    let replaced = |line: usize, from: &str, to: &str| {
        let mut lines = lines.clone();
        let changed = lines[line - 1].replacen(from, to, 1);
        lines[line - 1] = &changed;
        lines.join("\n")
    };
    desk.write("ragged.csv", &replaced(9, ",", ",,"));
    let mut cells: Vec<&str> = lines[4].split(',').collect();
    cells[6] = "NaN";
    desk.write("nan.csv", &replaced(5, lines[4], &cells.join(",")));
    desk.write("unknown.csv", &replaced(7, lines[6].rsplit(',').next().unwrap(), "odd"));
    desk.write("one.csv", &flows.replace("attack", "normal"));
    let train = |file: &str| format!("train --config flow-16x2 --drop id --data {file}");
    desk.complains(1, &train("none.csv"), &["none.csv: there is no such file"]);
    desk.complains(1, &train("ragged.csv"), &["ragged.csv, line 9"]);
    desk.complains(1, &train("nan.csv"), &["nan.csv, line 5, column `f5`: `NaN`"]);
    desk.complains(1, &train("one.csv"), &["one.csv: every sample has the label `normal`"]);
    desk.complains(1, &(train("flows.csv") + " --test unknown.csv"), &["unknown.csv, line 7, column `label`", "`odd`"]);
    desk.complains(1, &(train("flows.csv") + " --label y"), &["flows.csv: there is no column `y`"]);
    desk.complains(
        1,
        "train --data flows.csv --drop id",
        &["flows.csv has 42 inputs and 2 classes", "takes 96 inputs and tells 7", "flow-16x2 or flow-7x6 or mlp-42"],
    );
    desk.complains(1, "train --data flows.csv", &["43 inputs", "no network in the list fits"]);
    desk.complains(1, "train --test-subjects 1,11", &["there is no subject 11"]);
    desk.complains(1, "train --order stride:6 --steps 1", &["--order stride:6", "divisor in common"]);
    let diverged = desk.fails(1, "train --config watch-16x2 --lr 1e38 --optimizer sgd --clip 0");
    assert!(diverged.ends_with("in epoch 1: take a lower --lr, or a --clip; nothing was written\n"), "{diverged}");
}

#[test]
fn bad_weights_are_named() {
    let desk = Desk::new();
    desk.write("text.safetensors", "not weights");
    desk.ok("train --steps 1 --save small.safetensors");
    desk.ok("train --steps 1 --config watch-16x2 --save large.safetensors");
    desk.write_flows("flows.csv", 20, 0);
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/watch_12x1/init.safetensors");
    let evaluate = |weights: &str| format!("evaluate --weights {weights}");
    desk.complains(1, &evaluate("none.safetensors"), &["none.safetensors: cannot be read"]);
    desk.complains(1, &evaluate("text.safetensors"), &["text.safetensors: is not a safetensors file"]);
    desk.complains(1, &evaluate(golden), &["not how the data were prepared"]);
    desk.complains(
        1,
        &(evaluate("small.safetensors") + " --config watch-16x2"),
        &["of `watch-12x1`, not of `watch-16x2`"],
    );
    desk.complains(1, &(evaluate("small.safetensors") + " --config x"), &["no network `x`; there are: watch-12x1"]);
    desk.complains(1, &(evaluate("small.safetensors") + " --data flows.csv"), &["use --data watch"]);
    desk.complains(1, &(evaluate("small.safetensors") + " --test-subjects 12"), &["no subject 12"]);
    desk.complains(
        1,
        "predict --weights small.safetensors --output no/where.csv",
        &["no/where.csv: cannot be written"],
    );
    desk.complains(
        1,
        "train --init large.safetensors",
        &["large.safetensors: `embed.weight` has shape [16, 6], but `watch-12x1` needs [12, 6]"],
    );
}

#[test]
fn a_run_that_fails_destroys_nothing() {
    let desk = Desk::new();
    desk.write("old.safetensors", "weights of last night");
    desk.write("old.json", "record of last night");
    let before = desk.names();
    let outputs = "--save old.safetensors --json old.json";
    desk.complains(1, &format!("train --test-subjects 99 {outputs}"), &["99"]);
    desk.complains(1, &format!("train --init none.safetensors {outputs}"), &["none.safetensors"]);
    desk.fails(1, &format!("train --lr 1e38 --optimizer sgd --clip 0 --epochs 1 {outputs}"));
    desk.complains(1, "train --save old.safetensors --json no/run.json", &["no/run.json: cannot be written", "--json"]);
    desk.complains(2, "train --data old.json --save old.json", &["--data and --save both name"]);
    assert_eq!(desk.names(), before);
    assert_eq!(desk.read("old.safetensors"), "weights of last night");
    assert_eq!(desk.read("old.json"), "record of last night");
    desk.ok(&format!("train --steps 1 {outputs}"));
    assert_eq!(desk.json("old.json")["config"], "watch-12x1");
}
