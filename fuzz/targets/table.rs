//! `table`: see `trainlet_fuzz::table`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| trainlet_fuzz::table::run(data));
