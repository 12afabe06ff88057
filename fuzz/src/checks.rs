//! The checks themselves, in a file of its own because the program's tests include it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::OnceLock;

use practice_points::clock::Timestamp;
use practice_points::domain::bounce::category_of_words;
use practice_points::domain::delivery::DeliveryId;
use practice_points::domain::harmless;
use practice_points::domain::link_token::LinkKeys;
use practice_points::domain::return_path::{mark, message_id, message_ids_in, return_paths_in};
use practice_points::domain::status_code::{EnhancedCode, find_code, find_reply_code};
use practice_points::mail::inbound::{LONGEST, Notice, Received, read, read_unguarded};

#[path = "providers.rs"]
mod providers;

pub use providers::{told, webhook};

/// The message of ours that everything here is about.
const DELIVERY: DeliveryId = DeliveryId(4711);

/// When it was queued: the one key here signs always.
const QUEUED: Timestamp = Timestamp::from_millis(1_795_381_200_000);

/// The name of the installation in its Message-IDs.
const INSTANCE: &str = "3fe1a2b4c5d6";

fn keys() -> &'static LinkKeys {
    static KEYS: OnceLock<LinkKeys> = OnceLock::new();
    KEYS.get_or_init(|| LinkKeys::new(vec![(1, [7; 32])]).unwrap())
}

/// Whatever comes back: a message, or the body of a webhook, which is told by how JSON begins.
pub fn everything(data: &[u8]) {
    let data = &filled_in(data)[..];
    match data.first() {
        Some(b'{' | b'[') => webhook(data),
        _ => message(data),
    }
    marks(data);
    codes(data);
}

/// A message is read to something that can be shown, within its bounds.
pub fn message(data: &[u8]) {
    let received = read_as_released(&data[..data.len().min(LONGEST)]);
    assert!(!received.notices.is_empty() && received.notices.len() <= 20);
    received.notices.iter().for_each(is_harmless);
    for (line, longest) in [
        (&received.id, 301),
        (&received.from, 201),
        (&received.subject, 201),
    ] {
        assert_eq!(*line, harmless::line(line, longest));
    }
    assert!(received.tokens.len() <= 4);
    assert!(received.anywhere.len() <= 8 * LONGEST);
    marks(&received.addressed);
    marks(&received.anywhere);
}

/// Reads a message without the net that catches what goes wrong. Builds for tests have the parser's checks of itself, which
/// stop at broken multiparts that a release reads on over: theirs is the one failure that counts for nothing.
fn read_as_released(message: &[u8]) -> Received {
    std::panic::catch_unwind(|| read_unguarded(message)).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<&str>().copied();
        let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        if said.is_some_and(|said| said.contains("Invalid part ID, could not find m")) {
            read(message)
        } else {
            std::panic::resume_unwind(panic)
        }
    })
}

/// What may be shown of a notice is short, on one line, and misleads nobody.
fn is_harmless(notice: &Notice) {
    assert_eq!(notice.words, harmless::line(&notice.words, 501));
    for address in [&notice.recipient, &notice.original_recipient] {
        let address = address.as_deref().unwrap_or_default();
        assert_eq!(address, harmless::line(address, 255));
    }
}

/// Only a mark that stands there whole is found, and one that stands first is found whatever follows.
pub fn marks(data: &[u8]) {
    // The id may be written with zeros before it; the signature over it stands there as it is.
    let is_signed = |mark: &str| {
        let seal = mark.rsplit(['-', '.']).next().unwrap().as_bytes();
        data.windows(seal.len())
            .any(|found| found.eq_ignore_ascii_case(seal))
    };
    let return_path = mark(keys(), DELIVERY, QUEUED);
    let host = "clinic.example";
    let id = message_id(keys(), INSTANCE, (DELIVERY, QUEUED), host);
    let id = id.trim_end_matches(host);
    for found in return_paths_in(keys(), data) {
        assert!(is_signed(&mark(keys(), found, QUEUED)));
    }
    for found in message_ids_in(keys(), INSTANCE, data) {
        let id = message_id(keys(), INSTANCE, (found, QUEUED), host);
        assert!(is_signed(id.split('@').next().unwrap()));
    }
    let behind = |mark: &str| [mark.as_bytes(), b" ", data].concat();
    assert_eq!(
        return_paths_in(keys(), &behind(&return_path)).first(),
        Some(&DELIVERY)
    );
    assert_eq!(
        message_ids_in(keys(), INSTANCE, &behind(id)).first(),
        Some(&DELIVERY)
    );
}

/// What is taken for a code is one.
pub fn codes(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Some(code) = find_code(&text) {
        assert!(matches!(code.0, 4 | 5) && code.1 <= 7 && code.2 <= 999);
        assert_eq!(EnhancedCode::parse(&code.to_string()), Some(code));
    }
    if let Some(code) = find_reply_code(&text) {
        assert!((400..600).contains(&code) && text.contains(&code.to_string()));
    }
    if let Some(code) = EnhancedCode::parse(&text) {
        assert_eq!(EnhancedCode::parse(&code.to_string()), Some(code));
    }
    let _ = category_of_words(&text);
    for longest in [0, 1, 80] {
        let line = harmless::line(&text, longest);
        assert!(line.chars().count() <= longest + 1);
        assert_eq!(line, harmless::line(&line, longest + 1));
    }
    let lines = harmless::lines(&text, 1000);
    assert!(lines.len() <= 1000 + 2 * '…'.len_utf8());
}

/// Puts marks that are valid into the places that the corpus has for them.
fn filled_in(data: &[u8]) -> Vec<u8> {
    let return_path = format!("bounces+{}@clinic.example", mark(keys(), DELIVERY, QUEUED));
    let id = message_id(keys(), INSTANCE, (DELIVERY, QUEUED), "clinic.example");
    let mut filled = data.to_vec();
    for (place, value) in [("{return-path}", &return_path), ("{message-id}", &id)] {
        let place = place.as_bytes();
        let mut from = 0;
        while let Some(at) = filled[from..]
            .windows(place.len())
            .position(|found| found == place)
        {
            filled.splice(from + at..from + at + place.len(), value.bytes());
            from += at + value.len();
        }
    }
    filled
}
