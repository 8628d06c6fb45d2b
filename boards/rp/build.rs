//! Tells the two chips apart by the processor that is compiled for, puts `memory.x` where the linker looks, and adds the linker script of
//! `defmt` if that is in.

use std::path::PathBuf;
use std::{env, fs};

fn main() {
    let target = env::var("TARGET").expect("set by cargo");
    let is_rp2040 = target.starts_with("thumbv6m");
    println!("cargo::rustc-check-cfg=cfg(rp2040)");
    if is_rp2040 {
        println!("cargo::rustc-cfg=rp2040");
    }
    let memory: &[u8] =
        if is_rp2040 { include_bytes!("../rp2040/memory.x") } else { include_bytes!("../rp2350/memory.x") };
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    fs::write(out.join("memory.x"), memory).expect("cargo's own folder can be written");
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rerun-if-changed=memory.x");
    println!("cargo::rerun-if-changed=../rp/build.rs");
    if env::var_os("CARGO_FEATURE_DEFMT").is_some() {
        println!("cargo::rustc-link-arg-bins=-Tdefmt.x");
    }
}
