//! The `host-sim` command as its users meet it.

mod budget;
#[path = "../cli/mod.rs"]
mod cli;

use std::fs;

use cli::Cli;

#[test]
fn help_teaches() {
    let cli = Cli::new();
    let help = cli.ok("--help");
    for part in [
        "train",
        "networks",
        "evaluate",
        "predict",
        "board",
        "twin",
        "firmware",
        "bench",
        "study",
        "completions",
        "export",
        "new",
        "Examples:",
    ] {
        assert!(help.contains(part), "{part}");
    }
    let train = cli.ok("train --help");
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
    assert!(cli.ok("evaluate --help").contains("Examples:") && cli.ok("predict --help").contains("Examples:"));
    for command in ["board", "twin"] {
        let help = cli.ok(&format!("{command} --help"));
        for part in ["--qemu", "--port", "[default: 921600]", "--restart", "--dropout", "Examples:"] {
            assert!(help.contains(part), "{part} is not in\n{help}");
        }
    }
    assert!(cli.ok("board --help").contains("--standalone"));
    let study = cli.ok("study --help");
    for part in ["ablation", "ideas", "modes", "compare", "labels", "curvature"] {
        assert!(study.contains(part), "{part} is not in\n{study}");
        assert!(cli.ok(&format!("study {part} --help")).contains("Examples:"), "{part}");
    }
    let bench = cli.ok("bench --help");
    assert!(["--functions", "--growth", "--json", "Examples:"].iter().all(|part| bench.contains(part)), "{bench}");
    assert!(cli.ok("--version").starts_with("host-sim 0."));
}

#[test]
fn shells_complete_commands_options_and_networks() {
    let cli = Cli::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = cli.ok(&format!("completions {shell}"));
        for part in ["host-sim", "curvature", "label-smoothing", "watch-12x1"] {
            assert!(script.contains(part), "{shell}: {part}");
        }
    }
}

#[test]
fn networks_are_listed_with_their_cost() {
    let list = Cli::new().ok("networks");
    // What it is, what it takes and gives, and the bytes.
    let lines = |name: &str| -> Vec<_> {
        let cells = list.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        cells.filter(|cells| cells.first() == Some(&name)).map(|cells| cells[1..].join(" ")).collect()
    };
    let first = lines("watch-12x1");
    assert!(first[0].starts_with("Mixer for 16 time steps of 6 axes"), "{first:?}");
    assert_eq!(first[1..], ["96 7 classes 1,403", "5,612 5,612 11,252 768 4,080", "3,072 76 30,472 7,920 3,072"]);
    for (name, parameters) in
        [("watch-16x2", "3,095"), ("flow-16x2", "2,697"), ("flow-7x6", "2,339"), ("notebook", "420,697")]
    {
        assert!(lines(name)[1].ends_with(parameters), "{name}");
    }
}

#[test]
fn a_saved_network_scores_the_same_again() {
    let cli = Cli::new();
    let report = cli.ok("train --epochs 2 --test-subjects 5,6 --seed 9 --save w.safetensors --json run.json");
    let test = report.split(" cost").next().unwrap().trim_end();
    assert_eq!(cli.ok("evaluate --weights w.safetensors --test-subjects 5,6").trim_end(), test);
    assert_ne!(cli.ok("evaluate --weights w.safetensors --test-subjects 1").trim_end(), test);

    let record = cli.json("run.json");
    assert_eq!((&record["network"], &record["parameters"]), (&"watch-12x1".into(), &1403.into()));
    assert_eq!((&record["seed"], &record["options"]["epochs"]), (&9.into(), &2.into()));
    let steps = record["steps"].as_array().unwrap();
    let samples = record["training_samples"].as_u64().unwrap();
    assert_eq!(steps.len() as u64, 2 * samples.div_ceil(32));
    assert!(steps[0]["loss"].as_f64().unwrap() > steps.last().unwrap()["loss"].as_f64().unwrap());
    let epochs = record["epochs"].as_array().unwrap();
    assert_eq!((epochs.len(), &epochs[1]["test_accuracy"]), (2, &record["test"]["accuracy"]));
    assert_eq!(record["test"]["confusion"].as_array().unwrap().len(), 7);
    assert!(record["test"]["auc"].is_f64() && record["weights_crc32"].is_u64());
    assert!(record["samples_per_second"].as_f64().unwrap() > 0.0);
    let bytes: u64 = ["weights", "gradients", "optimizer", "stream", "saved", "scratch", "settings"]
        .iter()
        .map(|role| record["budget"][role].as_u64().unwrap())
        .sum();
    assert_eq!(record["budget"]["total"], bytes);

    cli.ok("train --epochs 2 --test-subjects 5,6 --seed 9 --save again.safetensors --json again.json");
    assert_eq!(record["weights_crc32"], cli.json("again.json")["weights_crc32"]);
    assert_eq!(fs::read(cli.path("w.safetensors")).unwrap(), fs::read(cli.path("again.safetensors")).unwrap());
    cli.ok("train --steps 1 --test-subjects 5,6 --seed 10 --json other.json");
    assert_ne!(record["weights_crc32"], cli.json("other.json")["weights_crc32"]);
    assert_eq!(cli.names(), ["again.json", "again.safetensors", "other.json", "run.json", "w.safetensors"]);
}

#[test]
fn training_goes_on_from_saved_weights() {
    let cli = Cli::new();
    cli.ok("train --epochs 2 --save w.safetensors --json run.json");
    cli.ok("train --steps 1 --lr 1e-9 --init w.safetensors --save w.safetensors --json on.json");
    let accuracy = |name: &str| cli.json(name)["test"]["accuracy"].as_f64().unwrap();
    assert_eq!(accuracy("run.json"), accuracy("on.json"));
}

#[test]
fn a_table_is_learned_and_predicted() {
    let cli = Cli::new();
    cli.write_flows("train.csv", 600, 0);
    cli.write_flows("test.csv", 200, 5000);
    let options = "--network flow-7x6 --data train.csv --test test.csv --drop id --epochs 20";
    cli.ok(&format!("train {options} --save w.safetensors --json run.json"));
    let test = &cli.json("run.json")["test"];
    assert!(test["accuracy"].as_f64().unwrap() > 0.85 && test["auc"].as_f64().unwrap() > 0.9, "{test}");
    let scores = cli.ok("evaluate --weights w.safetensors --data test.csv");
    assert!(scores.contains(&format!("{:.1} %", 100.0 * test["accuracy"].as_f64().unwrap())), "{scores}");

    // The label and the dropped column may be missing.
    let header_and_rows: Vec<Vec<String>> =
        cli.read("test.csv").lines().map(|line| line.split(',').map(String::from).collect()).collect();
    let without: Vec<String> = header_and_rows.iter().map(|cells| cells[1..cells.len() - 1].join(",")).collect();
    cli.write("new.csv", &without.join("\n"));
    let predictions = cli.ok("predict --weights w.safetensors --data new.csv");
    cli.ok("predict --weights w.safetensors --data test.csv --output predicted.csv");
    assert_eq!(predictions, cli.read("predicted.csv"));
    let lines: Vec<Vec<&str>> = predictions.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(lines[0], ["predicted", "probability_attack", "probability_normal"]);
    assert_eq!(lines.len(), 201);
    let right = lines[1..].iter().zip(&header_and_rows[1..]).filter(|(line, row)| line[0] == row[43]).count();
    assert_eq!(right as f64 / 200.0, (test["accuracy"].as_f64().unwrap() * 1e6).round() / 1e6);
    for line in &lines[1..] {
        let [attack, normal] = [1, 2].map(|column| line[column].parse::<f32>().unwrap());
        assert!((attack + normal - 1.0).abs() < 1e-6 && (attack > normal) == (line[0] == "attack"), "{line:?}");
    }

    cli.ok("train --network flow-7x6 --data train.csv --drop id --steps 3 --json untested.json");
    assert!(cli.json("untested.json")["test"].is_null());
}

/// The order of the inputs goes with the weights: names and codes of the columns stand there in that order.
#[test]
fn columns_keep_the_order_that_training_gave_them() {
    let cli = Cli::new();
    cli.write_flows("train.csv", 300, 0);
    cli.write_flows("test.csv", 100, 5000);
    let options = "--network flow-7x6 --data train.csv --test test.csv --drop id --epochs 4";
    let columns = |order: &str| {
        cli.ok(&format!("train {options} --column-order {order} --save {order}.safetensors --json {order}.json"));
        let accuracy = cli.json(&format!("{order}.json"))["test"]["accuracy"].as_f64().unwrap();
        let scores = cli.ok(&format!("evaluate --weights {order}.safetensors --data test.csv"));
        assert!(scores.contains(&format!("{:.1} %", 100.0 * accuracy)), "{order}: {accuracy} is not in\n{scores}");
        cli.columns(&format!("{order}.safetensors"))
    };
    let (file, mut correlation) = (columns("file"), columns("correlation"));
    assert_ne!(file, correlation);
    let header = cli.read("train.csv");
    let header: Vec<_> = header.lines().next().unwrap().split(',').collect();
    assert!(file.is_sorted_by_key(|column| header.iter().position(|name| name == column)), "{file:?}");
    correlation.sort_unstable_by_key(|column| file.iter().position(|name| name == column));
    assert_eq!(file, correlation, "the same columns");
    let refused = cli.fails(2, "train --column-order correlation");
    assert!(refused.contains("--column-order has no effect here: it belongs to --data FILE.csv"), "{refused}");
}

#[test]
fn every_schedule_order_and_optimiser_runs() {
    let cli = Cli::new();
    for options in [
        "--schedule constant --optimizer adamw --weight-decay 0.1",
        "--schedule cosine --min-lr 1e-4 --optimizer sgd --clip 0 --order file",
        "--schedule sharp-cosine --sharpness 0.5 --optimizer momentum --momentum 0.8 --order stride:977",
        "--schedule warm-restarts --restart-epochs 1 --restart-factor 1 --optimizer nesterov --label-smoothing 0.1",
    ] {
        cli.ok(&format!(
            "train --network watch-16x2 --steps 60 {options} --dropout 0.1 --drop-path 0.1 --json run.json"
        ));
        let steps = cli.json("run.json")["steps"].as_array().unwrap().clone();
        assert_eq!(steps.len(), 60);
        assert!(steps.iter().all(|step| step["loss"].is_f64()), "{options}");
        let lr: Vec<_> = steps.iter().map(|step| step["lr"].as_f64().unwrap()).collect();
        assert!((lr[2] - 0.005).abs() < 1e-8 && lr[0] < lr[1], "{options}: warm after 3 of 60 steps");
        assert_eq!(lr[59] < lr[2], !options.contains("constant"), "{options}");
    }
}

/// Parts that are not trained stay as they were; few bits and no gradient buffer do their work.
#[test]
fn every_way_of_training_runs() {
    let cli = Cli::new();
    cli.ok("train --steps 5 --save first.safetensors --json first.json");
    let before = cli.leaves("first.safetensors");
    for (options, trained) in [
        ("--trained head --state 8bit", &["norm.", "head."][..]),
        ("--trained last-block --optimizer momentum", &["blocks.0.", "norm.", "head."]),
        ("--trained biases --state bf16", &["embed.bias", "blocks.0.", "norm.", "head."]),
        ("--online --batch 1 --clip 0 --optimizer sgd --lr 0.02", &[""]),
        (
            "--online --batch 1 --clip 0 --optimizer nesterov --state 8bit --lr 0.004 --trained head",
            &["norm.", "head."],
        ),
    ] {
        let line =
            format!("train --steps 40 {options} --init first.safetensors --save next.safetensors --json next.json");
        cli.ok(&line);
        let after = cli.leaves("next.safetensors");
        // What shifts all channels of a token alike has no gradient behind a layer normalisation.
        for (name, values) in before.iter().filter(|(name, _)| !name.ends_with("token_mixing.1.bias")) {
            let matrix = name.contains("mixing") && name.ends_with(".weight");
            let expected =
                trained.iter().any(|start| name.starts_with(start)) && !(matrix && options.contains("biases"));
            assert_eq!(after[name] != *values, expected, "{options}: {name}");
        }
        let loss = |name: &str| cli.json(name)["test"]["loss"].as_f64().unwrap();
        assert!(loss("next.json") < loss("first.json"), "{options}");
    }
}

/// What a pipe gets is JSON and nothing else; tables go where people look, and nowhere when they ask for quiet.
#[test]
fn figures_go_to_standard_output_as_well() {
    let cli = Cli::new();
    cli.ok("train --steps 2 --save w.safetensors");
    for (line, table) in [
        ("train --steps 2 --json -", "CRC-32"),
        ("evaluate --weights w.safetensors --json -", "accuracy"),
        ("networks --json -", "watch-12x1"),
        ("budget --network watch-12x1 --json -", "bytes left on"),
    ] {
        let output = cli.run(line);
        assert!(output.status.success(), "{line}");
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert!(String::from_utf8(output.stderr).unwrap().contains(table), "{line}");
        assert_eq!(cli.run(&format!("--quiet {line}")).stderr, b"", "{line}");
    }
    for line in ["train --steps 2 --report -", "budget --network watch-12x1 --report -", "budget --svg -"] {
        let page = cli.ok(line);
        assert!(page.trim_end().ends_with("</html>") || page.trim_end().ends_with("</svg>"), "{line}: {page}");
    }
    let output = cli.run("train --steps 2 -q");
    assert!(output.stderr.is_empty() && !output.stdout.is_empty(), "results stay");
    assert!(cli.names().iter().all(|name| name != "-"));
}
