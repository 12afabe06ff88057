#![allow(clippy::unwrap_used)]

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const OLD: (u8, [u8; 32]) = (1, [7; 32]);
const NEW: (u8, [u8; 32]) = (2, [9; 32]);

fn keys(keys: &[(u8, [u8; 32])]) -> LinkKeys {
    LinkKeys::new(keys.to_vec()).unwrap()
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + millis)
}

#[test]
fn a_token_gives_back_its_id() {
    let keys = keys(&[OLD]);
    for id in [0, 1, 255, 256, 65_536, 1 << 40, i64::MAX, -1, i64::MIN] {
        for expires in [None, Some(at(1))] {
            let token = keys.sign(Purpose::Manage, id, expires);
            assert_eq!(keys.verify(Purpose::Manage, &token, NOW), Ok(id));
        }
    }
}

#[test]
fn an_unsubscribe_token_is_short_and_fits_an_address() {
    let keys = keys(&[OLD]);
    assert_eq!(keys.sign(Purpose::Unsubscribe, i64::MAX, None).len(), 35);
    assert_eq!(keys.sign(Purpose::Unsubscribe, 60_000, None).len(), 27);
    assert_eq!(keys.sign(Purpose::Confirm, i64::MAX, Some(NOW)).len(), 42);
    let token = keys.sign(Purpose::Unsubscribe, i64::MAX, None);
    assert!(
        token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    );
}

/// Computed by another implementation. Links are kept for years: if this fails, those in every inbox have died.
#[test]
fn the_form_of_tokens_stays_as_it_is() {
    let keys = keys(&[OLD]);
    assert_eq!(
        keys.sign(Purpose::Unsubscribe, 60_000, None),
        "AQLqYI-CI2StRgFfee2lD9GlnCw"
    );
    assert_eq!(
        keys.sign(Purpose::Confirm, 5, Some(NOW)),
        "AYEAav2GwAUbJ9xkJrL_dLyE9YQo0qW2"
    );
}

#[test]
fn a_token_serves_one_purpose_only() {
    let keys = keys(&[OLD]);
    let purposes = [
        Purpose::Confirm,
        Purpose::Unsubscribe,
        Purpose::Resubscribe,
        Purpose::Manage,
        Purpose::ChangeAddress,
        Purpose::ReturnPath,
        Purpose::StaffInvitation,
        Purpose::PasswordReset,
    ];
    for signed in purposes {
        let token = keys.sign(signed, 5, Some(at(1)));
        for asked in purposes {
            let expected = if asked == signed {
                Ok(5)
            } else {
                Err(TokenError::WrongPurpose)
            };
            assert_eq!(
                keys.verify(asked, &token, NOW),
                expected,
                "{signed:?} as {asked:?}"
            );
        }
    }
}

#[test]
fn any_changed_octet_is_noticed() {
    let keys = keys(&[OLD, NEW]);
    let token = keys.sign(Purpose::Unsubscribe, 123_456, Some(at(1)));
    let octets = URL_SAFE_NO_PAD.decode(&token).unwrap();
    for place in 0..octets.len() {
        for bit in 0..8 {
            let mut changed = octets.clone();
            changed[place] ^= 1 << bit;
            let result = keys.verify(Purpose::Unsubscribe, &URL_SAFE_NO_PAD.encode(changed), NOW);
            assert!(
                matches!(result, Err(TokenError::Forged | TokenError::Malformed)),
                "octet {place}, bit {bit}: {result:?}"
            );
        }
    }
}

#[test]
fn a_token_without_its_expiry_is_forged() {
    let keys = keys(&[OLD]);
    let mut octets = URL_SAFE_NO_PAD
        .decode(keys.sign(Purpose::Confirm, 5, Some(NOW)))
        .unwrap();
    octets[1] &= !EXPIRES;
    octets.drain(2..2 + EXPIRY_LENGTH);
    let token = URL_SAFE_NO_PAD.encode(octets);
    assert_eq!(
        keys.verify(Purpose::Confirm, &token, NOW),
        Err(TokenError::Forged)
    );
}

#[test]
fn an_old_key_still_verifies_after_rotation() {
    let token = keys(&[OLD]).sign(Purpose::Unsubscribe, 5, None);
    let rotated = keys(&[OLD, NEW]);
    assert_eq!(rotated.current_id(), KeyId(2));
    assert_eq!(rotated.verify(Purpose::Unsubscribe, &token, NOW), Ok(5));
    assert_ne!(rotated.sign(Purpose::Unsubscribe, 5, None), token);
}

#[test]
fn a_token_of_an_unknown_or_other_key_is_forged() {
    let token = keys(&[NEW]).sign(Purpose::Unsubscribe, 5, None);
    for other in [keys(&[OLD]), keys(&[(2, [8; 32])])] {
        assert_eq!(
            other.verify(Purpose::Unsubscribe, &token, NOW),
            Err(TokenError::Forged)
        );
    }
}

#[test]
fn an_expired_token_says_for_whom_it_was() {
    let keys = keys(&[OLD]);
    let token = keys.sign(Purpose::Confirm, 5, Some(NOW));
    assert_eq!(keys.verify(Purpose::Confirm, &token, at(-1)), Ok(5));
    assert_eq!(
        keys.verify(Purpose::Confirm, &token, NOW),
        Err(TokenError::Expired { id: 5 })
    );
    // The purpose comes first: who holds an expired link of another kind learns nothing from it.
    assert_eq!(
        keys.verify(Purpose::Manage, &token, NOW),
        Err(TokenError::WrongPurpose)
    );
}

#[test]
fn an_expiry_is_rounded_up_to_the_second_and_never_overflows() {
    let keys = keys(&[OLD]);
    let token = keys.sign(Purpose::Confirm, 5, Some(at(1)));
    assert_eq!(keys.verify(Purpose::Confirm, &token, at(999)), Ok(5));
    assert!(keys.verify(Purpose::Confirm, &token, at(1000)).is_err());

    let forever = keys.sign(Purpose::Confirm, 5, Some(Timestamp::from_millis(i64::MAX)));
    assert_eq!(keys.verify(Purpose::Confirm, &forever, NOW), Ok(5));
    let never = keys.sign(Purpose::Confirm, 5, Some(Timestamp::from_millis(i64::MIN)));
    assert!(keys.verify(Purpose::Confirm, &never, NOW).is_err());
}

#[test]
fn garbage_of_every_length_is_refused() {
    let keys = keys(&[OLD]);
    for length in 0..200 {
        for filler in ["A", "_", "=", "é", "\0", "%"] {
            let result = keys.verify(Purpose::Unsubscribe, &filler.repeat(length), NOW);
            assert!(
                matches!(result, Err(TokenError::Malformed | TokenError::Forged)),
                "{length} times {filler:?}: {result:?}"
            );
        }
    }
}

#[test]
fn a_token_has_one_spelling_only() {
    let keys = keys(&[OLD]);
    let token = keys.sign(Purpose::Unsubscribe, i64::MAX, None);
    // 26 octets leave two bits unused in the last character; the next character of the alphabet sets one of them.
    let last = token.chars().last().unwrap();
    let next = char::from_u32(u32::from(last) + 1).unwrap();
    let stray = format!("{}{next}", &token[..token.len() - 1]);
    for other in [
        stray,
        format!("{token}="),
        format!(" {token}"),
        format!("{token}\n"),
    ] {
        assert_eq!(
            keys.verify(Purpose::Unsubscribe, &other, NOW),
            Err(TokenError::Malformed),
            "{other:?}"
        );
    }
}

#[test]
fn keys_are_numbered_uniquely_and_there_is_one() {
    assert_eq!(LinkKeys::new(vec![]).unwrap_err(), LinkKeysError::NoKey);
    assert_eq!(
        LinkKeys::new(vec![OLD, OLD]).unwrap_err(),
        LinkKeysError::DuplicateId(1)
    );
}

#[test]
fn debug_output_holds_no_secret() {
    let text = format!("{:?}", keys(&[OLD, NEW]));
    assert_eq!(
        text,
        "LinkKeys { current: KeyId(2), older: [KeyId(1)], .. }"
    );
}

#[test]
fn the_keyed_hash_is_hmac_sha256() {
    // RFC 4231's test case 1 with its key of 20 octets filled up with zeros to 32, which HMAC does anyway.
    let mut key = [0; 32];
    key[..20].fill(0x0b);
    assert_eq!(
        keyed_hash(&key, "Hi There"),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    );
    assert_ne!(keyed_hash(&key, "a"), keyed_hash(&[0; 32], "a"));
}

#[test]
fn a_seal_fits_its_id_and_purpose_and_no_other() {
    let (old, both) = (keys(&[OLD]), keys(&[OLD, NEW]));
    for id in [1, 255, 60_000, i64::MAX] {
        let seal = old.seal(Purpose::ReturnPath, id, NOW);
        assert_eq!(seal.len(), SEAL_LENGTH);
        assert!(old.is_seal(Purpose::ReturnPath, id, &seal));
        assert!(old.is_seal(Purpose::ReturnPath, id, &seal.to_uppercase()));
        assert!(
            both.is_seal(Purpose::ReturnPath, id, &seal),
            "an older key still counts"
        );
        assert!(!both.is_seal(Purpose::ReturnPath, id - 1, &seal));
        assert!(!both.is_seal(Purpose::MessageId, id, &seal));
        assert!(!keys(&[NEW]).is_seal(Purpose::ReturnPath, id, &seal));
        let shorter = seal.get(..seal.len() - 2).unwrap();
        for forged in [
            shorter,
            "",
            "zz",
            &format!("{seal}00"),
            &seal.replace(|c: char| c.is_ascii_digit(), "a"),
        ] {
            assert!(!both.is_seal(Purpose::ReturnPath, id, forged), "{forged}");
        }
    }
}
