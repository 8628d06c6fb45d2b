//! A user at a cli: a folder with files, and the `host-sim` command.

// Each test file uses another part of this.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Output;

use assert_cmd::Command;
use safetensors::SafeTensors;
use serde_json::Value;
use tempfile::TempDir;

/// A folder to work in, which is deleted when the test has finished.
pub struct Cli {
    folder: TempDir,
}

impl Cli {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn read_bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap()
    }

    pub fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).unwrap()
    }

    /// The tensors of a safetensors file, by name.
    pub fn leaves(&self, name: &str) -> BTreeMap<String, Vec<u8>> {
        let bytes = self.read_bytes(name);
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        tensors.iter().map(|(name, tensor)| (name.into(), tensor.data().to_vec())).collect()
    }

    /// The columns of a table that a safetensors file says its network takes, in order.
    pub fn columns(&self, name: &str) -> Vec<String> {
        let bytes = self.read_bytes(name);
        let (_, metadata) = SafeTensors::read_metadata(&bytes).unwrap();
        let manifest: Value = serde_json::from_str(&metadata.metadata().as_ref().unwrap()["trainlet"]).unwrap();
        let features = manifest["preparation"]["table"]["features"].as_array().unwrap();
        features.iter().map(|feature| feature["column"].as_str().unwrap().to_string()).collect()
    }

    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub fn run(&self, line: &str) -> Output {
        let mut command = Command::cargo_bin("host-sim").unwrap();
        command.current_dir(&self.folder).args(line.split_whitespace()).output().unwrap()
    }

    /// Standard output of a command that must succeed.
    pub fn ok(&self, line: &str) -> String {
        let Output { status, stdout, stderr } = self.run(line);
        assert!(status.success(), "host-sim {line}: {}", String::from_utf8_lossy(&stderr));
        String::from_utf8(stdout).unwrap()
    }

    /// Standard error of a command that must fail with this code, without results.
    pub fn fails(&self, code: i32, line: &str) -> String {
        let Output { status, stdout, stderr } = self.run(line);
        let message = String::from_utf8(stderr).unwrap();
        assert_eq!(status.code(), Some(code), "host-sim {line}: {message}");
        assert!(stdout.is_empty(), "host-sim {line}");
        message
    }

    /// A failure whose whole message is `error: ` and text with these parts.
    pub fn complains(&self, code: i32, line: &str, parts: &[&str]) {
        let message = self.fails(code, line);
        assert!(message.starts_with("error: ") && message.lines().count() == 1, "host-sim {line}: {message}");
        for part in parts {
            assert!(message.contains(part), "host-sim {line}: {message} lacks {part}");
        }
    }

    /// A table for `flow-16x2`: 41 numbers and a text; the label follows from two of them.
    pub fn write_flows(&self, name: &str, rows: u32, first: u32) {
        let header: String = (0..41).map(|column| format!("f{column},")).collect();
        let mut text = format!("id,{header}kind,label\n");
        for row in first..first + rows {
            let value = |column: u32| f64::from((row * 7919 + column * 104_729) % 1009) / 1009.0 - 0.5;
            let cells: String = (0..41).map(|column| format!("{},", value(column))).collect();
            let kind = if row % 3 == 0 { "tcp" } else { "udp" };
            text += &format!("{row},{cells}{kind},{}\n", if value(3) + value(7) > 0.0 { "attack" } else { "normal" });
        }
        self.write(name, &text);
    }
}
