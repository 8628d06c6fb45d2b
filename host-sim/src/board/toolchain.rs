//! Which compiler builds the programs of the boards, and how cargo is told so.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::firmware::Error;

/// Where a compiler for a board comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compiler {
    /// The usual one, which has the core library for the target.
    Usual,
    /// Debian's, which has its sources.
    Debian,
}

const DEBIAN: &str = "/usr/bin/rustc";
/// For Debian's compiler, which does not bring one for the boards.
const LINKER: &str = "ld.lld";

/// The compiler for this processor.
pub fn compiler(triple: &'static str) -> Result<Compiler, Error> {
    let has = |compiler: &str, what: &[&str], below: &str| {
        let output = outside(Command::new(compiler)).arg("--print").args(what).output();
        output.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).join(below).is_dir())
    };
    if has("rustc", &["target-libdir", "--target", triple], "") {
        Ok(Compiler::Usual)
    } else if has(DEBIAN, &["sysroot"], "lib/rustlib/src/rust/library")
        && Command::new(LINKER).arg("--version").output().is_ok()
    {
        Ok(Compiler::Debian)
    } else {
        Err(Error::NoCompiler { triple })
    }
}

/// Debian's compiler goes with any cargo, but not with rustup's stand-in for it, which would first fetch what
/// `rust-toolchain.toml` names.
fn cargo(compiler: Compiler) -> OsString {
    let sysroot = |output: Output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    let beside = || {
        let output = outside(Command::new("rustc")).args(["--print", "sysroot"]).output().ok()?;
        Some(sysroot(output).join("bin/cargo")).filter(|cargo| cargo.is_file()).map(OsString::from)
    };
    let found = if compiler == Compiler::Debian { beside() } else { None };
    found.or_else(|| env::var_os("CARGO")).unwrap_or_else(|| "cargo".into())
}

/// Nothing of the cargo that may have started this program, and of its flags, is meant for the boards.
fn outside(mut command: Command) -> Command {
    for name in ["RUSTC", "RUSTDOC", "RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_TARGET_DIR", "CARGO_BUILD_TARGET"] {
        command.env_remove(name);
    }
    command
}

/// A crate of programs, and what cargo must know of their processor.
pub struct Firmware {
    /// Name of its folder.
    pub folder: &'static str,
    /// The compiler's name for their processor.
    pub triple: &'static str,
    /// What they take from the standard library, should that have to be compiled too.
    pub core: &'static str,
    /// As `Cargo.toml` names it.
    pub profile: &'static str,
}

impl Firmware {
    /// Builds one program with these features and variables of the environment, and gives the ELF file.
    pub fn build_program(&self, program: &str, features: &str, variables: &[(&str, &str)]) -> Result<PathBuf, Error> {
        Ok(self.build("target", &["--features", features, "--bin", program], variables)?.join(program))
    }

    /// Builds what the arguments say into a folder, and says where the programs are.
    pub fn build(&self, target: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Result<PathBuf, Error> {
        let Self { folder: name, triple, core, profile } = *self;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../boards").join(name);
        if !folder.is_dir() {
            return Err(Error::NoSources { folder: folder.display().to_string() });
        }
        let compiler = compiler(triple)?;
        let mut cargo = outside(Command::new(cargo(compiler)));
        cargo.current_dir(&folder).args(["build", "--profile", profile, "--locked", "--color=never"]).args(arguments);
        cargo.args(["--target-dir", target]).envs(variables.iter().copied());
        if compiler == Compiler::Debian {
            let linker = format!("CARGO_TARGET_{}_LINKER", triple.to_uppercase().replace('-', "_"));
            cargo.env("RUSTC", DEBIAN).env("RUSTC_BOOTSTRAP", "1").env(linker, LINKER);
            cargo.env("CARGO_UNSTABLE_BUILD_STD", core);
        }
        let output = cargo.output().map_err(|source| Error::NoCargo { source })?;
        if !output.status.success() {
            let output = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(Error::Build { board: name, output });
        }
        Ok(folder.join(target).join(triple).join(profile))
    }
}
