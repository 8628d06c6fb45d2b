//! Turns the list of recordings into a table for flash, since a board has no use for a CSV file, and chooses the network of
//! the programs `node` and `modes`, and the modes.

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::num::ParseIntError;
use std::path::Path;

use serde::Deserialize;

const LIST: &str = "data/watch-imu/recordings.csv";
const EXERCISES: [&str; 7] = ["PEN", "ABD", "FEL", "IR", "ER", "TRAP", "ROW"];

/// Names the network, as host-sim does, that the programs `node` and `modes` train.
const CHOICE: &str = "TRAINLET_NETWORK";
/// Says what the blocks of the networks of `standalone` and `node` keep for the backward pass.
const ACTIVATIONS: &str = "TRAINLET_ACTIVATIONS";
/// What they may keep: its type, and that of a named network.
const KEEPS: [(&str, &str, &str); 4] = [
    ("keep", "Keep", "Named"),
    ("keep-slopes", "KeepSlopes", "<Named as Family>::KeepSlopes"),
    ("recompute", "Recompute", "<Named as Family>::Recompute"),
    ("block-input", "BlockInput<2>", "<Named as Family>::BlockInput"),
];
/// Names the modes of the program `modes`, with commas between them.
const MODES: &str = "TRAINLET_MODES";
/// Says how many steps it makes in each, and the programs `ideas` and `pretrain` of each.
const STEPS: &str = "TRAINLET_STEPS";
/// Networks by name, with their types in `trainlet::networks`.
const NETWORKS: [(&str, &str); 17] = [
    ("watch-12x1", "Watch12x1"),
    ("watch-16x2", "Watch16x2"),
    ("watch-26x2", "Watch26x2"),
    ("watch-24x4r", "Watch24x4r"),
    ("flow-16x2", "Flow16x2"),
    ("flow-7x6", "Flow7x6"),
    ("mlp-42-64-32-1", "Mlp42"),
    ("watch-convnext", "WatchConvNext"),
    ("watch-separable", "WatchSeparable"),
    ("watch-resnet", "WatchResNet"),
    ("watch-resnext", "WatchResNext"),
    ("watch-pyramid", "WatchPyramid"),
    ("alter-4", "Alter4"),
    ("alter-10", "Alter10"),
    ("watch-lambda", "WatchLambda"),
    ("watch-inception", "WatchInception"),
    ("watch-mlp", "WatchMlp"),
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
    for choice in [CHOICE, ACTIVATIONS, MODES, STEPS] {
        println!("cargo::rerun-if-env-changed={choice}");
    }
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("recordings.rs"), recordings()?)?;
    let (_, blocks, variant) = activations()?;
    fs::write(Path::new(&out).join("network.rs"), network(variant)?)?;
    let kept = format!("/// What the blocks keep.\ntype Kept = trainlet::nn::block::{blocks};\n");
    fs::write(Path::new(&out).join("activations.rs"), kept)?;
    fs::write(Path::new(&out).join("modes.rs"), modes()?)?;
    fs::write(
        Path::new(&out).join("ideas.rs"),
        format!("/// Steps of each idea.\npub const STEPS: u32 = {};\n", steps(100)?),
    )?;
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

fn network(variant: &str) -> Result<String, String> {
    let name = env::var(CHOICE).unwrap_or_else(|_| NETWORKS[0].0.into());
    match NETWORKS.iter().find(|(known, _)| *known == name) {
        Some((_, model)) => {
            let named = format!("/// The network by that name.\npub type Named = trainlet::networks::{model};\n");
            Ok(format!("{named}/// The same with the activations that are chosen.\npub type Net = {variant};\n"))
        }
        None => {
            let names = NETWORKS.map(|(name, _)| name).join(", ");
            Err(format!("{CHOICE} is {name}, which no board can train; there are: {names}"))
        }
    }
}

fn activations() -> Result<(&'static str, &'static str, &'static str), String> {
    let name = env::var(ACTIVATIONS).unwrap_or_else(|_| KEEPS[0].0.into());
    let there = || KEEPS.map(|(name, ..)| name).join(", ");
    let found = KEEPS.into_iter().find(|(known, ..)| *known == name);
    found.ok_or_else(|| format!("{ACTIVATIONS} is {name}, but there are only: {}", there()))
}

/// A static for each mode, and a call. The type of a mode is its name in capitals: `keep-adam` is `KeepAdam`.
fn modes() -> Result<String, Box<dyn Error>> {
    let names = env::var(MODES).unwrap_or_else(|_| "keep-adam".into());
    let steps = steps(3)?;
    let (mut cells, mut calls, mut ram) = (String::new(), String::new(), Vec::new());
    for (index, name) in names.split(',').enumerate() {
        let mode: String = name.split('-').map(capitalised).collect();
        writeln!(
            cells,
            "static CELL_{index}: ConstStaticCell<Memory<Of<{mode}>>> = ConstStaticCell::new(Memory::ZERO);"
        )?;
        writeln!(calls, "    report(board, {mode}::NAME, &CELL_{index});")?;
        ram.push(format!("Memory::<Of<{mode}>>::RAM"));
    }
    let ram = ram.join(" + ");
    Ok(format!(
        "use crate::node::Named as Net;\n\ntype Of<M> = <M as Mode>::Of<Net>;\n\n{cells}\n\
         /// All of them, which is the program's whole `.bss`, in bytes.\nconst RAM: usize = {ram};\n\
         /// Steps in each mode.\nconst STEPS: u32 = {steps};\n\n\
         fn run_each<B: Board>(board: &mut B) {{\n{calls}}}\n"
    ))
}

fn steps(default: u32) -> Result<u32, ParseIntError> {
    env::var(STEPS).map_or(Ok(default), |steps| steps.parse())
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}
