//! A package outside the repository has every command with networks of its own: 9 inputs and 3 classes or 2 values.
//!
//! Without QEMU or a compiler for the boards a test says what it skips; with `CI=true` that is a failure.

mod floats;
mod needs;
mod package;
mod project;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use host_sim::board::emulator::Machine;
use host_sim::board::firmware;
use needs::is_there;
use package::{build, copy, package, write_orders};
use serde_json::Value;

/// The gesture is told by which of three numbers is the largest.
fn write_gestures(path: &Path, rows: u32, first: u32) {
    let mut text = "a,b,c,d,e,f,g,h,i,label\n".to_string();
    for row in first..first + rows {
        let value = |column: u32| f64::from((row * 7919 + column * 104_729) % 1009) / 1009.0 - 0.5;
        let largest = (0..3).max_by(|a, b| value(*a).total_cmp(&value(*b))).unwrap();
        (0..9).for_each(|column| text += &format!("{},", value(column)));
        text += ["shake\n", "tap\n", "turn\n"][largest as usize];
    }
    fs::write(path, text).unwrap();
}

/// Two values that nine numbers tell, in units of their own.
fn write_angles(path: &Path, rows: u32, first: u32) {
    let mut text = "a,b,c,d,e,f,g,h,i,pitch,roll\n".to_string();
    for row in first..first + rows {
        let value = |column: u32| f64::from((row * 7919 + column * 104_729) % 1009) / 1009.0 - 0.5;
        (0..9).for_each(|column| text += &format!("{},", value(column)));
        text += &format!("{:.4},{:.4}\n", 90.0 + 60.0 * value(0) - 40.0 * value(1), 1e-3 * value(2) * value(3));
    }
    fs::write(path, text).unwrap();
}

#[test]
fn its_networks_are_listed_trained_and_used() {
    let program = build(&package());
    let folder = tempfile::tempdir().unwrap();
    write_gestures(&folder.path().join("train.csv"), 600, 0);
    write_gestures(&folder.path().join("test.csv"), 200, 5000);
    let run = |line: &str| {
        let output = Command::new(&program).args(line.split(' ')).current_dir(&folder).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let ok = |line: &str| {
        let (code, stdout, stderr) = run(line);
        assert_eq!(code, Some(0), "{line}: {stderr}");
        stdout
    };
    let accuracy = |name: &str| {
        let record: Value = serde_json::from_slice(&fs::read(folder.path().join(name)).unwrap()).unwrap();
        record["test"]["accuracy"].as_f64().unwrap()
    };
    let list = ok("networks");
    assert!(list.contains("gesture-steps") && !list.contains("watch-12x1"), "{list}");
    let data = "--data train.csv --test test.csv";
    ok(&format!("train {data} --epochs 20 --save w.safetensors --json run.json"));
    assert!(accuracy("run.json") > 0.9, "{}", accuracy("run.json"));
    ok(&format!("train {data} --network gesture-steps --epochs 20 --save s.safetensors --json steps.json"));
    assert!(accuracy("steps.json") > 0.8, "{}", accuracy("steps.json"));
    ok(&format!("train {data} --network gesture-steps --trained head --steps 5 --init s.safetensors"));
    let predictions = ok("predict --weights w.safetensors --data test.csv");
    assert!(predictions.starts_with("predicted,probability_shake,probability_tap,probability_turn\n"), "{predictions}");
    assert_eq!(predictions.lines().count(), 201);
    assert!(ok("budget --network gesture --mode keep-adam").contains("stm32f405"));
    write_angles(&folder.path().join("angles.csv"), 600, 0);
    write_angles(&folder.path().join("others.csv"), 200, 5000);
    let values = "--network tilt --data angles.csv --test others.csv --label pitch --label roll";
    let report = ok(&format!("train {values} --epochs 60 --save v.safetensors --json values.json"));
    assert!(report.contains("root mean squared error") && report.contains("R²"), "{report}");
    let record: Value = serde_json::from_slice(&fs::read(folder.path().join("values.json")).unwrap()).unwrap();
    let [pitch, roll] = [0, 1].map(|value| record["test"]["values"][value].clone());
    assert!(pitch["rmse"].as_f64().unwrap() < 4.0 && roll["mae"].as_f64().unwrap() < 1e-4, "{pitch} {roll}");
    assert!(record["test"]["r2"].as_f64().unwrap() > 0.8, "{}", record["test"]);
    let predictions = ok("predict --weights v.safetensors --data others.csv");
    assert!(predictions.starts_with("predicted_pitch,predicted_roll\n"), "{predictions}");
    let first: f64 = predictions.lines().nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
    assert!((30.0..150.0).contains(&first), "degrees, not deviations: {first}");
    let (code, _, message) = run("train --data angles.csv --label pitch");
    assert!(code == Some(1) && message.contains("1 value to predict") && message.contains("--task"), "{message}");
    let (code, _, message) = run("train --network tilt --data train.csv --task regress");
    assert!(
        code == Some(1) && message.contains("line 2, column `label`: `") && message.contains("--task"),
        "{message}"
    );
    let (code, _, message) = run("train --network gesture --trained head --data train.csv");
    assert!(code == Some(1) && message.contains("`gesture` is trained as a whole"), "{message}");
    let (code, _, message) = run("train --data watch");
    assert!(code == Some(1) && message.contains("takes 9 inputs and predicts 3 classes"), "{message}");
}

/// Firmware with a network of the package trains on both emulated boards: bit-identical after each of some steps, and at the end
/// of a run.
#[test]
fn its_network_trains_on_boards() {
    let program = build(&package());
    let folder = tempfile::tempdir().unwrap();
    write_gestures(&folder.path().join("train.csv"), 60, 0);
    let run = |line: &str| {
        let output = Command::new(&program).args(line.split(' ')).current_dir(&folder).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let crc32 = |line: &str| {
        run(&format!("{line} --data train.csv --steps 10 --batch 4 --dropout 0.1 --json run.json"));
        let record: Value = serde_json::from_slice(&fs::read(folder.path().join("run.json")).unwrap()).unwrap();
        record["weights_crc32"].as_u64().unwrap()
    };
    for machine in [Machine::Stm32f405, Machine::RiscvVirt] {
        let missing = firmware::missing(machine.board()).map(|error| error.to_string());
        if !is_there(missing.or_else(|| machine.missing().map(|error| error.to_string()))) {
            continue;
        }
        let board = machine.board().name();
        for network in ["gesture", "gesture-steps"] {
            assert_eq!(
                crc32(&format!("board --qemu {board} --network {network}")),
                crc32(&format!("train --network {network}")),
                "{network} on {board}"
            );
        }
        write_angles(&folder.path().join("angles.csv"), 60, 0);
        let values = "--network tilt --data angles.csv --label pitch --label roll --steps 20 --batch 2 --every 1";
        let twin = run(&format!("twin --qemu {board} {values}"));
        assert!(twin.contains("the same weights after 20 steps"), "{twin}");
        let options = "--network gesture-steps --data train.csv --steps 20 --batch 2 --drop-path 0.2 --every 1";
        let twin = run(&format!("twin --qemu {board} --activations recompute {options}"));
        assert!(twin.contains("the same weights after 20 steps"), "{twin}");
    }
}

/// A device predicts with exported weights, from raw rows, what `predict` says of the same rows in a file: to the last digit.
#[test]
fn exported_weights_predict_the_same_in_flash() {
    let outside = package();
    let program = build(&outside);
    let flashed = copy(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside/flashed"),
        &outside.with_file_name("flashed"),
        &["src/lib.rs", "src/main.rs"],
    );
    let folder = tempfile::tempdir().unwrap();
    write_orders(&folder.path().join("train.csv"), 400, true);
    let raw = write_orders(&folder.path().join("new.csv"), 200, false);
    let run = |line: &str| {
        let output = Command::new(&program).args(line.split(' ')).current_dir(&folder).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = ["--plain", "Temperature (°C)"];
    let train = "train --data train.csv --missing mean --epochs 4 --save w.safetensors";
    let output = Command::new(&program).args(train.split(' ')).args(plain).current_dir(&folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let expected = run("predict --weights w.safetensors --data new.csv");
    run(&format!("export --weights w.safetensors --to rust --output {}", flashed.join("src/weights.rs").display()));
    // Values to predict, and columns that are mapped to their quantiles.
    write_angles(&folder.path().join("angles.csv"), 300, 0);
    write_angles(&folder.path().join("others.csv"), 200, 5000);
    let values = "--network tilt --data angles.csv --label pitch --label roll --scaling quantile --epochs 4";
    run(&format!("train {values} --save v.safetensors"));
    let expected_values = run("predict --weights v.safetensors --data others.csv");
    run(&format!("export --weights v.safetensors --to rust --output {}", flashed.join("src/tilt.rs").display()));
    let expected_from_bytes = run("predict --weights v.safetensors --data others.csv --int8");
    assert_ne!(expected_from_bytes, expected_values);
    let export = "export --weights v.safetensors --to rust --int8 --output";
    run(&format!("{export} {}", flashed.join("src/tilt_in_bytes.rs").display()));
    let rows = fs::read_to_string(folder.path().join("others.csv")).unwrap();
    let (_, rows) = rows.split_once('\n').unwrap();

    let device = build(&flashed);
    for (arguments, rows, expected) in
        [(&[][..], &*raw, expected), (&["tilt"], rows, expected_values), (&["bytes"], rows, expected_from_bytes)]
    {
        let mut device = Command::new(&device);
        let mut device = device.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        device.stdin.take().unwrap().write_all(rows.as_bytes()).unwrap();
        let found = String::from_utf8(device.wait_with_output().unwrap().stdout).unwrap();
        let (_, expected) = expected.split_once('\n').unwrap();
        assert_eq!(found.lines().count(), 200);
        for (number, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
            assert_eq!(found, expected, "row {number}");
        }
    }
}
