//! The program against mail servers that people run: Postfix with Dovecot's SASL, and OpenSMTPD. Each test starts its own,
//! on loopback ports and in a folder of its own; nothing leaves the machine.

mod arrived;
mod certificates;
mod coming_back;
mod coming_back_from_others;
mod doctor;
mod dovecot;
mod encryption;
mod exim;
mod handing_over;
mod handing_over_to_opensmtpd;
mod looking_into_mailboxes;
mod mailboxes;
mod opensmtpd;
mod postfix;
mod sign_in;
mod whole_program;

use practice_points::mail::outcome::SendFailure;
use practice_points::mail::smtp::{SmtpConnection, SmtpServer, Timeouts};
use secrecy::SecretString;

/// Who may sign in on each of the servers.
const USER: &str = "points";
/// With what.
const PASSWORD: &str = "korimako-sings";

async fn open(url: &str) -> Result<SmtpConnection, SendFailure> {
    let server = SmtpServer::parse(&SecretString::from(url)).unwrap();
    SmtpConnection::open(&server, "points.clinic.example", Timeouts::default()).await
}
