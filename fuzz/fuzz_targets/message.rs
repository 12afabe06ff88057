//! A message, read and looked through for our marks.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| practice_points_fuzz::message(data));
