//! Return paths and Message-IDs in somebody else’s text.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| practice_points_fuzz::marks(data));
