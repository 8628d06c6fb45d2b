//! What must not compile, and what the compiler has to say about it: each file of `tests/ui` begins with lines `//~ text`, and
//! each text must stand in the compiler's output. The rest of the wording is that of the compiler at hand.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The files, by name.
fn cases() -> Vec<PathBuf> {
    let files = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui")).unwrap();
    let mut cases: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    cases.sort();
    cases
}

fn name(case: &Path) -> &str {
    case.file_stem().unwrap().to_str().unwrap()
}

/// A package outside the repository that has each case as a program.
fn package(cases: &[PathBuf]) -> PathBuf {
    let library = env!("CARGO_MANIFEST_DIR");
    let mut manifest = format!(
        "[workspace]\n[package]\nname = \"ui\"\nedition = \"2024\"\n[dependencies]\ntrainlet = {{ path = {library:?} }}\n"
    );
    for case in cases {
        manifest += &format!("[[bin]]\nname = {:?}\npath = {case:?}\n", name(case));
    }
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ui");
    fs::create_dir_all(&package).unwrap();
    fs::write(package.join("Cargo.toml"), manifest).unwrap();
    // The same versions of other packages, which are on this computer.
    fs::copy(Path::new(library).join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
    package
}

/// What the compiler says; `None` if it has nothing against the case.
fn errors(package: &Path, case: &Path) -> Option<String> {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--offline", "--quiet", "--color", "never", "--bin", name(case)])
        .current_dir(package)
        .env("CARGO_TARGET_DIR", package.join("target"))
        .env_remove("RUSTFLAGS")
        .output()
        .unwrap();
    (!output.status.success()).then(|| String::from_utf8(output.stderr).unwrap())
}

#[test]
fn mistakes_do_not_compile_and_the_message_says_what_to_write() {
    let cases = cases();
    let package = package(&cases);
    for case in &cases {
        let source = fs::read_to_string(case).unwrap();
        let wanted: Vec<_> = source.lines().map_while(|line| line.strip_prefix("//~ ")).collect();
        assert!(!wanted.is_empty(), "{} does not say which message it is about", name(case));
        let errors = errors(&package, case).unwrap_or_else(|| panic!("{} compiles", name(case)));
        for text in wanted {
            assert!(errors.contains(text), "{}: no `{text}` in\n{errors}", name(case));
        }
    }
}
