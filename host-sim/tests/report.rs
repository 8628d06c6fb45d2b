//! The page of a run: well-formed, whole, and without markup from files of strangers.

mod cli;

use std::fmt::Write as _;
use std::sync::LazyLock;

use clap::Parser as _;
use cli::Cli;
use host_sim::data::{Measure, Target};
use host_sim::report::page::{self, Origin};
use host_sim::run::metrics::{Figures, figures};
use host_sim::run::options::Options;
use host_sim::run::record::Record;
use host_sim::run::train;

const EVIL: &str = "<script>alert('x')</script>";

/// 60 rows of 42 columns, two classes, one of them with an evil name, as is a column; and five people.
fn table() -> String {
    let header: String = (1..42).map(|column| format!("c{column},")).collect();
    let mut text = format!("\"c<0> \"\"&\",{header}person,label\n");
    for row in 0..60 {
        let values: String = (0..42).map(|column| format!("{},", (row * 7919 + column * 104_729) % 1009)).collect();
        let class = if row % 3 == 0 { EVIL } else { "b & \"\"c\"\"" };
        writeln!(text, "{values}person <{}>,\"{class}\"", row % 5).unwrap();
    }
    text
}

/// A run on it, with validation and test.
static RECORD: LazyLock<Record> =
    LazyLock::new(|| run(&["--validation", "0.2", "--test-groups", "person <0>,person <1>"]));

fn run(more: &[&str]) -> Record {
    let cli = Cli::new();
    cli.write("t.csv", &table());
    let data = cli.path("t.csv").display().to_string();
    let words = ["train", "--network", "flow-7x6", "--data", &data, "--group", "person", "--epochs", "2"];
    train(&Options::try_parse_from(words.iter().chain(more)).unwrap()).unwrap()
}

fn page_of(record: &Record) -> String {
    page::run(record, &Origin { command: format!("host-sim train --data '{EVIL}'") }).unwrap()
}

#[test]
fn the_only_epoch_has_its_gradients_once() {
    let mut record = RECORD.clone();
    let heading = |record: &Record, epoch: u32| page_of(record).matches(&format!(">epoch {epoch}</th>")).count();
    assert_eq!([1, 2].map(|epoch| heading(&record, epoch)), [1, 1]);
    record.epochs.truncate(1);
    assert_eq!(heading(&record, 1), 1);
}

#[test]
fn a_single_epoch_has_short_numbers_at_its_axis() {
    let mut record = RECORD.clone();
    record.epochs.truncate(1);
    let page = page_of(&record);
    assert!(page.contains(">\n0.6\n<") && !page.contains("0.600"), "{page}");
}

/// The ids of the sections.
fn sections(page: &str) -> Vec<&str> {
    page.split("<section id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// Every element is closed by its own name, and nothing but the page's own elements is there.
fn check_form(page: &str) {
    let (head, body) = page.strip_prefix("<!DOCTYPE html>").unwrap().split_once("<style>").unwrap();
    let text = format!("{head}{}", body.split_once("</style>").unwrap().1);
    let mut open = Vec::new();
    for part in text.split('<').skip(1) {
        let (tag, _) = part.split_once('>').unwrap_or_else(|| panic!("<{part}"));
        let name = tag.trim_start_matches('/').split(|c: char| c.is_whitespace() || c == '/').next().unwrap();
        assert!(!["script", "iframe", "object", "link", "img"].contains(&name), "{tag}");
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
        } else if !tag.ends_with('/') && name != "meta" {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    assert_eq!(page.matches("http://").count(), page.matches("xmlns=\"http://www.w3.org/2000/svg\"").count());
    assert!(!page.contains("https://") && !page.contains("url(") && !page.contains("@import"));
}

#[test]
fn a_classification_has_every_section() {
    let page = page_of(&RECORD);
    check_form(&page);
    let expected = [
        "result",
        "curves",
        "confusion",
        "calibration",
        "classes",
        "groups",
        "gradients",
        "memory",
        "network",
        "cycles",
        "data",
        "origin",
    ];
    assert_eq!(sections(&page), expected);
    for section in expected {
        assert!(page.contains(&format!("href=\"#{section}\"")), "{section} is not linked");
    }
    for part in
        ["Expected calibration error", "validation", "stm32f405", "blocks.0", "Kept are the weights", "rustc 1."]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(page.contains(&format!("{:08x}", RECORD.weights_crc32)));
}

#[test]
fn names_from_files_are_text() {
    let page = page_of(&RECORD);
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;alert('x')&lt;/script&gt;"));
    for name in ["b &amp; &quot;c&quot;", "person &lt;1&gt;", "c&lt;0&gt; &quot;&amp;"] {
        assert!(page.contains(name), "{name}");
    }
}

#[test]
fn a_run_without_test_says_so() {
    let record = Record { test: None, validation: None, ..RECORD.clone() };
    let page = page_of(&record);
    check_form(&page);
    assert_eq!(sections(&page), ["result", "curves", "gradients", "memory", "network", "cycles", "data", "origin"]);
    assert!(page.contains("Nothing was tested") && page.contains("flow-7x6: trained, not tested"));
}

#[test]
fn a_regression_has_its_values() {
    let target = Target::Values(vec![Measure { name: EVIL.into(), mean: 1.0, deviation: 2.0 }]);
    let mut record = RECORD.clone();
    let test = record.test.as_mut().unwrap();
    test.figures = figures(&target, &[0.0, 1.0, -1.0, 0.5], &[0.1, 0.8, -1.2, 0.5]);
    assert!(matches!(test.figures, Figures::Values(_)));
    let page = page_of(&record);
    check_form(&page);
    let expected =
        ["result", "curves", "groups", "values", "gradients", "memory", "network", "cycles", "data", "origin"];
    assert_eq!(sections(&page), expected);
    assert!(
        page.contains("<title>&lt;script&gt;") && page.contains("flow-7x6: R² 0.9") && page.contains("in the test")
    );
}

#[test]
fn a_board_keeps_its_gradients() {
    let mut record = RECORD.clone();
    record.epochs.iter_mut().for_each(|epoch| epoch.gradients.clear());
    let page = page_of(&record);
    check_form(&page);
    assert!(page.contains("The gradient was not measured"));
}

#[test]
fn gradients_of_each_leaf_are_in_the_record() {
    for epoch in &RECORD.epochs {
        assert_eq!(epoch.gradients.len(), host_sim::networks::find("flow-7x6").unwrap().leaves().len());
        assert!(epoch.gradients.iter().all(|gradient| gradient.norm.is_finite()));
        assert!(epoch.gradients.iter().any(|gradient| gradient.norm > 0.0));
    }
    let head = run(&["--trained", "head"]);
    assert_eq!(
        head.epochs[0].gradients.iter().map(|of| &*of.leaf).collect::<Vec<_>>(),
        ["norm.weight", "norm.bias", "head.weight", "head.bias"]
    );
    assert!(run(&["--online", "--batch", "1", "--clip", "0"]).epochs[0].gradients.is_empty());
}

#[test]
fn groups_have_names_and_make_up_the_whole() {
    let test = RECORD.test.as_ref().unwrap();
    let names: Vec<_> = test.groups.iter().map(|group| &*group.name).collect();
    assert_eq!(names, ["person <0>", "person <1>"]);
    let right: f32 = test.groups.iter().map(|group| group.score * group.samples as f32).sum();
    assert!((right / test.samples as f32 - test.score()).abs() < 1e-6);
}

#[test]
fn commands_write_pages() {
    let cli = Cli::new();
    cli.write("t.csv", &table());
    cli.ok("train --network flow-7x6 --data t.csv --epochs 1 --drop person --report run.html");
    cli.ok("train --network flow-7x6 --data t.csv --epochs 1 --drop person --folds 2 --report folds.html");
    cli.ok("budget --network watch-12x1 --mode keep-adam predict --report budget.html");
    cli.ok("study compare --network watch-mlp --epochs 1 --test-subjects 9,10 --seeds 1 --report study.html");
    for (file, part) in [
        ("run.html", "host-sim train --network flow-7x6 --data t.csv --epochs 1 --drop person --report run.html"),
        ("folds.html", "Fold 2"),
        ("budget.html", "Below 0 it does not fit."),
        ("study.html", "Accuracy against what it costs"),
    ] {
        let page = cli.read(file);
        check_form(&page);
        assert!(page.contains(part), "{file}");
    }
    cli.complains(2, "train --report x.html --json x.html", &["--json and --report both name x.html"]);
    cli.complains(1, "study compare --network watch-mlp --shard 1/2 --json part.json --report x.html", &["--merge"]);
}

#[test]
fn a_run_leaves_an_event_file() {
    let cli = Cli::new();
    cli.write("t.csv", &table());
    let run = "train --network flow-7x6 --data t.csv --drop person --epochs 2 --validation 0.2";
    for _ in 0..2 {
        cli.ok(&format!("{run} --tensorboard runs/one"));
    }
    let files: Vec<_> = std::fs::read_dir(cli.path("runs/one")).unwrap().map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 2, "a file for each run");
    let bytes = std::fs::read(&files[0]).unwrap();
    let count = |tag: &str| bytes.windows(tag.len()).filter(|window| *window == tag.as_bytes()).count();
    let tags = ["step/loss", "step/rate", "loss/training", "loss/validation", "accuracy/validation", "accuracy/test"];
    // 48 samples in batches of 32.
    assert_eq!(tags.map(count), [4, 4, 2, 2, 2, 0]);
    cli.complains(
        1,
        &format!("{run} --tensorboard t.csv"),
        &["t.csv: cannot be written (it names no folder)", "--tensorboard"],
    );
    cli.complains(1, &format!("{run} --tensorboard="), &["it names no folder", "--tensorboard"]);
    assert!(cli.fails(2, &format!("{run} --folds 2 --tensorboard x")).contains("cannot be used with '--tensorboard"));
}
