//! Chooses the trials of an image, their steps, and the network of those that any network can make.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Names the network, as host-sim does.
const NETWORK: &str = "TRAINLET_NETWORK";
/// Names the trials, with commas between them.
const TRIALS: &str = "TRAINLET_TRIALS";
/// The number of steps of each.
const STEPS: &str = "TRAINLET_STEPS";

fn main() -> Result<(), Box<dyn Error>> {
    for variable in [NETWORK, TRIALS, STEPS] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    let or = |variable: &str, default: &str| env::var(variable).unwrap_or_else(|_| default.into());
    let steps: u32 = or(STEPS, "3").parse()?;
    let mut chosen = String::new();
    writeln!(
        chosen,
        "type Chosen = trainlet::named!({:?});\nconst STEPS: u32 = {steps};\n\nroom! {{",
        or(NETWORK, "watch-12x1")
    )?;
    for (index, trial) in or(TRIALS, "keep-adam").split(',').enumerate() {
        writeln!(chosen, "    Trial{index} {trial:?};")?;
    }
    chosen.push_str("}\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("chosen.rs"), chosen)?;
    Ok(())
}
