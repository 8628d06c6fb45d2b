//! Which compiler builds the firmware, and how cargo is told so.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::boards::Board;
use super::error::Error;

/// Where a compiler for a board comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compiler {
    /// The `rustc` of the path, with the core library of the target, as rustup installs both.
    Rustup,
    /// Debian's `/usr/bin/rustc`, which compiles the core library from its sources.
    Debian,
}

const DEBIAN: &str = "/usr/bin/rustc";
/// For Debian's compiler, whose package has no linker for the boards.
const LINKER: &str = "ld.lld";
/// Names the compiler to be used; without it the first that is there.
const CHOICE: &str = "TRAINLET_BOARD_COMPILER";

impl Compiler {
    /// All of them, the preferred first.
    pub const ALL: [Self; 2] = [Self::Rustup, Self::Debian];

    /// As `TRAINLET_BOARD_COMPILER` names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rustup => "rustup",
            Self::Debian => "debian",
        }
    }

    /// Those on this computer that compile for this board.
    pub fn for_board(board: Board) -> Vec<Self> {
        Self::ALL.into_iter().filter(|compiler| compiler.compiles_for(board.triple())).collect()
    }

    /// The one that the environment names, or the first that compiles for this board.
    ///
    /// # Errors
    /// There is none, or none of that name.
    pub fn chosen(board: Board) -> Result<Self, Error> {
        let triple = board.triple();
        let there = Self::for_board(board);
        let Ok(found) = env::var(CHOICE) else { return there.first().copied().ok_or(Error::NoCompiler { triple }) };
        there.iter().copied().find(|compiler| compiler.name() == found).ok_or_else(|| {
            let there = there.iter().map(|compiler| compiler.name()).collect::<Vec<_>>().join(", ");
            Error::OtherCompiler { variable: CHOICE, found, triple, there }
        })
    }

    fn compiles_for(self, triple: &str) -> bool {
        let has = |compiler: &str, what: &[&str], below: &str| {
            let output = without_outer_settings(Command::new(compiler)).arg("--print").args(what).output();
            output.is_ok_and(|output| Path::new(printed(&output).as_ref()).join(below).is_dir())
        };
        match self {
            Self::Rustup => has("rustc", &["target-libdir", "--target", triple], ""),
            Self::Debian => {
                has(DEBIAN, &["sysroot"], "lib/rustlib/src/rust/library")
                    && Command::new(LINKER).arg("--version").output().is_ok()
            }
        }
    }

    /// Debian's compiler works with any cargo but rustup's proxy, which would first fetch what `rust-toolchain.toml` names.
    fn cargo(self) -> OsString {
        let of_toolchain = || {
            let output = without_outer_settings(Command::new("rustc")).args(["--print", "sysroot"]).output().ok()?;
            let cargo = Path::new(printed(&output).as_ref()).join("bin/cargo");
            cargo.is_file().then(|| OsString::from(cargo))
        };
        let found = if self == Self::Debian { of_toolchain() } else { None };
        found.or_else(|| env::var_os("CARGO")).unwrap_or_else(|| "cargo".into())
    }
}

fn printed(output: &Output) -> std::borrow::Cow<'_, str> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().to_string().into()
}

/// The settings of the cargo that may have started this program are not meant for the boards.
fn without_outer_settings(mut command: Command) -> Command {
    for name in ["RUSTC", "RUSTDOC", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET"] {
        command.env_remove(name);
    }
    command
}

/// A run of cargo in a folder under `boards`, whose `.cargo/config.toml` then applies.
pub(super) struct Cargo<'a> {
    pub compiler: Compiler,
    /// For messages and for the processor.
    pub board: Board,
    /// Name of the folder.
    pub folder: &'static str,
    /// The package, where it is not the one in the folder. Its lock file may change.
    pub manifest: Option<&'a Path>,
    /// As the manifest names it.
    pub profile: &'a str,
    /// A build folder of its own within that of the compiler; may be empty.
    pub apart: &'a str,
}

impl Cargo<'_> {
    /// Builds what the arguments say, with these variables in the environment, and gives the folder of the ELF files.
    pub fn build(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Result<PathBuf, Error> {
        let Self { compiler, board, manifest, profile, .. } = *self;
        let (folder, triple, target) = (sources(self.folder)?, board.triple(), self.target()?);
        let mut cargo = without_outer_settings(Command::new(compiler.cargo()));
        cargo.current_dir(&folder).args(["build", "--profile", profile, "--target", triple, "--color=never"]);
        cargo.arg("--target-dir").arg(&target);
        match manifest {
            Some(path) => cargo.arg("--manifest-path").arg(path),
            None => cargo.arg("--locked"),
        };
        cargo.args(arguments).envs(variables.iter().copied());
        if compiler == Compiler::Debian {
            let linker = format!("CARGO_TARGET_{}_LINKER", triple.to_uppercase().replace(['-', '.'], "_"));
            cargo.env("RUSTC", DEBIAN).env("RUSTC_BOOTSTRAP", "1").env(linker, LINKER);
            cargo.env("CARGO_UNSTABLE_BUILD_STD", board.core());
        }
        let output = cargo.output().map_err(|source| Error::NoCargo { source })?;
        if !output.status.success() {
            let output = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Error::Build { board: self.folder, output });
        }
        Ok(target.join(triple).join(profile))
    }

    /// Compilers do not share a build folder: each would overwrite the other's programs.
    pub fn target(&self) -> Result<PathBuf, Error> {
        let target = sources(self.folder)?.join("target");
        let target = if self.compiler == Compiler::Debian { target.join("debian") } else { target };
        Ok(if self.apart.is_empty() { target } else { target.join(self.apart) })
    }
}

/// A folder under `boards`.
pub(super) fn sources(name: &str) -> Result<PathBuf, Error> {
    let boards = crate::board::sources::host_sim().join("../boards");
    let folder = boards.canonicalize().unwrap_or(boards).join(name);
    if folder.is_dir() { Ok(folder) } else { Err(Error::NoSources { folder: folder.display().to_string() }) }
}
