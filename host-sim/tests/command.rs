//! The `host-sim` command as its users meet it.

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

/// What best fits where is seen at a glance: on 80 columns and 40 lines.
#[test]
fn the_bare_budget_fits_a_screen() {
    let report = Cli::new().ok("budget");
    assert!(report.lines().count() <= 40 && report.lines().all(|line| line.chars().count() <= 80), "{report}");
    let modes = |network: &str| {
        let line = report.lines().find(|line| line.split_whitespace().next() == Some(network)).unwrap();
        line.split_whitespace().skip(1).map(str::to_string).collect::<Vec<_>>()
    };
    assert_eq!(modes("watch-26x2")[..2], ["-", "recompute-adam"], "{report}");
    assert!(
        modes("notebook").iter().all(|mode| mode == "-") && modes("watch-12x1").iter().all(|mode| mode == "keep-adam")
    );
}

/// No terminal has to break a number in two.
#[test]
fn every_budget_fits_the_width_of_a_terminal() {
    let cli = Cli::new();
    let names = cli.ok("networks --json -");
    let networks: serde_json::Value = serde_json::from_str(&names).unwrap();
    let names = networks.as_array().unwrap().iter().map(|network| network["network"].as_str().unwrap());
    let lines: Vec<String> = names.map(|name| format!("budget --network {name}")).collect();
    let others = ["budget --all", "budget --pretext", "budget --network watch-12x1 --mode predict", "networks"];
    for line in lines.iter().map(String::as_str).chain(others) {
        let report = cli.ok(line);
        let widest = report.lines().max_by_key(|line| line.chars().count()).unwrap();
        assert!(widest.trim_end().chars().count() <= 80, "{line}: {widest}");
    }
    let report = cli.ok("budget --network notebook --mode keep-adam predict");
    for part in ["notebook", "1,682,788", "420,697", "-7,001,040", "nucleo-f446re", "keep-adam", "1,792", "5,048,475"] {
        assert!(report.contains(part), "{part} is not in\n{report}");
    }
}

#[test]
fn budgets_are_compared_drawn_and_judged() {
    let cli = Cli::new();
    let report = cli.ok("budget --network watch-12x1 notebook --mode keep-adam predict --json b.json --svg b.svg");
    for part in ["stm32g431", "rp2350", "48,636", "32,648", "-7,001,040", "420,697"] {
        assert!(report.contains(part), "{part} is not in\n{report}");
    }
    let rows = cli.json("b.json");
    assert_eq!(rows.as_array().unwrap().len(), 4);
    let budget = &rows[0]["budget"];
    assert_eq!(
        (&rows[0]["mode"], &budget["total"], &budget["data"]),
        (&"keep-adam".into(), &(30_472 + 384).into(), &384.into())
    );
    // 16,943 bytes, the last word and the record; the notebook fits no board.
    for part in ["131,072", "16,943", "16,976", "5.3 days", "27.7 days", "3.6 years"] {
        assert!(report.contains(part), "{part} is not in\n{report}");
    }
    let on = &rows[0]["on"].as_array().unwrap()[1];
    assert_eq!((&on["board"], &on["flash"]["written"]), (&"stm32f405".into(), &16_976.into()));
    assert_eq!((&rows[0]["checkpoint"], &rows[1]["checkpoint"]), (&16_943.into(), &serde_json::Value::Null));
    let svg = cli.read("b.svg");
    assert!(svg.starts_with("<svg") && svg.contains("watch-12x1 keep-adam") && svg.contains("stm32f405"));

    cli.ok("budget --svg first.svg");
    let height = |svg: &str| svg.split("height=\"").nth(1).unwrap().split('"').next().unwrap().parse::<u32>().unwrap();
    assert!(height(&cli.read("first.svg")) <= 1080, "all networks on a screen");
    cli.complains(1, "budget --all --svg all.svg", &["bars fit no screen", "--network"]);
    cli.ok("budget --network watch-12x1 --fits stm32f405 --board stm32f405");
    let fits = cli.ok("budget --network watch-16x2 --fits stm32g431");
    assert!(fits.contains("online-adam-8bit, online-momentum-8bit, online-sgd,") && !fits.contains("keep-"), "{fits}");
    let output = cli.run("budget --network watch-16x2 --mode keep-adam recompute-adam --fits stm32g431");
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let expected = "recompute-adam, which needs least, is 26392 bytes too large";
    assert!(message.contains(expected), "{message}");
    cli.ok("budget --network watch-16x2 --mode online-sgd --fits stm32g431");
    assert!(!output.stdout.is_empty(), "the table comes all the same");
    assert!(cli.fails(2, "budget --board stm32f999").contains("stm32f405"), "the boards are listed");
    cli.complains(2, "budget --optimizer ldog", &["sgd", "train --optimizer ldog"]);
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
