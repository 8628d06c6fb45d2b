//! A run that stops after any step and goes on from its file ends as if it had never stopped: the bits of its weights and its
//! record. What is no checkpoint of it is refused by name ([`refused`]).

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser;
use crc::{CRC_32_ISO_HDLC, Crc};
use host_sim::networks::{self, Network};
use host_sim::run::checkpoint::{Keeping, Saved, Stage};
use host_sim::run::epochs::Event;
use host_sim::run::options::Options;
use host_sim::run::record::Record;
use host_sim::run::{Error, Target, train, train_kept};
use tempfile::TempDir;
use trainlet::checkpoint::{self, Slice};
use trainlet::core::rng::{Key, Purpose};
use trainlet::networks::{self as library, Watch12x1};
use trainlet::nn::loss::CrossEntropy;
use trainlet::optim::{Adam, Momentum, Optimizer, Sgd};
use trainlet::train::Trainer;

mod refused;

/// Rows of numbers in as many columns as the network takes, with all its classes.
fn table(folder: &Path, network: &Network) -> String {
    let mut text: String = (0..network.inputs).map(|column| format!("c{column},")).collect();
    text += "label\n";
    for row in 0..11 {
        for column in 0..network.inputs {
            write!(text, "{},", ((row * 7919 + column * 104_729) % 1009) as f32 / 1009.0 - 0.5).unwrap();
        }
        writeln!(text, "k{}", row % network.task.classes()).unwrap();
    }
    let path = folder.join(format!("{}.csv", network.name));
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn options(folder: &Path, network: &str, said: &str) -> Options {
    let network = networks::find(network).unwrap();
    let data = table(folder, network);
    let (batch, epochs) = (["--batch 4", ""][usize::from(said.contains("--batch"))], "--epochs 3");
    let epochs = if said.contains("--steps") || said.contains("--epochs") { "" } else { epochs };
    let line = format!("train --network {} --data {data} {batch} {epochs} {said}", network.name);
    Options::try_parse_from(line.split_whitespace()).unwrap_or_else(|error| panic!("{said}: {error}"))
}

/// Trains until `steps` more steps are done.
fn advance(options: &Options, path: &str, every: Option<u32>, steps: u32) -> Result<Record, Error> {
    let saved = Path::new(path).exists().then(|| Saved::read(path).unwrap());
    let options = saved.as_ref().map_or_else(|| options.clone(), |saved| saved.options().unwrap());
    let (stop, mut done) = (AtomicBool::new(false), 0);
    let keeping = Keeping { path: Some(path.into()), every, saved, stop: Some(&stop) };
    train_kept(&options, Target::Desktop, keeping, &mut |event| {
        if let Event::Step(_) | Event::Unlabelled(_) = event {
            done += 1;
            stop.store(done == steps, Ordering::Relaxed);
        }
    })
}

/// What does not depend on how fast the computer was. As text, in which a NaN is what it is.
fn timeless(record: Record) -> String {
    serde_json::to_string(&Record { samples_per_second: 0.0, ..record }).unwrap()
}

fn is_interrupted(result: &Result<Record, Error>) -> bool {
    matches!(result, Err(Error::Interrupted { .. }))
}

/// Stops after each step, and goes on with the file alone.
fn stopped_after_each_step(options: &Options, path: &str) -> Record {
    for stops in 0.. {
        match advance(options, path, None, 1) {
            Err(Error::Interrupted { .. }) => {}
            result => {
                assert!(stops >= 5, "{stops}");
                return result.unwrap();
            }
        }
    }
    unreachable!("a run ends")
}

const WAYS: [&str; 41] = [
    "",
    "--optimizer adamw --weight-decay 0.1 --state bf16 --clip 0.5",
    "--state 8bit",
    "--optimizer lion --lr 1e-3 --state bf16",
    "--optimizer schedule-free --schedule constant --state bf16 --validation 0.3",
    "--optimizer schedule-free-sgd --schedule constant --lr 0.1",
    "--optimizer ldog --lr 1 --schedule constant --warmup 0",
    "--proximal 0.1 --state 8bit",
    "--optimizer sgd --lr 0.1",
    "--optimizer momentum --lr 0.05",
    "--optimizer momentum --state bf16",
    "--optimizer nesterov --state 8bit --momentum 0.5",
    "--online --batch 1 --clip 0 --steps 9",
    "--online --batch 1 --clip 0 --optimizer momentum --state 8bit --steps 9",
    "--trained head",
    "--trained biases --optimizer momentum",
    "--trained last-block --state 8bit",
    "--sam sam",
    "--sam asam --rho 0.5",
    "--sam top-k --sparsity 0.8",
    "--sam dynamic",
    "--sam fisher",
    "--sam single-step",
    "--noise 0.5 --noise-gate 0.9",
    "--noise 0.5 --noise-shape karras --noise-law gaussian",
    "--ema 0.1",
    "--sam sam --noise 0.5 --ema 0.1",
    "--monitor --epochs 4 --lr 0.5 --batch 2",
    "--noisy-tests --dropout 0.2 --drop-path 0.3",
    "--dropout 0.3 --schedule warm-restarts --restart-epochs 1 --restart-factor 2 --min-lr 1e-4",
    "--order stride:3 --class-weight balanced --label-smoothing 0.1",
    "--order file --steps 7",
    "--validation 0.3 --patience 1 --epochs 12 --lr 0.05",
    "--validation 0.3 --optimizer momentum",
    "--optimizer adamw --weight-decay 1e4 --batch 4 --epochs 6 --rollback 0.01 --keep-best --patience 3",
    "--optimizer sgd --lr 1e12 --clip 0 --rollback 1e-7",
    "--online --batch 1 --clip 0 --optimizer sgd --lr 1e12 --steps 23 --rollback 1e-7",
    "--sam sam --optimizer adamw --weight-decay 1e4 --batch 11 --epochs 6 --rollback 0.01",
    "--sam single-step --optimizer adamw --weight-decay 1e4 --batch 11 --epochs 6 --rollback 0.01",
    "--pretrain masked --pretrain-epochs 2 --labels 0.7",
    "--pretrain masked --masking subset --pretrain-steps 4 --steps 3",
];

#[test]
fn stopping_after_each_step_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for (number, way) in WAYS.iter().enumerate() {
        let options = options(folder.path(), "watch-16x2", way);
        let whole = timeless(train(&options).unwrap_or_else(|error| panic!("{way}: {error}")));
        let path = folder.path().join(format!("{number}.ckpt")).display().to_string();
        assert_eq!(way.contains("--rollback"), whole.contains("back_to"), "{way}");
        assert_eq!(timeless(stopped_after_each_step(&options, &path)), whole, "{way}");
        // What is over stays so.
        let again = advance(&options, &path, None, 1).unwrap();
        assert_eq!(timeless(again), whole, "{way}");
    }
}

/// Blocks that keep less from forward to backward, and of every other kind.
#[test]
fn networks_of_all_kinds_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let classes = |network: &&Network| network.name != "notebook" && network.outputs > 0;
    for network in networks::all().iter().filter(classes) {
        let options = options(folder.path(), network.name, "--dropout 0.1 --epochs 2");
        let whole = timeless(train(&options).unwrap());
        let path = folder.path().join(format!("{}.ckpt", network.name)).display().to_string();
        assert_eq!(timeless(stopped_after_each_step(&options, &path)), whole, "{}", network.name);
    }
}

/// What a kill between two saves leaves: the steps since the last one are made again.
#[test]
fn steps_since_the_last_save_are_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let options = options(folder.path(), "watch-12x1", "--validation 0.3 --sam dynamic --ema 0.2");
    let record = train(&options).unwrap();
    let (steps, whole) = (record.steps.len() as u32, timeless(record));
    for every in [None, Some(1), Some(2), Some(5), Some(100)] {
        let mut states = BTreeSet::new();
        for killed in 1..=steps {
            let path = folder.path().join(format!("{every:?}-{killed}.ckpt")).display().to_string();
            kill_after(&options, &path, every, killed);
            let Stage::Labelled(course) = Saved::read(&path).unwrap().stage().clone() else { panic!() };
            states.insert(course.next());
            assert_eq!(timeless(advance(&options, &path, None, u32::MAX).unwrap()), whole, "{every:?} {killed}");
        }
        let saves = every.map_or(3, |every| steps.div_ceil(every));
        assert_eq!(states.len() as u32, saves, "{every:?}");
    }
}

/// Ends in a panic after a step, before that step can be kept.
fn kill_after(options: &Options, path: &str, every: Option<u32>, killed: u32) {
    let keeping = Keeping { path: Some(path.into()), every, ..Keeping::default() };
    let mut done = 0;
    let run = std::panic::AssertUnwindSafe(|| {
        train_kept(options, Target::Desktop, keeping, &mut |event| {
            if let Event::Step(_) = event {
                done += 1;
                if done == killed {
                    std::panic::resume_unwind(Box::new("killed"));
                }
            }
        })
    });
    assert!(std::panic::catch_unwind(run).is_err());
}

/// A trainer of a board reads the learner in a file, and writes the same bytes.
#[test]
fn a_learner_has_the_bytes_of_a_board() {
    fn check<O: Optimizer>(said: &str) {
        let Kept { path, folder: _folder, .. } = kept(said);
        let file = fs::read(path).unwrap();
        let learner = &file[..learner(&file)];
        let mut board = Box::new(Trainer::<Watch12x1, CrossEntropy, O, <Watch12x1 as library::Network>::Arena>::ZERO);
        checkpoint::read(&mut Slice::new(&file), &mut |archive| board.persist(archive)).unwrap();
        let mut bytes = Vec::new();
        checkpoint::write(&mut bytes, &mut |archive| board.persist(archive)).unwrap();
        assert!(bytes == learner, "{said}");
    }
    check::<Adam<<Watch12x1 as library::Network>::F32>>("");
    check::<Adam<<Watch12x1 as library::Network>::Block8>>("--state 8bit");
    check::<Momentum<<Watch12x1 as library::Network>::Bf16>>("--optimizer momentum --state bf16");
    check::<Sgd>("--optimizer sgd");
}

struct Kept {
    folder: TempDir,
    options: Options,
    path: String,
}

/// A run that was stopped after its second step.
fn kept(said: &str) -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let options = options(folder.path(), "watch-12x1", said);
    let path = folder.path().join("run.ckpt").display().to_string();
    assert!(is_interrupted(&advance(&options, &path, None, 2)));
    Kept { folder, options, path }
}

/// Bytes of the learner.
fn learner(bytes: &[u8]) -> usize {
    u32::from_le_bytes(bytes[16..20].try_into().unwrap()) as usize + 28
}
