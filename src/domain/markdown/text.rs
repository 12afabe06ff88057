//! Markdown to plain text, for the text part of a mail: something one would have typed oneself.

use comrak::nodes::{ListDelimType, ListType, NodeLink, NodeList, NodeValue, TableAlignment};
use comrak::{Arena, Node};

use super::tree;

/// Columns of a line; leaves room for a quotation mark or two within the 76 that mail allows after encoding.
const WIDTH: usize = 72;
/// The least width that nested blocks are wrapped to, however deep they are.
const MIN_WIDTH: usize = 24;
const BETWEEN_COLUMNS: &str = "  ";

pub(super) fn render(markdown: &str, base_url: Option<&str>) -> String {
    let arena = Arena::new();
    let lines = match tree::prepare(&arena, markdown, base_url) {
        Some(root) => blocks(root, WIDTH, true),
        None => tree::cleaned(markdown)
            .lines()
            .flat_map(|line| wrapped(line, WIDTH))
            .collect(),
    };
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    lines.join("\n").trim_end().to_owned()
}

/// The words of a block on one line, without addresses.
pub(super) fn words(node: Node<'_>) -> String {
    let mut line = String::new();
    for child in node.descendants() {
        match &child.data().value {
            NodeValue::Text(text) => line.push_str(text),
            NodeValue::Code(code) => line.push_str(&code.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => line.push(' '),
            _ => {}
        }
    }
    line
}

/// The lines of all blocks within one, `spaced` by blank lines or not.
fn blocks(parent: Node<'_>, width: usize, spaced: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, node) in parent.children().enumerate() {
        if spaced && index > 0 {
            lines.push(String::new());
        }
        lines.extend(block(node, width));
    }
    lines
}

/// The lines of one block.
fn block(node: Node<'_>, width: usize) -> Vec<String> {
    let width = width.max(MIN_WIDTH);
    match &node.data().value {
        NodeValue::Heading(heading) => underlined(&inline(node), heading.level, width),
        NodeValue::BlockQuote => blocks(node, width - 2, true)
            .into_iter()
            .map(|line| format!("> {line}"))
            .collect(),
        NodeValue::List(list) => list_items(node, list, width),
        NodeValue::CodeBlock(code) => code
            .literal
            .trim_end_matches('\n')
            .lines()
            .map(|line| format!("    {line}"))
            .collect(),
        NodeValue::Table(data) => table(node, &data.alignments, width),
        NodeValue::ThematicBreak => vec!["* * *".to_owned()],
        _ => wrapped(&inline(node), width),
    }
}

fn underlined(title: &str, level: u8, width: usize) -> Vec<String> {
    let mut lines = wrapped(title, width);
    let length = lines.iter().map(|line| columns(line)).max().unwrap_or(0);
    let line = if level <= 2 { "=" } else { "-" };
    lines.push(line.repeat(length));
    lines
}

fn list_items(node: Node<'_>, list: &NodeList, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, item) in node.children().enumerate() {
        let marker = match (list.list_type, list.delimiter) {
            (ListType::Bullet, _) => "- ".to_owned(),
            (ListType::Ordered, ListDelimType::Period) => format!("{}. ", list.start + index),
            (ListType::Ordered, ListDelimType::Paren) => format!("{}) ", list.start + index),
        };
        if index > 0 && !list.tight {
            lines.push(String::new());
        }
        let indent = " ".repeat(marker.len());
        let content = blocks(item, width.saturating_sub(marker.len()), !list.tight);
        if content.is_empty() {
            lines.push(marker);
            continue;
        }
        for (line_index, line) in content.into_iter().enumerate() {
            let start = if line_index == 0 { &marker } else { &indent };
            lines.push(format!("{start}{line}"));
        }
    }
    lines
}

/// Side by side if the columns fit; otherwise one row after the other, each cell after its column's heading.
fn table(node: Node<'_>, alignments: &[TableAlignment], width: usize) -> Vec<String> {
    let rows: Vec<Vec<String>> = node
        .children()
        .map(|row| {
            row.children()
                .map(|cell| inline(cell).replace('\n', " "))
                .collect()
        })
        .collect();
    let Some((header, body)) = rows.split_first() else {
        return Vec::new();
    };
    let widths: Vec<usize> = (0..header.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| columns(cell)).max().unwrap_or(0)
        })
        .collect();
    let total =
        widths.iter().sum::<usize>() + BETWEEN_COLUMNS.len() * widths.len().saturating_sub(1);
    if total > width && !body.is_empty() {
        return records(header, body, width);
    }
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    let mut lines = vec![
        aligned(header, &widths, alignments),
        rule.join(BETWEEN_COLUMNS),
    ];
    lines.extend(body.iter().map(|row| aligned(row, &widths, alignments)));
    lines
}

fn aligned(row: &[String], widths: &[usize], alignments: &[TableAlignment]) -> String {
    let cells: Vec<String> = row
        .iter()
        .zip(widths)
        .enumerate()
        .map(|(column, (cell, width))| {
            let space = width.saturating_sub(columns(cell));
            let before = match alignments.get(column) {
                Some(TableAlignment::Right) => space,
                Some(TableAlignment::Center) => space / 2,
                _ => 0,
            };
            format!("{}{cell}{}", " ".repeat(before), " ".repeat(space - before))
        })
        .collect();
    cells.join(BETWEEN_COLUMNS)
}

fn records(header: &[String], body: &[Vec<String>], width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, row) in body.iter().enumerate() {
        if index > 0 {
            lines.push(String::new());
        }
        for (title, cell) in header.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
            let text = match title.as_str() {
                "" => cell.clone(),
                title => format!("{title}: {cell}"),
            };
            for (line_index, line) in wrapped(&text, width - 2).into_iter().enumerate() {
                let indent = if line_index == 0 { "" } else { "  " };
                lines.push(format!("{indent}{line}"));
            }
        }
    }
    lines
}

/// The text of a block's inline content, with line breaks where the author forced them.
fn inline(parent: Node<'_>) -> String {
    let mut text = String::new();
    for node in parent.children() {
        match &node.data().value {
            NodeValue::Text(literal) => text.push_str(literal),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::SoftBreak => text.push(' '),
            NodeValue::LineBreak => text.push('\n'),
            NodeValue::Link(link) => text.push_str(&link_text(&inline(node), link)),
            NodeValue::Image(_) => match inline(node).trim() {
                "" => {}
                description => text.push_str(&format!("[Image: {description}]")),
            },
            // Read without its line, struck-out text would say the opposite of what is meant.
            NodeValue::Strikethrough => text.push_str(&format!("~~{}~~", inline(node))),
            _ => text.push_str(&inline(node)),
        }
    }
    text
}

fn link_text(label: &str, link: &NodeLink) -> String {
    let address = link.url.strip_prefix("mailto:").unwrap_or(&link.url);
    let label = label.trim();
    let short = |url: &str| {
        let url = url
            .trim_start_matches("https://")
            .trim_start_matches("http://");
        url.trim_end_matches('/').to_owned()
    };
    if label.is_empty() || short(label) == short(address) {
        address.to_owned()
    } else {
        format!("{label} ({address})")
    }
}

/// Lines of at most so many columns, broken between words; a longer word, such as an address, stays whole.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for forced in text.split('\n') {
        let mut line = String::new();
        let mut length = 0;
        for word in forced
            .split([' ', '\t', '\r'])
            .filter(|word| !word.is_empty())
        {
            let word_length = columns(word);
            if length > 0 && length + 1 + word_length > width {
                lines.push(std::mem::take(&mut line));
                length = 0;
            }
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            line.push_str(word);
            length += word_length;
        }
        lines.push(line);
    }
    lines
}

/// How wide a text is, near enough: combining marks take no room of their own.
fn columns(text: &str) -> usize {
    text.chars()
        .filter(|c| !unicode_normalization::char::is_combining_mark(*c))
        .count()
}
