//! Adds the linker scripts of `defmt`, if that is in, and of the tests.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-link-arg-tests=-Tembedded-test.x");
    // What embedded-test asks for.
    println!("cargo::rustc-check-cfg=cfg(rust_analyzer)");
    if env::var_os("CARGO_FEATURE_DEFMT").is_some() {
        println!("cargo::rustc-link-arg-bins=-Tdefmt.x");
    }
}
