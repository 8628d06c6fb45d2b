//! A host and the boards' own program over lines good and bad.

mod cli;
mod fake_board;

use fake_board::host::{SETTINGS, greeted, refusal};
use fake_board::{FakeBoard, Faults, NONE};
use host_sim::board::inspect;
use host_sim::board::line::{Line, Pieces};
use host_sim::board::place::Connection;
use host_sim::networks::learner::LearnerError;
use host_sim::networks::{self, Network};
use host_sim::run::options::{Options, RegularisationOptions, StateName};
use host_sim::run::record::Record;
use host_sim::run::{Error, Target, train, train_watched, twin};
use trainlet::core::budget::Budget;
use trainlet::core::checksum::crc32;
use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose};
use trainlet::link::client::{self, Client};
use trainlet::link::message::{Readable, Refusal, Writable, fingerprint};
use trainlet::link::node::{REPLY, REQUEST};
use trainlet::networks::{Watch12x1, Watch16x2};

fn options(steps: u32) -> Options {
    let defaults = Options::default();
    let regularisation = RegularisationOptions { dropout: 0.1, ..defaults.regularisation.clone() };
    // Nobody to test with: the watch has 10 people, and a test takes time.
    let mut options = Options { regularisation, steps: Some(steps), batch: 3, seed: 7, ..defaults };
    options.data.test_subjects = vec![4];
    options
}

fn network() -> &'static Network {
    networks::find("watch-12x1").unwrap()
}

fn train_on(board: &FakeBoard, faults: Faults, options: &Options) -> Result<Record, Error> {
    let place = Target::Board { connection: Box::new(board.connection(faults)), restart: false };
    train_watched(options, place, &mut |_| ())
}

#[test]
fn a_run_on_a_board_is_the_run_on_the_desktop() {
    let options = options(20);
    let (mut here, there) = (train(&options).unwrap(), train_on(&FakeBoard::new(), NONE, &options).unwrap());
    // A board does not send its gradient.
    here.epochs.iter_mut().for_each(|epoch| epoch.gradients.clear());
    assert_eq!(here.weights_crc32, there.weights_crc32);
    assert_eq!((&here.steps, &here.test, &here.epochs), (&there.steps, &there.test, &there.epochs));
    assert_eq!((here.first_step, there.first_step), (0, 0));
    // The node is that trainer, with buffers around it: for data, and for a request and its reply.
    let (trainer, node) = (here.budget, there.budget);
    let Budget { settings, data, link, total, .. } = node;
    assert_eq!(Budget { settings, data, link, total, ..trainer }, node);
    assert!(data == 3 * 4 * 16 * 6 && total < trainer.total + data + link + 64, "{node:?}");
    assert!((REQUEST + REPLY..REQUEST + REPLY + 64).contains(&link), "{node:?}");
    assert_eq!((&*there.device, there.device_micros.is_some()), ("the fake board", true));
}

#[test]
fn one_percent_of_the_bytes_damaged_makes_no_difference() {
    let options = options(20);
    let clean = train(&options).unwrap();
    for seed in 0..3 {
        let damaged = train_on(&FakeBoard::new(), Faults { rate: 0.01, seed }, &options).unwrap();
        assert_eq!((clean.weights_crc32, &clean.steps), (damaged.weights_crc32, &damaged.steps), "seed {seed}");
        assert_eq!(clean.test, damaged.test);
    }
}

#[test]
fn a_host_that_went_away_goes_on_where_it_was() {
    let options = options(20);
    let whole = train(&options).unwrap();
    let board = FakeBoard::new();
    // The line breaks at all kinds of places: in the greeting, in the scaler, in a sample, before a step.
    let mut steps = Vec::new();
    for bytes in [3, 500, 1000, 1600, 2400, 3001, 5000, 7777, 9000] {
        let connection = Connection::over(board.breaking_line(bytes), "the fake board".into());
        let place = Target::Board { connection: Box::new(connection), restart: false };
        let broken = train_watched(&options, place, &mut |_| ());
        assert!(
            matches!(broken, Err(Error::Board(_) | Error::Learner(LearnerError::Board(_)))),
            "after {bytes} bytes: {broken:?}"
        );
        steps.push(inspect::look(board.connection(NONE), network()).unwrap().status.steps);
    }
    assert!(steps.is_sorted() && steps[8] > 10, "{steps:?}");
    let rest = train_on(&board, NONE, &options).unwrap();
    assert_eq!((rest.first_step, rest.steps.len() as u32), (steps[8], 20 - steps[8]));
    assert_eq!((rest.weights_crc32, rest.test), (whole.weights_crc32, whole.test.clone()));
    // Once more finds nothing to do, and still says how good the weights are.
    let nothing = train_on(&board, NONE, &options).unwrap();
    assert_eq!((nothing.first_step, nothing.steps.len(), nothing.test), (20, 0, whole.test));
}

#[test]
fn what_a_board_has_learnt_is_not_lost_unasked() {
    let board = FakeBoard::new();
    let first = train_on(&board, NONE, &options(5)).unwrap();
    let other = Options { seed: 8, ..options(5) };
    let error = train_on(&board, NONE, &other).unwrap_err().to_string();
    assert!(error.contains("5 steps of another run") && error.contains("--restart"), "{error}");
    assert_eq!(inspect::look(board.connection(NONE), network()).unwrap().weights_crc32, first.weights_crc32);
    let error = twin::run(&other, board.connection(NONE), false, 1, &mut |_, _| ()).unwrap_err().to_string();
    assert!(error.contains("--restart"), "{error}");
    let place = Target::Board { connection: Box::new(board.connection(NONE)), restart: true };
    let second = train_watched(&other, place, &mut |_| ()).unwrap();
    assert_eq!(second.weights_crc32, train(&other).unwrap().weights_crc32);
}

#[test]
fn twins_are_alike_on_a_bad_line_too() {
    let report =
        twin::run(&options(9), FakeBoard::new().connection(Faults { rate: 0.01, seed: 5 }), false, 4, &mut |_, _| ());
    let report = report.unwrap();
    assert_eq!((report.steps, report.difference), (9, None));
    assert_eq!(report.weights_crc32, train(&options(9)).unwrap().weights_crc32);
    assert!(report.repeats > 10, "{}", report.repeats);
}

/// Sample 14 in batches of 3 belongs to step 4, wherever one looks for the first time.
#[test]
fn the_first_step_and_leaf_that_differ_are_named() {
    for every in [1, 4, 9] {
        let connection = Connection::over(FakeBoard::new().cheating_line(14), "the fake board".into());
        let report = twin::run(&options(9), connection, false, every, &mut |_, _| ()).unwrap();
        let (step, difference) = report.difference.unwrap();
        assert_eq!((step, &*difference.leaf, difference.index), (4, "embed.weight", 0), "every {every}");
        assert_ne!(difference.board.to_bits(), difference.desktop.to_bits());
        let message = host_sim::report::difference(step, &difference);
        assert!(message.contains("after step 4: value 0 of `embed.weight`"), "{message}");
    }
}

#[test]
fn another_network_is_named() {
    let other = Options { network: "watch-16x2".into(), ..options(1) };
    let error = train_on(&FakeBoard::new(), NONE, &other).unwrap_err().to_string();
    for part in ["trains `watch-12x1`, not `watch-16x2`", "--network watch-12x1", "TRAINLET_NETWORK=watch-16x2"] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn another_state_of_the_optimiser_is_named() {
    let mut narrow = options(1);
    narrow.update.state = Some(StateName::Bf16);
    let on_board = train_on(&FakeBoard::new(), NONE, &narrow).unwrap_err().to_string();
    let twin = twin::run(&narrow, FakeBoard::new().connection(NONE), false, 1, &mut |_, _| ()).unwrap_err().to_string();
    for part in ["as `f32`, not `bf16`", "--state f32", "TRAINLET_STATE=bf16"] {
        assert!(on_board.contains(part) && twin.contains(part), "{on_board}\n{twin}");
    }
}

#[test]
fn other_optimisers_and_foreign_options_are_usage_errors() {
    let mut sgd = options(1);
    sgd.update.optimizer = host_sim::run::options::OptimizerName::Sgd;
    let error = train_on(&FakeBoard::new(), NONE, &sgd).unwrap_err();
    assert!(matches!(error, Error::Options(_)) && error.to_string().contains("--optimizer adam"), "{error}");
    let mut weighted = options(1);
    weighted.regularisation.pos_weight = Some(2.0);
    assert!(matches!(train_on(&FakeBoard::new(), NONE, &weighted), Err(Error::Options(_))));
}

fn flat(seed: u64) -> (Vec<f32>, u32) {
    let mut weights = Watch12x1::ZERO;
    weights.init(Key::new(seed, Purpose::Init));
    let mut flat = Vec::new();
    weights.read(&mut |_, values| flat.extend_from_slice(values));
    (flat, crc32(&weights))
}

#[test]
fn weights_go_both_ways_and_take_effect_all_at_once() {
    let board = FakeBoard::new();
    let mut client = greeted(&board, 1);
    client.start(9, SETTINGS).unwrap();
    let (other, crc) = flat(100);
    client.write(Writable::Weights, &other).unwrap();
    assert_eq!(client.checksum().unwrap(), flat(3).1, "not yet");
    assert_eq!(refusal(client.commit(crc ^ 1)), Refusal::WrongChecksum);
    client.commit(crc).unwrap();
    let mut back = vec![0.0; other.len()];
    client.read(Readable::Weights, &mut back).unwrap();
    assert_eq!((client.checksum().unwrap(), back), (crc, other.clone()));

    // A sample takes the room back: what came before it is not part of the gradient.
    client.write(Writable::Sample, &[0.25; 96]).unwrap();
    client.write_from(Writable::Weights, 0, &other[..700]).unwrap();
    client.accumulate(&[2.0], 1.0).unwrap();
    assert_eq!(refusal(client.write(Writable::Weights, &other)), Refusal::SamplesWaiting);
    assert_eq!(refusal(client.commit(crc)), Refusal::SamplesWaiting);
    let norm = client.step().unwrap().grad_norm;
    client.start(10, SETTINGS).unwrap();
    client.write(Writable::Weights, &other).unwrap();
    client.commit(crc).unwrap();
    client.write(Writable::Sample, &[0.25; 96]).unwrap();
    client.accumulate(&[2.0], 1.0).unwrap();
    assert_eq!(client.step().unwrap().grad_norm, norm);
}

#[test]
fn the_board_standardises_and_predicts() {
    let board = FakeBoard::new();
    let mut client = greeted(&board, 1);
    client.start(9, SETTINGS).unwrap();
    let (raw, mean, deviation) = ([3.0; 96], [1.0; 96], [2.0; 96]);
    client.write(Writable::Sample, &[1.0; 96]).unwrap();
    let mut expected = [0.0; 7];
    client.predict(&mut expected).unwrap();
    client.write(Writable::Mean, &mean).unwrap();
    client.write(Writable::Deviation, &deviation).unwrap();
    client.write(Writable::Sample, &raw).unwrap();
    let mut outputs = [0.0; 7];
    client.predict(&mut outputs).unwrap();
    assert_eq!(outputs, expected);
    let loss = client.evaluate(&[4.0]).unwrap();
    assert_eq!(client.accumulate(&[4.0], 1.0).unwrap(), loss);
    for label in [&[7.0][..], &[0.5], &[-1.0], &[], &[1.0, 2.0], &[0.0; 65]] {
        assert_eq!(refusal(client.accumulate(label, 1.0)), Refusal::InvalidTarget, "{label:?}");
    }
    let mut scaler = [[0.0; 96]; 2];
    client.read(Readable::Mean, &mut scaler[0]).unwrap();
    client.read(Readable::Deviation, &mut scaler[1]).unwrap();
    assert_eq!(scaler, [mean, deviation]);
}

#[test]
fn a_second_host_takes_over_and_the_first_is_told() {
    let board = FakeBoard::new();
    let mut first = greeted(&board, 1);
    first.start(9, SETTINGS).unwrap();
    first.write(Writable::Sample, &[0.25; 96]).unwrap();
    let mut second = greeted(&board, 2);
    assert_eq!(second.status().unwrap().run, 9, "the trainer stays as it is");
    assert_eq!(refusal(second.predict(&mut [0.0; 7])), Refusal::NoSample, "but not the sample");
    assert_eq!(refusal(first.status()), Refusal::NoSession);
    assert_eq!(second.status().unwrap().run, 9);
}

#[test]
fn another_network_gets_an_answer_but_no_session() {
    let board = FakeBoard::new();
    let mut client = Client::new(board.line(NONE), Line::age, 5);
    let wrong = fingerprint(&*Box::new(Watch16x2::ZERO));
    assert_ne!(client.hello(wrong).unwrap().fingerprint, wrong);
    assert_eq!(refusal(client.start(1, SETTINGS)), Refusal::NoSession);
}

#[test]
fn a_line_that_leads_nowhere_or_destroys_everything_is_an_error_of_its_own() {
    let (_quiet, nothing) = std::sync::mpsc::channel();
    let pieces = Pieces::new(nothing, std::time::Duration::from_millis(1));
    let mut client = Client::new(Line::new(pieces, std::io::sink()), Line::age, 1);
    assert!(matches!(client.status(), Err(client::Error::Silent)));
    // As a port at a wrong speed can look.
    let zeros = Line::new(std::io::repeat(0), std::io::sink());
    let mut client = Client::new(zeros, Line::age, 1).with_limit(std::time::Duration::from_millis(50));
    assert!(matches!(client.status(), Err(client::Error::Late)));
    let mut client = Client::new(Line::new(std::io::empty(), std::io::sink()), Line::age, 1);
    let error = client.status().unwrap_err().to_string();
    assert!(error.contains("the other end has gone"), "{error}");
    let mut client = Client::new(FakeBoard::new().line(Faults { rate: 0.9, seed: 1 }), Line::age, 1);
    assert!(matches!(client.status(), Err(client::Error::Silent | client::Error::Noisy)));
}

/// The command, at a serial port as the system has it.
#[cfg(unix)]
#[test]
fn the_command_trains_at_a_serial_port() {
    let cli = cli::Cli::new();
    let (board, port) = fake_board::Port::new();
    let run = "--steps 12 --batch 4 --test-subjects 4 --dropout 0.1";
    cli.ok(&format!("board --port {port} {run} --json there.json --save there.safetensors"));
    cli.ok(&format!("train {run} --json here.json --save here.safetensors"));
    let [there, mut here] = ["there.json", "here.json"].map(|name| cli.json(name));
    let epochs = here["epochs"].as_array_mut().unwrap();
    epochs.iter_mut().for_each(|epoch| drop(epoch.as_object_mut().unwrap().remove("gradients")));
    for part in ["weights_crc32", "steps", "epochs", "test", "seed", "training_samples"] {
        assert_eq!(there[part], here[part], "{part}");
    }
    assert_eq!(cli.read_bytes("there.safetensors"), cli.read_bytes("here.safetensors"));
    let status = cli.ok(&format!("board --port {port} --status"));
    let crc = format!("{:08x}", here["weights_crc32"].as_u64().unwrap());
    for part in [&*crc, "watch-12x1", "12"] {
        assert!(status.contains(part), "{part} is not in\n{status}");
    }
    cli.ok(&format!("board --port {port} --fetch fetched.safetensors"));
    cli.ok("train --steps 1 --lr 1e-30 --init fetched.safetensors --json again.json --test-subjects 4");
    assert_eq!(cli.json("again.json")["test"], here["test"]);
    let again = cli.ok(&format!("twin --port {port} --steps 5 --batch 2 --restart"));
    assert!(again.contains("same weights after 5 steps"), "{again}");
    cli.complains(1, &format!("board --port {port} --steps 3"), &["5 steps of another run", "--restart"]);
    drop(board);
}
