use super::*;

/// As plain text, with addresses as they are.
pub(super) fn to_text(markdown: &str) -> String {
    text::render(markdown, None)
}

#[test]
fn what_may_tell_too_much_is_marked_where_it_stands_and_nowhere_else() {
    let html = to_html(
        "Ring 021 555 0123 or [021 555 0123](https://h.example/021%20555%200123 \"021 555 0123\") & co.",
    );
    let words = ["021 555 0123".to_owned(), "& co".to_owned(), String::new()];
    let marked = with_marks(&html, &words);
    assert_eq!(
        marked
            .matches("<mark class=\"telling\">021 555 0123</mark>")
            .count(),
        2
    );
    assert!(marked.contains("title=\"021 555 0123\""), "{marked}");
    assert_eq!(with_marks(&html, &[]), html);
}

#[test]
fn its_words_are_without_markup_and_addresses() {
    let markdown = "## Whom to *refer*\n\nSee [the page](/calcium-score \"x\").\n\n- one\n- two\n\n| A | B |\n|---|---|\n| c | d |\n\n---\n";
    assert_eq!(
        to_words(markdown),
        "Whom to refer\nSee the page.\none\ntwo\nA\nB\nc\nd"
    );
}

#[test]
fn ordinary_markdown_becomes_html() {
    assert_eq!(
        to_html(
            "A *kind* **word**, `code` and ~~old~~.\n\n- one\n- two\n\n3. three\n\n> said\n\n---\n\na  \nb"
        ),
        "<p>A <em>kind</em> <strong>word</strong>, <code>code</code> and <del>old</del>.</p>\n\
         <ul>\n<li>one</li>\n<li>two</li>\n</ul>\n<ol start=\"3\">\n<li>three</li>\n</ol>\n\
         <blockquote>\n<p>said</p>\n</blockquote>\n<hr>\n<p>a<br>\nb</p>\n"
    );
}

#[test]
fn tables_keep_their_alignment() {
    let html = to_html("| Score | Risk |\n|------:|:-----|\n| 0 | low |");
    assert!(html.contains("<th align=\"right\">Score</th>"), "{html}");
    assert!(html.contains("<td align=\"left\">low</td>"), "{html}");
}

#[test]
fn links_open_without_a_way_back() {
    for (markdown, html) in [
        (
            "[here](https://host.example/a?b=1&c \"Title\")",
            "<p><a href=\"https://host.example/a?b=1&amp;c\" title=\"Title\" rel=\"noopener noreferrer\">here</a></p>\n",
        ),
        (
            "See https://host.example/a.",
            "<p>See <a href=\"https://host.example/a\" rel=\"noopener noreferrer\">https://host.example/a</a>.</p>\n",
        ),
        (
            "gp@practice.example",
            "<p><a href=\"mailto:gp@practice.example\" rel=\"noopener noreferrer\">gp@practice.example</a></p>\n",
        ),
        (
            "[check](/calcium-score)",
            "<p><a href=\"/calcium-score\" rel=\"noopener noreferrer\">check</a></p>\n",
        ),
    ] {
        assert_eq!(to_html(markdown), html);
    }
}

#[test]
fn the_highest_heading_is_of_level_two() {
    assert_eq!(to_html("# A\n\n## B"), "<h2>A</h2>\n<h3>B</h3>\n");
    assert_eq!(to_html("### A\n\n#### B"), "<h2>A</h2>\n<h3>B</h3>\n");
    assert_eq!(to_html("# A\n\n###### B"), "<h2>A</h2>\n<h6>B</h6>\n");
    assert_eq!(
        to_html("A\n=\n\n> ## B"),
        "<h2>A</h2>\n<blockquote>\n<h3>B</h3>\n</blockquote>\n"
    );
}

#[test]
fn addresses_of_this_site_are_completed_for_mail() {
    let markdown = "[check](/calcium-score) ![a](/images/0123456789abcdef0123456789abcdef.png) [out](https://other.example/c)";
    let html = to_html_for_mail(markdown, "https://host.example/");
    assert!(
        html.contains("href=\"https://host.example/calcium-score\""),
        "{html}"
    );
    assert!(
        html.contains("src=\"https://host.example/images/0123456789abcdef0123456789abcdef.png\""),
        "{html}"
    );
    assert!(html.contains("href=\"https://other.example/c\""), "{html}");
    assert_eq!(
        to_text_for_mail(markdown, "https://host.example"),
        "check (https://host.example/calcium-score) [Image: a] out\n(https://other.example/c)"
    );
}

#[test]
fn text_reads_as_if_it_had_been_typed() {
    let markdown = "\
# Calcium score

A *short* text with **weight**, `code`, a [link](https://host.example/a) and https://host.example/b, \
gp@practice.example, ~~100~~ 50 and a line  \nbreak.

## Who

- one
- two words
  on two lines
  - nested

1. first

   more
2. second

> quoted *text*
>
> - in a list

    let x = 1;

***

![A scan](/images/0123456789abcdef0123456789abcdef.png)";
    let text = "\
Calcium score
=============

A short text with weight, code, a link (https://host.example/a) and
https://host.example/b, gp@practice.example, ~~100~~ 50 and a line
break.

Who
---

- one
- two words on two lines
  - nested

1. first

   more

2. second

> quoted text
>
> - in a list

    let x = 1;

* * *

[Image: A scan]";
    assert_eq!(to_text(markdown), text);
}

#[test]
fn text_is_wrapped_at_72_columns_inside_lists_and_quotes_too() {
    let words = "wāhine ".repeat(60);
    let markdown = format!("{words}\n\n- {words}\n\n> {words}\n\n# {words}");
    let text = to_text(&markdown);
    let longest = text.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(72) && longest > Some(60), "{text}");
    assert!(text.lines().all(|line| line.trim_end() == line));
    assert!(
        text.contains("\n  wāhine") && text.contains("\n> wāhine"),
        "{text}"
    );
}

#[test]
fn a_long_address_stays_whole() {
    let address = format!("https://host.example/{}", "a".repeat(100));
    assert_eq!(
        to_text(&format!("See [the page]({address}) now")),
        format!("See the page\n({address})\nnow")
    );
}

#[test]
fn a_small_table_is_aligned_and_a_wide_one_told_row_by_row() {
    assert_eq!(
        to_text("| Score | Meaning |\n|---:|---|\n| 0 | none found |\n| 101–400 | much |"),
        "  Score  Meaning\n-------  ----------\n      0  none found\n101–400  much"
    );
    let wide = "word ".repeat(16);
    assert_eq!(
        to_text(&format!(
            "| Score | Meaning |\n|---|---|\n| 0 | {wide} |\n| 1 | |\n| 2 | short |"
        )),
        format!(
            "Score: 0\nMeaning: {}\n  word word word word\n\nScore: 1\n\nScore: 2\nMeaning: short",
            "word ".repeat(12).trim_end()
        )
    );
    assert_eq!(to_text("| A | B |\n|---|---|"), "A  B\n-  -");
}

#[test]
fn raw_html_is_noticed_and_comments_and_comparisons_are_not() {
    for markdown in [
        "<b>x</b>",
        "a <br> b",
        "<div>\n\nx\n\n</div>",
        "> <p>",
        "<!-- a --><b>",
    ] {
        assert!(has_raw_html(markdown), "{markdown}");
    }
    for markdown in [
        "",
        "a < b > c",
        "`<b>`",
        "    <b>",
        "<https://host.example>",
        "<!-- a -->",
        "x <!-- a --> y",
    ] {
        assert!(!has_raw_html(markdown), "{markdown}");
    }
}

#[test]
fn links_are_listed_once_and_as_written() {
    assert_eq!(
        links(
            "[a](https://a.example/) https://b.example [c](/c) [a](https://a.example/) [j](javascript:x) ![i](/i)"
        ),
        [
            "https://a.example/",
            "https://b.example",
            "/c",
            "javascript:x"
        ]
    );
    assert!(links("none `[a](/a)`").is_empty());
}

#[test]
fn a_summary_is_cut_between_words() {
    let markdown = "# Title\n\nMāori *words* [here](https://a.example), and\nmore.\n\n- A point.";
    assert_eq!(
        plain_summary(markdown, 200),
        "Māori words here, and more. A point."
    );
    assert_eq!(
        plain_summary(markdown, 36),
        "Māori words here, and more. A point."
    );
    assert_eq!(
        plain_summary(markdown, 35),
        "Māori words here, and more. A…"
    );
    assert_eq!(plain_summary(markdown, 18), "Māori words here…");
    assert_eq!(plain_summary("abcdefgh", 4), "abc…");
    assert_eq!(plain_summary("abc", 0), "");
    assert_eq!(plain_summary("", 10), "");
    for max in 0..40 {
        assert!(plain_summary(markdown, max).chars().count() <= max);
    }
}

#[test]
fn sections_and_images_are_told_with_their_lines() {
    let markdown = "# A\n\n<!-- a hint -->\n\n## B\n\nText with ![a *scan*](https://x.example/a.png)\n\n# C\n\n> # no";
    let found: Vec<(String, usize, bool)> = sections(markdown)
        .into_iter()
        .map(|section| (section.heading, section.line, section.is_empty))
        .collect();
    assert_eq!(
        found,
        [
            ("A".to_owned(), 1, false),
            ("B".to_owned(), 5, false),
            ("C".to_owned(), 9, false)
        ]
    );
    assert!(sections("# A\n\n<!-- a -->\n\n# B")[0].is_empty);
    assert_eq!(
        images(markdown),
        [ImageFound {
            address: "https://x.example/a.png".to_owned(),
            alt: "a scan".to_owned(),
            line: 7
        }]
    );
}

#[test]
fn images_get_their_width_and_height() {
    let own = "/images/0123456789abcdef0123456789abcdef.png";
    let size = |address: &str| (address == own).then_some((30, 20));
    let html = to_html_for_mail(
        &format!("![a]({own})\n\n`<img src=\"{own}\"`"),
        "https://h.example",
    );
    let sized = with_sizes(&html, "https://h.example", size);
    assert_eq!(
        sized.matches("width=\"30\" height=\"20\"").count(),
        1,
        "{sized}"
    );
    assert!(sized.contains(&format!("<img src=\"https://h.example{own}\" width=\"30\"")));
    assert_eq!(with_sizes(&html, "https://h.example", |_| None), html);
}
