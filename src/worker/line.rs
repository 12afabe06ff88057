//! A connection to a mail server that is opened when it is needed and again when it is worn out; or the built-in mailbox
//! in its place. Used by one task.

use std::io;
use std::sync::Arc;

use crate::mail::mailbox::Mailbox;
use crate::mail::message::OutgoingMessage;
use crate::mail::outcome::{SendResult, ServerReply, Stage};
use crate::mail::smtp::{Envelope, SmtpConnection, Timeouts};

use super::route::{Route, Transport};

/// One way out, used by one task.
pub struct Line {
    route: Arc<Route>,
    connection: Option<Open>,
}

struct Open {
    smtp: SmtpConnection,
    /// Messages that it has taken over.
    carried: u32,
    route: Arc<Route>,
}

impl Drop for Open {
    fn drop(&mut self) {
        self.route.closed();
    }
}

impl Line {
    /// Nothing is connected before the first message.
    pub fn new(route: Arc<Route>) -> Self {
        Self {
            route,
            connection: None,
        }
    }

    /// Begins a message. A connection that the server has ended after it carried some is opened anew, once.
    ///
    /// # Errors
    /// What the server said against it, or the trouble with it.
    pub async fn begin(&mut self, envelope: Envelope<'_>) -> Result<(), SendResult> {
        if matches!(self.route.transport, Transport::Mailbox(_)) {
            return Ok(());
        }
        if let Some(open) = &mut self.connection
            && open.smtp.is_open()
            && open.carried < self.route.messages_per_connection()
        {
            let carried = open.carried;
            match open.smtp.begin(envelope).await {
                Err(SendResult::ServerTrouble { .. }) if carried > 0 => self.has_ended(carried),
                other => return other,
            }
        }
        self.close().await;
        self.open().await?.begin(envelope).await
    }

    /// Begins the message whose envelope was given to [`content`](Self::content) as the next one.
    ///
    /// # Errors
    /// What the server said against it, or the trouble with it.
    pub async fn begin_next(&mut self, envelope: Envelope<'_>) -> Result<(), SendResult> {
        match &mut self.connection {
            Some(open) => open.smtp.begin(envelope).await,
            None if matches!(self.route.transport, Transport::Mailbox(_)) => Ok(()),
            None => Err(SendResult::no_connection()),
        }
    }

    async fn open(&mut self) -> Result<&mut SmtpConnection, SendResult> {
        let Transport::Smtp { server, hello_name } = &self.route.transport else {
            return Err(SendResult::no_connection());
        };
        let smtp = SmtpConnection::open(server, hello_name, Timeouts::default()).await?;
        self.route.opened();
        let open = Open {
            smtp,
            carried: 0,
            route: self.route.clone(),
        };
        Ok(&mut self.connection.insert(open).smtp)
    }

    /// Hands over the message that was begun; the envelope of the next one goes along, to be begun by
    /// [`begin_next`](Self::begin_next).
    pub async fn content(
        &mut self,
        message: OutgoingMessage,
        next: Option<Envelope<'_>>,
    ) -> SendResult {
        match (&self.route.transport, &mut self.connection) {
            (Transport::Mailbox(mailbox), _) => keep(mailbox.clone(), message).await,
            (Transport::Smtp { .. }, Some(open)) => {
                let result = open.smtp.content(message, next).await;
                if matches!(result, SendResult::Accepted(_)) {
                    open.carried += 1;
                }
                result
            }
            (Transport::Smtp { .. }, None) => SendResult::no_connection(),
        }
    }

    /// How many messages the connection has carried; 0 without one.
    pub fn carried(&self) -> u32 {
        self.connection.as_ref().map_or(0, |open| open.carried)
    }

    /// Whether another message may follow the one that is on its way.
    pub fn has_room_for_next(&self) -> bool {
        match (&self.route.transport, &self.connection) {
            (Transport::Mailbox(_), _) => true,
            (_, Some(open)) => open.carried + 1 < self.route.messages_per_connection(),
            (_, None) => false,
        }
    }

    /// Whether a connection stands.
    pub fn is_open(&self) -> bool {
        self.connection
            .as_ref()
            .is_some_and(|open| open.smtp.is_open())
    }

    /// The server has ended the connection by a rule of its own, after so many messages.
    pub fn has_ended(&mut self, carried: u32) {
        self.connection = None;
        if self.route.has_ended_after(carried) {
            tracing::info!(
                server = self.route.name(),
                messages = carried,
                "the mail server ends connections after some messages; they are ended before that now"
            );
        }
    }

    /// Gives the connection up as it is: a message that was begun is not handed over.
    pub fn abandon(&mut self) {
        self.connection = None;
    }

    /// Closes what is open.
    pub async fn close(&mut self) {
        if let Some(mut open) = self.connection.take() {
            open.smtp.quit().await;
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
