//! What a device has kept and learnt of the one who wears it is there again when it is switched on.

mod desk;

use desk::{Desk, Flash, erased};
use trainlet_app::adapt::{self, Reading, Settings, follow};
use trainlet_app::newcomer::{Memory, Newcomer};
use trainlet_app::watch::{People, Window};

/// Fewer samples than there will be, so that some give way to others.
type Small = adapt::Memory<Newcomer, 6, 16, 12, 7>;

const SETTINGS: Settings = Settings { epochs: 2, save_every: 5, ..Settings::DEFAULT };
const WINDOWS: usize = 20;

/// Of all exercises.
fn window(number: usize) -> Window {
    let mut recordings = People::only(&[1]).recordings();
    recordings.nth(number % 14).unwrap().window(number / 14).unwrap()
}

/// Switches the board on, gives it these windows with their labels, and has it learn as many times; then what it has said.
fn life(flash: Option<&mut Flash>, settings: Settings, windows: std::ops::Range<usize>, times: usize) -> Vec<String> {
    let mut board = Desk::new(flash);
    let mut memory = Box::new(Small::ZERO);
    let (mut windows, mut times) = (windows, 0..times);
    let read = |_: &mut Desk, input: &mut [[i8; 6]; 16]| {
        let Some(number) = windows.next() else { return times.next().map_or(Reading::Over, |_| Reading::Learn) };
        let Window { counts, label, .. } = window(number);
        *input = *counts;
        Reading::Labelled(label)
    };
    follow(&mut board, &mut memory, settings, read).unwrap();
    board.said()
}

fn weights(said: &[String]) -> Option<&str> {
    said.iter().rev().find_map(|line| line.strip_prefix("weights: CRC-32 "))
}

#[test]
fn it_learns_from_what_it_kept_and_from_what_is_in_flash() {
    let said = life(None, SETTINGS, 0..WINDOWS, 1);
    assert!(
        said.iter().any(|line| line == "learning: 12 of 20 samples with a label, 189 with those in flash, 2 epochs")
    );
    assert_eq!(said.iter().filter(|line| line.starts_with("epoch ")).count(), 2, "{said:#?}");
    let untold = life(None, SETTINGS, 0..WINDOWS, 0);
    assert_eq!(weights(&untold), None, "it learns when it is asked to");
    // The second time it goes on with the weights that it has.
    let [once, twice] = [1, 2].map(|times| life(None, SETTINGS, 0..WINDOWS, times));
    assert_eq!(once, twice[..once.len()]);
    assert_ne!(weights(&once), weights(&twice));
}

/// The power goes anywhere in the saves of samples, before it learns or after: it ends as without a cut.
#[test]
fn it_goes_on_after_a_cut() {
    let whole = life(None, SETTINGS, 0..WINDOWS, 1);
    let mut untouched = erased();
    untouched.left = u64::MAX;
    life(Some(&mut untouched), SETTINGS, 0..WINDOWS, 1);
    let spent = u64::MAX - untouched.left;
    let mut learnt = 0;
    for part in 1..16 {
        let mut flash = erased();
        flash.left = spent * part / 16;
        life(Some(&mut flash), SETTINGS, 0..WINDOWS, 1);
        flash.left = u64::MAX;
        let mut said = life(Some(&mut flash), SETTINGS, 0..0, 0);
        if weights(&said).is_some() {
            learnt += 1;
        } else {
            let kept = said.iter().find_map(|line| line.strip_prefix("store: goes on after ")?.split(' ').next());
            let kept = kept.map_or(0, |kept| kept.parse().unwrap());
            assert!(kept % 5 == 0, "{said:#?}");
            said = life(Some(&mut flash), SETTINGS, kept..WINDOWS, 1);
        }
        assert_eq!(weights(&said), weights(&whole), "{part}: {said:#?}");
    }
    assert!((1..15).contains(&learnt), "{learnt} cuts were while it learnt");
}

#[test]
fn with_other_settings_it_starts_anew() {
    for other in
        [Settings { epochs: 3, ..SETTINGS }, Settings { batch: 4, ..SETTINGS }, Settings { seed: 9, ..SETTINGS }]
    {
        let mut flash = erased();
        life(Some(&mut flash), SETTINGS, 0..WINDOWS, 1);
        let expected = life(None, other, 0..WINDOWS, 1);
        let said = life(Some(&mut flash), other, 0..WINDOWS, 1);
        assert!(said.iter().any(|line| line.contains("is of other settings, data or weights; a new run starts")));
        assert_eq!(weights(&said), weights(&expected));
    }
}

#[test]
fn without_a_label_there_is_nothing_to_learn() {
    let said = life(None, SETTINGS, 0..0, 1);
    assert!(said.iter().any(|line| line == "learning: no sample has a label yet"), "{said:#?}");
    assert_eq!(weights(&said), None);
}

/// Trainer, windows and all: the budget of a device with 48 kB for it. On a desktop addresses take more.
#[test]
fn it_fits() {
    assert!(size_of::<Memory>() <= 48_000);
}
