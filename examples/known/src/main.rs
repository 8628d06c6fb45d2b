//! `host-sim design` on data sets that everybody knows, within 64 KiB: `cargo run --release --manifest-path examples/known/Cargo.toml -- FOLDER`.
//!
//! The data come with the packages linfa-datasets and smartcore, and with this one: the watch recordings, as a log of a sensor, and noise of
//! three strengths. They are written to FOLDER as CSV files, and a table says what was found for each.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use clap::Parser;
use host_sim::design::{Options, Outcome, search};
use linfa_datasets::{diabetes, iris, winequality};
use smartcore::dataset::digits;
use trainlet::core::rng::{Key, Purpose, Stream};
use trainlet_app::watch::{EXERCISES, HOP, RECORDINGS, TOKENS};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    options: Options,
}

/// Name, options, and what the figure is and is to reach.
const SETS: [(&str, &str, &str); 6] = [
    ("iris", "--label species", "accuracy, .95 asked for"),
    ("digits", "--label digit", "accuracy, .965 asked for"),
    ("wine", "--label good", "accuracy, .77 asked for"),
    ("diabetes", "--label progression", "R², .45 asked for"),
    ("watch", "--label exercise --group person --by run --window 16 --hop 8", "accuracy, .80 of watch-16x2"),
    ("noise", "--label strength --group person --by run --window 32 --hop 16", "accuracy"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder for the CSV files")?;
    write_all(Path::new(&folder))?;
    println!("| data | samples | inputs | choice | RAM | score | deviation | linear | forest | seconds |");
    println!("|---|---|---|---|---|---|---|---|---|---|");
    for (name, options, what) in SETS {
        let line = format!("known --data {folder}/{name}.csv --ram 64KiB {options}");
        let options = Line::parse_from(line.split_whitespace()).options.decided()?;
        let (prepared, started) = (options.prepare()?, Instant::now());
        let Outcome::Found(found) = search(&options, &prepared.train, &line, None, &AtomicBool::new(false), &|_| ())?
        else {
            return Err("the search was not asked for a part".into());
        };
        let (choice, data) = (&found.choice.candidate, &found.data);
        let score = choice.score.as_ref().ok_or("the choice was tested")?;
        let plain = |names: &[&str]| {
            let is_one = |name: &str| names.iter().any(|part| name.contains(part));
            let found = found.baselines.iter().find(|baseline| is_one(&baseline.name));
            found.and_then(|baseline| Some(format!("{:.3}", baseline.score.as_ref()?.mean))).unwrap_or_default()
        };
        println!(
            "| {name} ({what}) | {} | {} | {} | {} | {:.3} | {:.3} | {} | {} | {:.0} |",
            data.rows,
            data.inputs,
            choice.name,
            choice.ram,
            score.mean,
            score.deviation,
            plain(&["regression", "ridge"]),
            plain(&["forest"]),
            started.elapsed().as_secs_f64()
        );
    }
    Ok(())
}

fn write_all(folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let write = |name: &str, text: String| fs::write(folder.join(format!("{name}.csv")), text);
    let flowers = iris();
    let species = |target: &usize| ["setosa", "versicolor", "virginica"][*target].to_string();
    write(
        "iris",
        table(flowers.feature_names(), flowers.records.rows(), flowers.targets.iter().map(species), "species"),
    )?;
    let wine = winequality();
    let good = |quality: &usize| if *quality >= 6 { "yes" } else { "no" }.to_string();
    write("wine", table(wine.feature_names(), wine.records.rows(), wine.targets.iter().map(good), "good"))?;
    let patients = diabetes();
    let progression = patients.targets.iter().map(f64::to_string);
    write("diabetes", table(patients.feature_names(), patients.records.rows(), progression, "progression"))?;
    let digits = digits::load_dataset();
    let names: Vec<String> = (0..digits.num_features).map(|pixel| format!("pixel{pixel}")).collect();
    let labels = digits.target.iter().map(|digit| format!("{digit}"));
    write("digits", table(&names, digits.data.chunks(digits.num_features), labels, "digit"))?;
    write("watch", watch())?;
    write("noise", noise())?;
    Ok(())
}

/// A CSV file with the label in the last column.
fn table<R: IntoIterator<Item = impl std::fmt::Display>>(
    names: &[impl AsRef<str>],
    rows: impl IntoIterator<Item = R>,
    labels: impl Iterator<Item = String>,
    label: &str,
) -> String {
    let mut text: String = names.iter().map(|name| format!("{},", name.as_ref())).collect();
    writeln!(text, "{label}").expect("in memory");
    for (row, label) in rows.into_iter().zip(labels) {
        row.into_iter().for_each(|value| write!(text, "{value},").expect("in memory"));
        writeln!(text, "{label}").expect("in memory");
    }
    text
}

/// All recordings as one log. The windows of a recording overlap by half: the first halves of all, and the last one whole, are its frames.
fn watch() -> String {
    let mut text = "person,run,exercise,ax,ay,az,gx,gy,gz\n".to_string();
    for (run, recording) in RECORDINGS.iter().enumerate() {
        for (number, window) in (0..recording.len()).filter_map(|index| recording.window(index)).enumerate() {
            let frames = if number + 1 < recording.len() { HOP } else { TOKENS };
            for frame in window.frames().take(frames) {
                let values: Vec<_> = frame.iter().map(f32::to_string).collect();
                let (person, exercise) = (recording.subject, EXERCISES[recording.label]);
                writeln!(text, "{person},{run},{exercise},{}", values.join(",")).expect("in memory");
            }
        }
    }
    text
}

/// A channel of noise whose classes differ in its strength alone, from persons who differ in it a little too.
fn noise() -> String {
    const PERSONS: u64 = 10;
    const RUNS: u64 = 12;
    const FRAMES: usize = 144;
    let mut text = "person,run,strength,value\n".to_string();
    for person in 0..PERSONS {
        let mut random = Key::new(person, Purpose::Order).stream();
        let gain = 1.0 + 0.08 * normal(&mut random);
        for (run, (strength, deviation)) in
            (0..RUNS).zip([("low", 1.0), ("middle", 1.25), ("high", 1.55)].iter().cycle())
        {
            for _ in 0..FRAMES {
                let value = gain * deviation * normal(&mut random);
                writeln!(text, "{person},{},{strength},{value}", person * RUNS + run).expect("in memory");
            }
        }
    }
    text
}

/// Nearly normally distributed, by the sum of twelve.
fn normal(random: &mut Stream) -> f32 {
    (0..12).map(|_| random.uniform()).sum::<f32>() - 6.0
}
