//! A mail server for tests: speaks SMTP on a free port of this machine, keeps what it accepts, and misbehaves on request.

#![allow(dead_code, reason = "each test uses the part of it that it needs")]

mod session;
mod tls;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

pub use self::session::Received;

/// A moment at which the sink can be told what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// A connection has come.
    Greeting,
    /// `EHLO`.
    Hello,
    /// `STARTTLS`.
    StartTls,
    /// `AUTH`.
    Auth,
    /// `MAIL FROM`.
    Mail,
    /// `RCPT TO`.
    Rcpt,
    /// `DATA`.
    Data,
    /// The final full stop has come.
    Content,
    /// `RSET`.
    Rset,
}

/// What is known at a moment.
#[derive(Debug)]
pub struct Moment<'a> {
    /// Which.
    pub at: At,
    /// How many of its kind came before, over all connections: the first is 0.
    pub nth: usize,
    /// The address in `MAIL FROM` or `RCPT TO`; at `Data` and `Content` the recipient.
    pub address: &'a str,
}

/// What the sink does instead of behaving well.
#[derive(Clone, Debug)]
pub enum Act {
    /// Answers this line (without its CRLF); at `Content` a 2xx keeps the message, and nothing else does.
    Reply(String),
    /// Answers these bytes as they are, then closes.
    RawThenDrop(Vec<u8>),
    /// Answers this line and closes.
    ReplyThenDrop(String),
    /// Closes without a word; at `Content` the message is not kept.
    Drop,
    /// At `Content`: keeps the message and closes without a word.
    KeepThenDrop,
    /// Waits, then behaves well.
    Slow(Duration),
    /// Never answers.
    Hang,
}

impl Act {
    /// Answers this line.
    pub fn reply(line: &str) -> Option<Self> {
        Some(Self::Reply(line.to_owned()))
    }
}

type Behaviour = Arc<dyn Fn(&Moment<'_>) -> Option<Act> + Send + Sync>;

/// What all connections share.
pub(crate) struct Shared {
    behaviour: Mutex<Behaviour>,
    capabilities: Mutex<Vec<String>>,
    messages: Mutex<Vec<Received>>,
    commands: Mutex<Vec<String>>,
    counts: Mutex<std::collections::HashMap<At, usize>>,
    arrived: Notify,
    tls: Option<tls::Identity>,
    implicit: bool,
}

/// The sink. It stops when it is dropped.
pub struct SmtpSink {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl SmtpSink {
    /// Starts a sink without TLS on a free port.
    pub async fn start() -> Self {
        Self::start_with(0, None, false).await
    }

    /// Starts a sink on this port, for a server that comes back.
    pub async fn start_on(port: u16) -> Self {
        Self::start_with(port, None, false).await
    }

    /// Starts a sink that offers STARTTLS with a certificate of its own authority.
    pub async fn start_with_starttls() -> Self {
        Self::start_with(0, Some(tls::Identity::new()), false).await
    }

    /// Starts a sink that speaks TLS from the first byte.
    pub async fn start_with_implicit_tls() -> Self {
        Self::start_with(0, Some(tls::Identity::new()), true).await
    }

    async fn start_with(port: u16, tls: Option<tls::Identity>, implicit: bool) -> Self {
        let listener = listen(port);
        let address = listener.local_addr().unwrap();
        let mut capabilities = vec!["PIPELINING".to_owned(), "8BITMIME".to_owned()];
        if tls.is_some() && !implicit {
            capabilities.push("STARTTLS".to_owned());
        }
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(Arc::new(|_| None)),
            capabilities: Mutex::new(capabilities),
            messages: Mutex::default(),
            commands: Mutex::default(),
            counts: Mutex::default(),
            arrived: Notify::new(),
            tls,
            implicit,
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self {
            address,
            shared,
            server,
        }
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The setting `smtp_url` for this sink: with the parameters for its kind of TLS.
    pub fn url(&self) -> String {
        let port = self.port();
        match &self.shared.tls {
            None => format!("smtp://127.0.0.1:{port}"),
            Some(tls) if self.shared.implicit => {
                format!(
                    "smtps://localhost:{port}?ca_file={}",
                    tls.ca_file().display()
                )
            }
            Some(tls) => format!(
                "smtp://localhost:{port}?tls=required&ca_file={}",
                tls.ca_file().display()
            ),
        }
    }

    /// The file with the authority's certificate, for a sink with TLS.
    pub fn ca_file(&self) -> PathBuf {
        self.shared.tls.as_ref().unwrap().ca_file()
    }

    /// The messages accepted so far, in order.
    pub fn messages(&self) -> Vec<Received> {
        self.shared.messages.lock().unwrap().clone()
    }

    /// The command lines received so far, in order, without content.
    pub fn commands(&self) -> Vec<String> {
        self.shared.commands.lock().unwrap().clone()
    }

    /// How many times this moment has come.
    pub fn count(&self, at: At) -> usize {
        self.shared
            .counts
            .lock()
            .unwrap()
            .get(&at)
            .copied()
            .unwrap_or(0)
    }

    /// Asks this function at every moment from now on; `None` behaves well.
    pub fn set_behaviour(
        &self,
        behaviour: impl Fn(&Moment<'_>) -> Option<Act> + Send + Sync + 'static,
    ) {
        *self.shared.behaviour.lock().unwrap() = Arc::new(behaviour);
    }

    /// Behaves well from now on.
    pub fn behave(&self) {
        self.set_behaviour(|_| None);
    }

    /// Offers these in answer to `EHLO` from now on.
    pub fn set_capabilities(&self, capabilities: &[&str]) {
        *self.shared.capabilities.lock().unwrap() =
            capabilities.iter().map(|&c| c.to_owned()).collect();
    }

    /// Waits until this many messages were accepted, and returns them.
    ///
    /// # Panics
    /// When they have not come after 30 seconds.
    pub async fn wait_for(&self, number: usize) -> Vec<Received> {
        let enough = async {
            loop {
                let arrived = self.shared.arrived.notified();
                let messages = self.messages();
                if messages.len() >= number {
                    return messages;
                }
                arrived.await;
            }
        };
        match timeout(Duration::from_secs(30), enough).await {
            Ok(messages) => messages,
            Err(_) => panic!(
                "{} of {number} messages came within 30 seconds",
                self.messages().len()
            ),
        }
    }

    /// Stops listening and breaks all connections; returns the port, on which another sink can start.
    pub async fn stop(mut self) -> u16 {
        self.server.abort();
        let _ = (&mut self.server).await;
        self.port()
    }
}

fn listen(port: u16) -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket
        .bind(SocketAddr::from(([127, 0, 0, 1], port)))
        .unwrap();
    socket.listen(128).unwrap()
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped with this task, and its connections with it.
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        connections.spawn(session::run(stream, Arc::clone(&shared)));
    }
}
