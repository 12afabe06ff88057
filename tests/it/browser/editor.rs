//! The editor's buttons, for people who know no Markdown; Markdown is what comes of it.

use fantoccini::Locator;
use fantoccini::key::Key;
use practice_points::domain::markdown;
use serde_json::{Value, json};

use crate::both_databases::Database;
use crate::chromium::View;
use crate::pages::visitor::evaluate;
use crate::process::Installation;

use super::person::Person;
use super::steps;
use super::writing::{at_a_new_article, clicks_into_the_text, comes_to};

const WORD: &str = include_str!("../../../editor/test/paste/word.html");
const WORD_AS_MARKDOWN: &str = include_str!("../../../editor/test/paste/word.md");
const WEB: &str = include_str!("../../../editor/test/paste/web.html");

/// Pastes as a browser does.
async fn pastes(author: &Person, kind: &str, content: &str) {
    let script = format!(
        "{{ const data = new DataTransfer(); data.setData({}, {});
            document.querySelector('.writing-text').dispatchEvent(
                new ClipboardEvent('paste', {{ clipboardData: data, bubbles: true, cancelable: true }})); }}",
        json!(kind),
        json!(content),
    );
    evaluate(author, &script).await;
}

#[tokio::test]
async fn the_buttons_make_the_markdown_that_readers_get() {
    let here = Installation::start(Database::Sqlite).await;
    let Some((_service, author)) = at_a_new_article(&here, View::DESKTOP).await else {
        return;
    };
    clicks_into_the_text(&author).await;
    author.types_there("Some ").await;
    author.uses("Bold").await;
    author.types_there("bold").await;
    author.uses("Bold").await;
    author.types_there(" and ").await;
    author.uses("Italic").await;
    author.types_there("leaning").await;
    author.uses("Italic").await;
    author.types_there(" words, 5 * 6 < 31.").await;
    author.hits(Key::Enter).await;
    author.uses("Heading").await;
    author.types_there("What to ask").await;
    author.hits(Key::Enter).await;
    author.uses("Bulleted list").await;
    author.types_there("Family").await;
    author.hits(Key::Enter).await;
    author.uses("Indent").await;
    author.types_there("Early").await;
    author.hits(Key::Enter).await;
    author.uses("Outdent").await;
    author.uses("Numbered list").await;
    author.uses("Bulleted list").await;
    author.types_there("Smoking").await;
    author.hits(Key::Enter).await;
    author.hits(Key::Enter).await;
    author.uses("Quotation").await;
    author.types_there("Said.").await;
    author.hits(Key::Enter).await;
    author.uses("Quotation").await;
    author.types_there("See ").await;
    author.uses("Link").await;
    author.types("Words to click on", "our site").await;
    author.types("Address", "www.clinic.example/scan").await;
    author.uses("Insert the link").await;
    author.types_there(".").await;
    comes_to(
        &author,
        "Some **bold** and *leaning* words, 5 \\* 6 < 31.\n\n## What to ask\n\n- Family\n  - Early\n- Smoking\n\n\
         > Said.\n\nSee [our site](https://www.clinic.example/scan).\n",
    )
    .await;

    // A step back and forth again.
    author.uses("Undo").await;
    author.uses("Redo").await;
    author
        .finds("//*[@id='preview']//a[@href='https://www.clinic.example/scan']")
        .await;
    author.presses("Save").await;
    author.sees("The article is saved.").await;
    author
        .finds("//div[@class='prose']//strong[.='bold']")
        .await;

    // What nobody touches stays as it is.
    author.follows("Edit").await;
    let text = author.finds("//*[@role='textbox']//h2").await;
    assert_eq!(text.text().await.unwrap(), "What to ask");
    author.presses("Save").await;
    author.sees("version 1,").await;
}

#[tokio::test]
async fn a_table_is_filled_in_with_the_tab_key_and_grows() {
    let here = Installation::start(Database::Sqlite).await;
    let Some((_service, author)) = at_a_new_article(&here, View::DESKTOP).await else {
        return;
    };
    clicks_into_the_text(&author).await;
    author.types_there("Scores:").await;
    author.hits(Key::Enter).await;
    author.uses("Table").await;
    for cell in ["Score", "People", "Share", "0", "12 | 13"] {
        author.types_there(cell).await;
        author.hits(Key::Tab).await;
    }
    author.uses("Delete the column").await;
    author.uses("Delete the row").await;
    author.uses("Add a row").await;
    author.uses("Delete the row").await;
    author.uses("Add a row").await;
    comes_to(
        &author,
        "Scores:\n\n| Score | People |\n| --- | --- |\n|  |  |\n|  |  |\n",
    )
    .await;
}

#[tokio::test]
async fn an_image_comes_from_the_computer_or_the_library_and_never_without_words() {
    let here = Installation::start(Database::Sqlite).await;
    let Some((_service, author)) = at_a_new_article(&here, View::DESKTOP).await else {
        return;
    };
    clicks_into_the_text(&author).await;
    author.uses("Image").await;
    let file = author.finds("//dialog//input[@type='file']").await;
    let picture = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/templates/site/demo/recording.png"
    );
    file.send_keys(picture).await.unwrap();
    author.uses("Insert the image").await;
    author.sees("The alternative text is missing.").await;
    author
        .types("Alternative text", "A recording [sample]")
        .await;
    author.uses("Insert the image").await;
    let image = author.finds("//*[@role='textbox']//img").await;
    let src = image.attr("src").await.unwrap().unwrap();
    comes_to(&author, &format!("![A recording \\[sample\\]]({src})\n")).await;

    // Once more, from the library, below.
    author.hits(Key::Right).await;
    author.hits(Key::Enter).await;
    author.uses("Image").await;
    let known = author.finds("//dialog//button[img]").await;
    known.click().await.unwrap();
    assert_eq!(
        author.value("Alternative text").await,
        "A recording [sample]"
    );
    author.types("Alternative text", "Again").await;
    author.uses("Insert the image").await;
    comes_to(
        &author,
        &format!("![A recording \\[sample\\]]({src})\n\n![Again]({src})\n"),
    )
    .await;
}

#[tokio::test]
async fn the_editor_works_by_keyboard_alone_and_holds_nobody_fast() {
    let here = Installation::start(Database::Sqlite).await;
    let Some((_service, author)) = at_a_new_article(&here, View::DESKTOP).await else {
        return;
    };
    // A field for a day has a stop for each of its parts.
    evaluate(&author, "document.getElementById('review_by').focus()").await;
    while !author.has_focus(".writing-bar button").await {
        author.hits(Key::Tab).await;
    }
    // One stop; arrows go from button to button.
    for _ in 0..2 {
        author.hits(Key::Right).await;
    }
    assert!(
        author
            .has_focus(".writing-bar button[title='Heading']")
            .await
    );
    author.hits(Key::Tab).await;
    assert!(author.has_focus(".writing-text").await);
    author.goes_back().await;
    assert!(
        author
            .has_focus(".writing-bar button[title='Heading']")
            .await
    );
    author.hits(Key::Enter).await;
    assert!(author.has_focus(".writing-text").await);
    author.types_there("Heading").await;
    author.hits(Key::Enter).await;
    author.hits_with(&[Key::Control], 'b').await;
    author.types_there("bold").await;
    author.hits_with(&[Key::Control], 'b').await;
    author.types_there(" see ").await;
    author.hits_with(&[Key::Control], 'k').await;
    author.types_there("the site").await;
    author.hits(Key::Tab).await;
    author.types_there("clinic.example").await;
    author.hits(Key::Enter).await;
    author.hits_with(&[Key::Alt], Key::F10.into()).await;
    author.hits(Key::End).await;
    assert!(author.has_focus(".writing-toggle").await);
    author.hits(Key::Escape).await;
    assert!(author.has_focus(".writing-text").await);
    comes_to(
        &author,
        "## Heading\n\n**bold** see [the site](https://clinic.example)\n",
    )
    .await;
    author.hits(Key::Tab).await;
    assert!(
        !author.has_focus(".writing *").await,
        "the Tab key leaves it"
    );
}

#[tokio::test]
async fn what_is_pasted_keeps_its_structure_and_loses_its_dirt() {
    let here = Installation::start(Database::Sqlite).await;
    let Some((_service, author)) = at_a_new_article(&here, View::DESKTOP).await else {
        return;
    };
    pastes(&author, "text/html", WORD).await;
    comes_to(&author, WORD_AS_MARKDOWN).await;
    author.sees("An image was left out.").await;

    let cleaned = evaluate(
        &author,
        &format!("Writing.clean({}, 'https://clinic.example')", json!(WEB)),
    )
    .await;
    let html = cleaned["html"].as_str().unwrap();
    assert!(html.contains("<blockquote>") && !html.contains("script"));

    clicks_into_the_text(&author).await;
    author.hits_with(&[Key::Control], 'a').await;
    pastes(&author, "text/plain", "## A heading\n\n- one\n- two").await;
    comes_to(&author, "## A heading\n\n- one\n- two\n").await;
}

#[tokio::test]
async fn what_the_editor_cannot_keep_stays_plain_text_with_a_word_of_why() {
    let here = Installation::start(Database::Sqlite).await;
    let Some((_service, author)) = at_a_new_article(&here, View::DESKTOP).await else {
        return;
    };
    let text = "A <b>tag</b>.\n";
    steps::writes_as_plain_text(&author, text).await;
    author.uses("Plain text").await;
    author
        .sees("shown as plain text, because it has HTML tags in it")
        .await;
    assert_eq!(author.value("Text").await, text);
    author.types("Text", "A **word**.").await;
    author.uses("Plain text").await;
    author.finds("//*[@role='textbox']//strong[.='word']").await;
}

/// Texts that readers must see the same when an editor has had them in hand.
const TEXTS: &[&str] = &[
    "A line.\n\nAnother with **bold**, *italic*, ***both***, `code` and ~~struck~~.",
    "## A\n\n### B\n\nText\n\n#### C",
    "- one\n- two\n  - inner\n\n    with a paragraph\n- three",
    "3. three\n4. four\n\n<!-- -->\n\n1. one",
    "> Said\n>\n> - in a list",
    "Line\\\nbreak  \nagain",
    "![A \\[scan\\]](/images/0123456789abcdef0123456789abcdef.png)",
    "[a](https://h.example/x_(y)?a=b&c=d) <https://h.example/_b_> https://h.example/c_d_e and www.h.example",
    "sample@practice.example, [here](/articles)",
    "| A | B |\n| :-- | --: |\n| 1 \\| 2 | **x** |\n|  | `a` |",
    "<!-- A note. -->\n\n## Timeline\n\n<!-- Another -->",
    "```\ncode\n\n  more\n```\n\n    indented",
    "Setext\n======\n\n---\n\n1 \\* 2 \\_ 3 \\< 4 &lt;b&gt; &amp;amp; 5 < 6 ~7 and ~8",
    "\\# no heading\n\n\\- no list\n\n1\\. no number\n\n+64 9 623 1020",
];

#[tokio::test]
async fn readers_see_the_same_of_a_text_that_was_in_the_editor() {
    let here = Installation::start(Database::Sqlite).await;
    let Some((_service, author)) = at_a_new_article(&here, View::DESKTOP).await else {
        return;
    };
    for text in TEXTS.iter().chain([&steps::CASE]) {
        let back = evaluate(&author, &format!("Writing.roundTrip({})", json!(text))).await;
        let Value::String(back) = &back["markdown"] else {
            panic!("{text}: {back}");
        };
        let seen = |text: &str| {
            let html = markdown::to_html(text).replace('\n', " ");
            html.replace(
                "<em><strong>both</strong></em>",
                "<strong><em>both</em></strong>",
            )
        };
        assert_eq!(seen(back), seen(text), "{text}\n---\n{back}");
    }
    // Only pages with the editor load it.
    let scripts = author.browser().find_all(Locator::Css("script")).await;
    assert_eq!(scripts.unwrap().len(), 2);
    author.opens("/staff").await;
    let scripts = author.browser().find_all(Locator::Css("script")).await;
    assert_eq!(scripts.unwrap().len(), 1);
}
