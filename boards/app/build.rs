//! Turns the list of recordings into a table for flash, since a board has no use for a CSV file, and chooses the network of
//! the program `node`.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

const LIST: &str = "data/watch-imu/recordings.csv";
const EXERCISES: [&str; 7] = ["PEN", "ABD", "FEL", "IR", "ER", "TRAP", "ROW"];

/// Names the network, as host-sim does, that the program `node` trains.
const CHOICE: &str = "TRAINLET_NETWORK";
/// Networks by name, with their types in `trainlet::networks`.
const NETWORKS: [(&str, &str); 5] = [
    ("watch-12x1", "Watch12x1"),
    ("watch-16x2", "Watch16x2"),
    ("flow-16x2", "Flow16x2"),
    ("flow-7x6", "Flow7x6"),
    ("mlp-42-64-32-1", "Mlp42"),
];

#[derive(Deserialize)]
struct Line {
    subject: u8,
    exercise: String,
    first_frame: usize,
    frames: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={LIST}");
    println!("cargo::rerun-if-env-changed={CHOICE}");
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("recordings.rs"), recordings()?)?;
    fs::write(Path::new(&out).join("network.rs"), network()?)?;
    Ok(())
}

fn recordings() -> Result<String, Box<dyn Error>> {
    let mut rows = String::new();
    let mut count = 0;
    for line in csv::Reader::from_path(LIST)?.deserialize() {
        let Line { subject, exercise, first_frame, frames } = line?;
        let label = EXERCISES.iter().position(|name| *name == exercise).ok_or("none of the seven exercises")?;
        let fields = format!("subject: {subject}, label: {label}, first_frame: {first_frame}, frames: {frames}");
        writeln!(rows, "    Recording {{ {fields} }},")?;
        count += 1;
    }
    let exercises = format!("pub const EXERCISES: [&str; {}] = {EXERCISES:?};", EXERCISES.len());
    Ok(format!(
        "/// Names of the exercises; a label is an index into it.\n{exercises}\n\n\
         /// All recordings in file order.\npub static RECORDINGS: [Recording; {count}] = [\n{rows}];\n"
    ))
}

fn network() -> Result<String, String> {
    let name = env::var(CHOICE).unwrap_or_else(|_| NETWORKS[0].0.into());
    match NETWORKS.iter().find(|(known, _)| *known == name) {
        Some((_, model)) => {
            Ok(format!("/// The network that is trained.\npub type Net = trainlet::networks::{model};\n"))
        }
        None => {
            let names = NETWORKS.map(|(name, _)| name).join(", ");
            Err(format!("{CHOICE} is {name}, which no board can train; there are: {names}"))
        }
    }
}
