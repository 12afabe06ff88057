//! The syntax tree, cleaned so that both renderings can trust it.

use std::borrow::Cow;

use comrak::arena_tree::NodeEdge;
use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Node, Options};

use crate::domain::image;

/// The deepest nesting that is rendered as written. No readable text comes near it; generated ones that do would
/// take time and stack in every later step.
const MAX_DEPTH: usize = 64;

/// The largest tree that is rendered as written. A long article has a hundredth of it; short lines below a wide table,
/// which are filled up with empty cells, can have a thousand times what was typed.
const MAX_NODES: usize = 100_000;

/// The most quotations that one line opens; see [`cleaned`].
const MAX_QUOTES: usize = 64;

/// The tree as it was written, but for characters that may not be in it.
pub(super) fn parse<'a>(arena: &'a Arena<'a>, markdown: &str) -> Node<'a> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    let root = comrak::parse_document(arena, &cleaned(markdown), &options);
    for node in root.descendants() {
        clean_node(node);
    }
    root
}

/// The tree that is safe to render: no HTML, only links and images that readers may be led to, the highest heading
/// of level 2, and addresses that begin with `/` completed by `base_url`. `None` if it is nested or grown
/// beyond all measure.
pub(super) fn prepare<'a>(
    arena: &'a Arena<'a>,
    markdown: &str,
    base_url: Option<&str>,
) -> Option<Node<'a>> {
    let root = parse(arena, markdown);
    if is_too_large(root) {
        return None;
    }
    let nodes: Vec<Node<'a>> = root.descendants().collect();
    let highest = nodes.iter().filter_map(|node| heading_level(node)).min();
    for node in nodes {
        show_html_as_text(arena, node);
        restrict_address(node, base_url);
        if let (NodeValue::Heading(heading), Some(highest)) = (&mut node.data_mut().value, highest)
        {
            heading.level = (heading.level + 2 - highest).min(6);
        }
    }
    Some(root)
}

/// Without private-use characters, which mark the personal pieces of a compiled mail, and without control
/// characters, which are not allowed in HTML or mail. A line that opens more quotations than anyone would is cut
/// down to a number that the parser, which looks at every open one on every further line, gets through quickly.
pub(super) fn cleaned(markdown: &str) -> String {
    let mut text = String::with_capacity(markdown.len());
    let mut quotes = 0;
    let mut at_start = true;
    for c in markdown.chars().filter(|c| is_allowed(*c)) {
        if matches!(c, '\n' | '\r') {
            at_start = true;
            quotes = 0;
        } else if at_start && c == '>' {
            quotes += 1;
        } else if !(c.is_ascii_digit() || " \t-*+.)".contains(c)) {
            at_start = false;
        }
        if !(at_start && c == '>' && quotes > MAX_QUOTES) {
            text.push(c);
        }
    }
    text
}

/// A raw HTML literal without its comments.
pub(super) fn without_comments(literal: &str) -> String {
    let mut text = String::new();
    let mut rest = literal;
    while let Some((before, comment)) = rest.split_once("<!--") {
        text.push_str(before);
        rest = comment.split_once("-->").map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text
}

fn is_allowed(c: char) -> bool {
    !matches!(c, '\u{E000}'..='\u{F8FF}') && (!c.is_control() || matches!(c, '\n' | '\r' | '\t'))
}

/// Character references such as `&#xE000;` bring back what was taken out before parsing.
fn clean_node(node: Node<'_>) {
    match &mut node.data_mut().value {
        NodeValue::Text(text) if !text.chars().all(is_allowed) => {
            *text = Cow::Owned(text.chars().filter(|c| is_allowed(*c)).collect());
        }
        NodeValue::Link(link) | NodeValue::Image(link) => {
            // Browsers drop tabs and line breaks inside addresses, so they could hide a scheme.
            link.url.retain(|c| is_allowed(c) && !c.is_control());
            link.title.retain(is_allowed);
        }
        NodeValue::Code(code) => code.literal.retain(is_allowed),
        NodeValue::CodeBlock(block) => {
            block.info.retain(is_allowed);
            block.literal.retain(is_allowed);
        }
        _ => {}
    }
}

pub(super) fn is_too_large(root: Node<'_>) -> bool {
    let mut depth = 0_usize;
    let mut nodes = 0_usize;
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(_) => {
                depth += 1;
                nodes += 1;
            }
            NodeEdge::End(_) => depth -= 1,
        }
        if depth > MAX_DEPTH || nodes > MAX_NODES {
            return true;
        }
    }
    false
}

fn heading_level(node: Node<'_>) -> Option<u8> {
    match &node.data().value {
        NodeValue::Heading(heading) => Some(heading.level),
        _ => None,
    }
}

fn show_html_as_text<'a>(arena: &'a Arena<'a>, node: Node<'a>) {
    let block_text = match &mut node.data_mut().value {
        NodeValue::HtmlBlock(block) => without_comments(&block.literal).trim().to_owned(),
        value => {
            if let NodeValue::HtmlInline(literal) = value {
                *value = NodeValue::Text(Cow::Owned(without_comments(literal)));
            }
            return;
        }
    };
    if block_text.is_empty() {
        node.detach();
    } else {
        node.data_mut().value = NodeValue::Paragraph;
        node.append(arena.alloc(AstNode::from(NodeValue::Text(Cow::Owned(block_text)))));
    }
}

/// Completes or checks the address of a link or image. One that may not be followed leaves its text behind.
fn restrict_address(node: Node<'_>, base_url: Option<&str>) {
    let allowed = match &mut node.data_mut().value {
        NodeValue::Link(link) => complete(&mut link.url, base_url) || is_link_address(&link.url),
        NodeValue::Image(link) => {
            image::parse_address(&link.url).is_some() && complete(&mut link.url, base_url)
        }
        _ => return,
    };
    if !allowed {
        while let Some(child) = node.first_child() {
            node.insert_before(child);
        }
        node.detach();
    }
}

/// Whether the address is one of this site, beginning with `/`; if so, it is completed.
fn complete(url: &mut String, base_url: Option<&str>) -> bool {
    if !is_site_relative(url) {
        return false;
    }
    if let Some(base_url) = base_url {
        url.insert_str(0, base_url.trim_end_matches('/'));
    }
    true
}

/// `/path`, but not `//host/path`, nor `/\host/path`, which browsers take for the same.
pub(super) fn is_site_relative(url: &str) -> bool {
    url.starts_with('/') && !url.starts_with("//") && !url.starts_with("/\\")
}

/// Whether a link may lead there.
pub(super) fn is_link_address(url: &str) -> bool {
    ["http://", "https://", "mailto:"]
        .into_iter()
        .any(|scheme| has_scheme(url, scheme))
}

/// Whether an address begins with a scheme, in whatever case.
pub(super) fn has_scheme(url: &str, scheme: &str) -> bool {
    url.get(..scheme.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(scheme))
}
