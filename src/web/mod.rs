//! The face in the browser: pages for GPs and for staff, and nothing that a page does not need.
//!
//! [`routes`] is the one table of everything that can be asked for, and of who may ask. Around it
//! stand, from the outside: the log (`request_log`), the headers of every answer ([`headers`]),
//! compression, the tags by which browsers ask whether a page has changed ([`validators`]), the page for
//! whatever went wrong ([`problem`]), and the gate that asks who it is and
//! where the request came from ([`gate`]).

pub mod access;
pub mod assets;
mod chart;
mod client_address;
mod device;
mod even_time;
pub mod forms;
pub mod gate;
pub mod headers;
pub mod limits;
pub mod page;
mod person;
pub mod problem;
mod public;
mod request_log;
pub mod routes;
mod same_origin;
pub mod server;
pub mod session;
mod staff;
mod uploads;
pub mod validators;
