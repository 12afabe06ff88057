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
/// with `/`, images are `https:` or begin with `/`.
pub fn to_html(markdown: &str) -> String {
    html::render(markdown, None)
}

/// As HTML for a mail: like [`to_html`], with links and images that begin with `/` completed by `base_url`.
pub fn to_html_for_mail(markdown: &str, base_url: &str) -> String {
    html::render(markdown, Some(base_url))
}

/// As plain text, wrapped at 72 columns, without a line break at its end.
pub fn to_text(markdown: &str) -> String {
    text::render(markdown, None)
}

/// As plain text for a mail: like [`to_text`], with links that begin with `/` completed by `base_url`.
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
