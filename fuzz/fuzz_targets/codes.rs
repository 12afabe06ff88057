//! Status codes, reply codes and phrases in somebody else’s words.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| practice_points_fuzz::codes(data));
