//! One conversation: bounded in lines, recipients, octets and time.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::app::take_in::{self, Arrival};
use crate::app::{App, AppError};
use crate::domain::email_address::EmailAddress;
use crate::domain::inbound::Way;
use crate::mail::inbound::LONGEST;
use crate::mail::inbound::line::{Line, next_line};

use super::Stream;

/// The longest command (RFC 5321, section 4.5.3.1.4), with room for parameters.
const LONGEST_COMMAND: usize = 2048;

/// So many recipients of one message.
const MOST_RECIPIENTS: usize = 100;

/// So long a mail server may be silent (RFC 5321, section 4.5.3.2.7).
const SILENCE: Duration = Duration::from_secs(5 * 60);

/// What is announced as the largest message: of larger ones too only the beginning would be looked at.
const SIZE: usize = 100 * 1024 * 1024;

pub(super) struct Session<'a> {
    app: &'a App,
    stop: &'a CancellationToken,
    stream: BufReader<Box<dyn Stream>>,
    greeted: bool,
    has_sender: bool,
    recipients: Vec<String>,
}

impl<'a> Session<'a> {
    pub(super) fn new(app: &'a App, stop: &'a CancellationToken, stream: Box<dyn Stream>) -> Self {
        Self {
            app,
            stop,
            stream: BufReader::with_capacity(16 * 1024, stream),
            greeted: false,
            has_sender: false,
            recipients: Vec::new(),
        }
    }

    pub(super) async fn run(mut self) -> io::Result<()> {
        let host = self.app.settings.base_url.host().to_owned();
        self.answer(&format!("220 {host} LMTP")).await?;
        loop {
            let stop = self.stop;
            let line = tokio::select! {
                line = self.line(LONGEST_COMMAND) => line?,
                () = stop.cancelled() => return self.answer("421 4.3.2 Ending").await,
            };
            let Some(line) = line else {
                return Ok(());
            };
            if line.is_cut {
                self.answer("500 5.5.6 Line too long").await?;
                continue;
            }
            let text = String::from_utf8_lossy(&line.text);
            let text = text.trim_end();
            let verb: String = text.chars().take_while(char::is_ascii_alphabetic).collect();
            let rest = &text[verb.len()..];
            match verb.to_ascii_uppercase().as_str() {
                "LHLO" => {
                    self.reset();
                    self.greeted = true;
                    let offers = format!(
                        "250-{host}\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250 SIZE {SIZE}"
                    );
                    self.answer(&offers).await?;
                }
                "HELO" | "EHLO" => self.answer("500 5.5.1 This is LMTP: say LHLO").await?,
                "MAIL" => self.mail(rest).await?,
                "RCPT" => self.recipient(rest).await?,
                "DATA" => self.data().await?,
                "RSET" => {
                    self.reset();
                    self.answer("250 2.0.0 Ok").await?;
                }
                "NOOP" => self.answer("250 2.0.0 Ok").await?,
                "VRFY" => self.answer("252 2.5.0 Send it").await?,
                "QUIT" => return self.answer("221 2.0.0 Goodbye").await,
                _ => self.answer("500 5.5.2 Not known").await?,
            }
        }
    }

    fn reset(&mut self) {
        self.has_sender = false;
        self.recipients.clear();
    }

    async fn mail(&mut self, rest: &str) -> io::Result<()> {
        let answer = match path(rest, "FROM:") {
            _ if !self.greeted || self.has_sender => "503 5.5.1 Bad sequence",
            None => "501 5.5.4 Say MAIL FROM:<address>",
            Some(_) => {
                self.has_sender = true;
                "250 2.1.0 Ok"
            }
        };
        self.answer(answer).await
    }

    async fn recipient(&mut self, rest: &str) -> io::Result<()> {
        let is_ours = |to: &str| {
            let settings = &self.app.settings;
            let ours = settings.inbound.address.as_ref();
            // People answer to the address from which they were written to.
            let site = self.app.site();
            let of_site = std::iter::once(&site.mail_from.email).chain(&site.reply_to);
            let answers = std::iter::once(&settings.mail_from.email).chain(&settings.reply_to);
            let answers = answers.chain(of_site);
            let mut answers = answers.map(EmailAddress::as_str);
            ours.is_some_and(|ours| ours.takes(to)) || answers.any(|a| a.eq_ignore_ascii_case(to))
        };
        let answer = match path(rest, "TO:") {
            _ if !self.has_sender => "503 5.5.1 Bad sequence",
            None => "501 5.5.4 Say RCPT TO:<address>",
            Some(to) if !is_ours(to) => "550 5.1.1 No such address here",
            Some(_) if self.recipients.len() >= MOST_RECIPIENTS => "452 4.5.3 Too many recipients",
            Some(to) => {
                self.recipients.push(to.to_owned());
                "250 2.1.5 Ok"
            }
        };
        self.answer(answer).await
    }

    async fn data(&mut self) -> io::Result<()> {
        if self.recipients.is_empty() {
            return self.answer("503 5.5.1 No recipients").await;
        }
        self.answer("354 Go ahead").await?;
        let mut content = Vec::new();
        let mut byte_count = 0_u64;
        loop {
            let room = LONGEST.saturating_sub(content.len());
            let Some(line) = self.line(room.max(3)).await? else {
                // It ended in the middle: the mail server keeps the message.
                return Err(io::ErrorKind::UnexpectedEof.into());
            };
            if line.text == b".\r\n" && !line.is_cut {
                break;
            }
            byte_count = byte_count.saturating_add(line.length);
            let text = line.text.strip_prefix(b".").unwrap_or(&line.text);
            content.extend_from_slice(&text[..text.len().min(room)]);
        }
        let recipients = std::mem::take(&mut self.recipients);
        self.reset();
        for recipient in recipients {
            let arrival = Arrival {
                way: Way::Lmtp,
                envelope_to: Some(recipient),
                content: content.clone(),
                byte_count,
            };
            // One reply for each recipient (RFC 2033, section 4.2).
            match take_in::take_in(self.app, arrival).await {
                Ok(_) => self.answer("250 2.0.0 Taken in").await?,
                Err(error) => {
                    say_why(&error);
                    self.answer(match error {
                        AppError::Full => "452 4.3.1 No room for it now; try again later",
                        _ => "451 4.3.0 Try again later",
                    })
                    .await?;
                }
            }
        }
        Ok(())
    }

    async fn line(&mut self, longest: usize) -> io::Result<Option<Line>> {
        next_line(&mut self.stream, longest, SILENCE).await
    }

    async fn answer(&mut self, line: &str) -> io::Result<()> {
        let line = format!("{line}\r\n");
        timeout(SILENCE, self.stream.get_mut().write_all(line.as_bytes()))
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        self.stream.get_mut().flush().await
    }
}

fn say_why(error: &AppError) {
    let error = error as &dyn std::error::Error;
    tracing::warn!(error, "what came back cannot be taken in; it comes again");
}

/// The address of a `MAIL` or `RCPT`: between its angle brackets.
fn path<'a>(rest: &'a str, keyword: &str) -> Option<&'a str> {
    let rest = rest.trim_start();
    let after = rest.get(keyword.len()..)?;
    if !rest.get(..keyword.len())?.eq_ignore_ascii_case(keyword) {
        return None;
    }
    let (address, _) = after.trim_start().strip_prefix('<')?.split_once('>')?;
    (address.len() <= 320).then_some(address)
}
