//! The text parts' shape: paragraphs written as one long line in the templates are wrapped here.

/// The columns of a text part: what fits a narrow window, and a quoted reply.
pub(super) const COLUMNS: usize = 72;

/// Wraps lines at 72 columns where words allow, keeps lines that fit as they are, leaves at most one empty line between
/// others and none at the ends. Wrapped lines of a list item hang under its text. Words are never cut, so that a link
/// stays one.
pub(super) fn wrap(text: &str) -> String {
    let mut output = String::with_capacity(text.len() + text.len() / COLUMNS);
    let mut empty_lines = 0;
    for line in text.lines() {
        let line = line.trim_end();
        if line.is_empty() {
            empty_lines += 1;
            continue;
        }
        if !output.is_empty() && empty_lines > 0 {
            output.push('\n');
        }
        empty_lines = 0;
        wrap_line(line, &mut output);
    }
    output
}

fn wrap_line(line: &str, output: &mut String) {
    let hang = hanging_indent(line);
    let indent = line.len() - line.trim_start().len();
    output.push_str(&line[..indent]);
    let mut column = indent;
    let mut at_start = true;
    for word in line.split_whitespace() {
        let width = word.chars().count();
        if !at_start && column + 1 + width > COLUMNS {
            output.push('\n');
            output.push_str(&" ".repeat(hang));
            column = hang;
        } else if !at_start {
            output.push(' ');
            column += 1;
        }
        output.push_str(word);
        column += width;
        at_start = false;
    }
    output.push('\n');
}

/// How far the text of a line stands in: behind its spaces, and behind "- " or "12. ".
fn hanging_indent(line: &str) -> usize {
    let text = line.trim_start();
    let indent = line.len() - text.len();
    let marker = match text.split_once(' ') {
        Some(("-", _)) => 2,
        Some((number, _)) if number.strip_suffix('.').is_some_and(is_short_number) => {
            number.len() + 1
        }
        _ => 0,
    };
    indent + marker
}

fn is_short_number(text: &str) -> bool {
    (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// A line of this character under a heading, as long as the heading's longest wrapped line.
pub(super) fn underline(heading: &str, with: char) -> String {
    let longest = wrap(heading)
        .lines()
        .map(|line| line.chars().count())
        .max()
        .unwrap_or(0);
    with.to_string().repeat(longest.min(COLUMNS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_wrapped_and_short_ones_kept() {
        let wrapped = wrap(&format!("short\n{}\n", "word ".repeat(40)));
        assert!(wrapped.starts_with("short\nword "));
        assert!(
            wrapped
                .lines()
                .all(|line| line.chars().count() <= COLUMNS && !line.ends_with(' '))
        );
        assert_eq!(wrapped.split_whitespace().count(), 41);
    }

    #[test]
    fn list_items_hang_under_their_text() {
        let wrapped = wrap(&format!("12. {}", "word ".repeat(30)));
        assert!(
            wrapped
                .lines()
                .skip(1)
                .all(|line| line.starts_with("    word")),
            "{wrapped}"
        );
        let wrapped = wrap(&format!("- {}", "ōrite ".repeat(30)));
        assert!(
            wrapped
                .lines()
                .skip(1)
                .all(|line| line.starts_with("  ōrite")),
            "{wrapped}"
        );
        let wrapped = wrap(&format!("2026. {}", "word ".repeat(30)));
        assert!(
            wrapped.lines().skip(1).all(|line| line.starts_with("word")),
            "a year is no list: {wrapped}"
        );
    }

    #[test]
    fn a_link_is_never_cut() {
        let link = format!("https://points.clinic.example/{}", "x".repeat(100));
        assert!(
            wrap(&format!("See the following address {link} for more"))
                .contains(&format!("\n{link}\n"))
        );
    }

    #[test]
    fn empty_lines_do_not_pile_up() {
        assert_eq!(wrap("\n\n\na\n \n\n\nb\n\n"), "a\n\nb\n");
    }

    #[test]
    fn an_underline_is_as_long_as_its_heading() {
        assert_eq!(underline("Kōrero", '='), "======");
        assert_eq!(underline(&"word ".repeat(40), '-').len(), 69);
    }
}
