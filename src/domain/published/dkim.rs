//! DKIM's keys (RFC 6376, section 3.6): the public half, under the name of a selector.

use super::{Published, has_typed_quotes, tag, tags};

/// Whether the TXT records of a selector are the one that is shown, or say the same.
pub fn dkim(shown: &str, texts: &[String]) -> Published {
    match texts {
        [] => Published::missing("Nothing stands under this name."),
        [one] if one == shown => Published::found("As shown."),
        [one] => compare(shown, one).with(&[one]),
        // Section 3.6.2.2: what happens then is not defined.
        several => Published::differs(format!(
            "There are {} records under this name, and receivers may take any: leave one. A long key belongs into one record, in \
             pieces.",
            several.len()
        ))
        .with(several),
    }
}

fn compare(shown: &str, there: &str) -> Published {
    if has_typed_quotes(there) {
        return Published::differs(
            "Its quotation marks are part of the record, so that receivers cannot read it: enter it without.",
        );
    }
    let (Some(wanted), Some(found)) = (tags(shown), tags(there)) else {
        return Published::differs("What stands there is no key of DKIM.");
    };
    let Some(key) = tag(&found, "p").map(without_space) else {
        return Published::differs("What stands there is no key of DKIM.");
    };
    // It may be left out, and else is the first (section 3.6.1).
    let is_version = |(at, (name, value)): (usize, &(&str, &str))| {
        *name != "v" || (at == 0 && *value == "DKIM1")
    };
    if !found.iter().enumerate().all(is_version) {
        return Published::differs(
            "It does not begin with v=DKIM1, so that receivers pass over it.",
        );
    }
    if key.is_empty() {
        return Published::differs(
            "The key is withdrawn: p= is empty, and receivers believe none of its signatures.",
        );
    }
    let kind = |tags: &[(&str, &str)]| tag(tags, "k").unwrap_or("rsa").to_ascii_lowercase();
    let expected = without_space(tag(&wanted, "p").unwrap_or_default());
    let is_same = key.trim_end_matches('=') == expected.trim_end_matches('=');
    if !is_same && expected.starts_with(&key) {
        return Published::differs(format!(
            "The key is cut short: {} of its {} characters are there. Enter all of it; where a form takes only 255 characters \
             at a time, in pieces.",
            key.len(),
            expected.len()
        ));
    }
    if !is_same {
        return Published::differs(
            "Another key stands there: receivers do not believe what is signed with ours.",
        );
    }
    if kind(&found) != kind(&wanted) {
        return Published::differs("The key is as shown, and k= names another sort of key.");
    }
    let lists = |name: &str, wanted: &[&str]| {
        tag(&found, name)
            .is_none_or(|list| list.split(':').any(|item| wanted.contains(&item.trim())))
    };
    if !lists("h", &["sha256"]) {
        return Published::differs(
            "The key is as shown, and h= does not allow sha256, with which it signs.",
        );
    }
    if !lists("s", &["*", "email"]) {
        return Published::differs("The key is as shown, and s= does not allow it for e-mail.");
    }
    if tag(&found, "t").is_some_and(|flags| flags.split(':').any(|flag| flag.trim() == "y")) {
        return Published::differs(
            "The key is as shown, and t=y says that it is only tried out: receivers take the messages as if they were not signed. \
             Take t=y away.",
        );
    }
    Published::found("The key is as shown.")
}

fn without_space(text: &str) -> String {
    text.split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use super::super::Outcome::{Differs, Found, Missing};
    use super::*;

    const SHOWN: &str = "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA";

    fn look(text: &str) -> Published {
        dkim(SHOWN, &[text.to_owned()])
    }

    #[test]
    fn the_same_key_is_found_however_it_is_written() {
        assert_eq!(look(SHOWN), Published::found("As shown."));
        for text in [
            "v=DKIM1;k=rsa;p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA;",
            "p=MIIBIjANBgkqhkiG9w0B AQEFAAOCAQ8AMIIBCgKCAQEA",
            "v=DKIM1; t=s; n=note; p = MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\r\n MIIBCgKCAQEA ; h=sha1:sha256; s=email; k=rsa",
        ] {
            let found = look(text);
            assert!(
                found.outcome == Found && !found.seen.is_empty(),
                "{text}: {found:?}"
            );
        }
    }

    #[test]
    fn what_receivers_would_not_take_differs_and_says_why() {
        let key = "p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA";
        for (text, word) in [
            (
                "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQ".to_owned(),
                "22 of its 44",
            ),
            (
                "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEB".to_owned(),
                "Another key",
            ),
            ("v=DKIM1; p=".to_owned(), "withdrawn"),
            (format!("v=DKIM1; k=ed25519; {key}"), "another sort"),
            (format!("k=rsa; v=DKIM1; {key}"), "begin with v=DKIM1"),
            (format!("v=DKIM2; {key}"), "begin with v=DKIM1"),
            (format!("v=DKIM1; h=sha1; {key}"), "sha256"),
            (format!("v=DKIM1; s=tlsrpt; {key}"), "e-mail"),
            (format!("v=DKIM1; t=s:y; {key}"), "t=y"),
            (format!("v=DKIM1; {key}; {key}"), "no key"),
            (format!("\"v=DKIM1; {key}\""), "quotation marks"),
            ("v=spf1 -all".to_owned(), "no key"),
            ("hello".to_owned(), "no key"),
            (String::new(), "no key"),
        ] {
            let found = look(&text);
            assert!(
                found.outcome == Differs && found.words.contains(word),
                "{text}: {found:?}"
            );
        }
        assert_eq!(dkim(SHOWN, &[]).outcome, Missing);
        let two = dkim(SHOWN, &[SHOWN.to_owned(), SHOWN.to_owned()]);
        assert!(
            two.outcome == Differs && two.words.contains("leave one"),
            "{two:?}"
        );
    }
}
