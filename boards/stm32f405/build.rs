//! Adds the linker scripts of `defmt`, if that is in, and of the tests; the NUCLEO-F446RE has it too.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=../stm32f405/build.rs");
    println!("cargo::rustc-link-arg-tests=-Tembedded-test.x");
    // What embedded-test asks for.
    println!("cargo::rustc-check-cfg=cfg(rust_analyzer)");
    if env::var_os("CARGO_FEATURE_DEFMT").is_some() {
        println!("cargo::rustc-link-arg-bins=-Tdefmt.x");
    }
}
