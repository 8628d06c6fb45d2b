//! The network flows of UNSW-NB15, which are free for research but not for shipping: these tests run where the files
//! are.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Write as _, stderr};
use std::path::PathBuf;

use host_sim::data::source::Scaling;
use host_sim::data::{Encoding, Learnt, Options, Table, learn};
use trainlet::data::{Categories, log_frequency};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/unsw-nb15");

/// The file of this name; `None`, and a line past the test's captured output, if it isn't there.
fn file(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(FOLDER).join(name);
    if !path.exists() {
        let line = format!("skipped: {} is not there\n", path.display());
        stderr().write_all(line.as_bytes()).unwrap();
        return None;
    }
    Some(path)
}

fn options() -> Options {
    let plain = ["sttl", "dttl", "swin", "dwin", "is_ftp_login", "is_sm_ips_ports", "ct_state_ttl"];
    Options {
        label: vec!["label".into()],
        drop: vec!["id".into()],
        plain: plain.map(String::from).into(),
        ..Options::default()
    }
}

#[test]
fn flows_become_42_standardised_features() {
    let (Some(train), Some(test), Some(unlabelled)) = (
        file("UNSWNB15_training_coursework.csv"),
        file("UNSWNB15_testing1_coursework.csv"),
        file("UNSWNB15_testing2_coursework_no_label.csv"),
    ) else {
        return;
    };
    let train = Table::read(train).unwrap();
    let Learnt { transform, set: train, .. } = learn(&train, &options(), Scaling::Column).unwrap();
    let test = transform.labelled(&Table::read(test).unwrap()).unwrap();
    let unlabelled = transform.unlabelled(&Table::read(unlabelled).unwrap()).unwrap();

    assert_eq!([train.len(), test.len(), unlabelled.len()], [20_000, 4_000, 25]);
    assert_eq!((train.width, train.target.classes()), (42, &["0".to_string(), "1".to_string()][..]));
    let positive = |labels: &[f32]| labels.iter().sum::<f32>() / labels.len() as f32;
    assert!((positive(&train.labels) - 0.557).abs() < 5e-4 && (positive(&test.labels) - 0.673).abs() < 5e-4);
    let names: Vec<_> = transform.features.iter().map(|feature| feature.column.as_str()).collect();
    assert_eq!((names[0], &names[38..]), ("dur", &["is_sm_ips_ports", "proto", "service", "state"][..]));
    for set in [&train, &test, &unlabelled] {
        assert!(set.values.iter().all(|value| value.is_finite()));
    }
    for feature in 0..42 {
        let column: Vec<f64> = train.rows().map(|row| f64::from(row[feature])).collect();
        let mean = column.iter().sum::<f64>() / 2e4;
        let std = (column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 2e4).sqrt();
        assert!(mean.abs() < 1e-5 && (std - 1.0).abs() < 1e-5, "{}: {mean} {std}", names[feature]);
    }

    let state = &transform.features[41];
    let unseen = (log_frequency(None, 20_000) - state.mean) / state.std;
    assert_eq!(test.rows().filter(|row| row[41] == unseen).count(), 4);
    assert!(train.rows().all(|row| row[41] != unseen));
}

/// A board gives protocols with the same count one code; those whose count is their own have the same bits there.
#[test]
fn a_board_encodes_protocols_to_the_same_bits() {
    let Some(train) = file("UNSWNB15_training_coursework.csv") else { return };
    let mut reader = csv::Reader::from_path(&train).unwrap();
    let column = reader.headers().unwrap().iter().position(|name| name == "proto").unwrap();
    let mut counts = BTreeMap::<String, u32>::new();
    for row in reader.records() {
        *counts.entry(row.unwrap()[column].to_string()).or_default() += 1;
    }
    assert_eq!(counts.len(), 131);
    let transform = learn(&Table::read(train).unwrap(), &options(), Scaling::Column).unwrap().transform;
    let Encoding::Distinct { codes, unknown } = &transform.features[39].encoding else { panic!("equal counts") };
    let mut board = Categories::<131>::new();
    for (text, count) in &counts {
        board.push_many(text.as_bytes(), *count).unwrap();
    }
    for (text, count) in &counts {
        let alone = counts.values().filter(|other| *other == count).count() == 1;
        assert!(!alone || board.encode(text.as_bytes()) == codes[text], "{text}");
    }
    let different: BTreeSet<u32> = codes.values().map(|code| code.to_bits()).collect();
    assert_eq!((different.len(), board.encode(b"carrier pigeon")), (131, *unknown));
}
