//! A mail server for tests: speaks SMTP on a free port of this machine, keeps what it accepts, and misbehaves on request.

#![allow(dead_code, reason = "each test uses the part of it that it needs")]

mod record;
mod session;
mod share;
mod tls;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use self::record::Record;
pub use self::record::{Accepted, Received};
pub use self::share::is_in_share;

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
    /// The header and a part of the body have come, and the rest of it has not been read.
    Body,
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
    /// The address in `MAIL FROM` or `RCPT TO`; at `Data`, `Body` and `Content` the recipient.
    pub address: &'a str,
    /// On which connection: the first that ever came is 0.
    pub connection: usize,
    /// How many messages were accepted on this connection before.
    pub carried: usize,
}

/// What the sink does instead of behaving well.
#[derive(Clone, Debug)]
pub enum Act {
    /// Answers this line (without its CRLF), or several of them; at `Content` a 2xx keeps the message, and nothing else
    /// does.
    Reply(String),
    /// The same, a few bytes at a time.
    InPieces(String),
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
    /// Never answers, and reads nothing more.
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
    record: Record,
    tls: Option<tls::Identity>,
    implicit: bool,
}

/// The sink. It stops when it is dropped.
pub struct SmtpSink {
    address: SocketAddr,
    shared: Arc<Shared>,
    state: State,
}

/// Whether it is there.
enum State {
    Serving(JoinHandle<()>),
    /// Bound and not listening: the port stays its own, and whoever connects is refused.
    Away(Option<TcpSocket>),
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        if let State::Serving(server) = &self.state {
            server.abort();
        }
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
        let listener = bind(port).listen(BACKLOG).unwrap();
        let address = listener.local_addr().unwrap();
        let mut capabilities = vec!["PIPELINING".to_owned(), "8BITMIME".to_owned()];
        if tls.is_some() && !implicit {
            capabilities.push("STARTTLS".to_owned());
        }
        let shared = Arc::new(Shared {
            behaviour: Mutex::new(Arc::new(|_| None)),
            capabilities: Mutex::new(capabilities),
            record: Record::default(),
            tls,
            implicit,
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Self {
            address,
            shared,
            state: State::Serving(server),
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

    /// The messages accepted so far, in order, with their content.
    pub fn messages(&self) -> Vec<Received> {
        self.shared.record.messages()
    }

    /// How many messages were accepted so far.
    pub fn number(&self) -> usize {
        self.shared.record.number()
    }

    /// The messages accepted so far, in order, without their content: to whom, on which connection, and when.
    pub fn accepted(&self) -> Vec<Accepted> {
        self.shared.record.accepted()
    }

    /// The command lines received so far, in order, without content.
    pub fn commands(&self) -> Vec<String> {
        self.shared.record.commands()
    }

    /// How many times this moment has come.
    pub fn count(&self, at: At) -> usize {
        self.shared.record.count(at)
    }

    /// The greatest number of connections that were open at once.
    pub fn most_connections(&self) -> usize {
        self.shared.record.most_connections()
    }

    /// How many messages each connection carried, in the order in which they were opened.
    pub fn messages_by_connection(&self) -> Vec<usize> {
        self.shared.record.messages_by_connection()
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
        self.wait_for_number(number).await;
        self.messages()
    }

    /// The same, without copying them.
    pub async fn wait_for_number(&self, number: usize) {
        let record = &self.shared.record;
        self.wait(&format!("{number} messages"), || record.number() >= number)
            .await;
    }

    /// Waits until nobody is connected any more: what a client that is gone had written has been read then.
    pub async fn wait_until_idle(&self) {
        let record = &self.shared.record;
        self.wait("no connection", || record.open_connections() == 0)
            .await;
    }

    async fn wait(&self, what: &str, is_so: impl Fn() -> bool) {
        let record = &self.shared.record;
        let enough = async {
            loop {
                let changed = record.changed();
                if is_so() {
                    return;
                }
                changed.await;
            }
        };
        if timeout(Duration::from_secs(30), enough).await.is_err() {
            panic!(
                "waited 30 seconds for {what}: {} messages came, {} connections are open",
                record.number(),
                record.open_connections()
            );
        }
    }

    /// Stops listening and breaks all connections, and keeps the port: whoever connects is refused.
    pub async fn go_away(&mut self) {
        let State::Serving(server) = &mut self.state else {
            return;
        };
        server.abort();
        let _ = server.await;
        self.state = State::Away(Some(bind(self.port())));
    }

    /// Listens again, on the same port.
    pub fn come_back(&mut self) {
        let State::Away(kept) = &mut self.state else {
            return;
        };
        let listener = kept.take().unwrap().listen(BACKLOG).unwrap();
        self.state = State::Serving(tokio::spawn(serve(listener, Arc::clone(&self.shared))));
    }

    /// Stops listening and breaks all connections; returns the port, on which another sink can start.
    pub async fn stop(mut self) -> u16 {
        self.go_away().await;
        self.port()
    }
}

const BACKLOG: u32 = 128;

fn bind(port: u16) -> TcpSocket {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket
        .bind(SocketAddr::from(([127, 0, 0, 1], port)))
        .unwrap();
    socket
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    // Dropped with this task, and its connections with it.
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        while connections.try_join_next().is_some() {}
        connections.spawn(session::run(stream, Arc::clone(&shared)));
    }
}
