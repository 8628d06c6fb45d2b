//! Projects that `host-sim new` writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use assert_cmd::cargo::cargo_bin;
use host_sim::board::emulator::Machine;
use host_sim::board::firmware::{self, Board, Builder, Image, Program, Target};
use host_sim::networks::Source;
use tempfile::TempDir;

use crate::floats;
use crate::needs::is_there;
use crate::package::{build, target, write_orders};

/// A project in a folder that is deleted when the test has finished.
struct Project {
    folder: TempDir,
    name: &'static str,
}

impl Project {
    /// Of the rows in `data`, which it must find in its folder.
    fn new(name: &'static str, data: &dyn Fn(&Path), options: &str) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap(), name };
        data(&project.folder.path().join("rows.csv"));
        project.write(name, options);
        project
    }

    fn write(&self, name: &str, options: &str) {
        let line = format!("new {name} --data rows.csv --label label {options}");
        let output =
            Command::new(cargo_bin("host-sim")).args(line.split(' ')).current_dir(&self.folder).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(self.name)
    }

    /// It is formatted, all of it builds without a warning, and its tests pass: among them 100 steps on the emulated board.
    fn check(&self) {
        let manifests = ["Cargo.toml".to_string()].into_iter();
        let boards = fs::read_dir(self.path().join("boards")).unwrap();
        let boards = boards.map(|board| format!("boards/{}/Cargo.toml", board.unwrap().file_name().display()));
        for manifest in manifests.chain(boards) {
            let format = self.cargo(&["fmt", "--check", "--manifest-path", &manifest]);
            assert!(format.status.success(), "{manifest}: {}", String::from_utf8_lossy(&format.stdout));
        }
        let target = target();
        let test = self.cargo(&["test", "--profile", "test", "--target-dir", target.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&test.stderr);
        assert!(test.status.success(), "{said}{}", String::from_utf8_lossy(&test.stdout));
        assert!(!said.contains("warning"), "{said}");
    }

    /// `stream` saves as often as its source says, and goes on from there when it is started again.
    fn goes_on(&self) {
        let source = self.path().join("boards/stm32f405/src/bin/stream.rs");
        let text = fs::read_to_string(&source).unwrap();
        assert!(text.contains("save_every: 500,"), "{text}");
        fs::write(&source, text.replace("save_every: 500,", "save_every: 4,")).unwrap();
        let [first, second] = [(); 2].map(|()| self.run("board --qemu stm32f405 --stream --flash-image flash.img"));
        assert!(first.contains("store: there is no save to go on from; one is made every 4 steps"), "{first}");
        assert!(second.contains("store: goes on after step 4, where save 1 was made"), "{second}");
        assert!(second.contains("stream: 80 samples, 10 steps"), "{second}");
    }

    fn cargo(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO")).args(arguments).current_dir(self.path()).output().unwrap()
    }

    /// What its host-sim prints.
    fn run(&self, line: &str) -> String {
        let program = build(&self.path());
        let output = Command::new(program).args(line.split(' ')).current_dir(self.path()).output().unwrap();
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

fn is_emulated(machine: Machine) -> bool {
    let missing = firmware::missing(machine.board()).map(|error| error.to_string());
    is_there(missing.or_else(|| machine.missing().map(|error| error.to_string())))
}

/// A table with texts, dates, booleans and gaps: the project trains on a Cortex-M4F, by itself and from a sensor, and begins there with
/// trained weights in its flash.
#[test]
fn a_project_for_a_table_trains_on_a_cortex_m4f() {
    let rows = |path: &Path| drop(write_orders(path, 300, true));
    let orders = Project::new("orders", &rows, "--missing mean");
    orders.check();
    orders.run("train --data data/rows.csv --missing mean --epochs 20 --save ../w.safetensors");
    // Its own library takes what it has exported.
    orders.run("export --weights ../w.safetensors --to rust --int8 --output src/bytes.rs");
    let library = orders.path().join("src/lib.rs");
    fs::write(&library, fs::read_to_string(&library).unwrap() + "pub mod bytes;\n").unwrap();
    let predict =
        |option: &str| orders.run(&format!("predict --weights ../w.safetensors --data data/rows.csv{option}"));
    assert_ne!(predict(" --int8"), predict(""), "its network has a form in bytes");
    orders.write("again", "--missing mean --weights w.safetensors");
    let again = Project { name: "again", ..orders };
    if !is_emulated(Machine::Stm32f405) {
        return;
    }
    let stream = again.run("board --qemu stm32f405 --stream");
    assert!(stream.contains("stream: 48 samples, 6 steps"), "{stream}");
    let right: f32 = stream.split("test: ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(right > 60.0, "it begins with what was learnt: {stream}");
    again.goes_on();
    let standalone = again.run("board --qemu stm32f405 --standalone");
    assert!(standalone.contains("weights: CRC-32 ") && standalone.contains("tap: precision"), "{standalone}");
}

/// Recordings: the project trains on RV32IMC on windows, and makes them of the frames of its sensor.
#[test]
fn a_project_for_recordings_trains_on_rv32imc() {
    let rows = |path: &Path| {
        let mut text = "run,t,x,y,label\n".to_string();
        for (run, label) in ["shake", "turn", "rest", "shake", "turn", "rest"].into_iter().enumerate() {
            for frame in 0..80 {
                let (x, y) = match label {
                    "shake" => ((frame as f32 * 2.1).sin(), 0.1),
                    "turn" => ((frame as f32 * 0.3).sin(), (frame as f32 * 0.3).cos()),
                    _ => (0.0, 0.01 * (frame % 3) as f32),
                };
                text += &format!("{run},{:.2},{x},{y},{label}\n", frame as f32 * 0.05);
            }
        }
        fs::write(path, text).unwrap();
    };
    let moves = Project::new("moves", &rows, "--drop run --by run --time t --window 16 --hop 8 --board riscv-virt");
    moves.check();
    if is_emulated(Machine::RiscvVirt) {
        let stream = moves.run("board --qemu riscv-virt --stream");
        assert!(stream.contains("stream: 5 samples, 0 steps"), "{stream}");
    }
}

/// Firmware for a chip that is not emulated builds, with the library's operations on `f32` and not those in the chip's ROM.
#[test]
fn a_project_for_an_esp32c3_builds() {
    let board = Board::Esp32c3;
    if is_there(firmware::missing(board).map(|error| error.to_string())) {
        let orders =
            Project::new("parcels", &|path| drop(write_orders(path, 100, true)), "--missing mean --board esp32c3");
        let source = Source { package: orders.name, folder: orders.path().display().to_string().leak(), path: "" };
        for program in [Program::Standalone, Program::Node, Program::Stream] {
            let elf = Builder::new(board).unwrap().own(program, Target::Hardware, &source).unwrap();
            floats::are_the_librarys(&Image::read(&elf).unwrap());
        }
    }
}

#[test]
fn what_cannot_be_a_project_is_said() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("rows.csv"), "a,b,label\n1,2,x\n3,4,y\n5,6,x\n").unwrap();
    for (line, part) in [
        ("new .", "is not empty"),
        ("new p --data watch", "--data watch has no file"),
        ("new p --data rows.csv --network Net<1,", "the type of the network cannot be read"),
        (
            "new p --data rows.csv --network Net<1,8,DenseStem<3,8,8>,(),DenseHead<8,2>>",
            "takes 3 inputs and gives 2 outputs",
        ),
        ("new p --data rows.csv --network Net<1,8,DenseStem<2,8,9>,(),DenseHead<8,2>>", "the network does not compile"),
        ("new p --data rows.csv --trainlet /nowhere", "has no sources of trainlet"),
    ] {
        let output = Command::new(cargo_bin("host-sim")).args(line.split(' ')).current_dir(&folder).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && message.contains(part), "{line}: {message}");
    }
    assert!(!folder.path().join("p").exists());
}
