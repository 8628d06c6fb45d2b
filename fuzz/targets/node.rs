//! `node`: see `trainlet_fuzz::node`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| trainlet_fuzz::node::run(data));
