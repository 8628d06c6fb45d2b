//! Puts `memory.x` where the linker of the board's program looks.

use std::path::PathBuf;
use std::{env, fs};

/// KiB of the two last sectors, which keep checkpoints.
const SLOTS: u32 = 256;

fn main() {
    let has = |feature: &str| env::var_os(format!("CARGO_FEATURE_{feature}")).is_some();
    let flash = if has("STM32F405") { 1024 } else { 512 };
    // In QEMU a file of the host keeps them.
    let program = if has("STORE") && !has("QEMU") { flash - SLOTS } else { flash };
    let memory = format!(
        "MEMORY\n{{\n  FLASH : ORIGIN = 0x08000000, LENGTH = {program}K\n  RAM : ORIGIN = 0x20000000, LENGTH = 128K\n}}\n"
    );
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    fs::write(out.join("memory.x"), memory).expect("cargo's own folder can be written");
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rerun-if-changed=build.rs");
}
