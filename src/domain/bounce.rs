//! What comes back of a message: what it says of the address, and what follows from that.
//!
//! The rules are tables (RFC 3463 for codes, `phrases` for words), and say nothing of whether a report is believed.

mod phrases;

use crate::domain::named::named;
use crate::domain::status_code::EnhancedCode;

pub use phrases::category_of_words;

named! {
    /// What a report says has happened to the message (RFC 3464, section 2.3.3).
    Action, "action" {
        /// It was not delivered and will not be.
        Failed = "failed", "Failed";
        /// It is still being tried.
        Delayed = "delayed", "Delayed";
        /// It is in the mailbox.
        Delivered = "delivered", "Delivered";
        /// It went on to a server that does not report.
        Relayed = "relayed", "Relayed";
        /// It went on to several addresses.
        Expanded = "expanded", "Expanded";
    }
}

named! {
    /// What it is that came back, by what it means.
    Category, "category" {
        /// There is no such mailbox or domain.
        NoMailbox = "no-mailbox", "No such mailbox";
        /// The mailbox is there, and takes nothing.
        MailboxDisabled = "mailbox-disabled", "Mailbox disabled";
        /// The mailbox is full.
        MailboxFull = "mailbox-full", "Mailbox full";
        /// The mail server behind the address cannot be reached, or is set up wrongly.
        Unreachable = "unreachable", "Mail server not reached";
        /// It did not pass for so long that the server gave up.
        Temporary = "temporary", "Not delivered in time";
        /// Not delivered, and nothing says why.
        Unclear = "unclear", "Not delivered";
        /// The server does not want mail from us: reputation, SPF, DKIM, DMARC, a blocklist.
        Policy = "policy", "Refused by policy";
        /// The server does not want this message: its content, its size, its form.
        Content = "content", "Content refused";
        /// Still being tried.
        Delayed = "delayed", "Delayed";
        /// Delivered, or handed on.
        Delivered = "delivered", "Delivered";
        /// The reader called it unwanted (RFC 5965).
        Complaint = "complaint", "Complaint";
        /// The reader asks not to be written to.
        Unsubscribe = "unsubscribe", "Asks to unsubscribe";
        /// A program answered: out of office, a ticket, a receipt.
        AutoReply = "auto-reply", "Automatic reply";
        /// A person answered.
        Reply = "reply", "Reply";
        /// None of these.
        Unknown = "unknown", "Not understood";
    }
}

named! {
    /// What is done about it, when it is believed.
    Remedy, "remedy" {
        /// Nothing more is sent to the address until its owner confirms again.
        Suspend = "suspend", "Suspended";
        /// It counts against the address; several of them suspend.
        Strike = "strike", "Strike";
        /// Something is wrong with us: staff are told, and nobody is suspended.
        Alarm = "alarm", "Alarm";
        /// The person is unsubscribed.
        Unsubscribe = "unsubscribe", "Unsubscribed";
        /// It is noted, and nothing else.
        Note = "note", "Noted";
        /// A person has to look at it.
        Keep = "keep", "Kept for staff";
    }
}

impl Category {
    /// By a code alone (RFC 3463, and the later ones in IANA's registry). Of class x.0.x it says nothing.
    ///
    /// 5.1.x is a bad address, but 5.1.7 and 5.1.8 are the sender's (section 3.2).
    pub fn of_code(EnhancedCode(class, subject, detail): EnhancedCode) -> Self {
        match (class, subject, detail) {
            (2, ..) => Self::Delivered,
            (_, 1, 7 | 8) => Self::Policy,
            (5, 1, _) => Self::NoMailbox,
            (_, 2, 3) | (_, 3, 4) | (_, 5 | 6, _) => Self::Content,
            (_, 7, _) => Self::Policy,
            (_, 2, 2) => Self::MailboxFull,
            (5, 2, _) => Self::MailboxDisabled,
            (_, 4, _) => Self::Unreachable,
            (4, ..) => Self::Temporary,
            _ => Self::Unclear,
        }
    }

    /// By all that a report says: what has happened, the code, the basic reply code and the words.
    ///
    /// The code counts most. Where it says nothing, the words do, and then the basic code. Words that speak of us, of
    /// blocklists and the like, count more than a 5.1.x beside them: servers that reject by policy and say "no such user"
    /// exist, and no reader is to be dropped for it.
    pub fn of(
        action: Action,
        code: Option<EnhancedCode>,
        reply_code: Option<u16>,
        words: &str,
    ) -> Self {
        match action {
            Action::Failed => {}
            Action::Delayed => return Self::Delayed,
            Action::Delivered | Action::Relayed | Action::Expanded => return Self::Delivered,
        }
        let by_code = code
            .map(Self::of_code)
            .filter(|category| !matches!(category, Self::Unclear | Self::Delivered));
        let by_words = category_of_words(words);
        match (by_code, by_words) {
            (Some(Self::NoMailbox), Some(Self::Policy)) => Self::Policy,
            // Who is put off at first, as everybody is, and for good, is not refused for what they are.
            (Some(Self::Policy), _) if code.is_some_and(|code| code.0 == 4) && puts_off(words) => {
                Self::Temporary
            }
            // "The mailbox is full" with a code for time that ran out is a full mailbox.
            (Some(Self::Temporary | Self::Unreachable), Some(Self::MailboxFull)) => {
                Self::MailboxFull
            }
            (Some(category), _) | (None, Some(category)) => category,
            (None, None) => match reply_code {
                // RFC 5321, section 4.2.3: exceeded storage allocation.
                Some(552) => Self::MailboxFull,
                Some(400..=499) => Self::Temporary,
                _ => Self::Unclear,
            },
        }
    }

    /// What is done about it.
    pub fn remedy(self) -> Remedy {
        match self {
            Self::NoMailbox => Remedy::Suspend,
            Self::MailboxDisabled
            | Self::MailboxFull
            | Self::Unreachable
            | Self::Temporary
            | Self::Unclear => Remedy::Strike,
            Self::Policy | Self::Content => Remedy::Alarm,
            Self::Delayed | Self::Delivered | Self::AutoReply => Remedy::Note,
            Self::Complaint | Self::Unsubscribe => Remedy::Unsubscribe,
            Self::Reply | Self::Unknown => Remedy::Keep,
        }
    }

    /// Whether it says that a message did not arrive.
    pub fn is_bounce(self) -> bool {
        matches!(
            self,
            Self::NoMailbox
                | Self::MailboxDisabled
                | Self::MailboxFull
                | Self::Unreachable
                | Self::Temporary
                | Self::Unclear
                | Self::Policy
                | Self::Content
        )
    }
}

/// Whether a server says that it has everybody come a second time.
fn puts_off(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    ["greylist", "graylist", "grey-list", "gray-list", "postgrey"]
        .iter()
        .any(|word| words.contains(word))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn each_report_means_what_the_table_says() {
        for (action, code, reply, words, category, remedy) in [
            (
                "failed",
                "5.1.1",
                550,
                "User unknown",
                Category::NoMailbox,
                Remedy::Suspend,
            ),
            (
                "failed",
                "5.1.2",
                0,
                "Host unknown",
                Category::NoMailbox,
                Remedy::Suspend,
            ),
            (
                "failed",
                "5.1.10",
                0,
                "Null MX",
                Category::NoMailbox,
                Remedy::Suspend,
            ),
            (
                "failed",
                "5.1.8",
                0,
                "Sender refused",
                Category::Policy,
                Remedy::Alarm,
            ),
            (
                "failed",
                "5.1.1",
                550,
                "Blocked, listed at Spamhaus",
                Category::Policy,
                Remedy::Alarm,
            ),
            (
                "failed",
                "5.2.1",
                0,
                "Disabled",
                Category::MailboxDisabled,
                Remedy::Strike,
            ),
            (
                "failed",
                "5.2.2",
                552,
                "Over quota",
                Category::MailboxFull,
                Remedy::Strike,
            ),
            (
                "failed",
                "4.2.2",
                452,
                "Over quota",
                Category::MailboxFull,
                Remedy::Strike,
            ),
            (
                "failed",
                "5.2.3",
                552,
                "Too long",
                Category::Content,
                Remedy::Alarm,
            ),
            (
                "failed",
                "4.4.7",
                0,
                "Delivery time expired",
                Category::Unreachable,
                Remedy::Strike,
            ),
            (
                "failed",
                "4.4.7",
                0,
                "mailbox full",
                Category::MailboxFull,
                Remedy::Strike,
            ),
            (
                "failed",
                "4.3.0",
                0,
                "Try later",
                Category::Temporary,
                Remedy::Strike,
            ),
            (
                "failed",
                "4.7.1",
                451,
                "Greylisted, come again",
                Category::Temporary,
                Remedy::Strike,
            ),
            (
                "failed",
                "4.7.0",
                421,
                "unusual rate of unsolicited mail",
                Category::Policy,
                Remedy::Alarm,
            ),
            (
                "failed",
                "5.6.0",
                0,
                "Cannot read",
                Category::Content,
                Remedy::Alarm,
            ),
            (
                "failed",
                "5.7.1",
                550,
                "user unknown",
                Category::Policy,
                Remedy::Alarm,
            ),
            (
                "failed",
                "5.7.26",
                550,
                "Unauthenticated",
                Category::Policy,
                Remedy::Alarm,
            ),
            (
                "failed",
                "5.0.0",
                550,
                "No such user here",
                Category::NoMailbox,
                Remedy::Suspend,
            ),
            (
                "failed",
                "5.0.0",
                552,
                "",
                Category::MailboxFull,
                Remedy::Strike,
            ),
            (
                "failed",
                "5.0.0",
                554,
                "",
                Category::Unclear,
                Remedy::Strike,
            ),
            ("failed", "", 0, "", Category::Unclear, Remedy::Strike),
            (
                "delayed",
                "4.4.1",
                0,
                "user unknown",
                Category::Delayed,
                Remedy::Note,
            ),
            ("relayed", "2.1.9", 0, "", Category::Delivered, Remedy::Note),
        ] {
            let found = Category::of(
                action.parse().unwrap(),
                EnhancedCode::parse(code),
                Some(reply).filter(|code| *code > 0),
                words,
            );
            assert_eq!(
                (found, found.remedy()),
                (category, remedy),
                "{action} {code} {words}"
            );
        }
    }
}
