//! Tells the three machines apart by the processor that is compiled for, and puts `memory.x` where the linker looks.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let target = env::var("TARGET").expect("set by cargo");
    let is_m33 = target.starts_with("thumbv8m.main");
    println!("cargo::rustc-check-cfg=cfg(m33, m0)");
    if is_m33 {
        println!("cargo::rustc-cfg=m33");
    }
    if target.starts_with("thumbv6m") {
        println!("cargo::rustc-cfg=m0");
    }
    // The M33 starts in its secure state, to which memories show at these addresses.
    let [flash, ram] = if is_m33 { ["10000000", "38000000"] } else { ["00000000", "20000000"] };
    // Of each RAM of 4 MiB as much as a microcontroller may have.
    let memory =
        format!("MEMORY\n{{\n  FLASH : ORIGIN = 0x{flash}, LENGTH = 4M\n  RAM : ORIGIN = 0x{ram}, LENGTH = 512K\n}}\n");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    fs::write(out.join("memory.x"), memory).expect("cargo's own folder can be written");
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rerun-if-changed=build.rs");
}
