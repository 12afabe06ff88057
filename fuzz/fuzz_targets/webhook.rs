//! The notifications of every provider.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| practice_points_fuzz::webhook(data));
