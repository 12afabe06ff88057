//! The marks by which a message is known when something of it comes back: its return path and its Message-ID.
//!
//! Both name the delivery in the open and carry a signature over it, so that nobody can make one up for somebody else's
//! message: whoever has received a message knows the marks of that one alone. They are lowercase and are read in any case,
//! because mail servers on the way change it.
//!
//! ```text
//! bounces+b-4711-01d3…@clinic.example       the return path, with an address that has extensions (RFC 5233)
//! b-4711-01d3…@bounces.clinic.example       the same, with a domain of its own
//! <3fe1a2b4c5d6.4711.01d3…@clinic.example>  the Message-ID, which begins with the installation's name for itself
//! ```

use std::str::FromStr;

use crate::clock::Timestamp;
use crate::domain::delivery::DeliveryId;
use crate::domain::email_address::EmailAddress;
use crate::domain::link_token::{LinkKeys, Purpose, SEAL_LENGTH};

/// A mark stands before this in an address.
const BEGINS: &str = "b-";

/// A local part has at most 64 octets (RFC 5321, section 4.5.3.1.1): so much is left before the extension, with room for
/// a hundred thousand million deliveries.
const LONGEST_LOCAL_PART: usize = 64 - 1 - BEGINS.len() - 11 - 1 - SEAL_LENGTH;

/// So many marks are looked at in one text: somebody else's text must not make work without end.
const MOST_MARKS: usize = 200;

/// Where what comes back is to go: an address whose extensions reach one mailbox, or all of a domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReturnPath {
    local: Option<String>,
    domain: String,
}

impl FromStr for ReturnPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let whole_domain = text.trim().strip_prefix('@');
        let sample = match whole_domain {
            Some(domain) => format!("a@{domain}"),
            None => text.to_owned(),
        };
        let address = EmailAddress::parse(&sample).map_err(|error| error.to_string())?;
        let local = address.local_part().to_owned();
        if whole_domain.is_none() && local.len() > LONGEST_LOCAL_PART {
            return Err(format!(
                "the part before the @ has at most {LONGEST_LOCAL_PART} characters here, because a signature goes behind it"
            ));
        }
        Ok(Self {
            local: whole_domain.is_none().then_some(local),
            domain: address.domain().to_owned(),
        })
    }
}

impl ReturnPath {
    /// The return path of one message that was queued at that time.
    pub fn of(&self, keys: &LinkKeys, id: DeliveryId, queued: Timestamp) -> Option<EmailAddress> {
        let (mark, domain) = (mark(keys, id, queued), &self.domain);
        let address = match &self.local {
            Some(local) => format!("{local}+{mark}@{domain}"),
            None => format!("{mark}@{domain}"),
        };
        EmailAddress::parse(&address).ok()
    }

    /// Whether mail to this address is for us.
    pub fn takes(&self, address: &str) -> bool {
        let Some((local, domain)) = address.rsplit_once('@') else {
            return false;
        };
        let is_ours = match &self.local {
            None => true,
            Some(ours) => {
                let begins = local
                    .get(..ours.len())
                    .is_some_and(|l| l.eq_ignore_ascii_case(ours));
                begins && matches!(local.as_bytes().get(ours.len()), None | Some(b'+'))
            }
        };
        is_ours && domain.eq_ignore_ascii_case(&self.domain)
    }

    /// The domain to which what comes back is sent.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Where requests to be unsubscribed go.
    pub fn for_leaving(&self) -> Option<EmailAddress> {
        let local = self.local.as_deref().unwrap_or("unsubscribe");
        EmailAddress::parse(&format!("{local}@{}", self.domain)).ok()
    }
}

/// What tells a message in a return path, and wherever else a short mark is needed.
///
/// A function of the delivery and of when it was queued: the same on every try, whatever became of the keys in between.
pub fn mark(keys: &LinkKeys, id: DeliveryId, queued: Timestamp) -> String {
    let seal = keys.seal(Purpose::ReturnPath, id.0, queued);
    format!("{BEGINS}{id}-{seal}")
}

/// The Message-ID of a delivery without its angle brackets, the same on every try.
pub fn message_id(
    keys: &LinkKeys,
    instance: &str,
    (id, queued): (DeliveryId, Timestamp),
    host: &str,
) -> String {
    let seal = keys.seal(Purpose::MessageId, id.0, queued);
    format!("{instance}.{id}.{seal}@{host}")
}

/// The deliveries whose signed return paths stand in a text, each once.
pub fn return_paths_in(keys: &LinkKeys, text: &[u8]) -> Vec<DeliveryId> {
    marks(keys, Purpose::ReturnPath, text, BEGINS, b'-')
}

/// The deliveries whose signed Message-IDs stand in a text, each once.
pub fn message_ids_in(keys: &LinkKeys, instance: &str, text: &[u8]) -> Vec<DeliveryId> {
    marks(
        keys,
        Purpose::MessageId,
        text,
        &format!("{instance}."),
        b'.',
    )
}

fn marks(
    keys: &LinkKeys,
    purpose: Purpose,
    text: &[u8],
    begins: &str,
    between: u8,
) -> Vec<DeliveryId> {
    let begins = begins.as_bytes();
    let mut found = Vec::new();
    let mut looked_at = 0;
    let mut rest = text;
    while rest.len() > begins.len() + SEAL_LENGTH && looked_at < MOST_MARKS {
        if !rest[..begins.len()].eq_ignore_ascii_case(begins) {
            rest = &rest[1..];
            continue;
        }
        let after = &rest[begins.len()..];
        if let Some((id, seal)) = read(after, between) {
            looked_at += 1;
            let id = DeliveryId(id);
            if !found.contains(&id) && keys.is_seal(purpose, id.0, seal) {
                found.push(id);
            }
        }
        rest = after;
    }
    found
}

/// An id, what stands between, and a seal.
fn read(text: &[u8], between: u8) -> Option<(i64, &str)> {
    let digits = text.iter().take(20).take_while(|b| b.is_ascii_digit());
    let (id, rest) = text.split_at(digits.count());
    let rest = rest.strip_prefix(&[between])?;
    let (seal, after) = rest.split_at_checked(SEAL_LENGTH)?;
    // A longer run of digits is something else.
    if !seal.iter().all(u8::is_ascii_hexdigit) || after.first().is_some_and(u8::is_ascii_hexdigit) {
        return None;
    }
    let id = std::str::from_utf8(id).ok()?.parse().ok()?;
    Some((id, std::str::from_utf8(seal).ok()?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_795_381_200_000);

    fn keys() -> LinkKeys {
        LinkKeys::new(vec![(1, [7; 32])]).unwrap()
    }

    #[test]
    fn a_return_path_gives_back_its_delivery_in_any_case_and_place() {
        for form in ["bounces@clinic.example", "@bounces.clinic.example"] {
            let path: ReturnPath = form.parse().unwrap();
            let address = path.of(&keys(), DeliveryId(4711), NOW).unwrap();
            for text in [
                address.to_string(),
                address.as_str().to_uppercase(),
                format!("Return-Path: <{}>\r\n", address.as_str()),
                format!("xb-b-1-{}", address.as_str()),
            ] {
                assert_eq!(
                    return_paths_in(&keys(), text.as_bytes()),
                    [DeliveryId(4711)],
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn a_message_keeps_its_marks_when_a_new_key_comes_between_two_tries() {
        let later = NOW.plus(std::time::Duration::from_secs(60));
        let rotated = LinkKeys::since(vec![
            (1, [7; 32], Timestamp::from_millis(0)),
            (2, [8; 32], later),
        ])
        .unwrap();
        let path: ReturnPath = "@b.example".parse().unwrap();
        let id = DeliveryId(12);
        assert_eq!(path.of(&rotated, id, NOW), path.of(&keys(), id, NOW));
        let with = |keys: &LinkKeys, at| message_id(keys, "3fe1a2b4c5d6", (id, at), "c.example");
        assert_eq!(with(&rotated, NOW), with(&keys(), NOW));
        // What is queued afterwards is signed with the new one, and both are known.
        assert_ne!(with(&rotated, later), with(&rotated, NOW));
        for at in [NOW, later] {
            let found = message_ids_in(&rotated, "3fe1a2b4c5d6", with(&rotated, at).as_bytes());
            assert_eq!(found, [id]);
        }
        // Older than every key, as after a clock was put right.
        let before = Timestamp::from_millis(-1);
        assert_eq!(with(&rotated, before), with(&keys(), NOW));
    }

    #[test]
    fn it_takes_what_is_its_own() {
        let mailbox: ReturnPath = "bounces@clinic.example".parse().unwrap();
        let domain: ReturnPath = "@clinic.example".parse().unwrap();
        for (address, by_mailbox, by_domain) in [
            ("bounces@clinic.example", true, true),
            ("Bounces+b-1-00@CLINIC.example", true, true),
            ("bouncesx@clinic.example", false, true),
            ("gp@clinic.example", false, true),
            ("bounces@other.example", false, false),
            ("bounces", false, false),
        ] {
            assert_eq!(
                (mailbox.takes(address), domain.takes(address)),
                (by_mailbox, by_domain),
                "{address}"
            );
        }
    }

    #[test]
    fn the_longest_return_path_is_an_address() {
        let longest = "a".repeat(LONGEST_LOCAL_PART);
        let path: ReturnPath = format!("{longest}@clinic.example").parse().unwrap();
        let address = path.of(&keys(), DeliveryId(99_999_999_999), NOW).unwrap();
        assert_eq!(address.local_part().len(), 64);
        assert!(
            format!("a{longest}@clinic.example")
                .parse::<ReturnPath>()
                .is_err()
        );
        for wrong in ["", "@", "bounces", "@localhost", "a b@clinic.example"] {
            assert!(wrong.parse::<ReturnPath>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_forged_mark_is_none() {
        let path: ReturnPath = "@b.example".parse().unwrap();
        let real = path.of(&keys(), DeliveryId(12), NOW).unwrap();
        let other = real.as_str().replacen("b-12-", "b-13-", 1);
        let id = message_id(&keys(), "3fe1a2b4c5d6", (DeliveryId(12), NOW), "c.example");
        assert_eq!(
            message_ids_in(&keys(), "3fe1a2b4c5d6", id.as_bytes()),
            [DeliveryId(12)]
        );
        let as_return_path = format!("b-12-{}", id.rsplit_once('.').unwrap().0);
        for text in [
            other.as_str(),
            &as_return_path,
            "b-12-",
            "b--",
            "b-99999999999999999999-01",
            "",
        ] {
            assert_eq!(return_paths_in(&keys(), text.as_bytes()), [], "{text}");
        }
        assert_eq!(message_ids_in(&keys(), "000000000000", id.as_bytes()), []);
        assert_eq!(
            message_ids_in(&keys(), "3fe1a2b4c5d6", real.as_str().as_bytes()),
            []
        );
    }

    #[test]
    fn a_text_full_of_marks_is_given_up() {
        let forged = format!("b-1-{} ", "0".repeat(SEAL_LENGTH)).repeat(MOST_MARKS);
        let path: ReturnPath = "@b.example".parse().unwrap();
        let real = path.of(&keys(), DeliveryId(12), NOW).unwrap();
        let text = format!("{forged}{}", real.as_str());
        assert_eq!(return_paths_in(&keys(), text.as_bytes()), []);
    }
}
