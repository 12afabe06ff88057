//! The mailbox by POP3 (RFC 1939).
//!
//! A client of our own. Of those in the registry the best known have had no release for years (`pop3`, `mailme`,
//! `rust-pop3-client`, `async-pop` since 2023), the others are copies of them; they bring a TLS of the system's along, and read a
//! message into memory however large it is. What is needed here is six commands.
//!
//! A message that is to be deleted goes when the conversation ends with QUIT, and not before (section 6): one that breaks
//! leaves everything where it was, and what comes a second time counts once.

use std::time::Duration;

use secrecy::ExposeSecret as _;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::time::timeout;

use super::{Fetched, Listed, MailboxError, MailboxServer, Stream, WITHIN, secured, within};
use crate::domain::harmless;
use crate::mail::inbound::LONGEST;
use crate::mail::inbound::line::next_line;

/// A reply has at most 512 octets (section 3); there is room for those of servers that say more.
const LONGEST_REPLY: usize = 4096;

/// So many messages are listed: the others come when these are gone.
const MOST_LISTED: usize = 50_000;

/// A message may take so long in all, whatever its size and the line.
const WHOLE_MESSAGE: Duration = Duration::from_secs(10 * 60);

/// Of messages larger than this nothing is fetched: POP3 sends all of a message or none.
const LARGEST: u64 = 100 * 1024 * 1024;

pub(super) struct Pop3Mailbox {
    stream: BufReader<Box<dyn Stream>>,
}

impl Pop3Mailbox {
    pub(super) async fn open(server: &MailboxServer) -> Result<Self, MailboxError> {
        let mut mailbox = Self {
            stream: BufReader::new(secured::connect(server).await?),
        };
        mailbox.reply().await?;
        mailbox.command(&format!("USER {}", server.user)).await?;
        let password = server.password.expose_secret();
        mailbox.command(&format!("PASS {password}")).await?;
        Ok(mailbox)
    }

    /// With their unique ids, which stay the same from one conversation to the next (section 7), where the server has them.
    pub(super) async fn messages(&mut self) -> Result<Vec<Listed>, MailboxError> {
        let mut listed = Vec::new();
        match self.command("UIDL").await {
            Ok(_) => {
                for line in self.list().await? {
                    if let Some((number, id)) = line.split_once(' ')
                        && let Ok(number) = number.parse()
                    {
                        let key = Some(harmless::line(id, 100)).filter(|id| !id.is_empty());
                        listed.push(Listed { number, key });
                    }
                }
            }
            Err(error) if error.is_refusal() => {
                self.command("LIST").await?;
                for line in self.list().await? {
                    let number = line.split(' ').next().and_then(|n| n.parse().ok());
                    listed.extend(number.map(|number| Listed { number, key: None }));
                }
            }
            Err(error) => return Err(error),
        }
        Ok(listed)
    }

    pub(super) async fn fetch(&mut self, message: u32) -> Result<Option<Fetched>, MailboxError> {
        let told = self.command(&format!("LIST {message}")).await?;
        let size = told.split(' ').nth(1).and_then(|size| size.parse().ok());
        if size.is_some_and(|size: u64| size > LARGEST) {
            let why = format!(
                "a message of {} bytes is not fetched",
                size.unwrap_or_default()
            );
            return Err(MailboxError::Pop3(why));
        }
        self.command(&format!("RETR {message}")).await?;
        timeout(WHOLE_MESSAGE, self.content())
            .await
            .map_err(|_| MailboxError::Silent)?
            .map(Some)
    }

    async fn content(&mut self) -> Result<Fetched, MailboxError> {
        let mut content = Vec::new();
        let mut byte_count = 0;
        loop {
            let room = LONGEST.saturating_sub(content.len());
            // Room for the line that ends it, which has to be told from others to the last.
            let line = next_line(&mut self.stream, room.max(4), WITHIN).await?;
            let line = line.ok_or_else(broken_off)?;
            if !line.is_cut && matches!(&line.text[..], b".\r\n" | b".\n") {
                return Ok(Fetched {
                    byte_count,
                    content,
                });
            }
            // A dot that stands first was doubled on its way (section 3).
            let stuffed = line.text.first() == Some(&b'.');
            byte_count += line.length - u64::from(stuffed);
            let text = &line.text[usize::from(stuffed)..];
            content.extend_from_slice(&text[..text.len().min(room)]);
        }
    }

    pub(super) async fn done(&mut self, message: u32) -> Result<(), MailboxError> {
        self.command(&format!("DELE {message}")).await?;
        Ok(())
    }

    pub(super) async fn close(mut self) -> Result<(), MailboxError> {
        self.command("QUIT").await?;
        Ok(())
    }

    /// Says something, and returns what the server says to it.
    async fn command(&mut self, command: &str) -> Result<String, MailboxError> {
        let line = format!("{command}\r\n");
        within(async {
            let stream = self.stream.get_mut();
            stream.write_all(line.as_bytes()).await?;
            stream.flush().await
        })
        .await??;
        self.reply().await
    }

    async fn reply(&mut self) -> Result<String, MailboxError> {
        let line = self.line().await?;
        match line.split_once(' ').unwrap_or((line.as_str(), "")) {
            ("+OK", said) => Ok(said.to_owned()),
            ("-ERR", said) => Err(MailboxError::Pop3(harmless::line(said, 200))),
            _ => Err(std::io::Error::new(
                std::io::ErrorKind::InvalidData,
                "what answers there does not speak POP3",
            )
            .into()),
        }
    }

    /// The lines of a list, up to the one that ends it.
    async fn list(&mut self) -> Result<Vec<String>, MailboxError> {
        let mut lines = Vec::new();
        loop {
            let line = self.line().await?;
            if line == "." {
                return Ok(lines);
            }
            if lines.len() < MOST_LISTED {
                lines.push(line);
            }
        }
    }

    async fn line(&mut self) -> Result<String, MailboxError> {
        let line = next_line(&mut self.stream, LONGEST_REPLY, WITHIN).await?;
        let line = line.ok_or_else(broken_off)?;
        Ok(String::from_utf8_lossy(&line.text).trim_end().to_owned())
    }
}

fn broken_off() -> std::io::Error {
    std::io::ErrorKind::UnexpectedEof.into()
}
