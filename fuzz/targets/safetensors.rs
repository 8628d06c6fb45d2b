//! `safetensors`: see `trainlet_fuzz::weights`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| trainlet_fuzz::weights::run(data));
