//! Builds programs for a board.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::boards::Board;
use super::error::Error;
use super::package;
use super::program::{Activations, Program, Target, Variant};
use super::toolchain::{Cargo, Compiler};
use crate::networks::optimizer::StateName;
use crate::networks::{DEFAULT, Source};

/// Names the built-in network that `node` trains, and that of the trials; read by the build scripts of `boards/app` and
/// `boards/trials`.
pub const CHOICE: &str = "TRAINLET_NETWORK";
/// Names what the blocks keep in `standalone` and `node`.
const ACTIVATIONS: &str = "TRAINLET_ACTIVATIONS";
/// Names how the optimiser of `node` keeps a number.
pub const STATE: &str = "TRAINLET_STATE";
/// Names the trials in an image, with commas between them.
const TRIALS: &str = "TRAINLET_TRIALS";
/// The number of steps of each trial.
const STEPS: &str = "TRAINLET_STEPS";
/// Names the file from which `adapt` knows whom it adapts to.
const ADAPTATION: &str = "TRAINLET_ADAPTATION";

/// Why nothing can be built for a board here, `None` if it can.
pub fn missing(board: Board) -> Option<Error> {
    Compiler::chosen(board).err()
}

/// Builds the programs of a board with one compiler. Each program is kept under a name of its own, so that no other variant
/// takes its place before it is used; all variants share what they have in common, of which the board's own crates take most
/// time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builder {
    board: Board,
    compiler: Compiler,
}

impl Builder {
    /// With the compiler that is chosen.
    ///
    /// # Errors
    /// No compiler.
    pub fn new(board: Board) -> Result<Self, Error> {
        Ok(Self { board, compiler: Compiler::chosen(board)? })
    }

    /// With a compiler that is there.
    pub fn with(board: Board, compiler: Compiler) -> Self {
        Self { board, compiler }
    }

    /// The program that trains on the data in flash.
    ///
    /// # Errors
    /// The compiler finds an error.
    pub fn standalone(self, target: Target, activations: Activations) -> Result<PathBuf, Error> {
        let name = activations.name();
        self.program(Program::Standalone, target, &name, &choices(DEFAULT, &name, StateName::F32))
    }

    /// The program that learns from recordings, which are played in place of a sensor.
    ///
    /// # Errors
    /// The compiler finds an error.
    pub fn stream(self, target: Target) -> Result<PathBuf, Error> {
        self.program(Program::Stream, target, "watch", &[])
    }

    /// The program that adapts to somebody new, as a file with this text says; `name` tells it apart from others.
    ///
    /// # Errors
    /// The file cannot be written, or the compiler finds an error in it.
    pub fn adapt(self, target: Target, name: &str, text: &str) -> Result<PathBuf, Error> {
        let file = self.cargo().target()?.join(format!("adaptation-{name}.rs"));
        package::write_changed(&file, text)?;
        self.program(Program::Adapt, target, name, &[(ADAPTATION, &path(&file))])
    }

    /// The program that trains the network of that name on a serial line. `source` says where its type is found; without it,
    /// the network is one of the library's.
    ///
    /// # Errors
    /// The compiler finds an error, which may be one of the other crate.
    pub fn node(
        self,
        target: Target,
        network: &str,
        source: Option<&Source>,
        variant: Variant,
    ) -> Result<PathBuf, Error> {
        let Variant { activations, state } = variant;
        let variant = format!("{network}-{}", variant.name());
        match source {
            None => self.program(Program::Node, target, &variant, &choices(network, &activations.name(), state)),
            Some(source) => {
                let manifest = package::write(self.board, source, &variant, &activations.of(source.path), state)?;
                let cargo = Cargo { manifest: Some(&manifest), ..self.cargo() };
                let variant = format!("{variant}-{}", target.name());
                self.kept(&cargo, Program::Node.name(), target.features(self.board), &variant, &[])
            }
        }
    }

    /// A program of the package that defines the network, in its folder `boards`, as `new` writes it.
    ///
    /// # Errors
    /// The package has no firmware for the board, or the compiler finds an error.
    pub fn own(self, program: Program, target: Target, source: &Source) -> Result<PathBuf, Error> {
        let package = crate::board::sources::package(source.package, source.folder);
        let manifest = package.join("boards").join(self.board.name()).join("Cargo.toml");
        if !manifest.is_file() {
            return Err(Error::NoFirmware { path: path(&manifest), board: self.board.name() });
        }
        let cargo = Cargo { manifest: Some(&manifest), ..self.cargo() };
        let variant = format!("{}-{}", source.package, target.name());
        self.kept(&cargo, program.name(), target.features(self.board), &variant, &[])
    }

    /// The program that makes trials of the training in QEMU, for this number of steps each.
    ///
    /// # Errors
    /// The compiler finds an error.
    pub fn trials(self, network: &str, trials: &[&str], steps: u32) -> Result<PathBuf, Error> {
        let variant = [trials.first(), trials.last()].map(|trial| *trial.unwrap_or(&"none")).join("-to-");
        let variant = format!("{network}-{variant}-{steps}");
        let (trials, steps) = (trials.join(","), steps.to_string());
        let variables = [(CHOICE, network), (TRIALS, &*trials), (STEPS, &*steps)];
        self.kept(&self.cargo(), "trials", &format!("trials,{}", self.board.qemu()), &variant, &variables)
    }

    /// The program that trains on the data in flash, on an STM32F405, without what keeps its run.
    ///
    /// # Errors
    /// The compiler finds an error.
    pub fn without_store(self) -> Result<PathBuf, Error> {
        let program = Program::Standalone.name();
        let arguments = ["--no-default-features", "--features", "asm", "--bin", program];
        self.built(&self.cargo(), &arguments, program, "without-store", &[])
    }

    /// A short run of a program that trains on data in flash, which is to be interrupted in QEMU.
    ///
    /// # Errors
    /// The compiler finds an error.
    pub fn resume(self) -> Result<PathBuf, Error> {
        self.kept(&self.cargo(), "resume", &format!("trials,{}", self.board.qemu()), "short", &[])
    }

    /// The program that trains on the data in flash in QEMU, with code as short as possible.
    ///
    /// # Errors
    /// The compiler finds an error.
    pub fn small(self) -> Result<PathBuf, Error> {
        let program = Program::Standalone.name();
        let cargo = Cargo { profile: "size", ..self.cargo() };
        let arguments = ["--no-default-features", "--features", self.board.qemu(), "--bin", program];
        Ok(cargo.build(&arguments, &[])?.join(program))
    }

    /// Programs of `boards/bench` for the board's processor, with the library's assembly or without. Gives their folder.
    ///
    /// # Errors
    /// The compiler finds an error.
    pub fn bench(self, programs: &[&str], assembly: bool) -> Result<PathBuf, Error> {
        let cargo = Cargo { folder: "bench", ..self.cargo() };
        let programs: Vec<_> = programs.iter().flat_map(|program| ["--bin", program]).collect();
        if assembly {
            cargo.build(&programs, &[])
        } else {
            Cargo { apart: "plain", ..cargo }.build(&[&["--no-default-features"], &*programs].concat(), &[])
        }
    }

    /// The program of `boards/riscv-virt` that compares assembly with its twins in plain Rust.
    ///
    /// # Errors
    /// The compiler finds an error.
    pub fn twins(self) -> Result<PathBuf, Error> {
        self.kept(&self.cargo(), "twins", "twins", "bench", &[])
    }

    /// `standalone` and `node` with the default network at once, since each is linked by one core; asked for one by one, they are
    /// there.
    ///
    /// # Errors
    /// The compiler finds an error.
    pub fn both(self, target: Target) -> Result<(), Error> {
        let arguments = ["--features", target.features(self.board), "--bin", "standalone", "--bin", "node"];
        let keep = Activations::Keep.name();
        let _guard = self.lock();
        self.cargo().build(&arguments, &choices(DEFAULT, &keep, StateName::F32)).map(drop)
    }

    fn cargo(self) -> Cargo<'static> {
        let Self { board, compiler } = self;
        Cargo { compiler, board, folder: board.folder(), manifest: None, profile: "release", apart: "" }
    }

    fn program(
        self,
        program: Program,
        target: Target,
        variant: &str,
        variables: &[(&str, &str)],
    ) -> Result<PathBuf, Error> {
        let variant = format!("{variant}-{}", target.name());
        self.kept(&self.cargo(), program.name(), target.features(self.board), &variant, variables)
    }

    fn kept(
        self,
        cargo: &Cargo<'_>,
        program: &str,
        features: &str,
        variant: &str,
        variables: &[(&str, &str)],
    ) -> Result<PathBuf, Error> {
        self.built(cargo, &["--features", features, "--bin", program], program, variant, variables)
    }

    /// Until the guard is dropped, nobody else overwrites the board's programs.
    fn lock(self) -> impl Sized {
        static BUILDING: [Mutex<()>; Board::ALL.len()] = [const { Mutex::new(()) }; Board::ALL.len()];
        BUILDING.get(self.board as usize).map(Mutex::lock)
    }

    fn built(
        self,
        cargo: &Cargo<'_>,
        arguments: &[&str],
        program: &str,
        variant: &str,
        variables: &[(&str, &str)],
    ) -> Result<PathBuf, Error> {
        let guard = self.lock();
        let elf = cargo.build(arguments, variables)?.join(program);
        let kept = elf.with_file_name(format!("{program}-{variant}"));
        let copied = fs::copy(&elf, &kept);
        drop(guard);
        copied.map_err(|source| Error::Unreadable { path: path(&elf), source })?;
        Ok(kept)
    }
}

/// What the application is compiled for: always all of it, so that another program finds it compiled.
fn choices<'a>(network: &'a str, activations: &'a str, state: StateName) -> [(&'static str, &'a str); 3] {
    [(CHOICE, network), (ACTIVATIONS, activations), (STATE, state.name())]
}

fn path(path: &Path) -> String {
    path.display().to_string()
}
