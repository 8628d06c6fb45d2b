//! QEMU in place of a board.

use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;

use clap::ValueEnum;
use serde::Serialize;
use trainlet_app::board::ram;

use super::firmware::Board;
use super::line::{Line, Pieces, TIMEOUT};
use super::watchdog::Watchdog;

/// Boards that QEMU has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
pub enum Machine {
    /// Cortex-M4F: QEMU's netduinoplus2
    Stm32f405,
    /// RV32IMC: QEMU's virt
    RiscvVirt,
    /// Cortex-M33F: QEMU's mps2-an505
    QemuM33,
    /// Cortex-M7F: QEMU's mps2-an500
    QemuM7,
    /// Cortex-M0+: QEMU's mps2-an385, whose Cortex-M3 has all of its instructions
    QemuM0,
}

/// An emulator that does not run.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the messages explain the fields")]
pub enum Error {
    #[error("{program} cannot be started ({source}); on Debian, `apt-get install {package}`")]
    NotThere { program: &'static str, package: &'static str, source: io::Error },
    #[error("{program} does not tell its version, but says `{output}`; is it QEMU's?")]
    NoVersion { program: &'static str, output: String },
    #[error("--flash-image {path}: cannot be made or written ({source})")]
    FlashImage { path: String, source: io::Error },
    #[error("{program} has ended with {status}")]
    Failed { program: &'static str, status: ExitStatus },
    #[error("the emulator's output cannot be read ({0})")]
    Output(#[from] io::Error),
}

impl Machine {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Stm32f405, Self::RiscvVirt, Self::QemuM33, Self::QemuM7, Self::QemuM0];

    /// The board that it stands for.
    pub fn board(self) -> Board {
        match self {
            Self::Stm32f405 => Board::Stm32f405,
            Self::RiscvVirt => Board::RiscvVirt,
            Self::QemuM33 => Board::QemuM33,
            Self::QemuM7 => Board::QemuM7,
            Self::QemuM0 => Board::QemuM0,
        }
    }

    /// Bytes of RAM for the variables and the stack of a program.
    pub fn ram(self) -> usize {
        match self {
            Self::Stm32f405 => ram::STM32F405,
            Self::RiscvVirt => ram::RISCV_VIRT,
            Self::QemuM33 | Self::QemuM7 | Self::QemuM0 => ram::QEMU_MPS2,
        }
    }

    /// Bytes of the file that keeps the flash of its board.
    fn flash_image(self) -> u64 {
        match self {
            Self::RiscvVirt => 32 << 20,
            Self::Stm32f405 | Self::QemuM33 | Self::QemuM7 | Self::QemuM0 => 1 << 20,
        }
    }

    /// What the emulator is to be told so that a file keeps the flash of its board, which is made if it is not there.
    ///
    /// # Errors
    /// The file cannot be made or written.
    pub fn with_flash(self, image: &Path) -> Result<Vec<String>, Error> {
        let failed = |source| Error::FlashImage { path: image.display().to_string(), source };
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(image).map_err(failed)?;
        file.set_len(self.flash_image()).map_err(failed)?;
        let path = option(&image.canonicalize().map_err(failed)?);
        Ok(match self {
            Self::RiscvVirt => vec!["-drive".into(), format!("if=pflash,unit=1,format=raw,file={path}")],
            Self::Stm32f405 | Self::QemuM33 | Self::QemuM7 | Self::QemuM0 => {
                vec!["-semihosting-config".into(), format!("enable=on,target=native,arg=flash,arg={path}")]
            }
        })
    }

    /// Bytes of flash, or what stands for it.
    pub fn flash(self) -> usize {
        match self {
            Self::Stm32f405 => 1 << 20,
            Self::RiscvVirt | Self::QemuM33 | Self::QemuM7 | Self::QemuM0 => 4 << 20,
        }
    }

    fn program(self) -> &'static str {
        match self {
            Self::RiscvVirt => "qemu-system-riscv32",
            Self::Stm32f405 | Self::QemuM33 | Self::QemuM7 | Self::QemuM0 => "qemu-system-arm",
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Stm32f405 => &["-M", "netduinoplus2", "-semihosting-config", "enable=on,target=native"],
            Self::RiscvVirt => &["-M", "virt", "-bios", "none", "-semihosting-config", "enable=on,target=native"],
            Self::QemuM33 => &["-M", "mps2-an505", "-semihosting-config", "enable=on,target=native"],
            Self::QemuM7 => &["-M", "mps2-an500", "-semihosting-config", "enable=on,target=native"],
            Self::QemuM0 => &["-M", "mps2-an385", "-semihosting-config", "enable=on,target=native"],
        }
    }

    fn not_there(self, source: io::Error) -> Error {
        let package = match self {
            Self::RiscvVirt => "qemu-system-misc",
            Self::Stm32f405 | Self::QemuM33 | Self::QemuM7 | Self::QemuM0 => "qemu-system-arm",
        };
        Error::NotThere { program: self.program(), package, source }
    }

    /// Why the emulator cannot be used here, `None` if it can.
    pub fn missing(self) -> Option<Error> {
        let output = Command::new(self.program()).arg("--version").output();
        output.map_err(|source| self.not_there(source)).err()
    }

    /// The first number of its version.
    ///
    /// # Errors
    /// The emulator is not there.
    pub fn version(self) -> Result<u32, Error> {
        let output = Command::new(self.program()).arg("--version").output();
        let output = output.map_err(|source| self.not_there(source))?;
        let text = String::from_utf8_lossy(&output.stdout);
        let number = text.split("version ").nth(1).and_then(|version| version.split('.').next()?.parse().ok());
        number.ok_or_else(|| Error::NoVersion { program: self.program(), output: text.trim().into() })
    }

    fn command(self, elf: &Path) -> Command {
        let mut command = Command::new(self.program());
        command.args(self.arguments()).args(["-display", "none", "-monitor", "none", "-serial", "stdio"]);
        match self {
            Self::Stm32f405 | Self::QemuM33 | Self::QemuM7 | Self::QemuM0 => command.arg("-kernel").arg(elf),
            // With a flash, QEMU takes what `-kernel` names for the kernel of a firmware there.
            Self::RiscvVirt => command.arg("-device").arg(format!("loader,file={},cpu-num=0", option(elf))),
        };
        command
    }

    /// Runs a program to its end and hands each line of its serial port to `watcher`.
    ///
    /// # Errors
    /// The emulator is not there, or fails.
    pub fn run(self, elf: &Path, watcher: &mut dyn FnMut(&str)) -> Result<(), Error> {
        self.run_with(elf, NONE, watcher)
    }

    /// The same with a clock of instructions: each takes a nanosecond, and waiting takes none, which would otherwise be that of this
    /// computer's clock, another one each time.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn count_instructions(self, elf: &Path, watcher: &mut dyn FnMut(&str)) -> Result<(), Error> {
        self.run_with(elf, &["-icount", "shift=0,sleep=off"], watcher)
    }

    /// The same at about the pace of an STM32F405, 8 ns for an instruction: what a clock says depends on nothing but the program.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_paced(self, elf: &Path, watcher: &mut dyn FnMut(&str)) -> Result<(), Error> {
        self.run_with(elf, &["-icount", "shift=3,sleep=off"], watcher)
    }

    /// The same with more arguments for the emulator.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_with(
        self,
        elf: &Path,
        arguments: &[impl AsRef<OsStr>],
        watcher: &mut dyn FnMut(&str),
    ) -> Result<(), Error> {
        let mut emulator = Emulator::start(self, elf, arguments)?;
        let output = emulator.child.stdout.take().expect("it is a pipe");
        // Closed, so that the emulator does not wait for input.
        drop(emulator.child.stdin.take());
        for line in io::BufRead::lines(io::BufReader::new(output)) {
            watcher(line?.trim_end());
        }
        emulator.watchdog = None;
        let status = emulator.child.wait()?;
        if status.success() { Ok(()) } else { Err(Error::Failed { program: self.program(), status }) }
    }

    /// Runs a program until a line begins with `start`, and hands each line up to that to `watcher`.
    ///
    /// # Errors
    /// The emulator is not there.
    pub fn run_until(self, elf: &Path, start: &str, watcher: &mut dyn FnMut(&str)) -> Result<(), Error> {
        let mut emulator = Emulator::start(self, elf, NONE)?;
        let output = emulator.child.stdout.take().expect("it is a pipe");
        for line in io::BufRead::lines(io::BufReader::new(output)) {
            let line = line?;
            watcher(line.trim_end());
            if line.starts_with(start) {
                break;
            }
        }
        Ok(())
    }
}

const NONE: &[&str] = &[];

/// A path within an option of the emulator.
fn option(path: &Path) -> String {
    path.display().to_string().replace(',', ",,")
}

/// A running emulator, which ends with this value, or with this process however that ends.
pub struct Emulator {
    // Dropped before the child is waited for, whose number may then be another's.
    watchdog: Option<Watchdog>,
    child: Child,
}

impl Emulator {
    fn start(machine: Machine, elf: &Path, arguments: &[impl AsRef<OsStr>]) -> Result<Self, Error> {
        let mut command = machine.command(elf);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        // Started first, so that there is no time at which an emulator runs and nothing watches over it.
        let watchdog = Watchdog::new();
        let child = command.spawn().map_err(|source| machine.not_there(source))?;
        Ok(Self { watchdog: Some(watchdog.over(&child)), child })
    }

    /// Starts a program with more arguments for the emulator, and gives the line to it.
    ///
    /// # Errors
    /// The emulator is not there.
    pub fn connect(machine: Machine, elf: &Path, arguments: &[String]) -> Result<(Self, Line), Error> {
        let mut emulator = Self::start(machine, elf, arguments)?;
        let input = emulator.child.stdin.take().expect("it is a pipe");
        let mut output = emulator.child.stdout.take().expect("it is a pipe");
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = output.read(&mut buffer) {
                if sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Ok((emulator, Line::new(Pieces::new(receiver, TIMEOUT), input)))
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        // Neither can fail unless it has ended by itself. It is watched until it is killed, and has its number until it is waited for.
        let _ = self.child.kill();
        self.watchdog = None;
        let _ = self.child.wait();
    }
}
