//! Packages outside the repository that depend on it, and tables for them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A copy of `tests/outside`, and of the program for a device within it, beside the test's other files, which depends on this
/// repository.
pub fn package() -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside");
    copy(&from, &Path::new(env!("CARGO_TARGET_TMPDIR")).join("outside"), &["src/lib.rs", "src/main.rs"])
}

pub fn copy(from: &Path, to: &Path, files: &[&str]) -> PathBuf {
    let host_sim = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::create_dir_all(to.join("src")).unwrap();
    for file in files {
        fs::copy(from.join(file), to.join(file)).unwrap();
    }
    let manifest = fs::read_to_string(from.join("Cargo.toml")).unwrap();
    let manifest = manifest
        .replace("\"../../../..\"", &format!("{:?}", host_sim.parent().unwrap()))
        .replace("\"../../..\"", &format!("{:?}", host_sim.parent().unwrap()))
        .replace("\"../..\"", &format!("{host_sim:?}"));
    fs::write(to.join("Cargo.toml"), manifest).unwrap();
    // The versions of the repository.
    fs::copy(host_sim.join("../Cargo.lock"), to.join("Cargo.lock")).unwrap();
    to.into()
}

/// Where the test itself was built.
pub fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().into()
}

/// Builds the package where the test itself was built, so that host-sim is not compiled again.
pub fn build(package: &Path) -> PathBuf {
    let target = target();
    let mut cargo = Command::new(env!("CARGO"));
    let output =
        cargo.args(["build", "--profile", "test", "--target-dir"]).arg(&target).current_dir(package).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let name = package.file_name().unwrap().to_str().unwrap();
    target.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Every kind of column: rows for host-sim, and the same for a device.
pub fn write_orders(path: &Path, rows: u32, labelled: bool) -> String {
    let mut text = format!(
        "size,Temperature (°C),valid,uptime,serial,price,type,day,kind{}\n",
        if labelled { ",label" } else { "" }
    );
    let mut raw = String::new();
    for row in 0..rows {
        let value = |column: u32| f64::from((row * 7919 + column * 104_729) % 1009) / 1009.0;
        let missing = |column: u32| value(column + 20) < 0.05;
        let size = ((value(0) * 9.0).exp() as f32).to_string();
        let temperature = (-4.0 + 30.0 * value(1) as f32).to_string();
        let uptime = 1_700_000_000.0 + 0.25 * (64.0 * value(3)).floor();
        let serial = 9_100_000_000_000_000_000_i64 + (value(4) * 1e6) as i64;
        let price = (1000.0 * value(5)).floor() + 0.5;
        let day = 1 + (value(7) * 28.0) as u32;
        let kind = ["tcp", "udp", "say \"a\"", "never before"][(value(8) * if labelled { 2.99 } else { 4.0 }) as usize];
        let cells = [
            (size.clone(), size),
            (temperature.clone(), temperature),
            (["no", "yes"][usize::from(value(2) > 0.4)].into(), (value(2) > 0.4).to_string()),
            (uptime.to_string(), uptime.to_string()),
            (serial.to_string(), serial.to_string()),
            (format!("${price}"), price.to_string()),
            ((value(6) * 7.0).floor().to_string(), (value(6) * 7.0).floor().to_string()),
            (format!("2024-03-{day:02}"), (1_709_251_200 + 86_400 * (u64::from(day) - 1)).to_string()),
        ];
        for (column, (cell, value)) in (0..).zip(cells) {
            let missing = missing(column) && column != 6;
            text += &format!("{},", if missing { "" } else { &cell });
            raw += &format!("{}\t", if missing { "" } else { &value });
        }
        text += &format!("\"{}\"", kind.replace('"', "\"\""));
        text +=
            if labelled { [",shake\n", ",tap\n", ",turn\n"][((value(1) + value(8)) * 1.49) as usize] } else { "\n" };
        raw += &format!("{kind}\n");
    }
    fs::write(path, text).unwrap();
    raw
}
