//! The conversation in the clear before TLS (RFC 3207): greeting, `EHLO`, `STARTTLS`.
//!
//! It is read here and not by lettre, so that what was said in the clear is known to have ended where TLS begins, and the
//! handshake is the same as for `smtps://`.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use super::super::outcome::{SendFailure, ServerReply, Stage};
use super::capabilities::Capabilities;
use super::failure::verb;
use super::stream::WatchedStream;

/// The most that a server may say before TLS, in octets.
const MOST: usize = 64 * 1024;

/// Greets, and asks for TLS. True if the server waits for the handshake, false if it offers no STARTTLS.
///
/// # Errors
/// [`SendFailure`], without the server's name.
pub(super) async fn ask(
    stream: &mut WatchedStream,
    our_name: &str,
    limit: Duration,
) -> Result<bool, SendFailure> {
    let mut server = PlainServer {
        stream,
        unread: Vec::new(),
        limit,
    };
    server.reply(Stage::Hello).await?;
    let hello = format!("EHLO {our_name}\r\n");
    let lines = server.command(Stage::Hello, &hello).await?;
    let offered = Capabilities::from_lines(lines.iter().map(String::as_str)).starttls;
    if !offered {
        return Ok(false);
    }
    server.command(Stage::Tls, "STARTTLS\r\n").await?;
    if server.unread.is_empty() {
        Ok(true)
    } else {
        // Kept, it would be taken for the first reply inside TLS (as in CVE-2011-0411, for clients). What comes later
        // goes into the handshake, and fails it.
        Err(failure(
            Stage::Tls,
            "more came in the clear behind the answer to STARTTLS; somebody on the way may have put it there",
        ))
    }
}

struct PlainServer<'a> {
    stream: &'a mut WatchedStream,
    unread: Vec<u8>,
    limit: Duration,
}

impl PlainServer<'_> {
    async fn command(&mut self, stage: Stage, line: &str) -> Result<Vec<String>, SendFailure> {
        let written = self.stream.write_all(line.as_bytes()).await;
        written.map_err(|error| failure(stage, format!("the connection was lost ({error})")))?;
        self.reply(stage).await
    }

    /// The lines of a positive reply, without their codes.
    async fn reply(&mut self, stage: Stage) -> Result<Vec<String>, SendFailure> {
        timeout(self.limit, self.lines(stage))
            .await
            .unwrap_or_else(|_| {
                let seconds = self.limit.as_secs();
                Err(failure(
                    stage,
                    format!("no answer within {seconds} seconds"),
                ))
            })
    }

    async fn lines(&mut self, stage: Stage) -> Result<Vec<String>, SendFailure> {
        let mut lines = Vec::new();
        loop {
            let line = self.line(stage).await?;
            let unreadable = || failure(stage, "the server's answer could not be read");
            let code = line.get(..3).and_then(|code| code.parse::<u16>().ok());
            let code = code.ok_or_else(unreadable)?;
            let goes_on = match line.as_bytes().get(3) {
                Some(b'-') => true,
                Some(b' ') | None => false,
                Some(_) => return Err(unreadable()),
            };
            lines.push(line.get(4..).unwrap_or_default().to_owned());
            if goes_on {
                continue;
            }
            if code / 100 == 2 {
                return Ok(lines);
            }
            let reply = ServerReply::new(code, &lines.join(" "));
            return Err(SendFailure {
                reply: Some(reply.clone()),
                ..failure(stage, format!("the server answered {reply}"))
            });
        }
    }

    async fn line(&mut self, stage: Stage) -> Result<String, SendFailure> {
        loop {
            if let Some(end) = self.unread.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                return String::from_utf8(line)
                    .map(|line| line.trim_end().to_owned())
                    .map_err(|_| failure(stage, "the server's answer could not be read"));
            }
            let read = self.stream.read_buf(&mut self.unread).await;
            let read =
                read.map_err(|error| failure(stage, format!("the connection was lost ({error})")))?;
            if read == 0 {
                return Err(failure(stage, "the server closed the connection"));
            }
            if self.unread.len() > MOST {
                return Err(failure(stage, "the server's answer is too long"));
            }
        }
    }
}

fn failure(stage: Stage, why: impl AsRef<str>) -> SendFailure {
    SendFailure {
        stage,
        why: format!("at {}: {}", verb(stage), why.as_ref()),
        reply: None,
    }
}
