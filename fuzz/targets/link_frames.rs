//! `link_frames`: see `trainlet_fuzz::link`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| trainlet_fuzz::link::run(data));
