//! Header lines: encoded words and folding are lettre's (RFC 2047, RFC 5322), the cleaning before and the length check
//! after are ours.

use std::time::{Duration, SystemTime};

use lettre::Address;
use lettre::message::header::{Date, Header, HeaderName, HeaderValue, Headers};
use lettre::message::{Mailbox, Mailboxes};

use crate::clock::Timestamp;
use crate::domain::email_address::EmailAddress;

/// The most octets a header line may have without its CRLF (RFC 5322, section 2.1.1).
pub(super) const LONGEST_LINE: usize = 998;

/// The text on one line: every control character, and Unicode's own line and paragraph ends, become spaces. This is what
/// keeps a name or a subject from starting a header of its own.
pub(super) fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
                ' '
            } else {
                c
            }
        })
        .collect()
}

/// A header whose value is free text, with its CRLF.
pub(super) fn text(name: &'static str, value: &str) -> String {
    let mut headers = Headers::new();
    headers.insert_raw(HeaderValue::new(
        HeaderName::new_from_ascii_str(name),
        one_line(value).trim().to_owned(),
    ));
    headers.to_string()
}

/// A header that names one mailbox (`From`, `Reply-To`, `To`: `H`), with its CRLF.
pub(super) fn mailbox<H: Header + From<Mailboxes>>(
    name: Option<&str>,
    address: &EmailAddress,
) -> String {
    if let Some(line) = plain_mailbox(H::name(), name, address) {
        return line;
    }
    // The address was parsed by the domain's stricter rules; lettre's own would only check it again.
    let email = Address::new_dangerous(address.local_part(), address.domain());
    let name = name
        .map(|name| one_line(name).trim().to_owned())
        .filter(|name| !name.is_empty());
    let mut headers = Headers::new();
    headers.set(H::from(Mailboxes::new().with(Mailbox::new(name, email))));
    let line = headers.to_string();
    // RFC 2047, section 2 holds lines with encoded words to 76 characters; lettre does not fold before the address.
    match line.trim_end().rsplit_once(" <") {
        Some((before, address))
            if line
                .trim_end()
                .rsplit("\r\n")
                .next()
                .is_some_and(|last| last.len() > 76) =>
        {
            format!("{before}\r\n <{address}\r\n")
        }
        _ => line,
    }
}

/// The same for what needs neither encoding nor folding, as lettre writes it, in a fraction of the time: most recipients.
fn plain_mailbox(header: HeaderName, name: Option<&str>, address: &EmailAddress) -> Option<String> {
    let name = name?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'-' | b'.');
    let line = format!("{header}: \"{name}\" <{}>\r\n", address.as_str());
    let fits = line.len() <= 76 && address.as_str().is_ascii();
    let is_quoted = name.trim() == name && name.contains(' ') && name.bytes().all(is_plain);
    (fits && is_quoted).then_some(line)
}

/// The `Date` header, with its CRLF. Times before 1970 count as 1970.
pub(super) fn date(at: Timestamp) -> String {
    let millis = u64::try_from(at.as_millis()).unwrap_or(0);
    let mut headers = Headers::new();
    headers.set(Date::new(
        SystemTime::UNIX_EPOCH + Duration::from_millis(millis),
    ));
    headers.to_string()
}

/// True if every line of these headers is within [`LONGEST_LINE`].
pub(super) fn lines_fit(headers: &str) -> bool {
    headers.split("\r\n").all(|line| line.len() <= LONGEST_LINE)
}

/// True if the text can stand between angle brackets in a header as it is: printable ASCII without spaces or brackets.
pub(super) fn is_bare_token(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use lettre::message::header;

    use super::*;

    fn address() -> EmailAddress {
        EmailAddress::parse("sample@practice.example").unwrap()
    }

    #[test]
    fn a_subject_cannot_start_another_header() {
        let line = text(
            "Subject",
            "News\r\nBcc: everyone@practice.example\u{2028}x\0",
        );
        assert_eq!(line.matches("\r\n").count(), 1, "{line}");
        assert!(line.starts_with("Subject: News  Bcc: "));
    }

    #[test]
    fn a_name_cannot_start_another_header_or_another_mailbox() {
        let line = mailbox::<header::To>(Some("Mallory\r\nBcc: a@b.example"), &address());
        assert!(
            !line.trim_end().contains('\n') || line.contains("\r\n "),
            "{line}"
        );
        assert!(
            !line.contains("Bcc"),
            "a colon asks for an encoded word: {line}"
        );
        let line = mailbox::<header::To>(Some("\"><x@evil.example>, \"y"), &address());
        assert_eq!(line.matches('<').count(), 1, "{line}");
    }

    #[test]
    fn a_plain_mailbox_is_what_lettre_writes() {
        for name in [
            "Aroha Sample",
            "Dr A. Te-Sample",
            "A  B",
            "Aroha",
            " A B",
            "A B ",
            "A_B C",
            "O'Sample Two",
            "",
            "A very long name of a person that needs folding because it is long Sample",
        ] {
            let email = Address::new_dangerous(address().local_part(), address().domain());
            let mailbox = Mailbox::new(Some(name.to_owned()), email);
            let mut headers = Headers::new();
            headers.set(header::To::from(Mailboxes::new().with(mailbox)));
            if let Some(line) = plain_mailbox(header::To::name(), Some(name), &address()) {
                assert_eq!(line, headers.to_string());
            }
        }
        assert!(plain_mailbox(header::To::name(), Some("Aroha Sample"), &address()).is_some());
    }

    #[test]
    fn a_name_with_macrons_becomes_an_encoded_word() {
        assert_eq!(
            mailbox::<header::To>(Some("Māia"), &address()),
            "To: =?utf-8?b?TcSBaWE=?= <sample@practice.example>\r\n"
        );
        assert_eq!(
            mailbox::<header::To>(Some(" "), &address()),
            "To: sample@practice.example\r\n"
        );
    }

    #[test]
    fn a_date_is_in_universal_time() {
        assert_eq!(
            date(Timestamp::from_millis(1_795_000_000_000)),
            "Date: Wed, 18 Nov 2026 11:06:40 +0000\r\n"
        );
    }
}
