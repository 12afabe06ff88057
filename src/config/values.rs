//! Values of settings that are more than a text or a number.

use std::net::IpAddr;
use std::str::FromStr;

use secrecy::SecretString;
use url::Url;

use crate::domain::email_address::EmailAddress;

/// A mail address with the name that is shown with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailAddress {
    /// The name.
    pub name: String,
    /// The address.
    pub email: EmailAddress,
}

impl FromStr for MailAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, email) = match text
            .trim()
            .strip_suffix('>')
            .and_then(|t| t.split_once('<'))
        {
            Some((name, email)) => (name.trim().trim_matches('"').to_owned(), email),
            None => (String::new(), text),
        };
        if name.chars().any(char::is_control) {
            return Err("its name must not hold line breaks".to_owned());
        }
        let email = EmailAddress::parse(email).map_err(|e| e.to_string())?;
        Ok(Self { name, email })
    }
}

/// The addresses of mail servers in a list. A comma counts only before the next address: passwords may hold some.
pub(super) fn mail_servers(list: &str) -> Vec<SecretString> {
    let mut servers: Vec<String> = Vec::new();
    for part in list.split(',') {
        let begins = ["smtp://", "smtps://"]
            .iter()
            .any(|scheme| part.trim_start().starts_with(scheme));
        match servers.last_mut() {
            Some(last) if !begins => {
                last.push(',');
                last.push_str(part);
            }
            _ => servers.push(part.trim_start().to_owned()),
        }
    }
    servers.into_iter().map(SecretString::from).collect()
}

/// The address under which people reach the pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(Url);

impl BaseUrl {
    /// The address of a path, which starts with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0.as_str().trim_end_matches('/'))
    }

    /// Scheme, host and port, as browsers send it in `Origin`.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The host alone.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or("localhost")
    }

    /// The address itself.
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Whether it is reached over TLS.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }
}

impl FromStr for BaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "give an address like https://points.clinic.co.nz".to_owned();
        let url = Url::parse(text).map_err(|_| wrong())?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if plain { Ok(Self(url)) } else { Err(wrong()) }
    }
}

/// A network of addresses, like `10.0.0.0/8`; or a single address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(v4) => (u128::from(u32::from(v4)) << 96, 32),
            IpAddr::V6(v6) => (u128::from(v6), 128),
        };
        let ((ours, width), (theirs, their_width)) = (bits(self.address), bits(address));
        let mask = if self.prefix == 0 {
            0
        } else {
            u128::MAX << (128 - u32::from(self.prefix))
        };
        width == their_width && ours & mask == theirs & mask
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "give addresses like 127.0.0.1 or 10.0.0.0/8".to_owned();
        let (address, prefix) = match text.trim().split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(prefix) => prefix.parse().map_err(|_| wrong())?,
            None => widest,
        };
        if prefix > widest {
            Err(wrong())
        } else {
            Ok(Self { address, prefix })
        }
    }
}
