//! Encrypts a fresh connection as the server's settings ask.

use std::time::Duration;

use tokio::time::timeout;

use super::super::outcome::{SendFailure, Stage};
use super::failure::explain_handshake;
use super::server::{Security, SmtpServer};
use super::stream::{Transport, WatchedStream};
use super::{starttls, tls};

/// The connection, ready for `EHLO`; `our_name` is our own name for the one before STARTTLS, and each step of it may take
/// as long as `limit`.
///
/// # Errors
/// [`SendFailure`] at [`Stage::Tls`], or at [`Stage::Hello`] before STARTTLS.
pub(super) async fn encrypt(
    server: &SmtpServer,
    mut tcp: WatchedStream,
    our_name: &str,
    limit: Duration,
) -> Result<Transport, SendFailure> {
    let failed = |why: String| SendFailure {
        stage: Stage::Tls,
        why: format!("{}: {why}", server.place()),
        reply: None,
    };
    let by_starttls = match server.security() {
        Security::None => return Ok(Transport::plain(tcp)),
        Security::Implicit => false,
        Security::Opportunistic | Security::StartTls => {
            let asked = starttls::ask(&mut tcp, our_name, limit).await;
            let offered = asked.map_err(|failure| SendFailure {
                why: format!("{}: {}", server.place(), failure.why),
                ..failure
            })?;
            if !offered && server.security() == Security::StartTls {
                return Err(failed(
                    "the server offers no STARTTLS, which tls=required asks for; use smtps:// if it expects TLS from the \
                     start, or another port"
                        .into(),
                ));
            }
            if !offered {
                return Ok(Transport::plain(tcp).greeted());
            }
            true
        }
    };
    let stream = timeout(limit, tls::handshake(server, tcp))
        .await
        .map_err(|_| failed("no TLS handshake in time".into()))?
        .map_err(|error| failed(explain_handshake(&error, server)))?;
    let transport = Transport::encrypted(stream);
    Ok(if by_starttls {
        transport.greeted()
    } else {
        transport
    })
}
