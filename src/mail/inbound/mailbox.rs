//! A mailbox on a mail server, looked into by IMAP (RFC 3501) or POP3 (RFC 1939).
//!
//! A message is fetched without being marked as read, and is deleted or moved only when whoever took it says so: what
//! happens in between, it is there the next time.

mod imap;
mod pop3;
mod secured;

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use async_imap::error::Error as ImapError;
use percent_encoding::percent_decode_str;
use secrecy::SecretString;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use url::Url;

use imap::ImapMailbox;
use pop3::Pop3Mailbox;

/// So long each step of the conversation may take.
const WITHIN: Duration = Duration::from_secs(60);

/// By which protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Imap,
    Pop3,
}

/// Where a mailbox is.
#[derive(Clone)]
pub struct MailboxServer {
    protocol: Protocol,
    host: String,
    port: u16,
    tls: bool,
    user: String,
    password: SecretString,
    folder: String,
    moved_to: Option<String>,
    roots: Vec<Vec<u8>>,
}

/// Shows no password.
impl fmt::Debug for MailboxServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailboxServer")
            .field("place", &self.place())
            .finish_non_exhaustive()
    }
}

/// Why a mailbox cannot be looked into.
#[derive(Debug, thiserror::Error)]
pub enum MailboxError {
    /// The server cannot be reached, or breaks off.
    #[error("the mailbox’s server cannot be reached: {0}")]
    Network(#[from] io::Error),
    /// The server says no.
    #[error("the mailbox’s server does not do it: {0}")]
    Imap(#[from] ImapError),
    /// The same, by POP3, in its words.
    #[error("the mailbox’s server does not do it: {0}")]
    Pop3(String),
    /// The server says nothing.
    #[error("the mailbox’s server does not answer")]
    Silent,
}

impl MailboxError {
    /// Whether the server has understood, and will not do it: the connection stands, and other messages may go well.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Imap(ImapError::No(_) | ImapError::Bad(_)) | Self::Pop3(_)
        )
    }
}

impl MailboxServer {
    /// Reads `imaps://user:password@host:993/INBOX?moved_to=Done&ca_file=/path`, or the same with `pop3s` and without a
    /// folder, of which POP3 knows nothing. Without TLS (`imap://`, `pop3://`) only on this machine.
    ///
    /// # Errors
    /// What would be right, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            "give an address like imaps://user:password@mail.clinic.example/INBOX, or pop3s://user:password@mail.clinic.example".to_owned()
        };
        let url = Url::parse(text).map_err(|_| wrong())?;
        let (protocol, tls, port) = match url.scheme() {
            "imaps" => (Protocol::Imap, true, 993),
            "imap" => (Protocol::Imap, false, 143),
            "pop3s" => (Protocol::Pop3, true, 995),
            "pop3" => (Protocol::Pop3, false, 110),
            _ => return Err(wrong()),
        };
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or_else(wrong)?;
        let is_loopback = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
        if !tls && !is_loopback {
            return Err(
                "without TLS only a server on this machine is asked; use imaps:// or pop3s://"
                    .to_owned(),
            );
        }
        let decoded = |text: &str| {
            let text = percent_decode_str(text)
                .decode_utf8()
                .map_err(|_| wrong())?;
            if text.chars().any(char::is_control) {
                return Err(wrong());
            }
            Ok(text.into_owned())
        };
        let (user, password) = (
            decoded(url.username())?,
            decoded(url.password().unwrap_or_default())?,
        );
        if user.is_empty() || password.is_empty() {
            return Err(wrong());
        }
        let folder = decoded(url.path().trim_start_matches('/'))?;
        if protocol == Protocol::Pop3 && !folder.is_empty() {
            return Err(
                "POP3 knows no folders: leave out what stands behind the server".to_owned(),
            );
        }
        let mut server = Self {
            protocol,
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(port),
            tls,
            user,
            password: password.into(),
            folder: match folder.as_str() {
                "" => "INBOX".to_owned(),
                folder => folder.to_owned(),
            },
            moved_to: None,
            roots: Vec::new(),
        };
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "moved_to" if protocol == Protocol::Pop3 => {
                    return Err("POP3 knows no folders: moved_to is for IMAP".to_owned());
                }
                "moved_to" => server.moved_to = Some(decoded(&value)?),
                "ca_file" => server.roots = certificates(value.into_owned().into())?,
                other => {
                    return Err(format!(
                        "{other} is not known here; moved_to and ca_file are"
                    ));
                }
            }
        }
        Ok(server)
    }

    /// Where it is, without the password.
    pub fn place(&self) -> String {
        match self.protocol {
            Protocol::Imap => format!("{}:{}/{}", self.host, self.port, self.folder),
            Protocol::Pop3 => format!("{}:{}", self.host, self.port),
        }
    }

    /// Whether what is understood is moved into another folder, and not deleted.
    pub fn is_moved(&self) -> bool {
        self.moved_to.is_some()
    }

    /// Opens the mailbox.
    ///
    /// # Errors
    /// [`MailboxError`].
    pub async fn open(&self) -> Result<OpenMailbox, MailboxError> {
        Ok(match self.protocol {
            Protocol::Imap => OpenMailbox(Inner::Imap(ImapMailbox::open(self).await?)),
            Protocol::Pop3 => OpenMailbox(Inner::Pop3(Pop3Mailbox::open(self).await?)),
        })
    }
}

fn certificates(file: PathBuf) -> Result<Vec<Vec<u8>>, String> {
    let failed = |what: String| format!("ca_file {}: {what}", file.display());
    let pem = std::fs::read(&file).map_err(|error| failed(error.to_string()))?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem)
        .map(|certificate| certificate.map(|certificate| certificate.as_ref().to_vec()))
        .collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(failed("it holds no certificate in PEM form".to_owned())),
    }
}

trait Stream: AsyncRead + AsyncWrite + fmt::Debug + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + fmt::Debug + Send + Unpin> Stream for T {}

/// An open mailbox.
pub struct OpenMailbox(Inner);

enum Inner {
    Imap(ImapMailbox),
    Pop3(Pop3Mailbox),
}

/// A message in an open mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its number in this conversation.
    number: u32,
    /// What tells it in the next conversation as well, where the server says that.
    pub key: Option<String>,
}

/// A message in a mailbox, or its beginning.
#[derive(Debug)]
pub struct Fetched {
    /// How large it is.
    pub byte_count: u64,
    /// Its content, at most [`LONGEST`](super::LONGEST) octets.
    pub content: Vec<u8>,
}

impl OpenMailbox {
    /// The messages that are there, the oldest first, without those that were left for people.
    ///
    /// # Errors
    /// [`MailboxError`].
    pub async fn messages(&mut self) -> Result<Vec<Listed>, MailboxError> {
        match &mut self.0 {
            Inner::Imap(imap) => imap.messages().await,
            Inner::Pop3(pop3) => pop3.messages().await,
        }
    }

    /// A message; `None` when somebody else has taken it away.
    ///
    /// # Errors
    /// [`MailboxError`].
    pub async fn fetch(&mut self, message: &Listed) -> Result<Option<Fetched>, MailboxError> {
        match &mut self.0 {
            Inner::Imap(imap) => imap.fetch(message.number).await,
            Inner::Pop3(pop3) => pop3.fetch(message.number).await,
        }
    }

    /// Takes a message out of the mailbox: it has been taken in. By POP3 it goes when the mailbox is closed.
    ///
    /// # Errors
    /// [`MailboxError`]; it may still be there then.
    pub async fn done(&mut self, message: &Listed) -> Result<(), MailboxError> {
        match &mut self.0 {
            Inner::Imap(imap) => imap.done(message.number).await,
            Inner::Pop3(pop3) => pop3.done(message.number).await,
        }
    }

    /// Leaves a message in the mailbox for people: it has been taken in, but not all of it. By IMAP it gets a flag, and is
    /// not listed again; POP3 has nothing of the kind, and whoever looks has to remember its key.
    ///
    /// # Errors
    /// [`MailboxError`].
    pub async fn leave(&mut self, message: &Listed) -> Result<(), MailboxError> {
        match &mut self.0 {
            Inner::Imap(imap) => imap.leave(message.number).await,
            Inner::Pop3(_) => Ok(()),
        }
    }

    /// Whether what is understood can go where it is to be moved to.
    ///
    /// # Errors
    /// [`MailboxError`], a refusal where there is no such folder.
    pub async fn check_folder(&mut self) -> Result<(), MailboxError> {
        match &mut self.0 {
            Inner::Imap(imap) => imap.check_folder().await,
            Inner::Pop3(_) => Ok(()),
        }
    }

    /// Whether the server tells when something comes.
    pub fn tells(&self) -> bool {
        matches!(&self.0, Inner::Imap(imap) if imap.tells())
    }

    /// Whether deleted messages go only when the mailbox is closed.
    pub fn deletes_at_the_end(&self) -> bool {
        matches!(self.0, Inner::Pop3(_))
    }

    /// Waits until the server tells that something has come, or `longest` has passed. `None`, and closed, where the server
    /// does not tell.
    ///
    /// # Errors
    /// [`MailboxError`].
    pub async fn wait(self, longest: Duration) -> Result<Option<Self>, MailboxError> {
        match self.0 {
            Inner::Imap(imap) if imap.tells() => {
                Ok(Some(Self(Inner::Imap(imap.wait(longest).await?))))
            }
            inner => {
                Self(inner).close().await?;
                Ok(None)
            }
        }
    }

    /// Says goodbye.
    ///
    /// # Errors
    /// [`MailboxError`]: what was to be deleted at the end is still there then.
    pub async fn close(self) -> Result<(), MailboxError> {
        match self.0 {
            Inner::Imap(imap) => {
                imap.close().await;
                Ok(())
            }
            Inner::Pop3(pop3) => pop3.close().await,
        }
    }
}

async fn within<T>(work: impl Future<Output = T>) -> Result<T, MailboxError> {
    timeout(WITHIN, work)
        .await
        .map_err(|_| MailboxError::Silent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_a_wrong_one_is_refused_in_words() {
        let server = MailboxServer::parse(
            "imaps://points%40clinic.example:a%20b@mail.example/Back?moved_to=Done",
        );
        assert_eq!(
            server.map(|server| (server.place(), server.user, server.moved_to)),
            Ok((
                "mail.example:993/Back".to_owned(),
                "points@clinic.example".to_owned(),
                Some("Done".to_owned())
            ))
        );
        assert!(MailboxServer::parse("imap://a:b@127.0.0.1:1143").is_ok());
        let server = MailboxServer::parse("pop3s://points:a@mail.example");
        assert_eq!(
            server.map(|server| server.place()),
            Ok("mail.example:995".to_owned())
        );
        for wrong in [
            "",
            "mail.example",
            "pop3://a:b@mail.example",
            "pop3s://a:b@mail.example/INBOX",
            "pop3s://a:b@mail.example?moved_to=Done",
            "smtp://a:b@mail.example",
            "imap://a:b@mail.example",
            "imaps://mail.example",
            "imaps://a@mail.example",
            "imaps://a:b@mail.example?x=y",
            "imaps://a:b%0d%0a@mail.example",
            "imaps://a:b@mail.example?ca_file=/nowhere",
        ] {
            assert!(MailboxServer::parse(wrong).is_err(), "{wrong}");
        }
    }
}
