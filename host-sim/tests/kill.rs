//! Programs that are killed or interrupted: nothing is lost.
#![cfg(target_os = "linux")]

mod cli;

use std::fs;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use cli::Cli;
use host_sim::run::checkpoint::Saved;
use serde_json::Value;
use trainlet::core::rng::{Key, Purpose};

const KILLS: u32 = 500;

fn start(cli: &Cli, line: &str) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_host-sim"));
    command.current_dir(cli.path("")).args(line.split_whitespace());
    command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// A record without the figures that depend on the time.
fn timeless(cli: &Cli, name: &str) -> Value {
    let mut record = cli.json(name);
    record["samples_per_second"] = Value::Null;
    record["options"]["json"] = Value::Null;
    record
}

fn write_table(cli: &Cli, name: &str) {
    let header: String = (0..42).map(|column| format!("c{column},")).collect();
    let rows = (0..24).map(|row| {
        let value = |column: u32| f64::from((row * 7919 + column * 104_729) % 1009) / 1009.0 - 0.5;
        (0..42).map(|column| format!("{},", value(column))).collect::<String>() + &format!("{}\n", row % 2)
    });
    cli.write(name, &(header + "label\n" + &rows.collect::<String>()));
}

/// The options of a run of few and small steps with all that a run may keep: two parts of training, validation, averages.
const RUN: &str = "train --network flow-7x6 --data rows.csv --batch 4 --epochs 40 --validation 0.25 --ema 0.1 --sam dynamic \
    --pretrain masked --pretrain-steps 40";

/// Whenever a training is killed, its file is not there yet or whole, and in the end there are the bits of a run that was never killed.
#[test]
fn kills_at_random_times_change_nothing() {
    let cli = Cli::new();
    write_table(&cli, "rows.csv");
    cli.ok(&format!("{RUN} --json never.json"));
    let never = timeless(&cli, "never.json");
    let key = Key::new(21, Purpose::Mask);
    // Of the time that a whole run takes; grows where the computer is too slow to get anywhere.
    let (mut longest, mut stuck) = (Duration::from_millis(60), 0);
    let (mut kills, mut lives, mut runs, mut before) = (0, 0, 0, None);
    while kills < KILLS {
        let there = cli.path("run.ckpt").exists();
        let line = if there {
            "train --resume run.ckpt".into()
        } else {
            format!("{RUN} --checkpoint run.ckpt --every 1 --json run.json")
        };
        let mut child = start(&cli, &line);
        let share = f64::from(key.child(lives).stream().uniform());
        sleep(longest.mul_f64(share));
        lives += 1;
        let finished = child.try_wait().unwrap();
        child.kill().unwrap();
        let status = finished.unwrap_or(child.wait().unwrap());
        if status.success() {
            assert_eq!(timeless(&cli, "run.json"), never, "run {runs}");
            ["run.ckpt", "run.json"].iter().for_each(|name| fs::remove_file(cli.path(name)).unwrap());
            runs += 1;
            continue;
        }
        assert_eq!(status.code(), None, "life {lives}: {}", text(child));
        kills += 1;
        let now = there_now(&cli);
        stuck = if now == before { stuck + 1 } else { 0 };
        before = now;
        if stuck == 5 {
            (longest, stuck) = (longest.mul_f64(1.5), 0);
        }
    }
    // The run that is under way ends as all others have.
    if cli.path("run.ckpt").exists() {
        cli.ok("train --resume run.ckpt");
        assert_eq!(timeless(&cli, "run.json"), never);
    }
    assert!(runs > 0, "{lives} lives");
    eprintln!("{kills} kills in {lives} lives of {} runs", runs + 1);
}

/// The file's bytes, which must be a checkpoint, if it is there.
fn there_now(cli: &Cli) -> Option<Vec<u8>> {
    let path = cli.path("run.ckpt");
    path.exists().then(|| {
        Saved::read(path.to_str().unwrap()).unwrap_or_else(|error| panic!("{error}"));
        fs::read(path).unwrap()
    })
}

fn text(child: Child) -> String {
    String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap()
}

/// Waits until the program does something about Ctrl-C.
fn listens(child: &Child) {
    const SIGINT: u64 = 1 << 1;
    let status = format!("/proc/{}/status", child.id());
    let deadline = Instant::now() + Duration::from_secs(60);
    let caught = || {
        let text = fs::read_to_string(&status).unwrap();
        let mask = text.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        u64::from_str_radix(mask.trim(), 16).unwrap() & SIGINT != 0
    };
    while !caught() {
        assert!(Instant::now() < deadline, "it never listens");
        sleep(Duration::from_millis(2));
    }
}

fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

fn interrupted(cli: &Cli, line: &str) -> (ExitStatus, String) {
    let child = start(cli, line);
    listens(&child);
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    (output.status, String::from_utf8(output.stderr).unwrap())
}

#[test]
fn ctrl_c_keeps_the_run_and_says_how_to_go_on() {
    let cli = Cli::new();
    write_table(&cli, "rows.csv");
    let line = "train --network flow-7x6 --data rows.csv --batch 4 --epochs 20";
    cli.ok(&format!("{line} --json never.json"));
    let (status, message) = interrupted(&cli, &format!("{line} --json run.json --checkpoint run.ckpt"));
    assert_eq!(status.code(), Some(130), "{message}");
    let command = "go on with: host-sim train --resume run.ckpt\n";
    assert!(message.contains("stopped after step ") && message.ends_with(command), "{message}");
    assert!(!message.contains("error"), "{message}");
    let resumed = String::from_utf8(cli.run("train --resume run.ckpt").stderr).unwrap();
    let said = "of: host-sim train --batch 4 --data rows.csv --epochs 20 --json run.json --network flow-7x6\n";
    assert!(resumed.contains("run.ckpt: goes on after step ") && resumed.contains(said), "{resumed}");
    assert_eq!(timeless(&cli, "run.json"), timeless(&cli, "never.json"));

    let before = cli.names();
    let (status, message) = interrupted(&cli, &format!("{line} --json new.json"));
    assert_eq!(status.code(), Some(130), "{message}");
    assert!(message.contains("nothing was kept: with --checkpoint FILE"), "{message}");
    assert_eq!(cli.names(), before);
}

#[test]
fn a_second_ctrl_c_ends_the_program_at_once() {
    let cli = Cli::new();
    // It waits for rows that never come.
    assert!(Command::new("mkfifo").arg(cli.path("rows.csv")).status().unwrap().success());
    let mut child = start(&cli, "train --network flow-7x6 --data rows.csv --checkpoint run.ckpt");
    listens(&child);
    interrupt(&child);
    // Two at once would be one.
    sleep(Duration::from_millis(200));
    assert_eq!(child.try_wait().unwrap(), None);
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(cli.names(), ["rows.csv"]);
}
