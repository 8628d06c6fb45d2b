//! What the `host-sim` command says to mistakes, and that they destroy nothing.

mod cli;

use cli::Cli;

#[test]
fn options_out_of_range_or_place_are_usage_errors() {
    let cli = Cli::new();
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
        cli.complains(2, &format!("train {option} {value}"), &[&format!("{option} is {value}, but must be ")]);
    }
    cli.complains(2, "train --schedule sharp-cosine --sharpness 0", &["--sharpness is 0"]);
    cli.complains(2, "train --optimizer momentum --momentum 1", &["--momentum is 1"]);
    cli.complains(2, "train --momentum 0.9", &["--momentum has no effect", "momentum or nesterov"]);
    cli.complains(2, "train --sharpness 0.9", &["--sharpness has no effect", "--schedule sharp-cosine"]);
    cli.complains(2, "train --restart-epochs 2", &["--restart-epochs has no effect", "warm-restarts"]);
    cli.complains(2, "train --schedule constant --min-lr 1e-5", &["--min-lr has no effect"]);
    cli.complains(2, "train --label x", &["--label has no effect", "--data FILE.csv"]);
    cli.complains(2, "train --data x.csv --test-subjects 1", &["--test-subjects has no effect", "--data watch"]);
    cli.complains(2, "train --pos-weight 2 --steps 1", &["--pos-weight has no effect", "single output"]);
    cli.complains(2, "train --optimizer sgd --state bf16", &["--state has no effect", "any --optimizer but sgd"]);
    let values = [
        ("--pretrain-epochs", "0"),
        ("--pretrain-steps", "0"),
        ("--pretrain-lr", "0"),
        ("--labels", "0"),
        ("--labels", "2"),
    ];
    for (option, value) in values {
        cli.complains(2, &format!("train {option} {value}"), &[&format!("{option} is {value}, but must be ")]);
    }
    for option in [
        "--pretrain-steps 5",
        "--pretrain-epochs 5",
        "--pretrain-lr 1",
        "--masking subset",
        "--visible 8",
        "--pretrain-target latents",
    ] {
        cli.complains(2, &format!("train {option}"), &["has no effect", "--pretrain masked"]);
    }
    cli.complains(2, "train --pretrain masked --visible 5", &["--visible is 5", "watch-12x1", "4, 8 or 12"]);
    cli.complains(2, "train --pretrain masked --network notebook", &["notebook cannot be pre-trained", "watch-12x1"]);
    cli.complains(2, "board --qemu stm32f405 --pretrain masked", &["with labels alone", "use `train`"]);
    cli.fails(2, "train --pretrain masked --init x");
    cli.complains(2, "train --online", &["--online changes the weights with each sample", "--batch 1 --clip 0"]);
    cli.complains(2, "train --online --batch 1", &["add --batch 1 --clip 0"]);
    cli.complains(2, "train --rho 0.1", &["--rho has no effect", "it belongs to --sam"]);
    cli.complains(2, "train --sam asam --sparsity 0.5", &["--sparsity has no effect", "top-k, dynamic or fisher"]);
    cli.complains(2, "train --sam top-k --sparsity 1.5", &["--sparsity is 1.5", "between 0 and 1"]);
    cli.complains(2, "train --noise-shape karras", &["--noise-shape has no effect", "it belongs to --noise"]);
    cli.complains(2, "train --noise 1 --noise-gate 0.1 --noise-shape karras", &["without --noise-gate"]);
    cli.complains(2, "train --noise -1", &["--noise is -1"]);
    cli.complains(2, "train --ema 0.5", &["--ema is 0.5", "between 0.01 and 0.25"]);
    for other in ["--optimizer sgd", "--online --batch 1 --clip 0", "--state 8bit", "--trained head"] {
        cli.complains(2, &format!("train --sam sam {other}"), &["--sam, --noise and --ema go with --optimizer adam"]);
    }
    cli.complains(2, "train --save x --json ./x", &["--save and --json both name"]);
    for line in [
        "train --epochs many",
        "train --epochs 2 --steps 3",
        "train --network watch-13x1",
        "train --order random",
        "bake",
    ] {
        let message = cli.fails(2, line);
        assert!(message.starts_with("error: "), "{message}");
    }
    assert!(cli.fails(2, "train --network watch-13x1").contains("watch-16x2"), "the names are listed");
    assert!(cli.names().is_empty());
}

#[test]
fn bad_data_are_named() {
    let cli = Cli::new();
    cli.write_flows("flows.csv", 50, 0);
    let flows = cli.read("flows.csv");
    let lines: Vec<&str> = flows.lines().collect();
    let replaced = |line: usize, from: &str, to: &str| {
        let mut lines = lines.clone();
        let changed = lines[line - 1].replacen(from, to, 1);
        lines[line - 1] = &changed;
        lines.join("\n")
    };
    cli.write("ragged.csv", &replaced(9, ",", ",,"));
    let mut cells: Vec<&str> = lines[4].split(',').collect();
    cells[6] = "NaN";
    cli.write("nan.csv", &replaced(5, lines[4], &cells.join(",")));
    cli.write("unknown.csv", &replaced(7, lines[6].rsplit(',').next().unwrap(), "odd"));
    cli.write("one.csv", &flows.replace("attack", "normal"));
    let train = |file: &str| format!("train --network flow-16x2 --drop id --data {file}");
    cli.complains(1, &train("none.csv"), &["none.csv: there is no such file"]);
    cli.complains(1, &train("ragged.csv"), &["ragged.csv, line 9"]);
    cli.complains(1, &train("nan.csv"), &["nan.csv, line 5, column `f5`: `NaN`"]);
    cli.complains(1, &train("one.csv"), &["one.csv: every sample has the label `normal`"]);
    cli.complains(1, &(train("flows.csv") + " --test unknown.csv"), &["unknown.csv, line 7, column `label`", "`odd`"]);
    cli.complains(1, &(train("flows.csv") + " --label y"), &["flows.csv: there is no column `y`"]);
    cli.complains(
        1,
        "train --data flows.csv --drop id",
        &[
            "flows.csv has 42 inputs per sample and 2 classes",
            "takes 96 inputs and predicts 7",
            "flow-16x2 or flow-7x6 or flow-42x1 or flow-3x14 or mlp-42",
        ],
    );
    cli.complains(1, "train --data flows.csv", &["43 inputs", "no network in the list fits"]);
    cli.complains(1, "train --test-subjects 1,11", &["there is no subject 11"]);
    cli.complains(1, "train --order stride:6 --steps 1", &["--order stride:6", "divisor in common"]);
    let diverged = cli.fails(1, "train --network watch-16x2 --lr 1e38 --optimizer sgd --clip 0");
    let says =
        "has diverged in epoch 1, with a mean loss of NaN: take a lower --lr, or a --clip; nothing was written\n";
    assert!(diverged.ends_with(says), "{diverged}");
}

#[test]
fn checkpoints_that_cannot_be_are_named() {
    let cli = Cli::new();
    cli.complains(1, "train --resume none.ckpt", &["none.ckpt: cannot be read", "check its name"]);
    cli.complains(1, "train --checkpoint no/run.ckpt", &["no/run.ckpt: cannot be written", "--checkpoint"]);
    cli.complains(2, "train --checkpoint x --json ./x", &["--json and --checkpoint both name"]);
    for line in [
        "train --checkpoint x --folds 3",
        "train --resume x --folds 3",
        "train --checkpoint x --resume x",
        "train --every 3",
        "train --checkpoint x --every 0",
    ] {
        assert!(cli.fails(2, line).starts_with("error: "), "{line}");
    }
    cli.ok("train --steps 1 --checkpoint run.ckpt");
    cli.complains(1, "train --steps 1 --checkpoint run.ckpt", &["run.ckpt: is there already", "--resume run.ckpt"]);
    let message = cli.fails(2, "train --resume run.ckpt --steps 2");
    assert!(message.contains("its run has --steps 1, not 2"), "{message}");
}

#[test]
fn bad_weights_are_named() {
    let cli = Cli::new();
    cli.write("text.safetensors", "not weights");
    cli.ok("train --steps 1 --save small.safetensors");
    cli.ok("train --steps 1 --network watch-16x2 --save large.safetensors");
    cli.write_flows("flows.csv", 20, 0);
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/watch_12x1/init.safetensors");
    let evaluate = |weights: &str| format!("evaluate --weights {weights}");
    cli.complains(1, &evaluate("none.safetensors"), &["none.safetensors: cannot be read"]);
    cli.complains(1, &evaluate("text.safetensors"), &["text.safetensors: is not a safetensors file"]);
    cli.complains(1, &evaluate(golden), &["not how the data were prepared"]);
    cli.complains(
        1,
        &(evaluate("small.safetensors") + " --network watch-16x2"),
        &["of `watch-12x1`, not of `watch-16x2`"],
    );
    cli.complains(1, &(evaluate("small.safetensors") + " --network x"), &["no network `x`; there are: watch-12x1"]);
    cli.complains(1, &(evaluate("small.safetensors") + " --data flows.csv"), &["use --data watch"]);
    cli.complains(1, &(evaluate("small.safetensors") + " --test-subjects 12"), &["no subject 12"]);
    cli.complains(1, "predict --weights small.safetensors --output no/where.csv", &["no/where.csv: cannot be written"]);
    cli.complains(
        1,
        "train --init large.safetensors",
        &["large.safetensors: does not fit `watch-12x1`", "`embed.weight` has shape [16, 6] and needs [12, 6]"],
    );
}

#[test]
fn a_run_that_fails_destroys_nothing() {
    let cli = Cli::new();
    cli.write("old.safetensors", "weights of last night");
    cli.write("old.json", "record of last night");
    let before = cli.names();
    let outputs = "--save old.safetensors --json old.json";
    cli.complains(1, &format!("train --test-subjects 99 {outputs}"), &["99"]);
    cli.complains(1, &format!("train --init none.safetensors {outputs}"), &["none.safetensors"]);
    cli.fails(1, &format!("train --lr 1e38 --optimizer sgd --clip 0 --epochs 1 {outputs}"));
    cli.complains(1, "train --save old.safetensors --json no/run.json", &["no/run.json: cannot be written", "--json"]);
    cli.complains(2, "train --data old.json --save old.json", &["--data and --save both name"]);
    assert_eq!(cli.names(), before);
    assert_eq!(cli.read("old.safetensors"), "weights of last night");
    assert_eq!(cli.read("old.json"), "record of last night");
    cli.ok(&format!("train --steps 1 {outputs}"));
    assert_eq!(cli.json("old.json")["network"], "watch-12x1");
}

#[test]
fn a_run_that_diverges_keeps_its_last_good_weights() {
    let cli = Cli::new();
    // Decay turns every weight around and makes it 49 times as large, once per epoch.
    let line = "train --optimizer adamw --weight-decay 1e4 --batch 100000 --epochs 9";
    let message = cli.fails(1, &format!("{line} --save good.safetensors --json run.json"));
    for part in ["the training has diverged in epoch 4", "take a lower --lr", "--save has the weights of epoch 2"] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(cli.names(), ["good.safetensors"]);
    cli.ok("evaluate --weights good.safetensors");
    assert!(cli.fails(1, line).contains("nothing was written"));
}

#[test]
fn nothing_is_written_over_what_it_was_made_of() {
    let cli = Cli::new();
    cli.ok("train --steps 1 --save w.safetensors");
    let weights = cli.read_bytes("w.safetensors");
    cli.complains(2, "predict --weights w.safetensors --output w.safetensors", &["--weights and --output both name"]);
    cli.write("table.csv", "a,label\n1,x\n2,y\n");
    cli.complains(2, "predict --weights w.safetensors --data table.csv --output ./table.csv", &["--data and --output"]);
    for study in ["ablation", "compare --network watch-12x1", "curvature --network watch-12x1"] {
        let line = format!("study {study} --data table.csv --json table.csv");
        cli.complains(2, &line, &["--data and --json both name table.csv"]);
    }
    cli.complains(2, "budget --svg x --json x", &["--svg and --json both name x"]);
    cli.complains(2, "train --init w.safetensors --json w.safetensors", &["--init and --json both name"]);
    assert_eq!(cli.read_bytes("w.safetensors"), weights);
}

#[test]
fn figures_to_compare_with_are_those_of_an_earlier_run() {
    let cli = Cli::new();
    cli.complains(1, "firmware --against no.json", &["--against no.json: cannot be read"]);
    cli.write("text.json", "cycles: 3");
    cli.complains(1, "firmware --against text.json", &["--against text.json: --json has not written this"]);
    cli.complains(2, "firmware --against a.json --json a.json", &["--against and --json both name a.json"]);
}

#[test]
fn names_from_files_do_not_reach_the_terminal_as_commands() {
    let cli = Cli::new();
    cli.write("evil.csv", "a,label\n1,x\n\u{1b}[2Jhigh,y\n");
    let message = cli.fails(1, "train --network mlp-42-64-32-1 --data evil.csv --plain a");
    assert!(!message.contains('\u{1b}') && message.contains(r"\u{1b}[2Jhigh"), "{message}");
}

#[test]
fn boards_that_cannot_be_used_are_named() {
    let cli = Cli::new();
    for line in
        ["board", "twin --steps 3", "board --qemu stm32f405 --port x", "board --qemu stm32f407", "board --standalone"]
    {
        assert!(cli.fails(2, line).starts_with("error: "), "{line}");
    }
    cli.complains(2, "board --qemu stm32f405 --standalone --seed 3", &["--standalone runs the program as it is"]);
    let port = "--port ./no-such-port";
    for command in ["board", "board --status", "board --fetch found.safetensors", "twin --steps 1"] {
        cli.complains(1, &format!("{command} {port}"), &["./no-such-port: cannot be opened", "There are"]);
    }
    cli.complains(2, &format!("board {port} --optimizer sgd"), &["--optimizer adam"]);
    for option in ["--trained head", "--online --batch 1 --clip 0"] {
        cli.complains(2, &format!("board {port} {option}"), &["train every weight by batches with Adam"]);
    }
    for option in ["--checkpoint run.ckpt", "--resume run.ckpt"] {
        cli.complains(
            2,
            &format!("board {port} {option}"),
            &["a board keeps its run itself", "the same command again"],
        );
    }
    cli.complains(2, &format!("twin {port} --lr -1"), &["--lr is -1"]);
    cli.complains(2, &format!("twin {port} --save x"), &["--save has no effect", "train and board"]);
    cli.complains(1, &format!("board {port} --fetch no/folder"), &["no/folder: cannot be written", "--fetch"]);
    assert!(cli.names().is_empty());
}
