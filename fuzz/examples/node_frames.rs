//! Sends frames to nodes, 50 million or as many as are asked for, and prints that none of them made one panic:
//! `cargo run --release --example node_frames -- 50000000`

use std::time::Instant;

use arbitrary::Unstructured;
use trainlet::core::rng::{Key, Purpose};
use trainlet::networks::Network;
use trainlet_fuzz::node::{Alone, Game, Mixed};

fn main() {
    let wanted = std::env::args().nth(1).map_or(50_000_000, |count| count.parse().expect("a number of frames"));
    let started = Instant::now();
    let halves = std::thread::scope(|scope| {
        let threads = [
            scope.spawn(move || play::<Mixed>(1, wanted / 2)),
            scope.spawn(move || play::<Alone>(2, wanted - wanted / 2)),
        ];
        threads.map(|thread| thread.join().expect("no node panics"))
    });
    let (frames, steps) = halves.iter().fold((0, 0), |sum, half| (sum.0 + half.0, sum.1 + half.1));
    let seconds = started.elapsed().as_secs_f64();
    println!("{frames} frames in {seconds:.0} s, {steps} steps that changed weights: no panic");
}

/// Games of a few hundred pieces, until `wanted` frames have been sent.
fn play<M: Network>(seed: u64, wanted: u64) -> (u64, u64) {
    let (mut frames, mut steps, key) = (0, 0, Key::new(seed, Purpose::Order));
    for number in 0.. {
        let mut stream = key.child(number).stream();
        let bytes: Vec<u8> = (0..4096).flat_map(|_| stream.bits().to_le_bytes()).collect();
        let (mut game, mut u) = (Game::<M>::new(), Unstructured::new(&bytes));
        while let (Ok(piece), false) = (u.arbitrary(), u.is_empty()) {
            game.send(&piece);
        }
        game.check();
        frames += game.frames;
        steps += game.steps;
        if frames >= wanted {
            break;
        }
    }
    (frames, steps)
}
