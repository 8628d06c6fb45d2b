//! Puts the memory map of the target's machine in QEMU where the linker looks.

use std::path::PathBuf;
use std::{env, fs};

/// STM32F405RG, as QEMU's netduinoplus2 has it.
const CORTEX_M4: &str = "MEMORY
{
  FLASH : ORIGIN = 0x08000000, LENGTH = 1024K
  RAM : ORIGIN = 0x20000000, LENGTH = 128K
}
";

/// mps2-an505: as in `boards/qemu-mps2`.
const CORTEX_M33: &str = "MEMORY
{
  FLASH : ORIGIN = 0x10000000, LENGTH = 4M
  RAM : ORIGIN = 0x38000000, LENGTH = 512K
}
";

fn main() {
    let target = env::var("TARGET").expect("set by cargo");
    let memory = match target.as_str() {
        "thumbv8m.main-none-eabihf" => CORTEX_M33,
        "riscv32imc-unknown-none-elf" => include_str!("../riscv-virt/memory.x"),
        _ => CORTEX_M4,
    };
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("set by cargo"));
    fs::write(out.join("memory.x"), memory).expect("cargo's own folder can be written");
    println!("cargo::rustc-link-search={}", out.display());
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../riscv-virt/memory.x");
}
