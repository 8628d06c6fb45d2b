//! Samples per second of the page's training as a native program, tests not counted, to compare with `test/speed.mjs`.

use std::time::Instant;

use trainlet_page::run::{Run, Settings};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (network, mode) = ("watch-12x1".into(), "keep-adam".into());
    let mut run = Run::new(Settings { network, mode, seed: 0, batch: 32, epochs: 25, rate: 5e-3, table: None })?;
    let (mut learnt, mut seconds) = (0, 0.0);
    loop {
        let started = Instant::now();
        // One less than an epoch has, so that no test is in it.
        let progress = run.advance(STEPS)?;
        seconds += started.elapsed().as_secs_f64();
        learnt += u64::from(STEPS) * 32;
        run.advance(u32::MAX)?;
        if progress.done + 1 >= progress.steps {
            println!("{:.0} samples/s", learnt as f64 / seconds);
            return Ok(());
        }
    }
}

/// Of the 89 steps of an epoch.
const STEPS: u32 = 88;
