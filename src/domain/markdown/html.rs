//! Markdown to HTML.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use comrak::{Arena, Options};

use super::tree;
use crate::domain::image;

pub(super) fn render(markdown: &str, base_url: Option<&str>) -> String {
    let arena = Arena::new();
    let html = match tree::prepare(&arena, markdown, base_url) {
        Some(root) => {
            let mut html = String::new();
            match comrak::format_html(root, &Options::default(), &mut html) {
                Ok(()) => html,
                // Writing to a string does not fail; if it ever did, the words would still be there.
                Err(_) => paragraphs(markdown),
            }
        }
        None => paragraphs(markdown),
    };
    SANITISER.clean(&html).to_string()
}

/// The source itself, one paragraph for each: for what is nested too deeply to be rendered.
fn paragraphs(markdown: &str) -> String {
    tree::cleaned(markdown)
        .split("\n\n")
        .filter(|paragraph| !paragraph.trim().is_empty())
        .map(|paragraph| format!("<p>{}</p>\n", ammonia::clean_text(paragraph)))
        .collect()
}

/// Lets through what Markdown can give, and of that only what the rules of this module allow.
static SANITISER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let attributes: HashMap<&str, HashSet<&str>> = HashMap::from([
        ("a", HashSet::from(["href", "title"])),
        ("img", HashSet::from(["src", "alt", "title"])),
        ("ol", HashSet::from(["start"])),
        ("td", HashSet::from(["align"])),
        ("th", HashSet::from(["align"])),
    ]);
    let tags = HashSet::from([
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "img",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]);
    let mut builder = Builder::empty();
    builder
        .tags(tags)
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(attributes)
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("noopener noreferrer"))
        .strip_comments(true)
        .attribute_filter(|element, attribute, value| {
            let allowed = match (element, attribute) {
                ("a", "href") => tree::is_link_address(value) || tree::is_site_relative(value),
                // In a mail the address of this site stands before its own.
                ("img", "src") => value
                    .rfind("/images/")
                    .is_some_and(|at| image::parse_address(&value[at..]).is_some()),
                _ => true,
            };
            allowed.then_some(Cow::Borrowed(value))
        });
    builder
});
