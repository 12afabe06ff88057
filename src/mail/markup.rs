//! From MJML to the HTML that mail readers show, Outlook's among them, and how an article's HTML is dressed for it.

use std::borrow::Cow;

use mrml::prelude::render::RenderOptions;
use thiserror::Error;

use super::brand::Palette;
use super::content::Slot;

/// Why a message could not be rendered. With the templates tested, this does not depend on what people wrote.
#[derive(Debug, Error)]
pub enum RenderError {
    /// A template failed.
    #[error("a mail template could not be filled in")]
    Template(#[from] askama::Error),
    /// What a template gave is no MJML.
    #[error("a mail template does not give valid MJML: {0}")]
    Mjml(String),
}

const BLOCK_START: char = '\u{E002}';
const BLOCK_END: char = '\u{E003}';

/// Finished pieces of HTML that pass by the MJML parser, which would choke on HTML that is not XML. The markup holds a
/// marker in the place of each.
#[derive(Debug, Default)]
pub(super) struct Blocks(Vec<String>);

impl Blocks {
    /// Keeps a piece and gives the marker to be put into the markup.
    pub(super) fn keep(&mut self, piece: String) -> String {
        self.0.push(piece);
        format!("{BLOCK_START}{}{BLOCK_END}", self.0.len() - 1)
    }

    /// The text with every marker replaced by its piece. Pieces are not looked into again.
    pub(super) fn put_back(&self, text: &str) -> String {
        let mut output =
            String::with_capacity(text.len() + self.0.iter().map(String::len).sum::<usize>());
        let mut rest = text;
        while let Some((before, marked)) = rest.split_once(BLOCK_START) {
            output.push_str(before);
            let (number, after) = marked.split_once(BLOCK_END).unwrap_or((marked, ""));
            if let Some(piece) = number
                .parse()
                .ok()
                .and_then(|number: usize| self.0.get(number))
            {
                output.push_str(piece);
            }
            rest = after;
        }
        output.push_str(rest);
        output
    }
}

/// Renders MJML, and puts the kept pieces back into their places.
pub(super) fn to_html(mjml: &str, blocks: &Blocks) -> Result<String, RenderError> {
    let parsed = mrml::parse(mjml).map_err(|error| RenderError::Mjml(error.to_string()))?;
    if let Some(warning) = parsed.warnings.first() {
        return Err(RenderError::Mjml(format!("{warning:?}")));
    }
    // Without this, "Roboto" in the list of fonts would load it from a server of Google's.
    let options = RenderOptions {
        fonts: std::collections::HashMap::new(),
        ..RenderOptions::default()
    };
    let html = parsed
        .element
        .render(&options)
        .map_err(|error| RenderError::Mjml(error.to_string()))?;
    Ok(blocks.put_back(&with_slots(&without_indentation(&html))))
}

/// Mends the slots that stand in attributes: the renderer writes attributes in Rust's debug form, in which private-use
/// characters become `\u{e000}`.
fn with_slots(html: &str) -> String {
    Slot::ALL.into_iter().fold(html.to_owned(), |html, slot| {
        let escaped: String = slot.marker().escape_debug().collect();
        html.replace(&escaped, slot.marker())
    })
}

/// Templates are indented for people; nobody needs the spaces on the way, and Gmail counts them.
fn without_indentation(html: &str) -> String {
    let lines: Vec<&str> = html
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

/// The style of each element of an article. Outlook and some webmails drop style sheets, so it stands in the elements.
fn style_of(element: &str, palette: &Palette) -> Option<Cow<'static, str>> {
    let style = match element {
        "h1" | "h2" => {
            "margin:24px 0 8px;font-family:Newsreader,Charter,Georgia,'Times New Roman',serif;font-size:19px;line-height:27px;font-weight:600;color:#13282d;"
        }
        "h3" => {
            "margin:20px 0 6px;font-family:Newsreader,Charter,Georgia,'Times New Roman',serif;font-size:17px;line-height:25px;font-weight:600;color:#13282d;"
        }
        "h4" | "h5" | "h6" => {
            "margin:16px 0 4px;font-size:16px;line-height:24px;font-weight:600;color:#13282d;"
        }
        "p" => "margin:0 0 14px;",
        "ul" | "ol" => "margin:0 0 14px;padding:0 0 0 24px;",
        "li" => "margin:0 0 6px;",
        "blockquote" => {
            "margin:0 0 14px;padding:2px 0 2px 16px;border-left:3px solid #ddd4c5;color:#475a5e;"
        }
        "table" => {
            "width:100%;border-collapse:collapse;margin:0 0 16px;font-size:15px;line-height:22px;"
        }
        "th" => {
            // The text around it may be broken anywhere; a column is at least as wide as the words of its header.
            "padding:8px 10px;border-bottom:2px solid #73807f;background:#eaf1ee;font-weight:600;vertical-align:bottom;word-break:normal;"
        }
        "td" => {
            "padding:8px 10px;border-bottom:1px solid #ddd4c5;vertical-align:top;word-break:normal;"
        }
        "a" => return Some(format!("color:{};text-decoration:underline;", palette.main).into()),
        "img" => "max-width:100%;height:auto;border:0;",
        "pre" => {
            "margin:0 0 14px;white-space:pre-wrap;font-family:Consolas,Menlo,monospace;font-size:14px;line-height:21px;"
        }
        "code" => "font-family:Consolas,Menlo,monospace;font-size:14px;",
        "hr" => "border:0;border-top:1px solid #ddd4c5;margin:20px 0;",
        _ => return None,
    };
    Some(style.into())
}

/// Dresses sanitised HTML (well-formed tags, no `style`) for mail: every element carries its style, tables have the class
/// that dark mode knows, and header cells stand left unless they say otherwise.
pub(super) fn dress(html: &str, palette: &Palette) -> String {
    let mut output = String::with_capacity(html.len() * 2);
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        output.push_str(before);
        output.push('<');
        let name_end = tag
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(tag.len());
        let (name, after) = tag.split_at(name_end);
        output.push_str(name);
        let attributes_end = end_of_tag(after);
        let (attributes, after) = after.split_at(attributes_end);
        if let Some(style) = style_of(name, palette) {
            output.push_str(&format!(" style=\"{style}\""));
            if name == "table" {
                output.push_str(" class=\"data\" cellpadding=\"0\" cellspacing=\"0\" border=\"0\"");
            }
            if name == "th" && !attributes.contains("align=") {
                output.push_str(" align=\"left\"");
            }
        }
        output.push_str(attributes);
        rest = after;
    }
    output.push_str(rest);
    output
}

/// Where the tag's `>` stands, quoted values skipped.
pub(super) fn end_of_tag(attributes: &str) -> usize {
    let mut quote = None;
    for (position, character) in attributes.char_indices() {
        match (quote, character) {
            (None, '>') => return position,
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    attributes.len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    fn dressed(html: &str) -> String {
        dress(html, &Palette::default())
    }

    #[test]
    fn elements_get_their_styles_and_texts_stay() {
        assert_eq!(dressed("<p>a</p>"), "<p style=\"margin:0 0 14px;\">a</p>");
        assert_eq!(dressed("a &lt;p&gt; <em>b</em>"), "a &lt;p&gt; <em>b</em>");
        let table = dressed("<table><tr><th>a</th><th align=\"right\">b</th></tr></table>");
        assert!(
            table.contains("align=\"left\">a") && table.contains("align=\"right\">b"),
            "{table}"
        );
        assert_eq!(table.matches("align=").count(), 2);
    }

    #[test]
    fn what_looks_like_a_tag_inside_an_attribute_is_left_alone() {
        let image = dressed("<img src=\"https://x.example/a.png\" alt=\"<p> 'quoted\">");
        assert!(
            image.ends_with("alt=\"<p> 'quoted\">") && image.matches("style=").count() == 1,
            "{image}"
        );
    }

    #[test]
    fn kept_pieces_pass_by_the_parser_unbroken() {
        let mut blocks = Blocks::default();
        let piece = "<p>one<br>two &nbsp; <img src=\"x\"> </p>\n<pre>  spaces  </pre>";
        let marker = blocks.keep(piece.to_owned());
        let mjml = format!(
            "<mjml><mj-body><mj-section><mj-column><mj-text>{marker}</mj-text></mj-column></mj-section></mj-body></mjml>"
        );
        assert!(to_html(&mjml, &blocks).unwrap().contains(piece));
    }

    #[test]
    fn slots_outlive_the_renderer_in_texts_and_in_attributes() {
        let marker = Slot::UnsubscribeUrl.marker();
        let mjml = format!(
            "<mjml><mj-body><mj-section><mj-column><mj-button href=\"{marker}\">{marker}</mj-button><mj-text><a href=\"{marker}\">a</a></mj-text></mj-column></mj-section></mj-body></mjml>"
        );
        let html = to_html(&mjml, &Blocks::default()).unwrap();
        assert_eq!(html.matches(marker).count(), 3, "{html}");
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        let mjml = "<mjml><mj-body><mj-section><mj-column><mj-text font-family=\"Roboto, Ubuntu\">a</mj-text></mj-column></mj-section></mj-body></mjml>";
        assert!(
            !to_html(mjml, &Blocks::default())
                .unwrap()
                .contains("googleapis")
        );
    }

    #[test]
    fn broken_markup_is_an_error() {
        assert!(
            to_html(
                "<mjml><mj-body><mj-section></mj-body></mjml>",
                &Blocks::default()
            )
            .is_err()
        );
        assert!(
            to_html(
                "<mjml><mj-body><mj-section oops=\"1\"></mj-section></mj-body></mjml",
                &Blocks::default()
            )
            .is_err()
        );
    }
}
