//! One connection to the sink.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::record::{Open, Received, Times};
use super::{Act, At, Moment, Shared};

/// So many lines of the body are read before [`At::Body`]: every message of the tests has more.
const LINES_BEFORE_BODY: usize = 4;

/// A client may go on writing for so long after it was told that the connection closes.
const LINGER: Duration = Duration::from_secs(1);

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// What comes of a moment: go on, or close the connection.
enum Next {
    Well,
    Answered { positive: bool },
    Close { keep: bool },
}

struct Session<'a> {
    stream: BufReader<Box<dyn Stream>>,
    shared: &'a Shared,
    open: Open<'a>,
    from: String,
    /// `MAIL FROM` was answered well.
    has_sender: bool,
    to: Vec<String>,
}

pub(super) async fn run(tcp: TcpStream, shared: Arc<Shared>) {
    // Where it fails the client is gone already.
    let _ = tcp.set_nodelay(true);
    let open = shared.record.connected();
    let stream: Box<dyn Stream> = match &shared.tls {
        Some(tls) if shared.implicit => match tls.acceptor.accept(tcp).await {
            Ok(stream) => Box::new(stream),
            Err(_) => return,
        },
        _ => Box::new(tcp),
    };
    let mut session = Session {
        // Larger than a group of commands behind a content: a client that pipelines is read as it wrote.
        stream: BufReader::with_capacity(64 * 1024, stream),
        shared: &shared,
        open,
        from: String::new(),
        has_sender: false,
        to: Vec::new(),
    };
    // A client that goes away is none of the sink's business.
    let _ = session.converse().await;
}

impl Session<'_> {
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
            if !line.ends_with('\n') {
                // The client went away in the middle of a word.
                return Ok(());
            }
            assert!(line.ends_with("\r\n"), "a command ends with CRLF: {line:?}");
            let line = line.trim_end().to_owned();
            self.shared.record.command(&line);
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
                    self.has_sender = false;
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
        self.write(format!("{line}\r\n").as_bytes()).await
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let stream = self.stream.get_mut();
        stream.write_all(bytes).await?;
        stream.flush().await
    }

    /// Says good-bye and waits until the client has closed: the group of commands that it wrote meanwhile would otherwise
    /// reset the connection, and take the last reply with it. A whole message is not read.
    async fn linger(&mut self) -> io::Result<()> {
        self.stream.get_mut().shutdown().await?;
        let mut unread = Vec::new();
        let mut group = (&mut self.stream).take(4096);
        let until_closed = timeout(LINGER, group.read_to_end(&mut unread)).await;
        until_closed.map_or(Ok(()), |read| read.map(drop))
    }

    /// Asks the test what to do at this moment, and does what it says.
    async fn moment(&mut self, at: At, address: &str) -> io::Result<Next> {
        let moment = Moment {
            at,
            nth: self.shared.record.moment(at),
            address,
            connection: self.open.number,
            carried: self.shared.record.carried(self.open.number),
        };
        let behaviour = Arc::clone(&self.shared.behaviour.lock().unwrap());
        match behaviour(&moment) {
            None => Ok(Next::Well),
            Some(Act::Reply(line)) => {
                let positive = line.starts_with('2') || line.starts_with('3');
                self.say(&line).await?;
                Ok(Next::Answered { positive })
            }
            Some(Act::InPieces(line)) => {
                let positive = line.starts_with('2') || line.starts_with('3');
                for piece in format!("{line}\r\n").as_bytes().chunks(3) {
                    self.write(piece).await?;
                    sleep(Duration::from_millis(1)).await;
                }
                Ok(Next::Answered { positive })
            }
            Some(Act::ReplyThenDrop(line)) => {
                self.say(&line).await?;
                self.linger().await?;
                Ok(Next::Close { keep: false })
            }
            Some(Act::RawThenDrop(bytes)) => {
                self.write(&bytes).await?;
                self.linger().await?;
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
        let (go_on, taken) = match self.moment(At::Mail, &address).await? {
            Next::Well => {
                self.say("250 2.1.0 Ok").await?;
                (true, true)
            }
            Next::Answered { positive } => (true, positive),
            Next::Close { .. } => (false, false),
        };
        self.has_sender = taken;
        Ok(go_on)
    }

    async fn rcpt(&mut self, line: &str) -> io::Result<bool> {
        let address = in_brackets(line);
        if !self.has_sender {
            self.say("503 5.5.1 No sender").await?;
            return Ok(true);
        }
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
        let Some((bytes, times)) = self.content(&address).await? else {
            return Ok(false);
        };
        let message = Received {
            from: std::mem::take(&mut self.from),
            to: std::mem::take(&mut self.to),
            bytes,
        };
        let (record, connection) = (&self.shared.record, self.open.number);
        let keep = || record.keep(message, connection, times);
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

    /// Reads a message to its final full stop. `None` closes the connection before that.
    async fn content(&mut self, address: &str) -> io::Result<Option<(Vec<u8>, Times)>> {
        let mut content = Vec::new();
        let mut begun = None;
        // From the empty line after the header on.
        let mut lines_of_body = None;
        loop {
            let start = content.len();
            if self.stream.read_until(b'\n', &mut content).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let begun = *begun.get_or_insert_with(Instant::now);
            match &content[start..] {
                b".\r\n" => {
                    content.truncate(start);
                    let ended = Instant::now();
                    return Ok(Some((content, Times { begun, ended })));
                }
                [b'.', ..] => drop(content.remove(start)),
                b"\r\n" if lines_of_body.is_none() => lines_of_body = Some(0),
                _ => {}
            }
            if let Some(lines) = &mut lines_of_body {
                *lines += 1;
                if *lines == LINES_BEFORE_BODY
                    && let Next::Close { .. } = self.moment(At::Body, address).await?
                {
                    return Ok(None);
                }
            }
        }
    }
}

fn in_brackets(line: &str) -> String {
    let (_, rest) = line.split_once('<').unwrap_or_default();
    rest.split_once('>').unwrap_or_default().0.to_owned()
}
