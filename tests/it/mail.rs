//! The mail layer from the outside: messages over a real connection, and read back by other parsers.

mod conversation;
mod encryption;
mod parsing;
mod samples;
