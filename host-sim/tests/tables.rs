//! Tables as they come: what the `host-sim` command reads, and what it says of what it does not.

mod cli;

use std::io::Write as _;

use cli::Cli;
use flate2::Compression;
use flate2::write::GzEncoder;

const TRAIN: &str = "train --network flow-16x2 --drop id --steps 3 --data";

impl Cli {
    /// The table of [`write_flows`](Cli::write_flows), cell by cell.
    fn flows(&self) -> Vec<Vec<String>> {
        self.write_flows("flows.csv", 120, 0);
        self.read("flows.csv").lines().map(|line| line.split(',').map(String::from).collect()).collect()
    }

    fn write_cells(&self, name: &str, cells: &[Vec<String>], separator: &str, end: &str) {
        let lines: String = cells.iter().map(|line| line.join(separator) + end).collect();
        self.write(name, &lines);
    }

    /// The CRC-32 of the weights after a few steps.
    fn crc(&self, options: &str) -> u64 {
        self.ok(&format!("{TRAIN} {options} --json run.json"));
        self.json("run.json")["weights_crc32"].as_u64().unwrap()
    }
}

/// In f3 of the flows; the values do not matter.
fn with_column(cells: &[Vec<String>], name: &str, value: impl Fn(usize) -> String) -> Vec<Vec<String>> {
    let mut cells = cells.to_vec();
    cells[0][4] = name.into();
    cells.iter_mut().enumerate().skip(1).for_each(|(line, cells)| cells[4] = value(line));
    cells
}

#[test]
fn one_odd_cell_is_named_and_missing_ones_have_a_policy() {
    let cli = Cli::new();
    let mut cells = cli.flows();
    for odd in ["1_000", "50%", "\"1,234\"", "0x1F"] {
        cells[30][4] = odd.into();
        cli.write_cells("odd.csv", &cells, ",", "\n");
        let odd = format!("`{}`", odd.trim_matches('"'));
        cli.complains(1, &format!("{TRAIN} odd.csv"), &["odd.csv, line 31, column `f3`", &odd, "--text f3"]);
        cli.ok(&format!("{TRAIN} odd.csv --text f3 --json run.json"));
        assert_eq!(cli.json("run.json")["table"]["columns"][4]["taken_for"], "categories");
    }
    cells[30][4] = "NA".into();
    cli.write_cells("gap.csv", &cells, ",", "\n");
    cli.complains(
        1,
        &format!("{TRAIN} gap.csv"),
        &["gap.csv, line 31, column `f3`: `NA`", "--missing mean or --missing drop"],
    );
    for (missing, samples) in [("mean", 120), ("drop", 119)] {
        cli.ok(&format!("{TRAIN} gap.csv --missing {missing} --json run.json --save w.safetensors"));
        let record = cli.json("run.json");
        assert_eq!(
            (&record["training_samples"], &record["options"]["data"]["missing"]),
            (&samples.into(), &missing.into())
        );
        assert_eq!(record["table"]["columns"][4]["missing"], 1);
        let scores = cli.ok("evaluate --weights w.safetensors --data gap.csv");
        assert!(scores.contains(&format!(" {samples} ")), "{scores}");
    }
    cli.complains(
        1,
        "predict --weights w.safetensors --data gap.csv",
        &["line 31, column `f3`", "train with --missing mean"],
    );
    cli.complains(2, "train --missing drop", &["--missing has no effect", "--data FILE.csv"]);
    cli.complains(2, "train --data x.csv --one-hot --scaling table", &["--one-hot has no effect"]);
    cli.complains(2, "train --scaling quantile", &["--scaling quantile has no effect", "--data FILE.csv"]);
}

#[test]
fn what_columns_were_taken_for_is_said_and_kept() {
    let cli = Cli::new();
    let mut cells = cli.flows();
    cells[0][5] = "day".into();
    cells[0][6] = "same".into();
    cells[0][7] = "flag".into();
    cells[0][8] = "f7\u{1b}[31m".into();
    for (line, cells) in cells.iter_mut().enumerate().skip(1) {
        cells[5] = format!("{:02}.{:02}.2024", line % 28 + 1, line % 12 + 1);
        cells[6] = "7".into();
        cells[7] = ["yes", "No"][line % 2].into();
    }
    cli.write_cells("t.csv", &cells, ",", "\n");
    let output = cli.run(&format!("{TRAIN} t.csv --plain f0 --json run.json"));
    let said = String::from_utf8(output.stderr).unwrap();
    for (kind, columns) in [
        ("dropped", "id"),
        ("number", "f0"),
        ("number with logarithm", "f1, f2, f3, f7\\u{1b}[31m, f8"),
        ("date or time, DD.MM.YYYY", "day"),
        ("constant", "same"),
        ("boolean", "flag"),
        ("categories", "kind (2)"),
        ("label: a class", "label (2 classes)"),
    ] {
        let line = said
            .lines()
            .find(|line| line.trim_start().starts_with(&format!("{kind} ")) || line.contains(&format!(" {kind}, ")));
        assert!(line.is_some_and(|line| line.contains(columns)), "{kind}: {said}");
    }
    let table = cli.json("run.json")["table"].clone();
    assert_eq!((&table["samples"], &table["separator"]), (&120.into(), &"comma".into()));
    let kinds: Vec<_> =
        (0..9).map(|column| table["columns"][column]["taken_for"].as_str().unwrap().to_string()).collect();
    let log = "number_with_logarithm";
    assert_eq!(kinds, ["dropped", "number", log, log, log, "date", "constant", "boolean", log]);
    cli.ok("train --steps 1 --json watch.json");
    assert!(cli.json("watch.json")["table"].is_null());
}

/// Two texts that come as often as each other are two inputs, whatever else there is.
#[test]
fn texts_that_come_equally_often_are_told_apart() {
    let cli = Cli::new();
    let cells = cli.flows();
    let rows = cells.len();
    let texts = with_column(&cells, "colour", |line| ["red", "blue"][line % 2].into());
    let mut label = texts.clone();
    for line in 1..rows {
        label[line][43] = ["a", "b"][line % 2].into();
    }
    cli.write_cells("t.csv", &label, ",", "\n");
    cli.ok("train --network flow-16x2 --drop id --data t.csv --test t.csv --epochs 20 --json run.json --save w.safetensors");
    assert_eq!(cli.json("run.json")["test"]["accuracy"], 1.0, "red and blue are the label");
    let predicted = cli.ok("predict --weights w.safetensors --data t.csv");
    assert_eq!(predicted.lines().skip(1).filter(|line| line.starts_with("a,")).count(), 60);
    // 43 inputs.
    let message = cli.fails(1, &format!("{TRAIN} t.csv --one-hot"));
    assert!(message.contains("44 inputs"), "{message}");
    cli.ok(&format!("{TRAIN} t.csv --drop f0,f1 --one-hot"));
}

#[test]
fn labels_keep_the_spelling_of_the_file() {
    let cli = Cli::new();
    let mut cells = cli.flows();
    for line in 1..cells.len() {
        cells[line][43] = ["9007199254740992", "9007199254740993"][line % 2].into();
    }
    cli.write_cells("t.csv", &cells, ",", "\n");
    cli.ok(&format!("{TRAIN} t.csv --save w.safetensors"));
    let predicted = cli.ok("predict --weights w.safetensors --data t.csv");
    assert!(
        predicted.starts_with("predicted,probability_9007199254740992,probability_9007199254740993\n"),
        "{predicted}"
    );
    for (one, other) in [("1", "01"), ("1.0", "1")] {
        cells[1][43] = one.into();
        cells[2][43] = other.into();
        cells[3..].iter_mut().for_each(|line| line[43] = one.into());
        cli.write_cells("t.csv", &cells, ",", "\n");
        let parts = [&format!("`{one}`"), &format!("`{other}`"), "two spellings", "--text label"].map(String::from);
        cli.complains(1, &format!("{TRAIN} t.csv"), &parts.each_ref().map(String::as_str));
        cli.ok(&format!("{TRAIN} t.csv --text label"));
    }
}

#[test]
fn separators_decimal_commas_and_gzip_make_no_difference() {
    let cli = Cli::new();
    let cells = cli.flows();
    let expected = cli.crc("flows.csv");
    for (name, separator, end) in [("semicolon.csv", ";", "\n"), ("tab.csv", "\t", "\r\n"), ("return.csv", ",", "\r")] {
        cli.write_cells(name, &cells, separator, end);
        assert_eq!(cli.crc(name), expected, "{name}");
    }
    let commas: Vec<Vec<String>> =
        cells.iter().map(|line| line.iter().map(|cell| cell.replace('.', ",")).collect()).collect();
    cli.write_cells("decimal.csv", &commas, ";", "\n");
    assert_eq!(cli.crc("decimal.csv --separator semicolon --decimal comma"), expected);
    assert_eq!(cli.crc("decimal.csv"), expected);
    assert_eq!(cli.json("run.json")["table"]["columns"][1]["written"], "decimal comma");
    let mut packed = GzEncoder::new(std::fs::File::create(cli.path("flows.csv.gz")).unwrap(), Compression::default());
    packed.write_all(cli.read("flows.csv").as_bytes()).unwrap();
    packed.finish().unwrap();
    assert_eq!(cli.crc("flows.csv.gz"), expected);
    cli.ok(&format!("{TRAIN} flows.csv --save w.safetensors"));
    cli.ok("evaluate --weights w.safetensors --data semicolon.csv");
    cli.complains(
        1,
        "evaluate --weights w.safetensors --data semicolon.csv --separator comma",
        &["there is no column"],
    );
    cli.write("book.xlsx", "PK\u{3}\u{4}and so on");
    cli.complains(1, &format!("{TRAIN} book.xlsx"), &["book.xlsx: is an Excel workbook", "save the sheet as CSV"]);
}

#[test]
fn damage_is_named_as_what_it_is() {
    let cli = Cli::new();
    let cells = cli.flows();
    let damaged = |name: &str, line: usize, cell: &str| {
        let mut cells = cells.clone();
        cells[line - 1][42] = cell.into();
        cli.write_cells(name, &cells, ",", "\n");
    };
    damaged("quote.csv", 50, "\"tcp");
    cli.complains(1, &format!("{TRAIN} quote.csv"), &["quote.csv, line 50: a quote opens here, but nothing closes it"]);
    damaged("nul.csv", 51, "t\0p");
    cli.complains(1, &format!("{TRAIN} nul.csv"), &["nul.csv, line 51, column 43: a NUL byte"]);
    let mut twice = cells.clone();
    twice.extend(cells.clone());
    cli.write_cells("twice.csv", &twice, ",", "\n");
    cli.complains(
        1,
        &format!("{TRAIN} twice.csv"),
        &["twice.csv, line 122: the names of the columns stand here once more"],
    );
    let mut ragged = cells.clone();
    ragged[20].pop();
    cli.write_cells("ragged.csv", &ragged, ",", "\r");
    cli.complains(1, &format!("{TRAIN} ragged.csv"), &["ragged.csv, line 21, column 44: 44 cells expected"]);
}
