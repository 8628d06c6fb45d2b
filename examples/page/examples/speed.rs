//! Samples per second of the page's training as a native program, tests not counted, the best of five runs; to compare with
//! `node test/speed.mjs`.

use std::error::Error;
use std::time::Instant;

use trainlet_page::run::{Run, Settings};

/// Of the 89 steps of an epoch, so that no test is in them.
const STEPS: u32 = 88;
const BATCH: u32 = 32;

fn main() -> Result<(), Box<dyn Error>> {
    let speeds = (0..5).map(|_| speed()).collect::<Result<Vec<_>, _>>()?;
    println!("{:.0} samples/s", speeds.into_iter().fold(0.0, f64::max));
    Ok(())
}

fn speed() -> Result<f64, Box<dyn Error>> {
    let (network, mode) = ("watch-12x1".into(), "keep-adam".into());
    let mut run = Run::new(Settings { network, mode, seed: 0, batch: BATCH, epochs: 25, rate: 5e-3, table: None })?;
    let (mut learnt, mut seconds) = (0, 0.0);
    loop {
        let started = Instant::now();
        let progress = run.advance(STEPS)?;
        seconds += started.elapsed().as_secs_f64();
        learnt += STEPS * BATCH;
        run.advance(u32::MAX)?;
        if progress.done + 1 == progress.steps {
            return Ok(f64::from(learnt) / seconds);
        }
    }
}
