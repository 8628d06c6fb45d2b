//! The program `stream` on the frames of a sensor.

mod needs;

use host_sim::board::firmware::{self, Image};
use host_sim::board::rehearsal::{self, MACHINE};
use host_sim::board::simulated::Simulated;
use needs::{is_there, say};
use trainlet::data::{Scaler, StreamScaler};
use trainlet_app::rehearsal::{AXES, EXERCISES, Memory, Outcome, SCALER, SETTINGS, SPEED, rehearse};
use trainlet_app::stream::Settings;
use trainlet_app::stream::frames::Frame;
use trainlet_app::watch::People;

/// All frames of the recordings.
const FRAMES: u32 = 30_457;

/// What a program says.
type Output = Vec<String>;

fn simulate(scaler: StreamScaler<AXES>) -> (Outcome, Output) {
    let mut output = Output::new();
    let outcome = rehearsal::simulate(scaler, &mut |line| output.push(line.into())).unwrap();
    (outcome, output)
}

/// The last line that begins with `start`.
fn line<'a>(output: &'a Output, start: &str) -> &'a str {
    output.iter().rfind(|line| line.starts_with(start)).unwrap_or_else(|| panic!("no `{start}` in {output:#?}"))
}

/// Recordings in the rhythm of the watch, by the clock of an emulated board: no frame is lost, the weights and the results are those of
/// this computer, and RAM is what is said.
#[test]
fn an_emulated_board_keeps_up_with_the_watch_and_learns_what_this_computer_learns() {
    let missing = firmware::missing(MACHINE.board()).map(|error| error.to_string());
    if !is_there(missing.or(MACHINE.missing().map(|error| error.to_string()))) {
        return;
    }
    let mut board = Output::new();
    let elf = rehearsal::emulate(&mut |line| board.push(line.into())).unwrap();
    let (outcome, here) = simulate(SCALER);
    say(&format!("{SPEED} times as fast: {}, {}", line(&board, "frames: "), line(&board, "time: ")));
    for start in ["weights: ", "test: ", "stream: "] {
        assert_eq!(line(&board, start), line(&here, start));
    }
    assert!(line(&board, "frames: ").starts_with(&format!("frames: {FRAMES}, 0 lost")), "{board:#?}");
    assert_eq!(line(&board, "weights: "), format!("weights: CRC-32 {:08x}", outcome.weights_crc32));
    let image = Image::read(&elf).unwrap();
    let sizes = image.sizes().unwrap();
    assert_eq!((line(&board, "memory: "), sizes.data), (&*format!("memory: {} bytes", sizes.bss), 0));
    let symbols = image.symbols().unwrap();
    let panics: Vec<_> = symbols.iter().filter(|symbol| symbol.contains("panicking")).collect();
    assert!(symbols.len() > 20 && panics.is_empty(), "{panics:#?}");
}

/// Each frame counts, each window of each recording is predicted, and most exercises are told apart in one pass.
#[test]
fn all_windows_of_the_recordings_are_learnt() {
    let frozen = StreamScaler::Frozen(People::only(&[]).others().fit());
    for (name, scaler) in [("running", SCALER), ("frozen", frozen)] {
        let (outcome, output) = simulate(scaler);
        say(&format!("{name} statistics: {}", line(&output, "test: ")));
        assert_eq!((outcome.frames, outcome.lost), (FRAMES, 0));
        assert_eq!(line(&output, "stream: "), "stream: 3605 samples, 450 steps");
        let right: f32 = line(&output, "test: ").split(' ').nth(1).unwrap().parse().unwrap();
        assert!(right > 35.0, "chance is {}: {output:#?}", 100 / EXERCISES.len());
    }
}

/// A board that is too slow: each frame came through the queue or is counted as lost, and windows with a gap are not made.
#[test]
fn lost_frames_are_counted() {
    for tick in [20_000, 123_000] {
        let mut output = Output::new();
        let mut watcher = |line: &str| output.push(line.into());
        let mut board = Simulated::new(tick, &mut watcher);
        let outcome = rehearse(&mut board, &mut Box::new(Memory::ZERO), SETTINGS, SCALER).unwrap();
        assert!(outcome.frames > 0 && outcome.lost > outcome.frames, "{outcome:?}");
        // Those after the last that came through are known to nobody.
        let unseen = FRAMES - outcome.frames - outcome.lost;
        assert!(unseen < (tick / (160_000 / SPEED)) as u32 + 1, "{outcome:?}");
        // Sixteen wait, which is a window if there is no gap and no new recording among them.
        let samples: u32 = line(&output, "stream: ").split(' ').nth(1).unwrap().parse().unwrap();
        assert!(samples > 0 && samples <= outcome.frames / 16, "{output:#?}");
    }
}

/// Two kinds of motion, told apart by the direction of one axis: what a sensor gives at each turn.
fn motion(turn: usize, size: f32) -> (usize, [f32; AXES]) {
    let class = turn / 16 % 2;
    let wave = (turn % 7) as f32 / 10.0;
    let direction = if class == 0 { size } else { -size };
    (class, [direction, wave, -wave, 0.1, direction / 2.0, 0.0])
}

/// Plays turns of a sensor to a board that is fast enough.
fn play(turns: usize, frame: impl Fn(usize) -> Frame<AXES, usize>) -> Output {
    let mut output = Output::new();
    let mut watcher = |line: &str| output.push(line.into());
    let mut memory = Box::new(Memory::ZERO);
    let (mut sensor, listener) = memory.split();
    let mut turn = 0;
    let settings = Settings { rate: 5e-3, ..Settings::DEFAULT };
    let scaler = StreamScaler::Frozen(Scaler { mean: [0.0; AXES], std: [1.0; AXES] });
    let look = |_: &mut Simulated<'_>| {
        if turn < turns {
            assert!(sensor.push(frame(turn)), "there is room for it");
        }
        turn += 1;
        turn <= turns
    };
    listener.follow(&mut Simulated::new(1, &mut watcher), settings, scaler, look).unwrap();
    output
}

/// The sample at which a drift is found first.
fn drift(output: &Output, what: &str) -> Option<usize> {
    let start = format!("drift: the {what} at sample ");
    output.iter().find_map(|line| line.strip_prefix(&start)).map(|sample| sample.parse().unwrap())
}

const SAMPLES: usize = 400;
const CHANGE: usize = 200;

/// Somebody swaps the labels.
#[test]
fn a_loss_that_rises_is_drift() {
    for swapped in [false, true] {
        let output = play(16 * SAMPLES, |turn| {
            let (class, values) = motion(turn, 1.0);
            let label = if swapped && turn >= 16 * CHANGE { 1 - class } else { class };
            Frame { values, label: Some(label), begins: turn % 16 == 0 }
        });
        assert_eq!(line(&output, "stream: "), format!("stream: {SAMPLES} samples, {} steps", SAMPLES / 8));
        let found = drift(&output, "loss has risen");
        assert_eq!(found.is_some(), swapped, "{output:#?}");
        assert!(found.is_none_or(|sample| sample > CHANGE && sample < CHANGE + 60), "{found:?}");
    }
}

/// The sensor hangs loose: its motions are hardly measured, and nobody says any label.
#[test]
fn a_confidence_that_falls_is_drift_without_labels() {
    for loose in [false, true] {
        let output = play(16 * SAMPLES, |turn| {
            let size = if loose && turn >= 16 * CHANGE { 0.02 } else { 1.0 };
            let (class, values) = motion(turn, size);
            let label = (turn < 16 * CHANGE / 2).then_some(class);
            Frame { values, label, begins: turn % 16 == 0 }
        });
        assert_eq!(line(&output, "stream: "), format!("stream: {SAMPLES} samples, {} steps", CHANGE / 2 / 8));
        let found = drift(&output, "confidence has fallen");
        assert_eq!(found.is_some(), loose, "{output:#?}");
        assert!(found.is_none_or(|sample| sample > CHANGE && sample < CHANGE + 60), "{found:?}");
    }
}
