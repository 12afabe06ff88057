//! One conversation with a mail server (RFC 5321), stage by stage, so that when it breaks it is known how far it had come.
//!
//! AUTH and the reading of replies are lettre's. Its TLS is not used, because it does not tell what came of the handshake,
//! nor what was said in the clear before STARTTLS; its `send` is not used, because it writes the content and the closing
//! full stop apart (about 40 ms each on a connection without `TCP_NODELAY`), waits for the answer to every command
//! (RFC 2920 needs one round trip a message), and does not tell at which command a connection broke.

mod capabilities;
mod conversation;
mod encrypt;
mod facts;
mod failure;
mod server;
mod starttls;
mod stream;
mod tls;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret;
use tokio::net::TcpStream;
use tokio::time::timeout;

pub use self::capabilities::Capabilities;
pub use self::conversation::Envelope;
use self::encrypt::encrypt;
pub use self::facts::{CertificateFacts, ConnectionFacts, TlsFacts, worthwhile_connections};
use self::failure::{explain, no_way_to_sign_in, reply_in, verb};
pub use self::server::{Security, Share, SmtpServer, SmtpUrlError};
use self::stream::{Watch, WatchedStream};
use super::outcome::{SendFailure, Stage};

/// The ways to sign in that we know, the better first.
const MECHANISMS: [(&str, Mechanism); 2] =
    [("PLAIN", Mechanism::Plain), ("LOGIN", Mechanism::Login)];

/// How long each stage may take. RFC 5321, section 4.5.3.2 asks for minutes, for slow relays; shorter ones only cost a
/// connection that is opened again, except at the end of the content, where impatience makes duplicates.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// Finding the server and opening the connection.
    pub connect: Duration,
    /// Greeting, `EHLO`, TLS and `AUTH`, each.
    pub hello: Duration,
    /// `MAIL`, `RCPT`, `DATA` and `RSET`, each.
    pub command: Duration,
    /// From the first byte of the content to the reply after its full stop.
    pub content: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            hello: Duration::from_secs(60),
            command: Duration::from_secs(120),
            content: Duration::from_secs(600),
        }
    }
}

/// An open connection that carries one message after another.
#[derive(Debug)]
pub struct SmtpConnection {
    smtp: Connection,
    capabilities: Capabilities,
    facts: ConnectionFacts,
    watch: Arc<Watch>,
    timeouts: Timeouts,
    transaction: Transaction,
}

/// How far the conversation about messages is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transaction {
    /// Between messages.
    None,
    /// Half begun: something of the envelope was refused. `RSET` clears it.
    HalfBegun,
    /// The server waits for a message's content.
    Open,
    /// An envelope went behind a content; its answers are to be read.
    Asked,
    /// Nobody knows any more, or the connection is gone. This is also what a command leaves that was dropped half-way.
    Lost,
}

/// Lettre's connection, which has no `Debug` of its own.
struct Connection(AsyncSmtpConnection);

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AsyncSmtpConnection")
    }
}

impl SmtpConnection {
    /// Connects, greets, and does TLS and AUTH as the server's settings ask. `hello_name` is our own host name; the
    /// server's settings may hold another.
    ///
    /// # Errors
    /// [`SendFailure`], with the stage that failed.
    pub async fn open(
        server: &SmtpServer,
        hello_name: &str,
        timeouts: Timeouts,
    ) -> Result<Self, SendFailure> {
        let place = server.place();
        let failed = |stage, why: String| SendFailure {
            stage,
            why: format!("{place}: {why}"),
            reply: None,
        };

        let tcp = timeout(
            timeouts.connect,
            TcpStream::connect((server.host(), server.port())),
        )
        .await
        .map_err(|_| failed(Stage::Connect, "no connection in time".into()))?
        .map_err(|error| failed(Stage::Connect, format!("cannot connect: {error}")))?;
        // Without this a small message waits for a delayed acknowledgement, about 40 ms.
        tcp.set_nodelay(true)
            .map_err(|error| failed(Stage::Connect, format!("cannot set TCP_NODELAY: {error}")))?;
        let watch = Arc::new(Watch::default());
        let tcp = WatchedStream::new(tcp, Arc::clone(&watch));

        let name = client_id(server.hello_name().unwrap_or(hello_name));
        let transport = encrypt(server, tcp, &name.to_string(), timeouts.hello).await?;
        let mut facts = ConnectionFacts {
            tls: transport.tls(),
            signed_in_by: None,
        };
        let hello = AsyncSmtpConnection::connect_with_transport(Box::new(transport), &name);
        let mut smtp = opening(Stage::Hello, &place, timeouts.hello, hello).await?;
        let capabilities = Capabilities::from_opening(&watch.take_opening());

        if let Some((user, password)) = server.credentials() {
            if facts.tls.is_none() && !server.is_loopback() {
                return Err(failed(
                    Stage::Auth,
                    "the server offers no TLS, and the password is not sent without it".into(),
                ));
            }
            let (name, mechanism) = MECHANISMS
                .into_iter()
                .find(|(name, _)| capabilities.auth.iter().any(|offered| offered == name))
                .ok_or_else(|| failed(Stage::Auth, no_way_to_sign_in(&capabilities)))?;
            let credentials =
                Credentials::new(user.to_owned(), password.expose_secret().to_owned());
            let mechanisms = [mechanism];
            let signing_in = smtp.auth(&mechanisms, &credentials);
            opening(Stage::Auth, &place, timeouts.hello, signing_in).await?;
            facts.signed_in_by = Some(name);
        }
        Ok(Self {
            smtp: Connection(smtp),
            capabilities,
            facts,
            watch,
            timeouts,
            transaction: Transaction::None,
        })
    }

    /// What the server offers.
    #[must_use]
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// How the connection is encrypted, and how we signed in.
    #[must_use]
    pub fn facts(&self) -> &ConnectionFacts {
        &self.facts
    }

    /// How long the server takes to answer a `NOOP`; `None` if it does not answer. The connection must be between messages.
    pub async fn round_trip(&mut self) -> Option<Duration> {
        let start = Instant::now();
        let answer = timeout(self.timeouts.command, self.smtp.0.command("NOOP\r\n")).await;
        if !matches!(answer, Ok(Ok(_))) {
            self.transaction = Transaction::Lost;
        }
        self.is_open().then(|| start.elapsed())
    }

    /// Says goodbye. Errors are of no interest any more.
    pub async fn quit(&mut self) {
        if self.is_open() {
            let _ = timeout(Duration::from_secs(5), self.smtp.0.quit()).await;
        }
    }
}

/// Runs one stage of opening a connection.
async fn opening<T>(
    stage: Stage,
    place: &str,
    limit: Duration,
    work: impl Future<Output = Result<T, SmtpError>>,
) -> Result<T, SendFailure> {
    match timeout(limit, work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => {
            let reply = reply_in(&error);
            let said = reply.as_ref().map_or_else(
                || explain(&error),
                |reply| format!("the server answered {reply}"),
            );
            Err(SendFailure {
                stage,
                why: format!("{place}: at {}: {said}", verb(stage)),
                reply,
            })
        }
        Err(_) => Err(SendFailure {
            stage,
            why: format!(
                "{place}: at {}: no answer within {} seconds",
                verb(stage),
                limit.as_secs()
            ),
            reply: None,
        }),
    }
}

/// Our name for `EHLO`: a host name, or the address literal that RFC 5321, section 4.1.4 puts in its place.
fn client_id(name: &str) -> ClientId {
    let is_host_name = !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
    if is_host_name {
        ClientId::Domain(name.to_owned())
    } else {
        ClientId::Ipv4(std::net::Ipv4Addr::LOCALHOST)
    }
}
