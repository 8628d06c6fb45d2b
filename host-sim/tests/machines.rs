//! `host-sim study` on several machines: `--shard` and `--merge`.

mod cli;
mod needs;

use cli::Cli;
use host_sim::board::emulator::Machine;
use host_sim::board::firmware;
use needs::is_there;

/// Two machines make half of the runs of a study each, once more where runs depend on what came out of others; put together they are
/// those of one machine, to the bit. `stages` are how many runs of how many are made.
fn check(cli: &Cli, study: &str, stages: &[[&str; 2]]) {
    cli.ok(&format!("{study} --json whole.json"));
    let mut merge = String::new();
    for (stage, made) in stages.iter().enumerate() {
        let mut parts = String::new();
        for (part, made) in (1..=2).zip(made) {
            let path = format!("part{stage}{part}.json");
            let said = cli.ok(&format!("{study} {merge} --shard {part}/2 --json {path}"));
            assert!(said.contains(&format!("{made} runs")), "{said}");
            parts += &format!(" {path}");
        }
        merge = if merge.is_empty() { format!("--merge{parts}") } else { merge + &parts };
    }
    cli.ok(&format!("{study} {merge} --json merged.json"));
    assert_eq!(cli.read("merged.json"), cli.read("whole.json"), "{study}");
}

#[test]
fn networks_are_compared() {
    let cli = Cli::new();
    let study = "study compare --network watch-12x1,watch-mlp --epochs 1 --seeds 2 --test-subjects 9,10";
    check(&cli, study, &[["2 of 4", "2 of 4"]]);
    cli.complains(1, &format!("{study} --merge whole.json"), &["whole.json: is no part of a study"]);
    cli.complains(2, &format!("{study} --merge part01.json --json part01.json"), &["part01.json", "--merge"]);
    assert!(cli.fails(2, &format!("{study} --shard 3/2 --json x.json")).contains("2/5"));
}

#[test]
fn curvature_is_looked_at() {
    let study =
        "study curvature --network watch-12x1,watch-mlp --epochs 1 --seeds 1 --batches 2 --batch 8 --products 3";
    check(&Cli::new(), study, &[["1 of 2", "1 of 2"]]);
}

/// What is tested depends on what the learning rates came to.
#[test]
fn labels_are_few() {
    let study = "study labels --seeds 1 --steps 3 --pretrain-epochs 1 --labels 0.1 --rates 1e-3,1e-2";
    check(&Cli::new(), study, &[["3 of 5", "2 of 5"], ["3 of 5", "2 of 5"]]);
}

fn is_emulated() -> bool {
    let machine = Machine::Stm32f405;
    let missing = firmware::missing(machine.board()).map(|error| error.to_string());
    is_there(missing.or(machine.missing().map(|error| error.to_string())))
}

/// A mode is emulated once and trained with fifteen times.
#[test]
fn modes_are_emulated_and_trained() {
    if is_emulated() {
        check(&Cli::new(), "study modes --mode head-adam --steps 1 --accuracy", &[["8 of 16", "8 of 16"]]);
    }
}

#[test]
fn ideas_are_emulated() {
    if is_emulated() {
        check(&Cli::new(), "study ideas --steps 4", &[["1 of 2", "1 of 2"]]);
    }
}
