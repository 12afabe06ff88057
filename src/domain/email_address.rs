//! An e-mail address that a newsletter can be sent to.
//!
//! The syntax is RFC 5321's Mailbox, narrowed to what reaches people: a dot-atom in ASCII before the `@`, and a
//! domain name after it, international ones included. Domains are kept as A-labels, because those pass through
//! every mail server; people are shown the Unicode form.

use std::fmt;
use std::str::FromStr;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};

/// The longest address that fits a forward path (RFC 5321 §4.5.3.1.3, less the angle brackets), in octets.
const MAX_LENGTH: usize = 254;
/// The longest local part (RFC 5321 §4.5.3.1.1), in octets.
const MAX_LOCAL_LENGTH: usize = 64;

/// A deliverable address. Equality is that of the spelling; [`EmailAddress::key`] says whether two spellings are
/// one mailbox to us.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress {
    /// The local part as typed, `@`, the domain in lowercase A-labels.
    address: String,
    /// Where the `@` is, in octets.
    at: usize,
}

/// Why a text is not an address, in words for the person who typed it. Never repeats what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailAddressError {
    /// Nothing was given.
    #[error("Please give an e-mail address, like name@practice.co.nz.")]
    Empty,
    /// A line break or another control character, at an end or within.
    #[error("An e-mail address stays on one line and holds no control characters.")]
    ControlCharacter,
    /// A space within, or one at an end that is no plain space.
    #[error("An e-mail address holds no spaces. Please give one like name@practice.co.nz.")]
    Space,
    /// `Name <address>` in place of the address.
    #[error("Please give the address alone, without a name or angle brackets.")]
    AngleBrackets,
    /// No `@`.
    #[error("The @ is missing. Please give an address like name@practice.co.nz.")]
    NoAt,
    /// More than one `@`.
    #[error("There is more than one @. Please give one address, like name@practice.co.nz.")]
    SeveralAts,
    /// More than 254 octets.
    #[error("This address is too long: mail servers accept at most 254 characters.")]
    TooLong,
    /// Nothing before the `@`.
    #[error("The part before the @ is missing. Please give an address like name@practice.co.nz.")]
    LocalPartMissing,
    /// More than 64 octets before the `@`.
    #[error("The part before the @ is too long: mail servers accept at most 64 characters there.")]
    LocalPartTooLong,
    /// A quoted local part.
    #[error(
        "Addresses with quotation marks before the @ are not supported. Please give one like name@practice.co.nz."
    )]
    LocalPartQuoted,
    /// Letters outside ASCII before the @ (SMTPUTF8, RFC 6531).
    #[error(
        "Only few mail servers accept letters with macrons or accents before the @, so our mail would not reach you. \
         Please give an address with plain letters there."
    )]
    LocalPartNotAscii,
    /// A dot first, last or twice in a row before the @.
    #[error("The part before the @ has a dot at its beginning or end, or two in a row.")]
    LocalPartDots,
    /// Another character that no local part holds.
    #[error(
        "The part before the @ holds a character that addresses cannot have. Please give one like name@practice.co.nz."
    )]
    LocalPartCharacter,
    /// Nothing after the `@`.
    #[error("The part after the @ is missing. Please give an address like name@practice.co.nz.")]
    DomainMissing,
    /// A domain of one label, such as `localhost`.
    #[error(
        "The part after the @ is incomplete: it needs at least one dot, like name@practice.co.nz."
    )]
    DomainWithoutDot,
    /// A dot at the end of the domain.
    #[error("The part after the @ ends with a dot. Please leave that dot out.")]
    DomainTrailingDot,
    /// `[192.0.2.1]` or `192.0.2.1` in place of a name.
    #[error("The part after the @ must be a name, like practice.co.nz, not a number.")]
    DomainNumeric,
    /// No domain name by UTS 46 with the STD3 rules, or a label of more than 63 octets.
    #[error("The part after the @ is not a domain name, like practice.co.nz.")]
    DomainInvalid,
}

impl EmailAddress {
    /// Reads an address that a person typed. Spaces and tabs around it are dropped.
    ///
    /// # Errors
    /// Any text that is no address by the rules of this module, with the reason.
    pub fn parse(input: &str) -> Result<Self, EmailAddressError> {
        use EmailAddressError as Error;

        let text = input.trim_matches([' ', '\t']);
        if text.is_empty() {
            return Err(Error::Empty);
        }
        // A line break ends a header field (RFC 5322 §2.2), so none may get in, not even where trimming would hide it.
        if text
            .chars()
            .any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
        {
            return Err(Error::ControlCharacter);
        }
        // Before anything is normalised: four octets a character is the most that UTF-8 takes.
        if text.len() > 4 * MAX_LENGTH {
            return Err(Error::TooLong);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(Error::NoAt)?;
        check_local_part(local)?;
        let domain = domain_to_ascii(domain)?;

        let address = format!("{local}@{domain}");
        if address.len() > MAX_LENGTH {
            return Err(Error::TooLong);
        }
        Ok(Self {
            at: local.len(),
            address,
        })
    }

    /// The address as mail servers take it: ASCII, the local part as typed, the domain in lowercase A-labels.
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The normal form that is unique among subscribers: all in lowercase. The standard lets the local part depend
    /// on case (RFC 5321 §2.4), but no real mailbox does, and nobody may be subscribed twice by a capital letter.
    pub fn key(&self) -> String {
        self.address.to_ascii_lowercase()
    }

    /// The part before the `@`, as typed.
    pub fn local_part(&self) -> &str {
        &self.address[..self.at]
    }

    /// The domain in lowercase A-labels, such as `xn--tepkenga-szb.ac.nz`.
    pub fn domain(&self) -> &str {
        &self.address[self.at + 1..]
    }

    /// The domain for people to read, such as `tepūkenga.ac.nz`.
    pub fn display_domain(&self) -> String {
        let (domain, valid) = Uts46::new().to_unicode(
            self.domain().as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::Check,
        );
        match valid {
            Ok(()) => domain.into_owned(),
            Err(_) => self.domain().to_owned(),
        }
    }

    /// The whole address for people to read, such as `info@tepūkenga.ac.nz`.
    pub fn to_unicode(&self) -> String {
        format!("{}@{}", self.local_part(), self.display_domain())
    }

    /// Enough for its owner to recognise the address, too little for others to write to it: `a…@tepūkenga.ac.nz`.
    /// A local part of one character is hidden altogether.
    pub fn masked(&self) -> String {
        let shown = match self.local_part() {
            one if one.len() < 2 => "",
            longer => &longer[..1],
        };
        format!("{shown}…@{}", self.display_domain())
    }
}

/// A kept address for people to read, with the Unicode form of its domain; what is no address, an erased one say, stays
/// as it is.
pub fn for_people(kept: &str) -> String {
    EmailAddress::parse(kept).map_or_else(|_| kept.to_owned(), |address| address.to_unicode())
}

fn check_local_part(local: &str) -> Result<(), EmailAddressError> {
    use EmailAddressError as Error;

    if local.is_empty() {
        return Err(Error::LocalPartMissing);
    }
    if local.starts_with('"') {
        return Err(Error::LocalPartQuoted);
    }
    if local.contains('<') {
        return Err(Error::AngleBrackets);
    }
    if local.contains('@') {
        return Err(Error::SeveralAts);
    }
    if local.chars().any(char::is_whitespace) {
        return Err(Error::Space);
    }
    if !local.is_ascii() {
        return Err(Error::LocalPartNotAscii);
    }
    if local.len() > MAX_LOCAL_LENGTH {
        return Err(Error::LocalPartTooLong);
    }
    if local.split('.').any(str::is_empty) {
        return Err(Error::LocalPartDots);
    }
    if !local.bytes().all(|b| b == b'.' || is_atom_text(b)) {
        return Err(Error::LocalPartCharacter);
    }
    Ok(())
}

/// The characters of an atom: `atext` of RFC 5322 §3.2.3, to which RFC 5321 §4.1.2 refers.
fn is_atom_text(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

fn domain_to_ascii(domain: &str) -> Result<String, EmailAddressError> {
    use EmailAddressError as Error;

    if domain.is_empty() {
        return Err(Error::DomainMissing);
    }
    if domain.ends_with('>') {
        return Err(Error::AngleBrackets);
    }
    if domain.chars().any(char::is_whitespace) {
        return Err(Error::Space);
    }
    if domain.starts_with('[') {
        return Err(Error::DomainNumeric);
    }
    // The other three are full stops to UTS 46 too.
    if domain.ends_with(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']) {
        return Err(Error::DomainTrailingDot);
    }
    let ascii = Uts46::new()
        .to_ascii(
            domain.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::Check,
            DnsLength::Verify,
        )
        .map_err(|_| Error::DomainInvalid)?;
    let (_, top_level) = ascii.rsplit_once('.').ok_or(Error::DomainWithoutDot)?;
    // No top-level domain is a number (RFC 3696 §2); four of them are an IP address.
    if top_level.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Error::DomainNumeric);
    }
    Ok(ascii.into_owned())
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

/// Prints the masked form: `{:?}` ends up in logs, and no address may.
impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("EmailAddress").field(&self.masked()).finish()
    }
}

impl AsRef<str> for EmailAddress {
    fn as_ref(&self) -> &str {
        &self.address
    }
}

impl FromStr for EmailAddress {
    type Err = EmailAddressError;

    fn from_str(input: &str) -> Result<Self, Self::Err> {
        Self::parse(input)
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = EmailAddressError;

    fn try_from(input: String) -> Result<Self, Self::Error> {
        Self::parse(&input)
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.address
    }
}

#[cfg(test)]
mod tests;
