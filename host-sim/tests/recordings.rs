//! Logs of a sensor: the shipped recordings, written as one, make the very samples that `--data watch` has.

mod cli;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use cli::Cli;
use host_sim::data::preprocessing::{Prepared, for_training};
use host_sim::data::samples::{Division, Samples};
use host_sim::data::source::{DataOptions, DataSource};
use trainlet_app::watch::{AXES, SCALE};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../boards/app/data/watch-imu");

/// A log of all recordings: who, which recording, what, seconds, six axes. Each recording is a file if `apart`.
fn write_log(folder: &Path, apart: bool) -> DataOptions {
    let list = fs::read_to_string(format!("{FOLDER}/recordings.csv")).unwrap();
    let mut lines = list.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let column = |name: &str| head.iter().position(|column| *column == name).unwrap();
    let [subject, exercise, first, frames] = ["subject", "exercise", "first_frame", "frames"].map(column);
    let bytes = fs::read(format!("{FOLDER}/recordings.i8")).unwrap();
    const HEAD: &str = "subject,run,exercise,t,ax,ay,az,gx,gy,gz\n";
    let mut log = HEAD.to_string();
    for (run, line) in lines.enumerate() {
        let [first, frames]: [usize; 2] = [first, frames].map(|place| line[place].parse().unwrap());
        for frame in 0..frames {
            write!(log, "{},{run},{},{:.2}", line[subject], line[exercise], 0.16 * frame as f64).unwrap();
            for axis in 0..AXES {
                let count = bytes[(first + frame) * AXES + axis].cast_signed();
                write!(log, ",{}", SCALE[axis] * f32::from(count)).unwrap();
            }
            log.push('\n');
        }
        if apart {
            fs::write(folder.join(format!("{run:03}.csv")), &log).unwrap();
            log = HEAD.to_string();
        }
    }
    let path = if apart { folder.to_path_buf() } else { folder.join("log.csv") };
    if !apart {
        fs::write(&path, log).unwrap();
    }
    DataOptions {
        data: DataSource::File(path.display().to_string()),
        label: vec!["exercise".into()],
        group: Some("subject".into()),
        drop: if apart { vec!["run".into()] } else { Vec::new() },
        by: (!apart).then(|| "run".into()),
        time: Some("t".into()),
        window: Some(16),
        hop: Some(8),
        ..DataOptions::default()
    }
}

#[test]
fn the_shipped_recordings_go_through_the_same_reader() {
    let watch = for_training(&DataOptions::default(), 0).unwrap();
    for apart in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let options = DataOptions { test_groups: vec!["9".into(), "10".into()], ..write_log(folder.path(), apart) };
        let Prepared { train, test, .. } = for_training(&options, 0).unwrap();
        assert_eq!((train.shape(), train.len()), (Some((16, 6)), watch.train.len()));
        let sorted = |set: &host_sim::data::Dataset| {
            let name = |label: &[f32]| set.target.classes()[label[0] as usize].clone();
            let samples = set.samples().map(|(row, label)| (row.iter().map(|x| x.to_bits()).collect(), name(label)));
            samples.collect::<Vec<(Vec<u32>, String)>>()
        };
        assert_eq!(sorted(&train), sorted(&watch.train), "bit for bit");
        assert_eq!(sorted(&test.unwrap()), sorted(watch.test.as_ref().unwrap()));
    }
}

/// Mean and deviation come from the training data, fold by fold.
#[test]
fn folds_are_of_whole_people_and_each_has_its_own_scale() {
    let folder = tempfile::tempdir().unwrap();
    let log = Samples::read(&write_log(folder.path(), false)).unwrap();
    let watch = Samples::read(&DataOptions::default()).unwrap();
    let mut means = Vec::new();
    for samples in [log, watch] {
        for test in samples.divided().folds(5, 0).unwrap() {
            let Prepared { train, test, .. } =
                samples.clone().prepare(&Division { test, ..Division::default() }).unwrap();
            let test = test.unwrap();
            let mut people = test.groups.clone();
            people.sort_unstable();
            people.dedup();
            assert_eq!((people.len(), train.len() + test.len()), (2, 3605));
            assert!(!train.groups.iter().any(|group| test.groups.contains(group)));
            let mean = train.values.iter().step_by(AXES).map(|x| f64::from(*x)).sum::<f64>();
            assert!(mean.abs() / (train.len() as f64) < 1e-4, "{mean}");
            means.push(test.values.iter().map(|x| f64::from(*x)).sum::<f64>());
        }
    }
    assert_eq!(means[..5], means[5..], "the log and the shipped recordings are divided alike");
}

#[test]
fn a_network_learns_from_a_log_and_predicts_its_windows() {
    let cli = Cli::new();
    write_log(&cli.path(""), false);
    let log = "--data log.csv --label exercise --group subject --by run --time t --window 16 --hop 8";
    cli.ok(&format!("train {log} --test-groups 9,10 --epochs 2 --save w.safetensors --json run.json"));
    cli.ok("train --epochs 2 --json watch.json");
    assert_eq!(cli.json("run.json")["test"]["samples"], 773);
    // Classes are numbered by letter here, and as the boards have them there: the weights differ.
    assert!(cli.json("run.json")["test"]["accuracy"].as_f64().unwrap() > 0.5);
    let predictions = cli.ok("predict --weights w.safetensors --data log.csv");
    assert_eq!(predictions.lines().count(), 1 + 3605);
    cli.complains(2, "train --data watch --window 16", &["--window", "--data FILE.csv"]);
    cli.complains(1, &format!("train {log} --test-groups 11"), &["group `11`", "there are: 1, 2, 3"]);
}

#[test]
fn the_best_weights_by_validation_are_kept() {
    let cli = Cli::new();
    cli.ok("train --validation 0.25 --patience 2 --epochs 40 --lr 0.03 --seed 1 --save w.safetensors --json run.json");
    let record = cli.json("run.json");
    let epochs = record["epochs"].as_array().unwrap();
    let best = record["best_epoch"].as_u64().unwrap();
    assert_eq!((epochs.len() as u64, epochs.len() < 40), (best + 2, true), "two epochs without a better one");
    let of_best = &epochs[best as usize - 1];
    assert_eq!(of_best["validation_score"], record["validation"]["accuracy"]);
    assert!(epochs.iter().all(|epoch| epoch["validation_score"].as_f64() <= of_best["validation_score"].as_f64()));
    assert_eq!(of_best["test_accuracy"], record["test"]["accuracy"], "the test is that of the weights that are kept");
    let again = cli.ok("evaluate --weights w.safetensors");
    let accuracy = format!("{:.1} %", 100.0 * record["test"]["accuracy"].as_f64().unwrap());
    assert!(again.lines().any(|line| line.contains(" accuracy ") && line.contains(&accuracy)), "{accuracy}: {again}");
    let people = 3605 - 773;
    let kept = record["training_samples"].as_u64().unwrap() + record["validation"]["samples"].as_u64().unwrap();
    assert_eq!(kept, people, "nobody else");
}

#[test]
fn every_fold_is_tested_by_a_run_that_has_not_seen_it() {
    let cli = Cli::new();
    let report = cli.ok("train --folds 5 --epochs 1 --json folds.json");
    let record = cli.json("folds.json");
    let folds = record["folds"].as_array().unwrap();
    let samples = |key: &dyn Fn(&serde_json::Value) -> u64| folds.iter().map(key).collect::<Vec<_>>();
    let tested = samples(&|fold| fold["test"]["samples"].as_u64().unwrap());
    let trained = samples(&|fold| fold["training_samples"].as_u64().unwrap());
    assert_eq!((folds.len(), tested.iter().sum::<u64>()), (5, 3605));
    assert!(tested.iter().zip(&trained).all(|(tested, trained)| tested + trained == 3605));
    assert!(report.contains("mean ") && report.contains("standard deviation"), "{report}");
    cli.complains(2, "twin --qemu stm32f405 --folds 5", &["--folds"]);
}

#[test]
fn a_fifth_is_kept_aside_unless_a_share_is_named() {
    let cli = Cli::new();
    let best = |options: &str| {
        cli.ok(&format!("train --epochs 1 --batch 256 {options} --json run.json"));
        let record = cli.json("run.json");
        (record["weights_crc32"].clone(), record["validation"]["samples"].clone(), record["best_epoch"].clone())
    };
    let fifth = best("--keep-best");
    assert_eq!(fifth, best("--validation 0.2"));
    assert_eq!(fifth.2, 1);
    assert_ne!(fifth, best("--keep-best --validation 0.3"));
    cli.complains(2, "train --patience 3", &["--patience has no effect here", "--keep-best or --validation"]);
    cli.ok("train --epochs 1 --batch 256 --keep-best --patience 1");
}
