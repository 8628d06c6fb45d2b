//! A network is found for a table; shards find what one machine finds; what is impossible is said.

mod cli;
mod needs;

use cli::Cli;
use host_sim::board::firmware::{self, Board, Builder, Image, Sizes, Target, Variant};
use host_sim::data::preprocessing;
use host_sim::data::source::DataOptions;
use host_sim::design::limits::ram;
use host_sim::run::options;
use needs::is_there;
use trainlet::core::tensor::Tensor;
use trainlet::networks::{self, Network, WatchMlp, WatchPyramid};
use trainlet::optim::{Adam, State};
use trainlet::train::Trainer;
use trainlet_app::board::STACK;
use trainlet_worker::message::{Recipe, StateName};
use trainlet_worker::{Candidate, Split};

/// Three kinds of flowers as Fisher's irises are: two overlap a little. Four columns of numbers.
fn write_flowers(cli: &Cli, name: &str, rows: u32) {
    let mut text = "sepal,width,petal,tip,kind\n".to_string();
    for row in 0..rows {
        let random = |column: u32| f64::from((row * 7919 + column * 104_729) % 1009) / 1009.0 - 0.5;
        let kind = row % 3;
        let size = f64::from(kind) + 0.9 * random(1);
        let cells =
            [5.0 + size + random(2), 3.0 + random(3), 1.5 + 2.0 * size + random(4), 0.2 + 0.9 * size + 0.5 * random(5)];
        cells.iter().for_each(|cell| text += &format!("{cell:.3},"));
        text += ["setosa\n", "versicolor\n", "virginica\n"][kind as usize];
    }
    cli.write(name, &text);
}

fn says(cli: &Cli, code: i32, line: &str, parts: &[&str]) {
    let message = cli.fails(code, line);
    assert!(parts.iter().all(|part| message.contains(part)), "host-sim {line}: {message}");
}

#[test]
fn a_network_is_found_and_shards_find_the_same() {
    let cli = Cli::new();
    write_flowers(&cli, "flowers.csv", 120);
    let search = "design --data flowers.csv --label kind --folds 3 --minutes 5 --ram 24KiB";
    let table = cli.ok(&format!("{search} --json all.json --svg all.svg"));
    assert!(table.lines().all(|line| line.chars().count() <= 80), "{table}");
    assert!(cli.read("all.svg").starts_with("<svg"));
    let found = cli.json("all.json");
    assert_eq!(found["complete"], true, "{table}");
    let choice = &found["choice"];
    let score = choice["score"]["mean"].as_f64().unwrap();
    assert!(score > 0.85, "{table}");
    let candidates = found["candidates"].as_array().unwrap();
    assert!(candidates.len() >= 8);
    let same = candidates.iter().filter(|candidate| candidate["name"] == choice["name"]).collect::<Vec<_>>();
    assert!(same.len() == 1 && same[0]["score"] == choice["score"] && same[0]["type"] == choice["type"]);
    for candidate in candidates {
        let (ram, fits) = (candidate["ram"].as_u64().unwrap(), candidate["fits"].as_bool().unwrap());
        assert_eq!(fits, ram <= 24 << 10, "{candidate}");
        assert!(candidate["milliseconds"]["stm32f405"].as_f64().unwrap() > 0.0);
        let bytes = candidate["bytes"].as_object().unwrap();
        let parts: u64 =
            bytes.iter().filter(|(role, _)| *role != "total").map(|(_, bytes)| bytes.as_u64().unwrap()).sum();
        assert_eq!(parts, bytes["total"].as_u64().unwrap());
    }
    assert_eq!(found["baselines"].as_array().unwrap().len(), 3);
    for shard in ["1/2", "2/2"] {
        cli.ok(&format!("{search} --shard {shard} --json {}.json", &shard[..1]));
    }
    cli.ok("design --merge 2.json 1.json --json merged.json");
    assert_eq!(cli.read("merged.json"), cli.read("all.json"));
    says(&cli, 1, "design --merge 1.json", &["shards are missing: 2/2"]);

    let said = cli.ok("new project --choice all.json");
    assert!(said.contains(&format!("{} bytes of RAM", choice["bytes"]["total"])), "{said}");
    let read = |file: &str| cli.read(&format!("project/{file}"));
    let network: String = read("src/network.rs").lines().map(|line| line.split("//").next().unwrap().trim()).collect();
    let of = choice["type"].as_str().unwrap().replace(' ', "");
    assert!(network.replace([' ', ','], "").contains(&of.replace(',', "")), "{of} is not in {network}");
    let options = choice["train"].as_array().unwrap().iter().map(|option| option.as_str().unwrap()).collect::<Vec<_>>();
    let (_, settings) = options.split_at(options.iter().position(|option| *option == "--optimizer").unwrap());
    assert!(read("README.md").contains(&format!("{} --save", settings.join(" "))), "{}", read("README.md"));
}

#[test]
fn what_is_impossible_is_said() {
    let cli = Cli::new();
    cli.write("two.csv", "a,b,label\n1,2,x\n3,4,y\n");
    says(&cli, 1, "design --data two.csv", &["two.csv", "2 samples are too few"]);
    cli.write("one.csv", &format!("a,b,label\n{}", "1,2,x\n3,4,x\n".repeat(20)));
    says(&cli, 1, "design --data one.csv", &["class"]);
    let rows: String = (0..40).map(|row| format!("{row},{},{}\n", row * 7 % 11, row % 2)).collect();
    cli.write("tight.csv", &format!("a,b,label\n{rows}"));
    says(&cli, 1, "design --data tight.csv --ram 4500", &["no candidate fits", "raise --ram"]);
    says(&cli, 2, "design --data tight.csv --shard 3/2 --json a.json", &["--shard"]);
}

/// The weights of a worker are those of `train`.
#[test]
fn a_worker_trains_as_train_does() {
    let recipe = Recipe {
        epochs: 2,
        batch: 24,
        lr: 4e-3,
        warmup: 0.1,
        weight_decay: 0.05,
        clip: 1.0,
        dropout: 0.15,
        drop_path: 0.0,
        label_smoothing: Some(0.1),
        state: StateName::F32,
    };
    let line = "train --optimizer adamw --epochs 2 --batch 24 --lr 0.004 --warmup 0.1 --weight-decay 0.05 --clip 1 --dropout 0.15 \
                --label-smoothing 0.1 --seed 3";
    let data = preprocessing::for_training(&DataOptions::default(), 3).unwrap().train;
    let split = Split { width: data.width, label_width: 1, train: data.values, labels: data.labels, test: Vec::new() };
    for (name, candidate) in
        [("watch-12x1", Candidate::of::<networks::Watch12x1>()), ("watch-mlp", Candidate::of::<networks::WatchMlp>())]
    {
        for (state, option) in [(StateName::F32, "f32"), (StateName::Bf16, "bf16"), (StateName::Block8, "8bit")] {
            let cli = Cli::new();
            cli.ok(&format!("{line} --network {name} --state {option} --json run.json"));
            let outcome = trainlet_worker::train(&candidate, &split, &Recipe { state, ..recipe }, 3).unwrap();
            assert_eq!(cli.json("run.json")["weights_crc32"], outcome.weights_crc32, "{name} {option}");
        }
    }
}

/// What `design` says of a network with such a state.
fn said<M: Network, S: State>(state: options::StateName) -> (&'static str, options::StateName, u64) {
    (M::NAME, state, ram(M::Input::LEN, &Trainer::<M, M::Loss, Adam<S>, M::Arena>::BUDGET) as u64)
}

/// What is said of RAM is enough for the program that trains on a line, as it is linked.
#[test]
fn no_program_takes_more_ram_than_is_said() {
    for board in [Board::Stm32f405, Board::RiscvVirt] {
        if !is_there(firmware::missing(board).map(|error| error.to_string())) {
            continue;
        }
        for (name, state, said) in [
            said::<WatchMlp, <WatchMlp as Network>::F32>(options::StateName::F32),
            said::<WatchMlp, <WatchMlp as Network>::Block8>(options::StateName::Block8),
            said::<WatchPyramid, <WatchPyramid as Network>::Bf16>(options::StateName::Bf16),
        ] {
            let variant = Variant { state, ..Variant::default() };
            let elf = Builder::new(board).unwrap().node(Target::Qemu, name, None, variant).unwrap();
            let Sizes { data, bss, .. } = Image::read(&elf).unwrap().sizes().unwrap();
            let (needed, board) = (data + bss + STACK as u64, board.name());
            assert!(
                (needed..needed + 256).contains(&said),
                "{name}, {state:?}, on {board}: {needed} bytes, {said} were said"
            );
        }
    }
}

/// Ctrl-C ends a search with the best so far, and its workers with it.
#[cfg(unix)]
#[test]
fn an_interrupted_search_has_a_result() {
    let cli = Cli::new();
    write_flowers(&cli, "flowers.csv", 900);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_host-sim"));
    let line = "design --data flowers.csv --label kind --minutes 20 --json best.json";
    let mut search = command
        .args(line.split(' '))
        .current_dir(cli.path("."))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    // The first thing that is said after the columns of the file is that training has begun.
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(search.stderr.take().unwrap()));
    assert!(lines.any(|line| line.unwrap().starts_with("training")));
    let kill = std::process::Command::new("kill").args(["-INT", &search.id().to_string()]).status();
    assert!(kill.unwrap().success());
    assert!(search.wait().unwrap().success());
    assert_eq!(cli.json("best.json")["complete"], false);
}
