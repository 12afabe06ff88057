//! Whatever comes back, by whatever way: the target for long runs.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| practice_points_fuzz::everything(data));
