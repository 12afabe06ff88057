//! Input that means harm, or is merely absurd.

use std::time::{Duration, Instant};

use super::tests::to_text;
use super::*;

#[test]
fn links_and_images_of_other_kinds_leave_only_their_text() {
    for address in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "&#106;avascript:alert(1)",
        "java&#10;script:alert(1)",
        "java&#xE000;script:alert(1)",
        "&#1;javascript:alert(1)",
        "vbscript:x",
        "data:text/html;base64,PHNjcmlwdD4=",
        "file:///etc/passwd",
        "ftp://host.example/",
        "//host.example/a",
        "/\\host.example/a",
        "/&#9;/host.example/a",
        "a/b",
        "#top",
        "",
    ] {
        assert_eq!(
            to_html(&format!("[word]({address})")),
            "<p>word</p>\n",
            "{address}"
        );
        assert_eq!(to_text(&format!("[word]({address})")), "word", "{address}");
        assert_eq!(
            to_html(&format!("![word]({address})")),
            "<p>word</p>\n",
            "{address}"
        );
    }
    assert_eq!(
        to_html("![word](http://host.example/a.png)"),
        "<p>word</p>\n"
    );
    assert_eq!(
        to_html("![A *scan*](https://host.example/a.png) ![b](/b.png)"),
        "<p>A <em>scan</em> b</p>\n"
    );
    let own = "/images/0123456789abcdef0123456789abcdef.png";
    assert_eq!(
        to_html(&format!("![A *scan*]({own}) ![]({own})")),
        format!("<p><img src=\"{own}\" alt=\"A scan\"> <img src=\"{own}\" alt=\"\"></p>\n")
    );
}

#[test]
fn html_appears_as_the_text_it_is() {
    for (markdown, html) in [
        (
            "<script>alert(1)</script>",
            "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n",
        ),
        (
            "a <b onclick=x()>b</b>",
            "<p>a &lt;b onclick=x()&gt;b&lt;/b&gt;</p>\n",
        ),
        (
            "<img src=x onerror=alert(1)>",
            "<p>&lt;img src=x onerror=alert(1)&gt;</p>\n",
        ),
        (
            "<div>\n*a*\n</div>",
            "<p>&lt;div&gt;\n*a*\n&lt;/div&gt;</p>\n",
        ),
        ("BP <140/90 and >100", "<p>BP &lt;140/90 and &gt;100</p>\n"),
    ] {
        assert_eq!(to_html(markdown), html);
    }
}

#[test]
fn nothing_hostile_survives() {
    for markdown in [
        "<scr<script>ipt>alert(1)</scr</script>ipt>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "[x](https://host.example/\"onmouseover=\"alert(1))",
        "![x\" onerror=\"alert(1)](/images/0123456789abcdef0123456789abcdef.png)",
        "[x](https://host.example \"t\\\" onclick=\\\"alert(1)\")",
        "```\"><script>\n</code></pre><script>alert(1)</script>\n```",
        "<https://host.example/\"><script>alert(1)</script>>",
        "[a](<javascript:alert(1)>)",
        "[a]: javascript:alert(1)\n\n[a]",
        "<style>@import 'x'</style>",
        "<svg/onload=alert(1)>",
        "<math><mi xlink:href=\"javascript:alert(1)\">x",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<!--><img src=x onerror=alert(1)>-->",
        "| <img src=x onerror=alert(1)> |\n|---|\n| `</td><script>` |",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<scr\u{e000}ipt>alert(1)</script>",
    ] {
        let html = to_html(markdown);
        for tag in html
            .split('<')
            .skip(1)
            .filter_map(|rest| rest.split_once('>'))
            .map(|(tag, _)| tag)
        {
            let name = tag
                .trim_start_matches('/')
                .split(' ')
                .next()
                .unwrap_or_default();
            assert!(
                !["script", "style", "svg", "math", "noscript", "b"].contains(&name),
                "{html}"
            );
            let outside_values: String = tag.split('"').step_by(2).collect();
            assert!(!outside_values.contains(" on"), "{html}");
            assert!(!tag.contains("=\"javascript:"), "{html}");
        }
    }
}

#[test]
fn comments_are_left_out() {
    assert_eq!(to_html("<!-- a note -->\n\na<!-- b -->c"), "<p>ac</p>\n");
    assert_eq!(to_text("<!-- a note -->\n\na<!-- b -->c"), "ac");
    assert_eq!(to_html("- <!-- empty -->"), "<ul>\n<li></li>\n</ul>\n");
    assert_eq!(to_html("<!-- a --> b"), "<p>b</p>\n");
}

#[test]
fn private_use_and_control_characters_are_removed_however_they_are_written() {
    for markdown in [
        "a\u{e000}b",
        "a\u{f8ff}b",
        "a\u{1b}b",
        "a&#27;b",
        "a\0b",
        "a\u{85}b",
    ] {
        assert_eq!(to_html(markdown), "<p>ab</p>\n", "{markdown:?}");
        assert_eq!(to_text(markdown), "ab", "{markdown:?}");
        assert_eq!(plain_summary(markdown, 10), "ab", "{markdown:?}");
    }
    for markdown in [
        "`a\u{e000}b`",
        "```a\u{e000}\nb\u{e000}\n```",
        "[a](https://host.example/&#xE000; \"&#xE000;\")",
        "![&#xE000;](/images/0123456789abcdef0123456789abcdef.png&#xE000;)",
        "<b title=\"\u{e000}\">",
        "<b title=\"&#xE000;\">",
        "# \u{e000}",
        "a&#xE000;b",
        "a&#57344;b",
    ] {
        let both = to_html(markdown) + &to_text(markdown);
        assert!(
            !both.chars().any(|c| matches!(c, '\u{e000}'..='\u{f8ff}')),
            "{both:?}"
        );
        assert!(!both.contains("%EE"), "{both:?}");
    }
}

#[test]
fn hugely_nested_or_repeated_input_neither_hangs_nor_overflows() {
    let many = 20_000;
    let nested_list: String = (0..400)
        .map(|depth| format!("{}- a\n", "  ".repeat(depth)))
        .collect();
    for (name, markdown) in [
        ("quotes", ">".repeat(many)),
        ("spaced quotes", "> ".repeat(many)),
        ("quotes, then lines", ">".repeat(many) + &"a\n".repeat(many)),
        (
            "lines of quotes",
            format!("{}a\n", ">".repeat(300)).repeat(300),
        ),
        ("quotes in lists", "> - ".repeat(many)),
        ("brackets", "[".repeat(many)),
        ("closed brackets", "[".repeat(many) + &"]".repeat(many)),
        ("image brackets", "![".repeat(many)),
        ("nested images", "![".repeat(5_000) + &"](/a)".repeat(5_000)),
        ("unclosed links", "[a](".repeat(many)),
        ("stars", "*".repeat(many)),
        ("nested emphasis", "*a **a ".repeat(5_000)),
        (
            "closed emphasis",
            "*a **a ".repeat(1_000) + &" a** a*".repeat(1_000),
        ),
        ("alternating emphasis", "*a_".repeat(many)),
        ("strikes", "~~a~".repeat(many)),
        ("bullets", "- ".repeat(many)),
        ("numbers", "1. ".repeat(many)),
        ("nested list", nested_list),
        (
            "backticks",
            (1..300).map(|length| "`".repeat(length) + " ").collect(),
        ),
        ("angle brackets", "<".repeat(many)),
        ("unclosed comments", "<!-- ".repeat(many)),
        ("unclosed tags", "<a href=\"".repeat(many)),
        ("tags", "<b>".repeat(many)),
        ("declarations", "<!A ".repeat(many)),
        ("entities", "&amp;".repeat(many)),
        ("table cells", "|".repeat(many) + "\n" + &"-|".repeat(many)),
        (
            "table rows",
            format!("|{}\n|{}\n", "a|".repeat(200), "-|".repeat(200)) + &"|a\n".repeat(2_000),
        ),
        ("addresses", "www.a.example/(".repeat(5_000)),
        ("mail addresses", "a@".repeat(many)),
        (
            "definitions",
            (0..5_000)
                .map(|n| format!("[{n}]: /a\n"))
                .collect::<String>()
                + &"[1]".repeat(5_000),
        ),
        ("headings", "# a\n".repeat(5_000)),
        ("spaces", " ".repeat(many) + "a"),
    ] {
        let start = Instant::now();
        let html = to_html(&markdown);
        let text = to_text(&markdown);
        let summary = plain_summary(&markdown, 100);
        has_raw_html(&markdown);
        links(&markdown);
        let took = start.elapsed();
        assert!(took < Duration::from_secs(20), "{name} took {took:?}");
        assert!(html.len() < 20 * markdown.len() + 100, "{name}");
        assert!(text.len() < 20 * markdown.len() + 100, "{name}");
        assert!(summary.chars().count() <= 100, "{name}");
    }
}
