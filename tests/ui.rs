//! What must not compile, and what the compiler says then. `TRYBUILD=overwrite cargo test --test ui` writes the
//! messages anew.

use std::process::Command;

/// The compiler whose wording is written down.
const COMPILER: &str = "rustc 1.95.";

#[test]
fn mistakes_in_shapes_do_not_compile() {
    let rustc = std::env::var_os("RUSTC").unwrap_or("rustc".into());
    let version = String::from_utf8(Command::new(rustc).arg("--version").output().unwrap().stdout).unwrap();
    if version.starts_with(COMPILER) || std::env::var_os("TRYBUILD").is_some() {
        trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
    } else {
        assert!(std::env::var_os("CI").is_none(), "the messages are those of {COMPILER}, this is {version}");
        eprintln!("skipped: the messages are those of {COMPILER}, this is {version}");
    }
}
