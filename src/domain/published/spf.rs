//! SPF (RFC 7208): which servers send for a domain.
//!
//! The record is read and not evaluated: from which addresses a mail server really sends is known to nobody here, and where the
//! published one names somebody else's list (`include:`), it is said that it may hold the server.

use super::{Published, has_typed_quotes};

/// Whether a domain's TXT records hold the SPF record that is shown, or one that names the same mail servers.
pub fn spf(domain: &str, shown: &str, texts: &[String]) -> Published {
    let records: Vec<&String> = texts.iter().filter(|text| is_spf(text)).collect();
    match records[..] {
        [] => {
            let near = texts.iter().filter(|text| looks_like_spf(text));
            let near: Vec<&String> = near.collect();
            if near.is_empty() {
                Published::missing("No record of this domain begins with v=spf1.")
            } else {
                let words = if has_typed_quotes(near[0]) {
                    "Its quotation marks are part of the record, so that receivers do not see it: enter it without."
                } else {
                    "It does not begin with “v=spf1” and a space, so that receivers do not see it."
                };
                Published::differs(words).with(&near)
            }
        }
        [one] => compare(domain, shown, one),
        // RFC 7208, section 4.5.
        _ => Published::differs(format!(
            "There are {} SPF records, and receivers then count none: make one of them.",
            records.len()
        ))
        .with(&records),
    }
}

fn is_spf(text: &str) -> bool {
    let start = text
        .get(..6)
        .is_some_and(|start| start.eq_ignore_ascii_case("v=spf1"));
    start && matches!(text.as_bytes().get(6), None | Some(b' '))
}

fn looks_like_spf(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c == '"' || c.is_whitespace());
    text.get(..5)
        .is_some_and(|start| start.eq_ignore_ascii_case("v=spf"))
}

/// What a record says, as far as it counts.
struct Terms {
    /// What it lets pass, in lower case: `a:relay.example`, `include:_spf.provider.example`.
    pass: Vec<String>,
    /// The qualifier of `all`, where it has one: `-`, `~`, `?` or `+`.
    all: Option<char>,
    /// Whose record takes its place, where none of its own terms matches.
    redirect: Option<String>,
}

impl Terms {
    fn of(text: &str) -> Self {
        let (mut pass, mut all, mut redirect) = (Vec::new(), None, None);
        for term in text.split(' ').skip(1).filter(|term| !term.is_empty()) {
            let term = term.to_ascii_lowercase();
            let qualifier = term.chars().next().filter(|c| "+-~?".contains(*c));
            let mechanism = term.trim_start_matches(['+', '-', '~', '?']);
            if let Some(domain) = mechanism.strip_prefix("redirect=") {
                redirect = Some(domain.trim_end_matches('.').to_owned());
            } else if all.is_some() {
                // What stands after “all” is never looked at (section 5.1).
            } else if mechanism == "all" {
                all = Some(qualifier.unwrap_or('+'));
            } else if !mechanism.contains('=') && matches!(qualifier, None | Some('+')) {
                pass.push(mechanism.trim_end_matches('.').to_owned());
            }
        }
        // It counts only where there is no “all” (section 6.1).
        let redirect = redirect.filter(|_| all.is_none());
        Self {
            pass,
            all,
            redirect,
        }
    }

    /// Whether it lets a server pass that `wanted` names; `a` alone is the domain itself.
    fn names(&self, wanted: &str, domain: &str) -> bool {
        let is_own = wanted.strip_prefix("a:") == Some(domain);
        self.pass.iter().any(|term| {
            let term = term.split('/').next().unwrap_or_default();
            term == wanted || (term == "a" && is_own)
        })
    }
}

fn compare(domain: &str, shown: &str, one: &str) -> Published {
    let (wanted, there) = (Terms::of(shown), Terms::of(one));
    if one.trim() == shown && !shown.contains('<') {
        return Published::found("As shown.");
    }
    let differs = |words: String| Published::differs(words).with(&[one]);
    if one.contains('<') {
        return differs(
            "What stands between angle brackets has to be replaced by what it means.".to_owned(),
        );
    }
    if there.all == Some('+') {
        return differs(
            "It lets every server in the world send for this domain: end it with -all or ~all."
                .to_owned(),
        );
    }
    // What stands between angle brackets has a space in it, and is no term.
    let is_known = |term: &&String| term.contains(':') && !term.contains('<');
    let servers: Vec<&str> = wanted
        .pass
        .iter()
        .filter(is_known)
        .map(String::as_str)
        .collect();
    let missing: Vec<&str> = servers
        .iter()
        .copied()
        .filter(|server| !there.names(server, domain))
        .collect();
    let lists: Vec<String> = there
        .pass
        .iter()
        .cloned()
        .chain(
            there
                .redirect
                .iter()
                .map(|domain| format!("redirect={domain}")),
        )
        .collect();
    let names = missing.join(" and ");
    if lists.is_empty() {
        return differs(
            "It says that no server sends for this domain, and receivers refuse what comes from it.".to_owned(),
        );
    }
    if !missing.is_empty() {
        return differs(format!(
            "It does not name {names}. What it names ({}) may hold it all the same: its provider says what is to stand here. A message to \
             yourself shows it: the header Authentication-Results says spf=pass.",
            listed(&lists)
        ));
    }
    let ends = match (there.all, &there.redirect) {
        (None, None) | (Some('?'), _) => {
            " It ends without -all or ~all, so that it keeps nobody else from sending."
        }
        _ => "",
    };
    // The address of the mail server is ours to ask for, and theirs to know.
    if shown.contains('<') {
        return Published::found(format!(
            "An SPF record is there. Whether what it names ({}) holds the address of the mail server is for whoever keeps that to say.{ends}",
            listed(&lists)
        ))
        .with(&[one]);
    }
    Published::found(format!("It names {}.{ends}", servers.join(" and "))).with(&[one])
}

/// A few of the terms, for a sentence.
fn listed(terms: &[String]) -> String {
    let shown: Vec<String> = terms
        .iter()
        .take(3)
        .map(|term| super::visible(term))
        .collect();
    let more = if terms.len() > 3 { " and others" } else { "" };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::Outcome::{self, Differs, Found, Missing};
    use super::*;

    const SHOWN: &str = "v=spf1 a:relay.example -all";

    fn look(shown: &str, texts: &[&str]) -> Published {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        spf("clinic.example", shown, &texts)
    }

    fn outcome(texts: &[&str]) -> Outcome {
        look(SHOWN, texts).outcome
    }

    #[test]
    fn the_record_as_shown_and_one_that_names_the_same_server_are_found() {
        assert_eq!(
            look(SHOWN, &[SHOWN, "other=1"]),
            Published::found("As shown.")
        );
        for text in [
            "v=spf1 include:_spf.provider.example a:relay.example ~all",
            "V=SPF1 +A:Relay.Example. -ALL",
            "v=spf1 a:relay.example/32 mx redirect=x.example",
        ] {
            assert_eq!(outcome(&[text]), Found, "{text}");
        }
        let own = look("v=spf1 a:clinic.example -all", &["v=spf1 a mx ~all"]);
        assert_eq!(own.outcome, Found);
        assert_eq!(
            look(
                "v=spf1 ip4:192.0.2.25 -all",
                &["v=spf1 ip4:192.0.2.25/32 ~all"]
            )
            .outcome,
            Found
        );
        let weak = look(SHOWN, &["v=spf1 a:relay.example ?all"]);
        assert!(weak.words.contains("keeps nobody else"), "{weak:?}");
    }

    #[test]
    fn what_only_looks_like_it_differs_or_is_missing() {
        for text in [
            "v=spf10 a:relay.example -all",
            "v=spf2.0/pra",
            "google-site-verification=x",
        ] {
            assert_ne!(outcome(&[text]), Found, "{text}");
        }
        assert_eq!(outcome(&[]), Missing);
        assert_eq!(outcome(&["google-site-verification=x", "ā"]), Missing);
        let quoted = look(SHOWN, &["\"v=spf1 a:relay.example -all\""]);
        assert!(
            quoted.outcome == Differs && quoted.words.contains("quotation marks"),
            "{quoted:?}"
        );
        let two = look(SHOWN, &[SHOWN, "v=spf1 mx ~all"]);
        assert!(
            two.outcome == Differs && two.words.contains("2 SPF records") && two.seen.len() == 2,
            "{two:?}"
        );
    }

    #[test]
    fn a_server_that_is_not_let_pass_is_not_found() {
        for text in [
            "v=spf1 -a:relay.example ~all",
            "v=spf1 -all a:relay.example",
            "v=spf1 a:relay.example.evil.example -all",
            "v=spf1 a:relay.example +all",
            "v=spf1 a:relay.example all",
            "v=spf1 -all",
            "v=spf1",
            "v=spf1 include:_spf.provider.example -all",
        ] {
            assert_eq!(outcome(&[text]), Differs, "{text}");
        }
        let by_list = look(SHOWN, &["v=spf1 include:_spf.provider.example -all"]);
        assert!(
            by_list
                .words
                .contains("include:_spf.provider.example) may hold it"),
            "{by_list:?}"
        );
    }

    #[test]
    fn an_address_that_nobody_here_knows_is_not_said_to_be_there() {
        let open = "v=spf1 ip4:<address of the mail server> -all";
        let found = look(open, &["v=spf1 ip4:203.0.113.5 -all"]);
        assert!(
            found.outcome == Found && found.words.contains("ip4:203.0.113.5"),
            "{found:?}"
        );
        assert_eq!(look(open, &[open]).outcome, Differs);
        assert_eq!(look(open, &["v=spf1 -all"]).outcome, Differs);
    }
}
