//! Who writes: what every message needs to know of the clinic and of this installation.

use url::Url;

use super::brand::Brand;
use crate::domain::email_address::EmailAddress;

/// The clinic as a sender. The Unsolicited Electronic Messages Act 2007 (section 10) asks every message to say who
/// authorised it and how to reach them: these are the facts that the footers show.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The clinic's name, as readers know it.
    pub clinic_name: String,
    /// The name of the newsletter, "GP Practice Points".
    pub newsletter_name: String,
    /// The clinic's address on one line.
    pub postal_address: String,
    /// Where a person writes who wants something of the clinic.
    pub contact_address: EmailAddress,
    /// The name that inboxes show as the sender.
    pub from_name: String,
    /// The address in `From`, and the return path where a recipient has none of their own.
    pub from_address: EmailAddress,
    /// Where replies go, if not to `from_address`.
    pub reply_to: Option<EmailAddress>,
    /// Where `mailto:` unsubscribing goes; `from_address` if there is none.
    pub unsubscribe_mailbox: Option<EmailAddress>,
    /// The public address of the site, such as `https://points.clinic.example`.
    pub base_url: Url,
    /// How it looks.
    pub brand: Brand,
}

impl Sender {
    /// An address on the site: `page("/contact")` is `https://points.clinic.example/contact`.
    #[must_use]
    pub fn page(&self, path: &str) -> String {
        format!("{}{path}", self.base_url.as_str().trim_end_matches('/'))
    }

    /// The site's host in ASCII, without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        self.base_url
            .host_str()
            .unwrap_or("localhost")
            .trim_matches(['[', ']'])
    }

    /// The site's address without its scheme, as the text of a link.
    #[must_use]
    pub fn site_label(&self) -> String {
        let address = self.base_url.as_str().trim_end_matches('/');
        address
            .split_once("://")
            .map_or(address, |(_, rest)| rest)
            .to_owned()
    }

    /// The value of `List-Unsubscribe` (RFC 2369, RFC 8058) for one recipient: the page first, then the mailbox. Each on
    /// a line of its own; the mailbox in its shorter form where the longer would pass 75 characters, because some readers
    /// break longer ones.
    pub(super) fn list_unsubscribe(&self, url: &str, token: &str) -> String {
        let mailbox = self
            .unsubscribe_mailbox
            .as_ref()
            .unwrap_or(&self.from_address)
            .as_str();
        let spoken = format!("mailto:{mailbox}?subject=unsubscribe%20{token}");
        let mailto = if spoken.len() <= 75 {
            spoken
        } else {
            format!("mailto:{mailbox}?subject={token}")
        };
        format!("<{url}>,\r\n <{mailto}>")
    }
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    /// A made-up clinic.
    pub(in crate::mail) fn sample_sender() -> Sender {
        Sender {
            clinic_name: "Sample Heart Clinic".into(),
            newsletter_name: "GP Practice Points".into(),
            postal_address: "1 Sample Street, Remuera, Auckland 1051".into(),
            contact_address: EmailAddress::parse("contact@clinic.example").unwrap(),
            from_name: "GP Practice Points".into(),
            from_address: EmailAddress::parse("points@clinic.example").unwrap(),
            reply_to: None,
            unsubscribe_mailbox: None,
            base_url: Url::parse("https://points.clinic.example/").unwrap(),
            brand: Brand::default(),
        }
    }

    #[test]
    fn pages_do_not_get_a_second_slash() {
        assert_eq!(
            sample_sender().page("/contact"),
            "https://points.clinic.example/contact"
        );
    }

    #[test]
    fn a_long_mailto_takes_its_shorter_form() {
        let sender = sample_sender();
        let value = sender.list_unsubscribe("https://points.clinic.example/u/TOKEN", "TOKEN");
        assert!(
            value.ends_with("<mailto:points@clinic.example?subject=unsubscribe%20TOKEN>"),
            "{value}"
        );
        let value = sender.list_unsubscribe("https://points.clinic.example/u/T", &"T".repeat(36));
        assert!(
            value.ends_with(&format!("?subject={}>", "T".repeat(36))),
            "{value}"
        );
    }
}
