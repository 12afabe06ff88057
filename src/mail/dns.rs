//! Asks the DNS for the records by which receivers know a message: TXT, MX and addresses.
//!
//! A question goes to the servers that this machine uses, or to the one that is set, by UDP, and by TCP where the answer does
//! not fit (RFC 1035, sections 4.2.1 and 4.2.2; RFC 6891). Somebody waits: every question has an end, every answer a limit, and
//! what does not answer our question is not looked at. Nothing is kept: whoever has just published something wants to see it.

mod message;
mod system;

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use simple_dns::TYPE;
use thiserror::Error;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use message::{Question, Reading, Record, UDP_SIZE};

/// So many octets an answer by TCP may have. All the TXT records of a large company take fewer.
const LONGEST_ANSWER: usize = 32 * 1024;

/// As long as anybody waits.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For the answer to one question, all servers and tries together.
    pub each: Duration,
    /// For all that is asked at a time.
    pub all: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            each: Duration::from_secs(3),
            all: Duration::from_secs(8),
        }
    }
}

/// Why a question has no answer, in words for whoever keeps the clinic's mail.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DnsError {
    /// This machine has none to ask.
    #[error("this machine knows no DNS server ({0})")]
    NoServer(String),
    /// There is no such name.
    #[error("“{0}” is no name that the DNS can have")]
    NoName(String),
    /// The server cannot be reached.
    #[error("the DNS server {0} cannot be reached ({1})")]
    Unreachable(SocketAddr, String),
    /// It says nothing.
    #[error("the DNS server {0} did not answer in time")]
    Silent(SocketAddr),
    /// What it says is no answer.
    #[error("what the DNS server {0} sent could not be read")]
    Unreadable(SocketAddr),
    /// What it says has no end.
    #[error("the answer of the DNS server {0} is longer than any that is needed")]
    TooLong(SocketAddr),
    /// It could not find out.
    #[error(
        "the DNS server {0} could not find out (SERVFAIL): the servers of the domain do not answer it, or their signatures (DNSSEC) \
         are wrong"
    )]
    Failed(SocketAddr),
    /// It does not want to.
    #[error("the DNS server {0} does not answer this machine ({1})")]
    Refused(SocketAddr, String),
    /// Other questions took all the time.
    #[error("there was no time left to ask")]
    OutOfTime,
}

/// The servers that are asked.
#[derive(Debug, Clone)]
pub struct Dns {
    servers: Result<Vec<SocketAddr>, DnsError>,
    limits: Limits,
}

impl Dns {
    /// This server; none for those of the system.
    pub fn at(server: Option<SocketAddr>) -> Self {
        Self {
            servers: match server {
                Some(server) => Ok(vec![server]),
                None => system::servers(),
            },
            limits: Limits::default(),
        }
    }

    /// The same, with other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// How long anybody waits.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Whom it asks, for people; empty where there is nobody.
    pub fn place(&self) -> String {
        let servers = self.servers.iter().flatten();
        let servers: Vec<String> = servers.map(SocketAddr::to_string).collect();
        servers.join(", ")
    }

    /// The TXT records of a name, each with its pieces put together (RFC 6376, section 3.6.2.2; RFC 7208, section 3.3); none
    /// where there are none, or no such name.
    ///
    /// # Errors
    /// [`DnsError`], when nobody can tell.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, DnsError> {
        Ok(self.texts_of_known(name).await?.unwrap_or_default())
    }

    /// The TXT records of a name, as [`Dns::texts`] has them; `None` where there is no such name.
    ///
    /// # Errors
    /// As [`Dns::texts`].
    pub async fn texts_of_known(&self, name: &str) -> Result<Option<Vec<String>>, DnsError> {
        let Some(records) = self.ask_known(name, TYPE::TXT).await? else {
            return Ok(None);
        };
        let texts = records.into_iter().filter_map(|record| match record {
            Record::Text(text) => Some(text),
            _ => None,
        });
        Ok(Some(texts.collect()))
    }

    /// The MX records of a name: preference and host.
    ///
    /// # Errors
    /// As [`Dns::texts`].
    pub async fn mail_exchanges(&self, name: &str) -> Result<Vec<(u16, String)>, DnsError> {
        let records = self.ask(name, TYPE::MX).await?.into_iter();
        let exchanges = records.filter_map(|record| match record {
            Record::MailExchange(preference, host) => Some((preference, host)),
            _ => None,
        });
        Ok(exchanges.collect())
    }

    /// Whether a name has an address, of either sort.
    ///
    /// # Errors
    /// As [`Dns::texts`].
    pub async fn has_address(&self, name: &str) -> Result<bool, DnsError> {
        for kind in [TYPE::A, TYPE::AAAA] {
            if !self.ask(name, kind).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What stands under a name; nothing where there is no such name.
    async fn ask(&self, name: &str, kind: TYPE) -> Result<Vec<Record>, DnsError> {
        Ok(self.ask_known(name, kind).await?.unwrap_or_default())
    }

    /// Each server in turn, and one alone twice: a datagram can be lost. None where there is no such name.
    async fn ask_known(&self, name: &str, kind: TYPE) -> Result<Option<Vec<Record>>, DnsError> {
        let servers = self.servers.as_ref().map_err(DnsError::clone)?;
        let tries = servers.len().max(2);
        let share = self.limits.each / u32::try_from(tries).unwrap_or(2);
        let mut failure = DnsError::OutOfTime;
        for server in servers.iter().cycle().take(tries).copied() {
            let question = Question::new(name, kind)?;
            // What came and was no answer says more than that nothing did.
            let mut unanswered = DnsError::Silent(server);
            failure = match timeout(share, exchange(server, &question, &mut unanswered)).await {
                Ok(Ok(records)) => return Ok(records),
                Ok(Err(failure)) => failure,
                Err(_) => unanswered,
            };
        }
        Err(failure)
    }
}

async fn exchange(
    server: SocketAddr,
    question: &Question,
    unanswered: &mut DnsError,
) -> Result<Option<Vec<Record>>, DnsError> {
    let unreachable = |error: io::Error| DnsError::Unreachable(server, reason(&error));
    let any: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any).await.map_err(unreachable)?;
    // Connected, it takes in nothing from others, and hears that nobody listens there.
    socket.connect(server).await.map_err(unreachable)?;
    socket.send(question.bytes()).await.map_err(unreachable)?;
    // One more than may come: what is longer is cut off there, and seen to be.
    let mut buffer = [0; UDP_SIZE as usize + 1];
    loop {
        let length = socket.recv(&mut buffer).await.map_err(unreachable)?;
        if length == buffer.len() {
            *unanswered = DnsError::Unreadable(server);
            continue;
        }
        match question.read(&buffer[..length]) {
            Reading::Records(records) => return Ok(Some(records)),
            Reading::NoSuchName => return Ok(None),
            Reading::Truncated => return by_tcp(server, question).await,
            Reading::Failed(code) => return Err(failed(server, code)),
            // Somebody else may have sent it; the answer may still come.
            Reading::Other => *unanswered = DnsError::Unreadable(server),
        }
    }
}

async fn by_tcp(server: SocketAddr, question: &Question) -> Result<Option<Vec<Record>>, DnsError> {
    let unreachable =
        |error: io::Error| DnsError::Unreachable(server, format!("by TCP: {}", reason(&error)));
    let mut stream = TcpStream::connect(server).await.map_err(unreachable)?;
    let length = u16::try_from(question.bytes().len()).unwrap_or(u16::MAX);
    let framed = [&length.to_be_bytes()[..], question.bytes()].concat();
    stream.write_all(&framed).await.map_err(unreachable)?;
    let length = usize::from(stream.read_u16().await.map_err(unreachable)?);
    if length > LONGEST_ANSWER {
        return Err(DnsError::TooLong(server));
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).await.map_err(unreachable)?;
    match question.read(&answer) {
        Reading::Records(records) => Ok(Some(records)),
        Reading::NoSuchName => Ok(None),
        Reading::Failed(code) => Err(failed(server, code)),
        Reading::Truncated | Reading::Other => Err(DnsError::Unreadable(server)),
    }
}

fn failed(server: SocketAddr, code: message::Code) -> DnsError {
    match code {
        message::Code::ServerFailure => DnsError::Failed(server),
        message::Code::Other(name) => DnsError::Refused(server, name),
    }
}

/// Why, without the number that the system gives it.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "nobody listens there".to_owned(),
        io::ErrorKind::UnexpectedEof => "it hung up".to_owned(),
        kind => kind.to_string(),
    }
}
