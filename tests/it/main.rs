//! The integration tests: one binary, so that the crate is linked once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a failed expectation is a failed test, and what was left out is said"
)]

mod mail;
mod smtp_sink;
