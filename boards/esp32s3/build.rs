//! Says what to install instead of failing further on, where the target is not that of Espressif's compiler.

use std::env;

const TARGET: &str = "xtensa-esp32s3-none-elf";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("TARGET").is_ok_and(|target| target == TARGET) {
        return;
    }
    println!("cargo::error=the ESP32-S3 needs Espressif's compiler: cargo install espup --locked, then espup install");
    println!("cargo::error=in each new shell: . ~/export-esp.sh, then build in boards/esp32s3, where the settings are");
}
