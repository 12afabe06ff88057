//! Practice Points: the newsletter service with which a specialist clinic writes to its general practitioners.

pub mod clock;
pub mod domain;
pub mod mail;
