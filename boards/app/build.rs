//! Turns the list of recordings into a table for flash, since a board has no use for a CSV file, and writes down which network
//! `node` trains, what its blocks keep, and how its optimiser keeps a number.

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
/// Says what the blocks of the networks of `standalone` and `node` keep for the backward pass.
const ACTIVATIONS: &str = "TRAINLET_ACTIVATIONS";
/// Says how the optimiser of `node` keeps a number.
const STATE: &str = "TRAINLET_STATE";
/// The number of steps from one save to the next, on a board that keeps checkpoints; 0 for none.
const SAVE_EVERY: &str = "TRAINLET_SAVE_EVERY";
/// Names the file that `personalise` has written for the program `adapt`.
const ADAPTATION: &str = "TRAINLET_ADAPTATION";
/// Of subject 1.
const USUAL_ADAPTATION: &str = "data/watch-imu/adaptation.rs";
/// Two saves in a run of `standalone`, and its end.
const USUALLY: u32 = 500;
/// How it may keep it, and the type of that.
const STATES: [(&str, &str); 3] = [("f32", "F32"), ("bf16", "Bf16"), ("8bit", "Block8")];
/// What they may keep: its type, and that of a named network.
const KEEPS: [(&str, &str, &str); 4] = [
    ("keep", "Keep", "Named"),
    ("keep-slopes", "KeepSlopes", "<Named as Family>::KeepSlopes"),
    ("recompute", "Recompute", "<Named as Family>::Recompute"),
    ("block-input", "BlockInput<2>", "<Named as Family>::BlockInput"),
];

#[derive(Deserialize)]
struct Line {
    subject: u8,
    exercise: String,
    first_frame: usize,
    frames: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let adaptation = env::var(ADAPTATION).unwrap_or_else(|_| USUAL_ADAPTATION.into());
    for file in [LIST, &adaptation] {
        println!("cargo::rerun-if-changed={file}");
    }
    for choice in [CHOICE, ACTIVATIONS, STATE, SAVE_EVERY, ADAPTATION] {
        println!("cargo::rerun-if-env-changed={choice}");
    }
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("recordings.rs"), recordings()?)?;
    let (_, blocks, variant) = chosen(ACTIVATIONS, &KEEPS, |(name, ..)| name)?;
    let (_, state) = chosen(STATE, &STATES, |(name, _)| name)?;
    fs::write(Path::new(&out).join("network.rs"), network(variant, state))?;
    let kept = format!("/// What the blocks keep.\ntype Kept = trainlet::nn::block::{blocks};\n");
    fs::write(Path::new(&out).join("activations.rs"), kept)?;
    fs::write(Path::new(&out).join("save_every.rs"), save_every()?)?;
    let copied = fs::copy(&adaptation, Path::new(&out).join("adaptation.rs"));
    copied.map_err(|error| format!("{adaptation}, which {ADAPTATION} names: {error}"))?;
    Ok(())
}

fn save_every() -> Result<String, String> {
    let wanted = env::var(SAVE_EVERY).unwrap_or_else(|_| USUALLY.to_string());
    let steps: u32 = wanted.parse().map_err(|_| format!("{SAVE_EVERY} is {wanted}, but must be a number of steps"))?;
    let about = "/// Steps from one save to the next, unless a program says otherwise.";
    Ok(format!("{about}\npub const SAVE_EVERY: u32 = {steps};\n"))
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

fn network(variant: &str, state: &str) -> String {
    let name = env::var(CHOICE).unwrap_or_else(|_| "watch-12x1".into());
    let named = format!("/// The network that `{CHOICE}` names.\npub type Named = trainlet::named!({name:?});\n");
    format!(
        "{named}/// The same with the activations that are chosen.\npub type Net = {variant};\n\
         /// How its optimiser keeps its numbers.\npub type Moments = <Net as Network>::{state};\n"
    )
}

/// What a variable names, or the first where it is not set.
fn chosen<T: Copy>(variable: &str, known: &[T], name: fn(T) -> &'static str) -> Result<T, String> {
    let wanted = env::var(variable).unwrap_or_else(|_| name(known[0]).into());
    let there = || known.iter().map(|one| name(*one)).collect::<Vec<_>>().join(", ");
    let found = known.iter().find(|one| name(**one) == wanted);
    found.copied().ok_or_else(|| format!("{variable} is {wanted}, but there are only: {}", there()))
}
