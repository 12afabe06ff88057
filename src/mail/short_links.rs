//! The links of a bulletin's mail, and how they go by short addresses instead: the same for every recipient, so that they
//! are put in before the mail is compiled.
//!
//! Personal links are marked places and no addresses yet; they are never seen here. A link whose words are an address
//! itself stays as it is: mail programs warn of words that name another address than the one they lead to. So does the
//! link of a reference, which names its place: a doctor sees that it leads there.

use std::collections::HashMap;

use mail_parser::decoders::html::html_to_text;

use super::content::Content;
use super::markup::end_of_tag;

/// A link of the HTML part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it leads.
    pub url: String,
    /// The words that are linked, at the first place where it stands.
    pub label: String,
}

/// The most characters of a label that are kept.
const LONGEST_LABEL: usize = 200;

/// An `a` element: where its address stands in the part, and what it says.
struct Anchor<'a> {
    start: usize,
    end: usize,
    words: &'a str,
}

/// The links of a mail that can go by a short address, each once, in the order of the HTML part.
pub fn links(content: &Content) -> Vec<Link> {
    let mut found: Vec<Link> = Vec::new();
    for anchor in anchors(&content.html) {
        let Some(link) = link(&content.html, &anchor) else {
            continue;
        };
        if !found.iter().any(|other| other.url == link.url) {
            found.push(link);
        }
    }
    found
}

/// The mail with short addresses in the place of those that have one, in both parts.
pub fn with_short(content: &Content, short: &HashMap<String, String>) -> Content {
    Content {
        subject: content.subject.clone(),
        html: html_with_short(&content.html, short),
        text: text_with_short(&content.text, short),
    }
}

fn link(html: &str, anchor: &Anchor<'_>) -> Option<Link> {
    let url = html_to_text(&html[anchor.start..anchor.end]);
    let url = url.trim().to_owned();
    if !(url.starts_with("https://") || url.starts_with("http://")) {
        return None;
    }
    let label = html_to_text(anchor.words);
    let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_address = label.contains("://") || label.starts_with("www.");
    (!is_address).then(|| Link {
        url,
        label: label.chars().take(LONGEST_LABEL).collect(),
    })
}

fn anchors(html: &str) -> Vec<Anchor<'_>> {
    const HREF: &str = "href=\"";
    let mut found = Vec::new();
    let mut place = 0;
    while let Some(open) = html[place..].find('<') {
        let tag = place + open + 1;
        let end = tag + end_of_tag(&html[tag..]);
        place = end;
        let attributes = &html[tag..end];
        if !attributes.starts_with("a ") || attributes.contains("class=\"reference\"") {
            continue;
        }
        let Some(href) = attributes.find(HREF) else {
            continue;
        };
        let start = tag + href + HREF.len();
        let length = html[start..end].find('"').unwrap_or(0);
        let rest = html.get(end + 1..).unwrap_or_default();
        let words = rest.find("</a>").map_or("", |close| &rest[..close]);
        found.push(Anchor {
            start,
            end: start + length,
            words,
        });
    }
    found
}

fn html_with_short(html: &str, short: &HashMap<String, String>) -> String {
    let mut output = String::with_capacity(html.len());
    let mut copied = 0;
    for anchor in anchors(html) {
        let address = link(html, &anchor).and_then(|link| short.get(&link.url));
        if let Some(address) = address {
            output.push_str(&html[copied..anchor.start]);
            // Of our own making: nothing in it needs escaping.
            output.push_str(address);
            copied = anchor.end;
        }
    }
    output.push_str(&html[copied..]);
    output
}

/// Addresses in a text are words, maybe in brackets or at the end of a sentence.
fn text_with_short(text: &str, short: &HashMap<String, String>) -> String {
    let mut output = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = address_start(rest) {
        let (before, from) = rest.split_at(start);
        output.push_str(before);
        let end = from.find(char::is_whitespace).unwrap_or(from.len());
        let word = &from[..end];
        let known = candidates(word).find_map(|url| Some((url, short.get(url)?)));
        let taken = match known {
            Some((url, address)) => {
                output.push_str(address);
                url.len()
            }
            None => {
                output.push_str(word);
                word.len()
            }
        };
        rest = &from[taken..];
    }
    output.push_str(rest);
    output
}

fn address_start(text: &str) -> Option<usize> {
    [text.find("https://"), text.find("http://")]
        .into_iter()
        .flatten()
        .min()
}

/// The word, and what is left of it without the marks that may follow an address.
fn candidates(word: &str) -> impl Iterator<Item = &str> {
    const MARKS: [char; 9] = [')', '>', ']', '.', ',', ';', ':', '!', '?'];
    std::iter::successors(Some(word), |word| word.strip_suffix(MARKS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(html: &str, text: &str) -> Content {
        Content {
            subject: "s".into(),
            html: html.into(),
            text: text.into(),
        }
    }

    fn short() -> HashMap<String, String> {
        HashMap::from([
            (
                "https://a.example/?x=1&y=2".into(),
                "https://p.example/l/one".into(),
            ),
            (
                "https://a.example/".into(),
                "https://p.example/l/two".into(),
            ),
        ])
    }

    #[test]
    fn each_link_is_found_once_with_its_words() {
        let html = "<p title=\"<a href='x'>\"><a href=\"https://a.example/?x=1&amp;y=2\" style=\"s\">Read <b>on</b>\n now</a> \
                    <a title=\"t\" href=\"https://a.example/?x=1&amp;y=2\">Again</a> <a href=\"mailto:a@b.example\">Write</a> \
                    <a href=\"\u{E000}unsubscribe_url\u{E001}\">Leave</a></p>";
        let found = links(&content(html, ""));
        let expected = Link {
            url: "https://a.example/?x=1&y=2".into(),
            label: "Read on now".into(),
        };
        assert_eq!(found, [expected]);
    }

    #[test]
    fn a_link_that_says_an_address_leads_there_itself() {
        let html = "<a href=\"https://a.example/\">https://a.example/</a> <a href=\"https://a.example/\">www.a.example</a>";
        let content = content(html, "");
        assert_eq!(links(&content), []);
        assert_eq!(with_short(&content, &short()).html, html);
    }

    #[test]
    fn a_reference_leads_to_its_place_itself() {
        let html = "<a class=\"reference\" href=\"https://a.example/\" style=\"s\">Sample A. doi:10.1000/a</a>";
        let content = content(html, "");
        assert_eq!(links(&content), []);
        assert_eq!(with_short(&content, &short()).html, html);
    }

    #[test]
    fn both_parts_go_by_the_short_addresses_and_say_the_same_words() {
        let content = content(
            "<a href=\"https://a.example/?x=1&amp;y=2\">On</a> &lt;a href=\"https://a.example/\" <a class=\"c\" href=\"https://a.example/\">Two</a>",
            "On (https://a.example/?x=1&y=2), two:\nhttps://a.example/.\nhttps://a.example/other https://b.example/",
        );
        let changed = with_short(&content, &short());
        assert_eq!(
            changed.html,
            "<a href=\"https://p.example/l/one\">On</a> &lt;a href=\"https://a.example/\" <a class=\"c\" href=\"https://p.example/l/two\">Two</a>"
        );
        assert_eq!(
            changed.text,
            "On (https://p.example/l/one), two:\nhttps://p.example/l/two.\nhttps://a.example/other https://b.example/"
        );
    }
}
