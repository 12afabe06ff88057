//! What a mail server offers: the lines of its answer to `EHLO` (RFC 5321, section 4.1.1.1).

/// What a server offers on a connection, inside TLS if there is TLS. Keywords that mean nothing to us are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// `PIPELINING` (RFC 2920): several commands may be written before the first is answered.
    pub pipelining: bool,
    /// `SIZE` (RFC 1870): the longest message in octets; `None` if the server names no limit.
    pub size: Option<u64>,
    /// `8BITMIME` (RFC 6152).
    pub eight_bit_mime: bool,
    /// `SMTPUTF8` (RFC 6531): addresses outside ASCII.
    pub smtp_utf8: bool,
    /// `STARTTLS` (RFC 3207). Inside TLS no server offers it any more.
    pub starttls: bool,
    /// `AUTH` (RFC 4954): the ways to sign in, in capitals, in the server's order.
    pub auth: Vec<String>,
}

impl Capabilities {
    /// Reads the lines of an answer to `EHLO`, without their codes. The first is the server's name.
    pub(super) fn from_lines<'a>(lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut found = Self::default();
        for line in lines.into_iter().skip(1) {
            let line = line.to_ascii_uppercase();
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("PIPELINING") => found.pipelining = true,
                // 0 stands for "no fixed limit".
                Some("SIZE") => {
                    found.size = words
                        .next()
                        .and_then(|size| size.parse().ok())
                        .filter(|&size| size > 0);
                }
                Some("8BITMIME") => found.eight_bit_mime = true,
                Some("SMTPUTF8") => found.smtp_utf8 = true,
                Some("STARTTLS") => found.starttls = true,
                Some("AUTH") => found.auth.extend(words.map(ToOwned::to_owned)),
                _ => {}
            }
        }
        found
    }

    /// Reads the second reply in what a server said since the connection began: the first is its greeting.
    pub(super) fn from_opening(said: &[u8]) -> Self {
        let said = String::from_utf8_lossy(said);
        let mut replies = 0;
        let lines = said.lines().filter_map(|line| {
            let reply = replies;
            // A hyphen after the code says that the reply goes on (RFC 5321, section 4.2.1).
            if line.as_bytes().get(3) != Some(&b'-') {
                replies += 1;
            }
            (reply == 1).then(|| line.get(4..).unwrap_or_default())
        });
        Self::from_lines(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPENING: &str = "220-mail.example ESMTP\r\n220 ready\r\n250-mail.example at your service\r\n\
        250-PIPELINING\r\n250-size 10240000\r\n250-ETRN\r\n250-AUTH PLAIN login\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n";

    #[test]
    fn the_answer_to_ehlo_is_read_in_whatever_case_it_is_written() {
        let found = Capabilities::from_opening(OPENING.as_bytes());
        let expected = Capabilities {
            pipelining: true,
            size: Some(10_240_000),
            eight_bit_mime: true,
            smtp_utf8: true,
            starttls: false,
            auth: vec!["PLAIN".to_owned(), "LOGIN".to_owned()],
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn what_comes_in_other_replies_is_not_offered() {
        let mut said = OPENING.to_owned();
        said.push_str("250-mail.example\r\n250 STARTTLS\r\n");
        assert!(!Capabilities::from_opening(said.as_bytes()).starttls);
        let said = "220-mail.example\r\n220 PIPELINING\r\n250 mail.example\r\n";
        assert_eq!(
            Capabilities::from_opening(said.as_bytes()),
            Capabilities::default()
        );
    }

    #[test]
    fn a_size_of_zero_or_of_no_number_is_no_limit() {
        for line in ["SIZE", "SIZE 0", "SIZE many", "SIZE -1"] {
            assert_eq!(Capabilities::from_lines(["mail.example", line]).size, None);
        }
    }
}
