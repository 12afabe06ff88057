//! A mailbox on a mail server, looked into by IMAP (RFC 3501).
//!
//! A message is fetched without being marked as read, and is deleted or moved only when whoever took it says so: what
//! happens in between, it is there the next time.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_imap::error::Error as ImapError;
use async_imap::{Client, Session};
use futures_util::TryStreamExt as _;
use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};
use url::Url;

use super::LONGEST;

/// So long each step of the conversation may take.
const WITHIN: Duration = Duration::from_secs(60);

/// Where a mailbox is.
#[derive(Clone)]
pub struct MailboxServer {
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
    /// The server says nothing.
    #[error("the mailbox’s server does not answer")]
    Silent,
}

impl MailboxError {
    /// Whether the server has understood, and will not do it: the connection stands, and other messages may go well.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Imap(ImapError::No(_) | ImapError::Bad(_)))
    }
}

impl MailboxServer {
    /// Reads `imaps://user:password@host:993/INBOX?moved_to=Done&ca_file=/path`. Without TLS (`imap://`) only on this
    /// machine.
    ///
    /// # Errors
    /// What would be right, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong =
            || "give an address like imaps://user:password@mail.clinic.example/INBOX".to_owned();
        let url = Url::parse(text).map_err(|_| wrong())?;
        let tls = match url.scheme() {
            "imaps" => true,
            "imap" => false,
            _ => return Err(wrong()),
        };
        let host = url
            .host_str()
            .filter(|host| !host.is_empty())
            .ok_or_else(wrong)?;
        let is_loopback = matches!(host, "127.0.0.1" | "localhost" | "[::1]");
        if !tls && !is_loopback {
            return Err(
                "without TLS only a server on this machine is asked; use imaps://".to_owned(),
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
        let mut server = Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(if tls { 993 } else { 143 }),
            tls,
            user,
            password: password.into(),
            folder: match decoded(url.path().trim_start_matches('/'))?.as_str() {
                "" => "INBOX".to_owned(),
                folder => folder.to_owned(),
            },
            moved_to: None,
            roots: Vec::new(),
        };
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
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
        format!("{}:{}/{}", self.host, self.port, self.folder)
    }

    /// Opens the mailbox.
    ///
    /// # Errors
    /// [`MailboxError`].
    pub async fn open(&self) -> Result<OpenMailbox, MailboxError> {
        let tcp = within(TcpStream::connect((self.host.as_str(), self.port))).await??;
        tcp.set_nodelay(true)?;
        let stream: Box<dyn Stream> = if self.tls {
            Box::new(within(self.encrypt(tcp)).await??)
        } else {
            Box::new(tcp)
        };
        let mut client = Client::new(stream);
        within(client.read_response())
            .await??
            .ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        let signing_in = client.login(&self.user, self.password.expose_secret());
        let mut session = within(signing_in).await?.map_err(|(error, _)| error)?;
        let capabilities = within(session.capabilities()).await??;
        let (can_move, can_expunge) = (
            capabilities.has_str("MOVE"),
            capabilities.has_str("UIDPLUS"),
        );
        within(session.select(&self.folder)).await??;
        Ok(OpenMailbox {
            session,
            moved_to: self.moved_to.clone(),
            can_move,
            can_expunge,
        })
    }

    async fn encrypt(
        &self,
        tcp: TcpStream,
    ) -> io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
        let mut roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        for certificate in &self.roots {
            roots
                .add(CertificateDer::from(certificate.clone()))
                .map_err(io::Error::other)?;
        }
        let provider = Arc::new(crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(self.host.clone()).map_err(io::Error::other)?;
        TlsConnector::from(Arc::new(config))
            .connect(name, tcp)
            .await
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
pub struct OpenMailbox {
    session: Session<Box<dyn Stream>>,
    moved_to: Option<String>,
    can_move: bool,
    can_expunge: bool,
}

/// A message in a mailbox, or its beginning.
#[derive(Debug)]
pub struct Fetched {
    /// How large it is.
    pub byte_count: u64,
    /// Its content, at most [`LONGEST`] octets.
    pub content: Vec<u8>,
}

impl OpenMailbox {
    /// The keys of the messages that are there, the oldest first.
    ///
    /// # Errors
    /// [`MailboxError`].
    pub async fn messages(&mut self) -> Result<Vec<u32>, MailboxError> {
        let found = within(self.session.uid_search("UNDELETED")).await??;
        let mut found: Vec<u32> = found.into_iter().collect();
        found.sort_unstable();
        Ok(found)
    }

    /// A message; `None` when somebody else has taken it away.
    ///
    /// # Errors
    /// [`MailboxError`].
    pub async fn fetch(&mut self, message: u32) -> Result<Option<Fetched>, MailboxError> {
        let what = format!("(UID RFC822.SIZE BODY.PEEK[]<0.{LONGEST}>)");
        let found: Vec<_> = within(async {
            let stream = self.session.uid_fetch(message.to_string(), what).await?;
            stream.try_collect::<Vec<_>>().await
        })
        .await??;
        let found = found.iter().find(|found| found.uid == Some(message));
        Ok(found.and_then(|found| {
            let content = found.body()?.to_vec();
            let size = found.size.map_or(content.len() as u64, u64::from);
            Some(Fetched {
                byte_count: size,
                content,
            })
        }))
    }

    /// Takes a message out of the mailbox: it has been taken in.
    ///
    /// # Errors
    /// [`MailboxError`]; it may still be there then.
    pub async fn done(&mut self, message: u32) -> Result<(), MailboxError> {
        let message = message.to_string();
        match &self.moved_to {
            Some(folder) if self.can_move => {
                return Ok(within(self.session.uid_mv(&message, folder)).await??);
            }
            Some(folder) => within(self.session.uid_copy(&message, folder)).await??,
            None => {}
        }
        within(async {
            let stream = self
                .session
                .uid_store(&message, "+FLAGS (\\Deleted)")
                .await?;
            stream.try_collect::<Vec<_>>().await
        })
        .await??;
        // Without UIDPLUS what others have marked would go as well: then the mark has to do.
        if self.can_expunge {
            within(async {
                let stream = self.session.uid_expunge(&message).await?;
                stream.try_collect::<Vec<_>>().await
            })
            .await??;
        }
        Ok(())
    }

    /// Says goodbye.
    pub async fn close(mut self) {
        let _ = within(self.session.logout()).await;
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
        for wrong in [
            "",
            "mail.example",
            "pop3://a:b@mail.example",
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
