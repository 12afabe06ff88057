//! One connection to the sink.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::{Act, At, Moment, Shared};

/// A message that the sink accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The address in `MAIL FROM`.
    pub from: String,
    /// The addresses in `RCPT TO` that were accepted.
    pub to: Vec<String>,
    /// The content as the client meant it: dot-stuffing undone, the closing full stop left out.
    pub bytes: Vec<u8>,
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// What comes of a moment: go on, or close the connection.
enum Next {
    Well,
    Answered { positive: bool },
    Close { keep: bool },
}

struct Session {
    stream: BufReader<Box<dyn Stream>>,
    shared: Arc<Shared>,
    from: String,
    to: Vec<String>,
}

pub(super) async fn run(tcp: TcpStream, shared: Arc<Shared>) {
    tcp.set_nodelay(true).unwrap();
    let stream: Box<dyn Stream> = match &shared.tls {
        Some(tls) if shared.implicit => match tls.acceptor.accept(tcp).await {
            Ok(stream) => Box::new(stream),
            Err(_) => return,
        },
        _ => Box::new(tcp),
    };
    let mut session = Session {
        stream: BufReader::new(stream),
        shared,
        from: String::new(),
        to: Vec::new(),
    };
    // A client that goes away is none of the sink's business.
    let _ = session.converse().await;
}

impl Session {
    async fn converse(&mut self) -> io::Result<()> {
        match self.moment(At::Greeting, "").await? {
            Next::Well => self.say("220 sink.example ESMTP").await?,
            Next::Answered { .. } => {}
            Next::Close { .. } => return Ok(()),
        }
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            assert!(line.ends_with("\r\n"), "a command ends with CRLF: {line:?}");
            let line = line.trim_end().to_owned();
            self.shared.commands.lock().unwrap().push(line.clone());
            let verb = line
                .split([' ', ':'])
                .next()
                .unwrap_or_default()
                .to_ascii_uppercase();
            let go_on = match verb.as_str() {
                "EHLO" => self.hello().await?,
                "STARTTLS" => self.starttls().await?,
                "AUTH" => self.simple(At::Auth, "", "235 2.7.0 Authenticated").await?,
                "MAIL" => self.mail(&line).await?,
                "RCPT" => self.rcpt(&line).await?,
                "DATA" => self.data().await?,
                "RSET" => {
                    self.from.clear();
                    self.to.clear();
                    self.simple(At::Rset, "", "250 2.0.0 Reset").await?
                }
                "NOOP" => {
                    self.say("250 2.0.0 Ok").await?;
                    true
                }
                "QUIT" => {
                    self.say("221 2.0.0 Bye").await?;
                    false
                }
                _ => {
                    self.say("500 5.5.2 What?").await?;
                    true
                }
            };
            if !go_on {
                return self.stream.get_mut().shutdown().await;
            }
        }
    }

    async fn say(&mut self, line: &str) -> io::Result<()> {
        let stream = self.stream.get_mut();
        stream.write_all(format!("{line}\r\n").as_bytes()).await?;
        stream.flush().await
    }

    /// Asks the test what to do at this moment, and does what it says.
    async fn moment(&mut self, at: At, address: &str) -> io::Result<Next> {
        let nth = {
            let mut counts = self.shared.counts.lock().unwrap();
            let count = counts.entry(at).or_default();
            *count += 1;
            *count - 1
        };
        let behaviour = Arc::clone(&self.shared.behaviour.lock().unwrap());
        match behaviour(&Moment { at, nth, address }) {
            None => Ok(Next::Well),
            Some(Act::Reply(line)) => {
                let positive = line.starts_with('2') || line.starts_with('3');
                self.say(&line).await?;
                Ok(Next::Answered { positive })
            }
            Some(Act::ReplyThenDrop(line)) => {
                self.say(&line).await?;
                Ok(Next::Close { keep: false })
            }
            Some(Act::RawThenDrop(bytes)) => {
                self.stream.get_mut().write_all(&bytes).await?;
                self.stream.get_mut().flush().await?;
                Ok(Next::Close { keep: false })
            }
            Some(Act::Drop) => Ok(Next::Close { keep: false }),
            Some(Act::KeepThenDrop) => Ok(Next::Close { keep: true }),
            Some(Act::Slow(duration)) => {
                sleep(duration).await;
                Ok(Next::Well)
            }
            Some(Act::Hang) => std::future::pending().await,
        }
    }

    /// Answers well, or as the test says. False closes the connection.
    async fn simple(&mut self, at: At, address: &str, well: &str) -> io::Result<bool> {
        Ok(match self.moment(at, address).await? {
            Next::Well => {
                self.say(well).await?;
                true
            }
            Next::Answered { .. } => true,
            Next::Close { .. } => false,
        })
    }

    async fn hello(&mut self) -> io::Result<bool> {
        let capabilities = self.shared.capabilities.lock().unwrap().clone();
        let mut lines = vec!["sink.example".to_owned()];
        lines.extend(capabilities);
        let last = lines.len() - 1;
        let reply: Vec<String> = lines
            .iter()
            .enumerate()
            .map(|(i, line)| format!("250{}{line}", if i == last { ' ' } else { '-' }))
            .collect();
        self.simple(At::Hello, "", &reply.join("\r\n")).await
    }

    async fn starttls(&mut self) -> io::Result<bool> {
        match self.moment(At::StartTls, "").await? {
            Next::Well => self.say("220 2.0.0 Ready").await?,
            Next::Answered { positive: true } => {}
            Next::Answered { positive: false } => return Ok(true),
            Next::Close { .. } => return Ok(false),
        }
        let nothing: Box<dyn Stream> = Box::new(tokio::io::empty());
        let plain = std::mem::replace(&mut self.stream, BufReader::new(nothing)).into_inner();
        let acceptor = self.shared.tls.as_ref().unwrap().acceptor.clone();
        let encrypted: Box<dyn Stream> = Box::new(acceptor.accept(plain).await?);
        self.stream = BufReader::new(encrypted);
        self.shared
            .capabilities
            .lock()
            .unwrap()
            .retain(|capability| capability != "STARTTLS");
        Ok(true)
    }

    async fn mail(&mut self, line: &str) -> io::Result<bool> {
        let address = in_brackets(line);
        self.from.clone_from(&address);
        self.to.clear();
        self.simple(At::Mail, &address, "250 2.1.0 Ok").await
    }

    async fn rcpt(&mut self, line: &str) -> io::Result<bool> {
        let address = in_brackets(line);
        let accepted = match self.moment(At::Rcpt, &address).await? {
            Next::Well => {
                self.say("250 2.1.5 Ok").await?;
                true
            }
            Next::Answered { positive } => positive,
            Next::Close { .. } => return Ok(false),
        };
        if accepted {
            self.to.push(address);
        }
        Ok(true)
    }

    async fn data(&mut self) -> io::Result<bool> {
        let address = self.to.last().cloned().unwrap_or_default();
        if self.to.is_empty() {
            self.say("503 5.5.1 No recipients").await?;
            return Ok(true);
        }
        match self.moment(At::Data, &address).await? {
            Next::Well => self.say("354 Go ahead").await?,
            Next::Answered { positive: true } => {}
            Next::Answered { positive: false } => return Ok(true),
            Next::Close { .. } => return Ok(false),
        }
        let bytes = self.content().await?;
        let message = Received {
            from: std::mem::take(&mut self.from),
            to: std::mem::take(&mut self.to),
            bytes,
        };
        let shared = Arc::clone(&self.shared);
        let keep = || {
            shared.messages.lock().unwrap().push(message);
            shared.arrived.notify_waiters();
        };
        Ok(match self.moment(At::Content, &address).await? {
            Next::Well => {
                // A message is kept before its receipt is told, as a real server does.
                keep();
                self.say("250 2.0.0 Queued").await?;
                true
            }
            Next::Answered { positive } => {
                if positive {
                    keep();
                }
                true
            }
            Next::Close { keep: kept } => {
                if kept {
                    keep();
                }
                false
            }
        })
    }

    async fn content(&mut self) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match line.as_slice() {
                b".\r\n" => return Ok(content),
                [b'.', rest @ ..] => content.extend_from_slice(rest),
                line => content.extend_from_slice(line),
            }
        }
    }
}

fn in_brackets(line: &str) -> String {
    let (_, rest) = line.split_once('<').unwrap_or_default();
    rest.split_once('>').unwrap_or_default().0.to_owned()
}
