//! What a sensor's program has learnt is there again when the board is switched on.

mod desk;

use desk::{Desk, Flash, erased};
use trainlet::core::rng::{Key, Purpose};
use trainlet::data::{ScalerFit, StreamScaler};
use trainlet_app::rehearsal::Exercises;
use trainlet_app::stream::frames::{self, Frame};
use trainlet_app::stream::{self, Memory, Reading, Settings};

const SETTINGS: Settings = Settings { batch: 2, save_every: 2, ..Settings::DEFAULT };
/// Every third has no label.
const SAMPLES: u32 = 30;

/// Switches the board on and gives it these samples; then what it has said since.
fn life(flash: Option<&mut Flash>, settings: Settings, samples: std::ops::Range<u32>) -> Vec<String> {
    let mut board = Desk::new(flash);
    let mut memory = Box::new(Memory::<Exercises>::ZERO);
    let mut samples = samples;
    let read = |_: &mut Desk, input: &mut [[f32; 6]; 16]| {
        let Some(number) = samples.next() else { return Reading::Over };
        let mut random = Key::new(2, Purpose::Order).child(u64::from(number)).stream();
        input.as_flattened_mut().fill_with(|| random.uniform() - 0.5);
        Reading::Sample((number % 3 != 2).then_some(number as usize % 7))
    };
    stream::follow(&mut board, &mut memory, settings, read).unwrap();
    board.said()
}

/// The sensor shows again what the board had not yet saved: it all ends as without a cut.
#[test]
fn it_goes_on_after_its_last_save() {
    let whole = life(None, SETTINGS, 0..SAMPLES);
    assert!(whole.iter().any(|line| line == "stream: 30 samples, 10 steps"), "{whole:#?}");
    let mut flash = erased();
    // A step takes two samples of three, a save two steps: after 5 samples, 11, 17, ...
    for (from, to, save) in [(0, 4, 0), (0, 8, 0), (5, 20, 1), (17, 19, 3), (17, SAMPLES, 3)] {
        let said = life(Some(&mut flash), SETTINGS, from..to);
        let expected = match save {
            0 => "store: there is no save to go on from; one is made every 2 steps".to_string(),
            _ => format!("store: goes on after step {}, where save {save} was made", 2 * save),
        };
        assert_eq!(said[1], expected, "{said:#?}");
        if to == SAMPLES {
            assert_eq!(said[said.len() - 3..], whole[whole.len() - 3..]);
        }
    }
}

/// Frames, their running statistics and the numbers of drift: all as without a cut where it comes right after a save.
#[test]
fn frames_go_on_with_the_statistics_that_were_saved() {
    let life = |flash: Option<&mut Flash>, windows: std::ops::Range<u32>| {
        let mut board = Desk::new(flash);
        let mut memory = Box::new(frames::Memory::<Exercises, 6, 16, 16, 4>::ZERO);
        let (mut sensor, listener) = memory.split();
        let mut numbers = 16 * windows.start..16 * windows.end;
        let running = StreamScaler::Running(ScalerFit::ZERO);
        let look = |_: &mut Desk| {
            let Some(number) = numbers.next() else { return false };
            let mut random = Key::new(5, Purpose::Order).child(u64::from(number)).stream();
            let values = core::array::from_fn(|_| random.uniform() + number as f32 / 100.0);
            sensor.push(Frame { values, label: Some(number as usize / 16 % 7), begins: number % 16 == 0 })
        };
        let outcome = listener.follow(&mut board, SETTINGS, running, look).unwrap();
        (outcome.weights_crc32, board.said().join("\n"))
    };
    let (whole, _) = life(None, 0..24);
    let mut flash = erased();
    life(Some(&mut flash), 0..12);
    let (resumed, said) = life(Some(&mut flash), 12..24);
    assert!(said.contains("store: goes on after step 6, where save 3 was made"), "{said}");
    assert!(said.contains("stream: 24 samples, 12 steps"), "{said}");
    assert_eq!(resumed, whole);
}

/// With other settings it is another run, even if only the number of samples per step differs.
#[test]
fn another_run_starts_anew() {
    for other in
        [Settings { batch: 3, ..SETTINGS }, Settings { seed: 1, ..SETTINGS }, Settings { rate: 1e-3, ..SETTINGS }]
    {
        let mut flash = erased();
        life(Some(&mut flash), SETTINGS, 0..12);
        let expected = life(None, other, 0..SAMPLES);
        let said = life(Some(&mut flash), other, 0..SAMPLES);
        assert_eq!(said[1], "store: save 2 is of other settings, data or weights; a new run starts");
        assert_eq!(said[2..], expected[1..]);
        assert!(life(Some(&mut flash), other, 0..0)[1].starts_with("store: goes on after step "));
    }
}

/// A flash that fails is told, and changes nothing that is learnt.
#[test]
fn a_flash_that_fails_stops_nothing() {
    let mut flash = erased();
    flash.left = 7;
    let said = life(Some(&mut flash), SETTINGS, 0..SAMPLES);
    assert!(said.iter().any(|line| line == "store: 5 errors, the last: the flash has failed"), "{said:#?}");
    let whole = life(None, SETTINGS, 0..SAMPLES);
    assert_eq!(said.last(), whole.last());
}

#[test]
fn nothing_is_saved_without_being_asked() {
    let mut flash = erased();
    let said = life(Some(&mut flash), Settings { save_every: 0, ..SETTINGS }, 0..SAMPLES);
    assert_eq!(said[1], "store: there is no save to go on from");
    assert!(flash.bytes.iter().all(|byte| *byte == 0xff));
}
