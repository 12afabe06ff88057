//! What mail servers say in words, where they give no code or one that says nothing.
//!
//! The phrases are those that the programs themselves print, as their sources and manuals give them:
//! - Postfix: `smtpd(8)`, `local(8)`, `virtual(8)`, `postconf(5)` (`unknown_local_recipient_reject_code`, `smtpd_reject_footer`);
//! - Exim: the specification, chapters "Bounce and warning messages" and "Retry configuration";
//! - OpenSMTPD: `smtpd/bounce.c` and `smtpd/smtp_session.c`;
//! - sendmail: `sendmail/sysexits.c` and the installation guide's list of enhanced codes;
//! - qmail: `qmail-send(8)`, `qmail-remote(8)`, `qmail-local(8)`, and D. J. Bernstein's QSBMF;
//! - Exchange: Microsoft's "Email non-delivery reports in Exchange Online";
//! - Gmail: Google's "SMTP error reference".
//!
//! The first phrase that a text holds counts; those about us come first, because a reader is not to be dropped for our fault.

use super::Category;

const PHRASES: [(&str, Category); 98] = [
    // About us.
    ("spamhaus", Category::Policy),
    ("spamcop", Category::Policy),
    ("barracudacentral", Category::Policy),
    ("blacklist", Category::Policy),
    ("blocklist", Category::Policy),
    ("block list", Category::Policy),
    ("black list", Category::Policy),
    ("dnsbl", Category::Policy),
    ("blocked using", Category::Policy),
    ("has been blocked", Category::Policy),
    ("is blocked", Category::Policy),
    ("low reputation", Category::Policy),
    ("poor reputation", Category::Policy),
    ("bad reputation", Category::Policy),
    ("reputation of", Category::Policy),
    ("unsolicited mail", Category::Policy),
    ("unusual rate of unsolicited", Category::Policy),
    ("spf check failed", Category::Policy),
    ("spf validation", Category::Policy),
    ("does not pass spf", Category::Policy),
    ("did not pass authentication", Category::Policy),
    ("dmarc policy", Category::Policy),
    ("dmarc verification failed", Category::Policy),
    ("dkim", Category::Policy),
    ("unauthenticated email", Category::Policy),
    ("not authorized to send", Category::Policy),
    ("not permitted to send", Category::Policy),
    ("sender address rejected", Category::Policy),
    ("sender rejected", Category::Policy),
    ("sender denied", Category::Policy),
    ("client host rejected", Category::Policy),
    ("relay access denied", Category::Policy),
    ("relaying denied", Category::Policy),
    ("relay not permitted", Category::Policy),
    ("administrative prohibition", Category::Policy),
    ("rejected by policy", Category::Policy),
    ("violates our policy", Category::Policy),
    ("local policy", Category::Policy),
    // About the message.
    ("message content rejected", Category::Content),
    ("rejected due to content", Category::Content),
    ("considered spam", Category::Content),
    ("detected as spam", Category::Content),
    ("identified as spam", Category::Content),
    ("classified as spam", Category::Content),
    ("looks like spam", Category::Content),
    ("likely spam", Category::Content),
    ("spam message rejected", Category::Content),
    ("contains a virus", Category::Content),
    ("message size exceeds", Category::Content),
    ("message too large", Category::Content),
    ("message is too large", Category::Content),
    ("message file too big", Category::Content),
    // A mailbox that takes nothing for now.
    ("mailbox is full", Category::MailboxFull),
    ("mailbox full", Category::MailboxFull),
    ("inbox is full", Category::MailboxFull),
    ("over quota", Category::MailboxFull),
    ("overquota", Category::MailboxFull),
    ("quota exceeded", Category::MailboxFull),
    ("exceeded storage allocation", Category::MailboxFull),
    ("exceeded its storage", Category::MailboxFull),
    ("out of storage space", Category::MailboxFull),
    ("not enough space", Category::MailboxFull),
    ("insufficient disk space", Category::MailboxFull),
    ("mailbox disabled", Category::MailboxDisabled),
    ("account is disabled", Category::MailboxDisabled),
    ("account has been disabled", Category::MailboxDisabled),
    ("account disabled", Category::MailboxDisabled),
    ("mailbox is disabled", Category::MailboxDisabled),
    ("mailbox unavailable", Category::MailboxDisabled),
    ("not accepting messages", Category::MailboxDisabled),
    // No such address.
    ("user unknown", Category::NoMailbox),
    ("unknown user", Category::NoMailbox),
    ("no such user", Category::NoMailbox),
    ("no such recipient", Category::NoMailbox),
    ("no such mailbox", Category::NoMailbox),
    ("no such address", Category::NoMailbox),
    ("no mailbox here by that name", Category::NoMailbox),
    ("unrouteable address", Category::NoMailbox),
    ("unknown recipient", Category::NoMailbox),
    ("recipient unknown", Category::NoMailbox),
    ("invalid recipient", Category::NoMailbox),
    ("recipnotfound", Category::NoMailbox),
    ("recipient not found", Category::NoMailbox),
    ("user not found", Category::NoMailbox),
    ("address not found", Category::NoMailbox),
    ("does not exist at the organization", Category::NoMailbox),
    (
        "email account that you tried to reach does not exist",
        Category::NoMailbox,
    ),
    ("account does not exist", Category::NoMailbox),
    ("address does not exist", Category::NoMailbox),
    ("couldn't find any host named", Category::NoMailbox),
    ("host unknown", Category::NoMailbox),
    // The way there.
    ("host or domain name not found", Category::Unreachable),
    ("connection timed out", Category::Unreachable),
    ("connection refused", Category::Unreachable),
    ("no route to host", Category::Unreachable),
    (
        "wasn't able to establish an smtp connection",
        Category::Unreachable,
    ),
    ("retry timeout exceeded", Category::Temporary),
    ("has been in the queue too long", Category::Temporary),
];

/// So much of a text is looked at: servers say what they mean early.
const LOOKED_AT: usize = 16 * 1024;

/// What a text says has happened, if it holds one of the phrases.
pub fn category_of_words(text: &str) -> Option<Category> {
    let mut end = text.len().min(LOOKED_AT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    // Wrapped lines, and the typographic apostrophes of some servers.
    let mut plain = String::with_capacity(end);
    for c in text[..end].chars() {
        match c {
            '’' => plain.push('\''),
            c if c.is_whitespace() => {
                if !plain.ends_with(' ') {
                    plain.push(' ');
                }
            }
            c => plain.push(c.to_ascii_lowercase()),
        }
    }
    PHRASES
        .iter()
        .find(|(phrase, _)| plain.contains(phrase))
        .map(|(_, category)| *category)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_lowercase_and_each_is_reached() {
        for (place, (phrase, category)) in PHRASES.iter().enumerate() {
            assert_eq!(*phrase, phrase.to_ascii_lowercase());
            let earlier = PHRASES[..place]
                .iter()
                .find(|(other, _)| phrase.contains(other));
            assert_eq!(earlier, None, "{phrase} never counts");
            assert_eq!(category_of_words(phrase), Some(*category));
        }
    }

    #[test]
    fn words_are_found_across_lines_and_in_any_case() {
        let said = "Sorry, NO mailbox\r\n   here by that\tname. (#5.1.1)";
        assert_eq!(category_of_words(said), Some(Category::NoMailbox));
        assert_eq!(
            category_of_words("I wasn’t able to establish an SMTP connection."),
            Some(Category::Unreachable)
        );
        assert_eq!(category_of_words("Kia ora, thank you for this"), None);
    }
}
