//! The way out: a mail server, over a connection that carries one message after another, or the
//! built-in mailbox in its place.

use std::io;

use crate::config::Settings;
use crate::domain::email_address::EmailAddress;
use crate::mail::mailbox::Mailbox;
use crate::mail::message::OutgoingMessage;
use crate::mail::outcome::{SendResult, ServerReply, Stage};
use crate::mail::smtp::{SmtpConnection, SmtpServer, Timeouts};

/// Where messages go.
#[derive(Debug, Clone)]
pub enum Transport {
    /// To a mail server.
    Smtp {
        /// Which.
        server: Box<SmtpServer>,
        /// What we call ourselves in EHLO.
        hello_name: String,
        /// Messages over one connection before a new one is opened.
        messages_per_connection: u32,
    },
    /// Into the built-in mailbox.
    Mailbox(Mailbox),
}

impl Transport {
    /// By the settings.
    ///
    /// # Errors
    /// When the mailbox cannot be opened, or the server's address is no good.
    pub fn from_settings(settings: &Settings) -> io::Result<Self> {
        match &settings.smtp_url {
            Some(url) => Ok(Self::Smtp {
                server: Box::new(SmtpServer::parse(url).map_err(io::Error::other)?),
                hello_name: hello_name(&settings.mail_from.email),
                messages_per_connection: settings.delivery.messages_per_connection,
            }),
            None => Ok(Self::Mailbox(Mailbox::open(
                settings.data_dir.join("mailbox"),
            )?)),
        }
    }

    /// Opens a channel; nothing is connected before the first message.
    pub fn open(&self) -> Channel {
        Channel {
            transport: self.clone(),
            connection: None,
            carried: 0,
        }
    }
}

/// The sender's domain: a name of ours that the world knows (RFC 5321, section 4.1.1.1).
fn hello_name(from: &EmailAddress) -> String {
    from.domain().to_owned()
}

/// One way out, used by one task.
pub struct Channel {
    transport: Transport,
    connection: Option<SmtpConnection>,
    carried: u32,
}

impl Channel {
    /// Hands over one message.
    pub async fn send(&mut self, message: &OutgoingMessage) -> SendResult {
        match &self.transport {
            Transport::Mailbox(mailbox) => keep(mailbox.clone(), message.clone()).await,
            Transport::Smtp {
                server,
                hello_name,
                messages_per_connection,
            } => {
                if self.carried >= *messages_per_connection {
                    self.carried = 0;
                    if let Some(old) = self.connection.take() {
                        old.quit().await;
                    }
                }
                let usable = self.connection.take().filter(SmtpConnection::is_open);
                let mut connection = match usable {
                    Some(connection) => connection,
                    None => {
                        self.carried = 0;
                        match SmtpConnection::open(server, hello_name, Timeouts::default()).await {
                            Ok(connection) => connection,
                            Err(failure) => return failure.into(),
                        }
                    }
                };
                let result = connection.send(message).await;
                self.carried += 1;
                if connection.is_open() {
                    self.connection = Some(connection);
                }
                result
            }
        }
    }

    /// Closes what is open.
    pub async fn close(&mut self) {
        if let Some(connection) = self.connection.take() {
            connection.quit().await;
        }
    }
}

async fn keep(mailbox: Mailbox, message: OutgoingMessage) -> SendResult {
    let kept = tokio::task::spawn_blocking(move || mailbox.deliver(&message)).await;
    match kept.map_err(io::Error::other).and_then(|result| result) {
        Ok(()) => SendResult::Accepted(ServerReply::new(250, "kept in the built-in mailbox")),
        Err(error) => SendResult::ServerTrouble {
            stage: Stage::Content,
            why: format!("the built-in mailbox cannot be written: {error}"),
            reply: None,
        },
    }
}
