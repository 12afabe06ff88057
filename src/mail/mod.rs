//! Mail: what a message looks like, how it travels, and what the server's answer means.
//!
//! A message takes five steps, each in its own modules:
//! - [`bulletin`] and [`notice`] render a [`content::Content`] (subject, HTML, text) from MJML and text templates,
//!   with [`content::Slot`]s where a personal piece goes;
//! - [`message`] compiles it once into MIME, and splices the pieces in for each recipient;
//! - [`dkim`] signs it for the sender's domain, where the settings have a key;
//! - [`smtp`] hands the result to a mail server, stage by stage, or [`mailbox`] keeps it in a folder in its place;
//! - [`outcome`] says what the reply means for the delivery and for the address;
//! - [`inbound`] reads what comes back.
//!
//! And [`dns`] asks whether the records are published by which receivers know a message as the clinic's.
//!
//! Nothing here knows the database or decides when to send: that is the worker's.

pub mod brand;
pub mod bulletin;
pub mod content;
pub mod dkim;
pub mod dns;
mod encoding;
mod frame;
mod header;
pub mod inbound;
pub mod inside;
pub mod mailbox;
mod markup;
pub mod message;
pub mod notice;
pub mod outcome;
mod plain_text;
pub mod sender;
pub mod short_links;
pub mod smtp;

pub use markup::RenderError;
