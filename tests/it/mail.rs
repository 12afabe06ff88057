//! The mail layer from the outside: messages over a real connection, and read back by other parsers.

mod appearance;
mod conversation;
mod encryption;
mod judged;
mod parsing;
mod sample_content;
pub mod samples;
