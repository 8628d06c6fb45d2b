//! The very images that are flashed on a Raspberry Pi Pico run in rp2040js, which emulates the whole chip: its Cortex-M0+, clocks, UART, USB
//! and flash.
//!
//! - `the_image_of_node_..`: steps with dropout over the USB port; the weights are compared bit for bit. The last step is saved, and found
//!   again in the flash after a power cut. A sample takes half a second, since each instruction is interpreted and floats are software, so
//!   steps are few. QEMU makes more of them (`boards.rs`).
//! - `the_image_of_standalone_..`: the start of its report. The whole run would take hours here.
//!
//! They need Node.js and `npm install --no-package-lock` in `boards/rp2040/emulator`; what is skipped is as in `boards.rs`.

mod needs;

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;

use host_sim::board::firmware::{self, Activations, Board, Builder, Target, Variant};
use host_sim::board::inspect;
use host_sim::board::line::{Line, Pieces, TIMEOUT};
use host_sim::board::place::Connection;
use host_sim::networks;
use host_sim::run::options::{Options, RegularisationOptions};
use host_sim::run::{train, twin};
use needs::{is_there, say};

/// Of the run over USB.
const STEPS: u32 = 8;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../boards/rp2040/emulator")
}

fn is_usable() -> bool {
    let node = Command::new("node").arg("--version").output();
    let emulator = folder().join("node_modules/rp2040js").is_dir();
    is_there(firmware::missing(Board::Rp2040).map(|error| error.to_string()))
        && is_there(node.err().map(|error| format!("Node.js cannot be started ({error})")))
        && is_there(
            (!emulator).then(|| "no rp2040js: run `npm install --no-package-lock` in boards/rp2040/emulator".into()),
        )
}

/// Ends with this value.
struct Pico(Child);

impl Pico {
    fn start(elf: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new("node");
        command.arg(folder().join("run.mjs")).arg(elf).args(arguments);
        Self(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap())
    }

    /// What it sends over UART0, up to a line with this text.
    fn until(&mut self, text: &str) -> Vec<String> {
        let mut said = Vec::new();
        for line in BufReader::new(self.0.stdout.take().unwrap()).lines() {
            said.push(line.unwrap().trim_end().to_string());
            if said.last().unwrap().contains(text) {
                return said;
            }
        }
        panic!("no `{text}` in {said:#?}")
    }

    fn line(&mut self) -> Line {
        let (input, mut output) = (self.0.stdin.take().unwrap(), self.0.stdout.take().unwrap());
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = [0; 256];
            while let Ok(count @ 1..) = output.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Line::new(Pieces::new(receiver, TIMEOUT), input)
    }
}

impl Drop for Pico {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

/// Builds the program `node` as it is flashed.
fn node(network: &networks::Network) -> PathBuf {
    let builder = Builder::new(Board::Rp2040).unwrap();
    builder.node(Target::Hardware, network.name, None, Variant::default()).unwrap()
}

#[test]
fn the_image_of_node_trains_over_usb_and_keeps_in_flash_what_this_computer_gives() {
    if !is_usable() {
        return;
    }
    let network = networks::find(networks::DEFAULT).unwrap();
    let (elf, folder) = (node(network), tempfile::tempdir().unwrap());
    let flash = folder.path().join("flash.img").display().to_string();
    let defaults = Options::default();
    let regularisation = RegularisationOptions { dropout: 0.1, ..defaults.regularisation.clone() };
    let options = Options { regularisation, steps: Some(STEPS), batch: 4, seed: 42, ..defaults };
    let crc = {
        let mut pico = Pico::start(&elf, &["--usb", "--flash", &flash]);
        let mut connection = Connection::over(pico.line(), "rp2040js".into());
        connection.store_every = Some(STEPS);
        let report = twin::run(&options, connection, false, STEPS / 2, &mut |_, _| ()).unwrap();
        say(&host_sim::report::twin(&report));
        assert_eq!((report.steps, report.difference), (STEPS, None));
        report.weights_crc32
    };
    assert_eq!(crc, train(&options).unwrap().weights_crc32);

    let mut pico = Pico::start(&elf, &["--usb", "--flash", &flash]);
    let kept = inspect::weights(Connection::over(pico.line(), "rp2040js".into()), network).unwrap();
    assert_eq!(kept.crc32(), crc, "after its power was cut it has the weights of its last save");
}

#[test]
fn the_image_of_standalone_reports_over_its_uart_while_no_computer_is_there() {
    if is_usable() {
        let elf = Builder::new(Board::Rp2040).unwrap().standalone(Target::Hardware, Activations::Keep).unwrap();
        let said = Pico::start(&elf, &[]).until("memory: ");
        assert_eq!(said[0], "trainlet standalone: watch-12x1 on rp2040, seed 0, 5 epochs");
        assert_eq!(said.len(), 3, "{said:?}");
    }
}
