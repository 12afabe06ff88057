//! What a mail server's answer means: for the delivery ([`classify`]) and for the address ([`consequence_for_address`]).
//!
//! Both are pure functions of the stage and the reply, so that the rules can be read, and tested, as tables.

mod reply;

use crate::domain::bounce::Category;

pub use reply::{EnhancedCode, ServerReply};

/// How far the conversation with the server had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Finding the server and opening the connection.
    Connect,
    /// The greeting and `EHLO`.
    Hello,
    /// `STARTTLS` or the TLS handshake.
    Tls,
    /// `AUTH`.
    Auth,
    /// `MAIL FROM`.
    Mail,
    /// `RCPT TO`.
    Recipient,
    /// `DATA`, before any of the message.
    Data,
    /// The message and the full stop that ends it.
    Content,
}

impl Stage {
    /// A short lowercase name, for the database and for pages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Hello => "hello",
            Self::Tls => "tls",
            Self::Auth => "auth",
            Self::Mail => "mail",
            Self::Recipient => "recipient",
            Self::Data => "data",
            Self::Content => "content",
        }
    }
}

/// What became of one try to hand over one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendResult {
    /// The server took the message over.
    Accepted(ServerReply),
    /// The server refuses this message to this recipient for good (5xx).
    Refused {
        /// Where.
        stage: Stage,
        /// In which words.
        reply: ServerReply,
    },
    /// The server cannot take this message for this recipient now (4xx): try again later.
    Deferred {
        /// Where.
        stage: Stage,
        /// In which words.
        reply: ServerReply,
    },
    /// The server refuses for good by its policy about us (5.7.x): reputation, SPF, relaying, content. It says nothing
    /// about the recipient; several in a row mean that the bulletin should pause.
    PolicyRefusal {
        /// Where.
        stage: Stage,
        /// In which words.
        reply: ServerReply,
    },
    /// The server, or the way to it, is in trouble, or we are wrongly set up. It says nothing about the recipient, whose
    /// tries are not used up. The connection is of no further use.
    ServerTrouble {
        /// Where.
        stage: Stage,
        /// What happened, for a person; never a password.
        why: String,
        /// The reply, if there was one.
        reply: Option<ServerReply>,
    },
    /// The connection was lost after the whole message was sent and before the reply: the server may or may not have
    /// taken it over. The connection is of no further use.
    InDoubt {
        /// What happened, for a person.
        why: String,
    },
}

impl SendResult {
    /// There is no connection to send over.
    #[must_use]
    pub fn no_connection() -> Self {
        Self::ServerTrouble {
            stage: Stage::Connect,
            why: "the connection to the mail server is closed".to_owned(),
            reply: None,
        }
    }
}

/// Why no connection came about, or why one is lost. Becomes [`SendResult::ServerTrouble`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct SendFailure {
    /// Where.
    pub stage: Stage,
    /// What happened, for a person; never a password.
    pub why: String,
    /// The reply, if there was one.
    pub reply: Option<ServerReply>,
}

impl From<SendFailure> for SendResult {
    fn from(failure: SendFailure) -> Self {
        Self::ServerTrouble {
            stage: failure.stage,
            why: failure.why,
            reply: failure.reply,
        }
    }
}

/// What a reply at a stage means for the delivery.
///
/// - Before `MAIL`, every refusal is the server's trouble or our set-up; so is 421 (the server closes) anywhere, a demand
///   for TLS or AUTH (530, 534, 535, 538), and a reply that says we broke the protocol (500, 502, 503).
/// - `MAIL` speaks of the sender alone: a refusal there never counts against the recipient.
/// - Later, 5.7.x is policy about us, another 5xx refuses, and a 4xx defers.
#[must_use]
pub fn classify(stage: Stage, reply: ServerReply) -> SendResult {
    use Stage::{Content, Data, Mail, Recipient};
    let positive = if stage == Data {
        reply.code == 354
    } else {
        reply.code / 100 == 2
    };
    if positive {
        return SendResult::Accepted(reply);
    }
    let trouble = |reply: ServerReply| SendResult::ServerTrouble {
        stage,
        why: format!("the mail server answered {reply}"),
        reply: Some(reply),
    };
    match reply.code {
        421 | 500 | 502 | 503 | 530 | 534 | 535 | 538 => trouble(reply),
        400..=499 if matches!(stage, Recipient | Data | Content) => {
            SendResult::Deferred { stage, reply }
        }
        500..=599 if matches!(stage, Mail | Recipient | Data | Content) && reply.is_policy() => {
            SendResult::PolicyRefusal { stage, reply }
        }
        500..=599 if matches!(stage, Recipient | Data | Content) => {
            SendResult::Refused { stage, reply }
        }
        _ => trouble(reply),
    }
}

/// What the end of a delivery means for the address it went to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressConsequence {
    /// There is no such mailbox: nothing more is sent to it.
    Suspend,
    /// A sign that it may not be read; three of them suspend.
    Strike,
    /// It says nothing about the address.
    None,
}

/// What a reply says about the address, asked once for a delivery that ended without being accepted: refused, or given up
/// after its deferrals. Not to be asked for every deferral, or greylisting would cost a strike.
///
/// By RFC 3463's subjects: 5.1.x (bad address) suspends; x.2.x (mailbox full, disabled) and x.4.x (its domain cannot be
/// reached) strike, as does every other temporary failure that never passed; policy (x.7.x), content (x.6.x), size (x.2.3,
/// x.3.4) and protocol (x.5.x) say nothing. A bare 550, 551 or 553 to `RCPT` mostly means that there is no such mailbox,
/// but relays say the same for reasons of their own, so it strikes: three in a row suspend, one mistake does not.
#[must_use]
pub fn consequence_for_address(stage: Stage, reply: &ServerReply) -> AddressConsequence {
    use AddressConsequence::{None, Strike, Suspend};
    let Some(code) = reply.enhanced else {
        return match reply.code {
            550..=553 if stage == Stage::Recipient => Strike,
            400..=499 if reply.code != 421 => Strike,
            _ => None,
        };
    };
    match Category::of_code(code) {
        Category::NoMailbox => Suspend,
        Category::MailboxFull
        | Category::MailboxDisabled
        | Category::Unreachable
        | Category::Temporary => Strike,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn reply(words: &str) -> ServerReply {
        let (code, text) = words.split_once(' ').unwrap_or((words, ""));
        ServerReply::new(code.parse().unwrap(), text)
    }

    fn kind(result: &SendResult) -> &'static str {
        match result {
            SendResult::Accepted(_) => "accepted",
            SendResult::Refused { .. } => "refused",
            SendResult::Deferred { .. } => "deferred",
            SendResult::PolicyRefusal { .. } => "policy",
            SendResult::ServerTrouble { .. } => "trouble",
            SendResult::InDoubt { .. } => "in doubt",
        }
    }

    #[test]
    fn each_reply_means_what_the_table_says() {
        use Stage::{Auth, Connect, Content, Data, Hello, Mail, Recipient, Tls};
        for (stage, words, expected) in [
            (Connect, "554 No SMTP service here", "trouble"),
            (Hello, "220 ready", "accepted"),
            (Hello, "421 Too busy", "trouble"),
            (Hello, "554 5.7.1 Your network is blocked", "trouble"),
            (Tls, "454 4.7.0 TLS not available", "trouble"),
            (Auth, "535 5.7.8 Authentication failed", "trouble"),
            (Mail, "250 2.1.0 Ok", "accepted"),
            (Mail, "354 what", "trouble"),
            (Mail, "451 4.3.0 Try again", "trouble"),
            (Mail, "550 5.1.8 Sender unknown", "trouble"),
            (Mail, "553 Not your address", "trouble"),
            (Mail, "550 5.7.1 Sender refused by policy", "policy"),
            (Mail, "530 5.7.0 Must issue STARTTLS first", "trouble"),
            (Recipient, "250 ok", "accepted"),
            (Recipient, "251 will forward", "accepted"),
            (Recipient, "421 4.3.2 Closing", "trouble"),
            (Recipient, "450 4.2.0 Greylisted", "deferred"),
            (Recipient, "451 4.7.1 Greylisted", "deferred"),
            (Recipient, "452 4.2.2 Mailbox full", "deferred"),
            (Recipient, "501 5.1.3 Bad address", "refused"),
            (Recipient, "503 Bad sequence", "trouble"),
            (Recipient, "504 5.5.2 Not fully qualified", "refused"),
            (Recipient, "550 5.1.1 No such user", "refused"),
            (Recipient, "550 No such user", "refused"),
            (Recipient, "553 Name not allowed", "refused"),
            (Recipient, "554 5.7.1 Relay access denied", "policy"),
            (Recipient, "550 5.7.1 Blocked", "policy"),
            (Recipient, "530 Authentication required", "trouble"),
            (Data, "354 Go ahead", "accepted"),
            (Data, "250 what", "trouble"),
            (Data, "451 Not now", "deferred"),
            (Data, "554 No", "refused"),
            (Content, "250 2.0.0 Queued", "accepted"),
            (Content, "354 what", "trouble"),
            (Content, "421 Closing", "trouble"),
            (Content, "451 4.3.0 Try later", "deferred"),
            (Content, "552 5.3.4 Too big", "refused"),
            (Content, "554 5.6.0 Cannot read", "refused"),
            (Content, "550 5.7.1 Looks like spam", "policy"),
        ] {
            assert_eq!(
                kind(&classify(stage, reply(words))),
                expected,
                "{stage:?} {words}"
            );
        }
    }

    #[test]
    fn each_reply_says_of_the_address_what_the_table_says() {
        use AddressConsequence::{None, Strike, Suspend};
        use Stage::{Content, Mail, Recipient};
        for (stage, words, expected) in [
            (Recipient, "550 5.1.1 No such user", Suspend),
            (Recipient, "550 5.1.2 No such host", Suspend),
            (Recipient, "550 5.1.10 Null MX", Suspend),
            (Mail, "550 5.1.8 Sender unknown", None),
            (Recipient, "552 5.2.2 Mailbox full", Strike),
            (Recipient, "550 5.2.1 Mailbox disabled", Strike),
            (Content, "552 5.2.3 Message too long for it", None),
            (Content, "552 5.3.4 Message too big", None),
            (Recipient, "550 5.4.1 Recipient address rejected", Strike),
            (Recipient, "450 4.2.0 Busy", Strike),
            (Recipient, "451 4.4.1 No answer from host", Strike),
            (Recipient, "451 4.7.1 Greylisted", None),
            (Recipient, "550 5.7.1 Blocked", None),
            (Content, "550 5.6.0 Malformed", None),
            (Recipient, "550 No such user", Strike),
            (Recipient, "551 Moved", Strike),
            (Recipient, "553 Not allowed", Strike),
            (Recipient, "554 No", None),
            (Content, "554 Spam", None),
            (Content, "550 Spam", None),
            (Recipient, "450 Busy", Strike),
            (Recipient, "421 Closing", None),
        ] {
            assert_eq!(
                consequence_for_address(stage, &reply(words)),
                expected,
                "{stage:?} {words}"
            );
        }
    }
}
