//! DMARC (RFC 7489): what receivers do with messages that fail, and to whom they report.

use super::{Published, tag, tags, visible};

/// A name within so many others, and no more, is looked at (RFC 9989 stops there too).
const MOST_PARENTS: usize = 7;

/// The domains whose record holds for a domain that has none, the nearest first: those around it, down to two labels. Which of
/// them is the one that was registered is a list that changes; a registry's own record says so (`psd=y`), and is passed over.
pub fn parents(domain: &str) -> Vec<&str> {
    let mut parents = Vec::new();
    let mut rest = domain;
    while let Some((_, parent)) = rest.split_once('.') {
        if !parent.contains('.') || parents.len() == MOST_PARENTS {
            break;
        }
        parents.push(parent);
        rest = parent;
    }
    parents
}

/// What the TXT records at `_dmarc.` of a domain say for another one within it, or for itself; none where none of them is of
/// DMARC, so that the next domain around counts.
pub fn dmarc(shown: &str, domain: &str, at: &str, texts: &[String]) -> Option<Published> {
    let of_dmarc = |text: &&String| {
        let first = text.split(';').next().unwrap_or_default().split_once('=');
        first.is_some_and(|(name, value)| name.trim() == "v" && value.trim() == "DMARC1")
    };
    let records: Vec<&String> = texts.iter().filter(of_dmarc).collect();
    match records[..] {
        [] => None,
        [one] => compare(shown, domain, at, one),
        // RFC 7489, section 6.6.3.
        _ => Some(
            Published::differs(format!(
                "There are {} DMARC records at _dmarc.{at}, and receivers then count none: leave one.",
                records.len()
            ))
            .with(&records),
        ),
    }
}

/// What there is to say where no record of DMARC holds for a domain: `texts` stand at its own `_dmarc.`, and `around` are the
/// domains that were asked besides.
pub fn without_dmarc(texts: &[String], around: &[&str]) -> Published {
    if !texts.is_empty() {
        let words =
            "What stands there does not begin with v=DMARC1, so that receivers pass over it.";
        return Published::differs(words).with(texts);
    }
    let nor = match around.last() {
        Some(last) => format!(", nor is there one of a domain around it, up to {last}"),
        None => String::new(),
    };
    Published::missing(format!("There is no DMARC record{nor}."))
}

fn compare(shown: &str, domain: &str, at: &str, one: &str) -> Option<Published> {
    let is_own = at == domain;
    if is_own && one == shown {
        return Some(Published::found("As shown."));
    }
    let Some(found) = tags(one) else {
        return Some(
            Published::differs(
                "It cannot be read: it has a tag twice, or something that is no tag.",
            )
            .with(&[one]),
        );
    };
    if !is_own && tag(&found, "psd") == Some("y") {
        return None;
    }
    // What a domain asks for those within it (RFC 7489, section 6.3).
    let within = tag(&found, "sp").filter(|_| !is_own);
    let policy = within.or_else(|| tag(&found, "p"));
    let policy = policy.map(str::to_ascii_lowercase).unwrap_or_default();
    let does = match policy.as_str() {
        "none" => "receivers do nothing about messages that fail",
        "quarantine" => "receivers put messages that fail aside",
        "reject" => "receivers refuse messages that fail",
        _ => {
            return Some(
                Published::differs("It names no policy: p= is to be none, quarantine or reject.")
                    .with(&[one]),
            );
        }
    };
    let reports = match tag(&found, "rua").filter(|rua| !rua.is_empty()) {
        Some(rua) => format!("Reports go to {}.", visible(rua)),
        None => "Nobody gets the reports: rua= is not there.".to_owned(),
    };
    let whose = if is_own {
        String::new()
    } else {
        format!("The record of {at} holds here too. ")
    };
    let words = format!("{whose}With {policy}, {does}. {reports}");
    Some(Published::found(words).with(&[one]))
}

#[cfg(test)]
mod tests {
    use super::super::Outcome::{Differs, Found, Missing};
    use super::*;

    const SHOWN: &str = "v=DMARC1; p=none; rua=mailto:clinic@clinic.example";

    fn look(at: &str, texts: &[&str]) -> Option<Published> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        dmarc(SHOWN, "points.clinic.example", at, &texts)
    }

    #[test]
    fn the_domains_around_are_asked_down_to_two_labels() {
        assert_eq!(
            parents("a.points.clinic.example"),
            ["points.clinic.example", "clinic.example"]
        );
        assert!(parents("clinic.example").is_empty());
        assert!(parents("localhost").is_empty());
        assert_eq!(parents(&"a.".repeat(60)).len(), MOST_PARENTS);
    }

    #[test]
    fn any_policy_is_found_and_told_and_one_around_holds_too() {
        let own = "points.clinic.example";
        assert_eq!(look(own, &[SHOWN]), Some(Published::found("As shown.")));
        let strict =
            look(own, &["v=DMARC1;p=reject", "other"]).unwrap_or_else(|| Published::missing(""));
        assert!(
            strict.outcome == Found
                && strict.words.contains("refuse")
                && strict.words.contains("Nobody gets")
        );
        let around = look(
            "clinic.example",
            &["v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@clinic.example"],
        );
        let around = around.unwrap_or_else(|| Published::missing(""));
        assert!(
            around.outcome == Found && around.words.starts_with("The record of clinic.example"),
            "{around:?}"
        );
        assert!(
            around.words.contains("quarantine") && around.words.contains("mailto:d@clinic.example"),
            "{around:?}"
        );
        assert_eq!(look("example", &["v=DMARC1; p=reject; psd=y"]), None);
        assert_eq!(look("clinic.example", &["v=spf1 -all"]), None);
        for text in ["p=none; v=DMARC1", "v=dmarc1; p=none"] {
            assert_eq!(look(own, &[text]), None, "{text}");
            let none = without_dmarc(&[text.to_owned()], &["clinic.example"]);
            assert_eq!(none.outcome, Differs, "{text}");
        }
        assert_eq!(look(own, &[]), None);
        let none = without_dmarc(&[], &["clinic.example"]);
        assert!(
            none.outcome == Missing && none.words.ends_with("up to clinic.example."),
            "{none:?}"
        );
    }

    #[test]
    fn what_receivers_pass_over_differs() {
        for texts in [
            &["v=DMARC1; p=none", "v=DMARC1; p=reject"][..],
            &["v=DMARC1; p=maybe"],
            &["v=DMARC1"],
            &["v=DMARC1; p=none; p=reject"],
        ] {
            let found = look("points.clinic.example", texts);
            assert_eq!(found.map(|found| found.outcome), Some(Differs), "{texts:?}");
        }
    }
}
