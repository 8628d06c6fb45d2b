//! Boards that lose their power: QEMU is killed at random times, its flash is kept, and it is started again until the run has ended.
//!
//! - `..._ends_as_without_..`: the short run of `boards/trials`, with everything kept in `f32` on a Cortex-M4F, with recomputation and
//!   Adam's numbers in 16 bits on RV32IMC. Each start goes on from a save and reports to the letter what an uninterrupted run does from
//!   there on.
//! - `a_node_..`: the host that sends the samples gives the same command again.
//!
//! 100 kills in all. What is skipped without QEMU or a compiler is as in `boards.rs`.

mod needs;

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use embedded_io::Read as _;
use host_sim::board::Error;
use host_sim::board::emulator::{Emulator, Machine};
use host_sim::board::firmware::{self, Builder, Target, Variant};
use host_sim::board::place::Connection;
use host_sim::board::remote::{Beginning, Remote};
use host_sim::networks;
use host_sim::networks::learner::LearnerError;
use needs::{is_there, say};
use trainlet::core::rng::{Key, Purpose, Stream};
use trainlet::link::message::Settings;
use trainlet::nn::layer::{Dropout, StochasticDepth};
use trainlet::nn::loss::LossOptions;
use trainlet::optim::{AdamConfig, Schedule};
use trainlet::train::Learner as _;

/// How many times each of the three is killed.
const KILLS: [usize; 3] = [34, 33, 33];
/// Longer than any run here.
const FOREVER: Duration = Duration::from_secs(60);

fn is_usable(machine: Machine) -> bool {
    is_there(firmware::missing(machine.board()).map(|error| error.to_string()))
        && is_there(machine.missing().map(|error| error.to_string()))
}

/// A board whose flash is a file of its own, new and erased.
struct Powered {
    machine: Machine,
    elf: PathBuf,
    image: PathBuf,
    arguments: Vec<String>,
}

impl Powered {
    fn new(folder: &Path, machine: Machine, elf: PathBuf) -> Self {
        let image = folder.join(format!("{}.img", machine.board().name()));
        let arguments = machine.with_flash(&image).unwrap();
        Self { machine, elf, image, arguments }
    }

    fn erase(&mut self) {
        std::fs::remove_file(&self.image).unwrap();
        self.arguments = self.machine.with_flash(&self.image).unwrap();
    }

    /// Runs the program until it ends or this time has passed, and gives what it says and how long it took.
    fn run(&self, limit: Duration) -> (Vec<String>, Duration) {
        let started = Instant::now();
        let (emulator, mut line) = Emulator::connect(self.machine, &self.elf, &self.arguments).unwrap();
        let _cut = cut(emulator, limit);
        let (mut output, mut buffer) = (Vec::new(), [0; 256]);
        loop {
            match line.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => output.extend_from_slice(&buffer[..count]),
                Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::TimedOut),
            }
        }
        let duration = started.elapsed();
        let whole = String::from_utf8(output).unwrap();
        // What stands behind the last end of a line has been cut.
        let lines = whole.split_inclusive('\n').filter_map(|line| line.strip_suffix("\r\n"));
        (lines.map(without_speed).collect(), duration)
    }
}

/// Kills an emulator after this time, or when this is dropped, which waits until it is gone: nothing may run on after the test.
struct Cut {
    early: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

fn cut(emulator: Emulator, limit: Duration) -> Cut {
    let (early, receiver) = channel();
    let thread = thread::spawn(move || {
        let _ = receiver.recv_timeout(limit);
        drop(emulator);
    });
    Cut { early: Some(early), thread: Some(thread) }
}

impl Drop for Cut {
    fn drop(&mut self) {
        drop(self.early.take());
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// A line without its only figure of time.
fn without_speed(line: &str) -> String {
    match (line.split_once(": "), line.split_once(" samples/s")) {
        (Some((epoch, _)), Some((_, rest))) => format!("{epoch}:{rest}"),
        _ => line.into(),
    }
}

/// A random part of a time, small enough for several kills in a row.
fn part_of(time: Duration, random: &mut Stream) -> Duration {
    time.mul_f32(0.4 * random.uniform())
}

/// The lines that report results, which no start may change.
fn report(output: &[String]) -> &[String] {
    let start = output.iter().position(|line| line.starts_with("store: ")).map_or(output.len(), |line| line + 1);
    &output[start..]
}

/// Kills a board that trains by itself this many times.
fn standalone(machine: Machine, kills: usize) {
    if !is_usable(machine) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let elf = Builder::new(machine.board()).unwrap().resume().unwrap();
    let mut board = Powered::new(folder.path(), machine, elf);
    let (whole, time) = board.run(FOREVER);
    let expected = report(&whole).to_vec();
    assert!(expected.iter().any(|line| line.starts_with("test: ")), "{whole:#?}");
    let mut random = Key::new(21, Purpose::Order).child(machine as u64).stream();
    let (mut killed, mut lives) = (0, 0);
    while killed < kills {
        board.erase();
        lives += 1;
        loop {
            let limit = if killed < kills { part_of(time, &mut random) } else { FOREVER };
            let (output, _) = board.run(limit);
            let found = report(&output);
            let ended = found.last().is_some_and(|line| line.starts_with("test: "));
            let is_part = found.is_empty() || expected.windows(found.len()).any(|lines| lines == found);
            assert!(is_part, "after {killed} kills: {output:#?} is no part of {expected:#?}");
            if ended {
                assert!(expected.ends_with(found), "{output:#?}");
                break;
            }
            killed += 1;
        }
    }
    say(&format!("{}: {killed} kills in {lives} runs of {time:?}", machine.board().name()));
}

#[test]
fn a_cortex_m4f_that_is_killed_ends_as_without() {
    standalone(Machine::Stm32f405, KILLS[0]);
}

#[test]
fn rv32imc_that_is_killed_ends_as_without() {
    standalone(Machine::RiscvVirt, KILLS[1]);
}

/// Trains on a board until its emulator is killed after this time, or to the end: then the CRC-32 of the weights.
fn train_on(board: &Powered, limit: Duration) -> Result<u32, LearnerError> {
    let (emulator, line) = Emulator::connect(board.machine, &board.elf, &board.arguments).unwrap();
    let mut connection = Connection::over(line, "the board".into());
    connection.store_every = Some(1);
    let _cut = cut(emulator, limit);
    let network = networks::find(networks::DEFAULT).unwrap();
    let mut board = Remote::greet(connection, network)?;
    let beginning = Beginning { settings: SETTINGS, standardisation: None, weights: None };
    board.begin(RUN, false, &beginning)?;
    for step in board.progress()?.steps..STEPS {
        let row: Vec<f32> =
            (0..network.inputs as u32).map(|input| ((input * 7 + step * 5) % 11) as f32 - 5.0).collect();
        board.accumulate(&row, &[(step % 7) as f32], 1.0)?;
        board.step()?;
    }
    Ok(board.client().checksum().map_err(Error::from)?)
}

const RUN: u32 = 21;
const STEPS: u32 = 24;
const SETTINGS: Settings = Settings {
    seed: 3,
    loss: LossOptions { label_smoothing: None, pos_weight: None },
    adam: AdamConfig::adam(),
    schedule: Schedule::constant(1e-2),
    clip: Some(1.0),
    dropout: Dropout { p: 0.1 },
    stochastic_depth: StochasticDepth { p: 0.0 },
};

#[test]
fn a_node_that_is_killed_ends_as_without() {
    let machine = Machine::Stm32f405;
    if !is_usable(machine) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let builder = Builder::new(machine.board()).unwrap();
    let elf = builder.node(Target::Qemu, networks::DEFAULT, None, Variant::default()).unwrap();
    let mut board = Powered::new(folder.path(), machine, elf);
    let started = Instant::now();
    let expected = train_on(&board, FOREVER).unwrap();
    let time = started.elapsed();
    let mut random = Key::new(21, Purpose::Order).stream();
    let (mut killed, mut lives) = (0, 0);
    while killed < KILLS[2] {
        board.erase();
        lives += 1;
        loop {
            let limit = if killed < KILLS[2] { part_of(time, &mut random) } else { FOREVER };
            let started = Instant::now();
            match train_on(&board, limit) {
                Ok(found) => {
                    assert_eq!(found, expected);
                    break;
                }
                Err(error) => assert!(started.elapsed() >= limit, "before the cut: {error}"),
            }
            killed += 1;
        }
    }
    say(&format!("a node: {killed} kills in {lives} runs of {time:?}"));
}
