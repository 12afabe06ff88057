//! What staff write, in Markdown, as a page shows it, as a mail shows it, and as text.
//!
//! CommonMark with tables, struck-out text and bare links (GitHub's extensions, without footnotes). HTML in it is
//! never passed on: tags appear as the text they are, so that nothing an author wrote is lost unseen, and comments
//! are left out. What comes out is sanitised once more by a second program that knows nothing of the first.

mod html;
mod text;
mod tree;

use comrak::Arena;
use comrak::nodes::NodeValue;

/// As HTML for a page of this site. The highest heading is an `h2`, links are `http:`, `https:`, `mailto:` or begin
/// with `/`, images are those that staff brought to this site: of others the alternative text stays. One from elsewhere
/// would tell its host who reads, and could become another image after the approval.
pub fn to_html(markdown: &str) -> String {
    html::render(markdown, None)
}

/// As HTML for a mail: like [`to_html`], with links and images that begin with `/` completed by `base_url`.
pub fn to_html_for_mail(markdown: &str, base_url: &str) -> String {
    html::render(markdown, Some(base_url))
}

/// Its words, a block a line, without markup and addresses: what is searched, and what takes time to read.
pub fn to_words(markdown: &str) -> String {
    let arena = Arena::new();
    let Some(root) = tree::prepare(&arena, markdown, None) else {
        return tree::cleaned(markdown);
    };
    let mut lines = Vec::new();
    for node in root.descendants() {
        match &node.data().value {
            NodeValue::Paragraph | NodeValue::Heading(_) | NodeValue::TableCell => {
                lines.push(text::words(node));
            }
            NodeValue::CodeBlock(code) => lines.push(code.literal.clone()),
            _ => {}
        }
    }
    lines.join("\n")
}

/// As plain text for a mail, wrapped at 72 columns, without a line break at its end; links that begin with `/` are completed
/// by `base_url`.
pub fn to_text_for_mail(markdown: &str, base_url: &str) -> String {
    text::render(markdown, Some(base_url))
}

/// Whether there are HTML tags in it, which readers would see as text. Comments do not count.
pub fn has_raw_html(markdown: &str) -> bool {
    let arena = Arena::new();
    tree::parse(&arena, markdown)
        .descendants()
        .any(|node| match &node.data().value {
            NodeValue::HtmlBlock(block) => {
                !tree::without_comments(&block.literal).trim().is_empty()
            }
            NodeValue::HtmlInline(literal) => !tree::without_comments(literal).is_empty(),
            _ => false,
        })
}

/// Where its links lead, as written and in order, each once; also those that rendering refuses, so that they can be
/// pointed out.
pub fn links(markdown: &str) -> Vec<String> {
    let arena = Arena::new();
    let mut links: Vec<String> = Vec::new();
    for node in tree::parse(&arena, markdown).descendants() {
        if let NodeValue::Link(link) = &node.data().value
            && !links.contains(&link.url)
        {
            links.push(link.url.clone());
        }
    }
    links
}

/// A part of a text under a heading of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The level of the heading, as written: 1 is the highest.
    pub level: u8,
    /// The words of the heading.
    pub heading: String,
    /// Its line, from 1.
    pub line: usize,
    /// Whether nothing follows that readers see, up to the next heading of the same level or a higher one.
    pub is_empty: bool,
}

/// The sections of a text, in order. Only headings outside lists and quotations begin one.
pub fn sections(markdown: &str) -> Vec<Section> {
    let arena = Arena::new();
    let mut sections: Vec<Section> = Vec::new();
    // The headings under which the place stands that is looked at, each with its level: at most six.
    let mut above: Vec<(u8, usize)> = Vec::new();
    for node in tree::parse(&arena, markdown).children() {
        let data = node.data();
        match &data.value {
            NodeValue::Heading(heading) => {
                above.retain(|(level, _)| *level < heading.level);
                above.push((heading.level, sections.len()));
                sections.push(Section {
                    level: heading.level,
                    heading: text::words(node).trim().to_owned(),
                    line: data.sourcepos.start.line,
                    is_empty: true,
                });
            }
            NodeValue::HtmlBlock(block)
                if tree::without_comments(&block.literal).trim().is_empty() => {}
            _ => {
                for (_, section) in &above {
                    sections[*section].is_empty = false;
                }
            }
        }
    }
    sections
}

/// An image in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFound {
    /// Its address, as written.
    pub address: String,
    /// Its alternative text.
    pub alt: String,
    /// Its line, from 1.
    pub line: usize,
}

/// The images of a text in order; also those that rendering refuses, so that they can be pointed out.
pub fn images(markdown: &str) -> Vec<ImageFound> {
    let arena = Arena::new();
    let mut images = Vec::new();
    let root = tree::parse(&arena, markdown);
    // What is nested beyond all measure is shown as it was typed, without images.
    if tree::is_too_large(root) {
        return images;
    }
    for node in root.descendants() {
        let data = node.data();
        if let NodeValue::Image(image) = &data.value {
            images.push(ImageFound {
                address: image.url.clone(),
                alt: text::words(node).trim().to_owned(),
                line: data.sourcepos.start.line,
            });
        }
    }
    images
}

/// HTML that this module made, with width and height at every image of which `size` knows them, so that nothing moves
/// while a page loads. `size` is asked with the address in the text, without `base_url`, and gives pixels.
pub fn with_sizes(html: &str, base_url: &str, size: impl Fn(&str) -> Option<(u32, u32)>) -> String {
    // The sanitiser writes attributes in one way only, and a quotation mark within one never as itself.
    const BEFORE: &str = "<img src=\"";
    let mut sized = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once(BEFORE) {
        let (address, after) = after.split_once('"').unwrap_or((after, ""));
        let path = address
            .strip_prefix(base_url.trim_end_matches('/'))
            .unwrap_or(address);
        sized.push_str(before);
        sized.push_str(BEFORE);
        sized.push_str(address);
        sized.push('"');
        if let Some((width, height)) = size(path) {
            sized.push_str(&format!(" width=\"{width}\" height=\"{height}\""));
        }
        rest = after;
    }
    sized.push_str(rest);
    sized
}

/// HTML that this module made, with every place marked that says one of these words.
pub fn with_marks(html: &str, words: &[String]) -> String {
    let words: Vec<String> = words
        .iter()
        .filter(|words| !words.is_empty())
        .map(|words| as_the_sanitiser_writes(words))
        .collect();
    let mut marked = String::with_capacity(html.len());
    let mut rest = html;
    while !rest.is_empty() {
        // Up to the next tag it is text; attributes are left alone.
        let text = rest.find('<').unwrap_or(rest.len());
        mark(&rest[..text], &words, &mut marked);
        let tag = rest[text..]
            .find('>')
            .map_or(rest.len(), |end| text + end + 1);
        marked.push_str(&rest[text..tag]);
        rest = &rest[tag..];
    }
    marked
}

fn as_the_sanitiser_writes(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\u{a0}', "&nbsp;")
}

fn mark(text: &str, words: &[String], marked: &mut String) {
    let mut rest = text;
    while let Some((at, found)) = words
        .iter()
        .filter_map(|words| Some((rest.find(words.as_str())?, words)))
        .min_by_key(|(at, words)| (*at, std::cmp::Reverse(words.len())))
    {
        marked.push_str(&rest[..at]);
        marked.push_str("<mark class=\"telling\">");
        marked.push_str(found);
        marked.push_str("</mark>");
        rest = &rest[at + found.len()..];
    }
    marked.push_str(rest);
}

/// The beginning of its paragraphs on one line, without markup and addresses, cut between words to at most
/// `max_chars` characters with an ellipsis at the cut.
pub fn plain_summary(markdown: &str, max_chars: usize) -> String {
    let arena = Arena::new();
    let summary = match tree::prepare(&arena, markdown, None) {
        None => tree::cleaned(markdown),
        Some(root) => {
            let mut summary = String::new();
            for node in root.descendants() {
                if matches!(node.data().value, NodeValue::Paragraph) {
                    summary.push_str(&text::words(node));
                    summary.push('\n');
                }
            }
            summary
        }
    };
    shortened(&summary, max_chars)
}

fn shortened(text: &str, max_chars: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= max_chars {
        return line;
    }
    let Some(room) = max_chars.checked_sub(1) else {
        return String::new();
    };
    // One character more, to see whether a word ends just there.
    let start: String = line.chars().take(room + 1).collect();
    let kept: String = match start.rfind(' ') {
        Some(space) if space > 0 => start[..space].to_owned(),
        _ => start.chars().take(room).collect(),
    };
    format!(
        "{}…",
        kept.trim_end_matches([' ', ',', ';', ':', '.', '–', '-'])
    )
}

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;
