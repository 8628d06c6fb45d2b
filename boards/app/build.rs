//! Turns the list of recordings into a table for flash: a board has no use for a CSV file.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

const LIST: &str = "data/watch-imu/recordings.csv";
const EXERCISES: [&str; 7] = ["PEN", "ABD", "FEL", "IR", "ER", "TRAP", "ROW"];

#[derive(Deserialize)]
struct Line {
    subject: u8,
    exercise: String,
    first_frame: usize,
    frames: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={LIST}");
    let mut table = format!(
        "/// Names of the exercises; a label is an index into it.\npub const EXERCISES: [&str; 7] = {EXERCISES:?};\n\n"
    );
    let mut rows = String::new();
    let mut count = 0;
    for line in csv::Reader::from_path(LIST)?.deserialize() {
        let Line { subject, exercise, first_frame, frames } = line?;
        let label =
            EXERCISES.iter().position(|name| *name == exercise).ok_or("an exercise that is not one of the seven")?;
        writeln!(
            rows,
            "    Recording {{ subject: {subject}, label: {label}, first_frame: {first_frame}, frames: {frames} }},"
        )?;
        count += 1;
    }
    writeln!(table, "/// All recordings in file order.\npub static RECORDINGS: [Recording; {count}] = [\n{rows}];")?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("recordings.rs"), table)?;
    Ok(())
}
