//! Writing with the editor's buttons, by people who know no Markdown; Markdown is what comes of it.

use fantoccini::Locator;
use fantoccini::key::Key;
use practice_points::domain::markdown;
use serde_json::{Value, json};

use crate::both_databases::Database;
use crate::chromium::View;
use crate::pages::visitor::evaluate;
use crate::process::{Installation, Service};

use super::person::Person;
use super::steps;

const WORD: &str = include_str!("../../../editor/test/paste/word.html");
const WORD_AS_MARKDOWN: &str = include_str!("../../../editor/test/paste/word.md");
const WEB: &str = include_str!("../../../editor/test/paste/web.html");

/// A service, and its owner at the form of a new article.
async fn at_a_new_article(here: &Installation, view: View) -> Option<(Service, Person)> {
    let service = here.service(&["serve"]).await;
    let author = Person::with("the author", here, view).await?;
    steps::becomes_the_owner(&author, &service.code().expect("it prints a code")).await;
    steps::begins_an_article(&author, "News", "Saturday clinics").await;
    Some((service, author))
}

/// What the form would send as the text: waits until the editor has written it.
async fn comes_to(author: &Person, expected: &str) {
    let field = "document.getElementById('body').value";
    for _ in 0..100 {
        if evaluate(author, field).await == expected {
            return;
        }
        // The editor writes a moment after the last key, and tells nobody outside.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let found = evaluate(author, field).await;
    let found = found.as_str().unwrap_or_default();
    assert_eq!(found, expected);
}

async fn clicks_into_the_text(author: &Person) {
    let text = author.finds("//*[@role='textbox']").await;
    text.click().await.unwrap();
}

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

#[tokio::test]
async fn without_script_the_text_field_is_all_that_is_needed() {
    let here = Installation::start(Database::Sqlite).await;
    let view = View {
        scripts: false,
        ..View::DESKTOP
    };
    let Some((_service, author)) = at_a_new_article(&here, view).await else {
        return;
    };
    author.types("Text", "Some **words**.").await;
    author.presses("Save").await;
    author
        .finds("//div[@class='prose']//strong[.='words']")
        .await;
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

#[tokio::test]
async fn a_closed_tab_loses_nothing_and_two_at_one_text_are_told_of_one_another() {
    let here = Installation::start(Database::Sqlite).await;
    let Some((_service, owner)) = at_a_new_article(&here, View::DESKTOP).await else {
        return;
    };
    clicks_into_the_text(&owner).await;
    owner.types_there("Begun").await;
    owner.sees("Kept ").await;
    // The tab is closed: no question is asked, since everything is kept.
    owner.opens("/staff/articles").await;
    owner.follows("Saturday clinics").await;
    comes_to(&owner, "Begun\n").await;
    owner.presses("Save").await;
    owner.sees("The article is saved.").await;
    owner.opens("/staff/articles").await;
    assert!(!owner.text().await.contains("Begun, and not saved"));

    steps::adds_the_publisher(&here, &owner).await;
    let Some(publisher) = Person::with("the publisher", &here, View::DESKTOP).await else {
        return;
    };
    publisher.opens("/staff/articles/2/edit").await;
    steps::signs_in(&publisher, &steps::PUBLISHER).await;
    for person in [&owner, &publisher] {
        person.opens("/staff/articles/2/edit").await;
        comes_to(person, "Begun\n").await;
        clicks_into_the_text(person).await;
        person.hits(Key::End).await;
    }
    publisher.types_there(", theirs").await;
    publisher.sees("Kept ").await;
    owner.types_there(", mine").await;
    owner
        .sees("Mele Sample has changes in this article that are not saved")
        .await;
    publisher.presses("Save").await;
    publisher.sees("The article is saved.").await;
    owner.types_there("!").await;
    owner
        .sees("Mele Sample has saved version 2 meanwhile")
        .await;
    owner.presses("Save").await;
    owner
        .finds("//dl[@class='comparison']//del[contains(., 'theirs')]")
        .await;
    owner
        .finds("//dl[@class='comparison']//ins[contains(., 'mine!')]")
        .await;
    comes_to(&owner, "Begun, mine!\n").await;
    owner
        .ticks("I have read version 2. Save mine after it.")
        .await;
    owner.presses("Save").await;
    owner.sees("version 3,").await;

    // What was theirs can be had again.
    owner.follows("2").await;
    owner.follows("Compare with the newest").await;
    owner.sees("What has changed").await;
    owner.follows("Read version 2, or restore it").await;
    owner.presses("Restore this version").await;
    owner.sees("Version 2 is the newest text again.").await;
    owner.sees("Begun, theirs").await;
}

#[tokio::test]
async fn an_ended_session_loses_nothing() {
    let here = Installation::start(Database::Sqlite).await;
    let Some((_service, author)) = at_a_new_article(&here, View::DESKTOP).await else {
        return;
    };
    clicks_into_the_text(&author).await;
    author.types_there("Before").await;
    author.sees("Kept ").await;
    evaluate(
        &author,
        "fetch('/staff/sign-out', { method: 'POST' }).then(() => null)",
    )
    .await;
    author.types_there(" and after").await;
    author.sees("You are signed out.").await;
    // It is not even tried: the page stays, and with it the text.
    author.uses("Save").await;
    author.sees("Sign in in a new tab").await;
    comes_to(&author, "Before and after\n").await;

    author.opens("/staff/sign-in").await;
    accepts_to_leave(&author).await;
    steps::signs_in(&author, &steps::OWNER).await;
    author.opens("/staff/articles/new").await;
    author.sees("which did not reach us").await;
    author.uses("Take it up").await;
    comes_to(&author, "Before and after\n").await;
    author.sees("Kept ").await;
    author.presses("Save").await;
    author.sees("Before and after").await;
}

/// Says yes when the browser asks whether to leave what is not sent.
async fn accepts_to_leave(person: &Person) {
    let _ = person.browser().accept_alert().await;
}

#[tokio::test]
async fn practice_points_are_put_in_order_by_buttons_and_keys() {
    let here = Installation::start(Database::Sqlite).await;
    let Some((_service, author)) = at_a_new_article(&here, View::DESKTOP).await else {
        return;
    };
    let points = "document.getElementById('practice_points').value";
    author.types("Practice point 1", "One").await;
    author.hits(Key::Enter).await;
    author.types_there("Two").await;
    author.uses("Add a point").await;
    author.types_there("Three").await;
    assert_eq!(evaluate(&author, points).await, "One\nTwo\nThree");
    author.uses("Up: practice point 3").await;
    assert_eq!(evaluate(&author, points).await, "One\nThree\nTwo");
    author.sees("Now point 2 of 3.").await;
    // The focus went with it: once more is the top.
    author.hits(Key::Enter).await;
    assert_eq!(evaluate(&author, points).await, "Three\nOne\nTwo");
    // There it is in the text, since the button leads no further.
    author.hits_with(&[Key::Alt], char::from(Key::Down)).await;
    assert_eq!(evaluate(&author, points).await, "One\nThree\nTwo");
    author.uses("Remove: practice point 1").await;
    assert_eq!(evaluate(&author, points).await, "Three\nTwo");
    author.uses("Plain text").await;
    author.types("Text", "Some words.").await;
    author.presses("Save").await;
    author.finds("//ol/li[contains(., 'Three')]").await;
}

#[tokio::test]
async fn references_are_tidied_up_authors_chosen_and_telling_places_marked() {
    let here = Installation::start(Database::Sqlite).await;
    let Some((_service, author)) = at_a_new_article(&here, View::DESKTOP).await else {
        return;
    };
    author.chooses("Kind", "Guidance").await;
    author
        .types(
            "References",
            "1. Sample A. Title. https://doi.org/10.5694/mja16.01134\n28663138",
        )
        .await;
    author
        .chooses("Add an author we know", steps::OWNER.name)
        .await;
    author
        .finds("//a[@href='https://doi.org/10.5694/mja16.01134']")
        .await;
    assert_eq!(
        author.value("References").await,
        "Sample A. Title. doi:10.5694/mja16.01134\nPMID 28663138"
    );
    assert_eq!(author.value("Authors").await, steps::OWNER.name);

    clicks_into_the_text(&author).await;
    author
        .types_there("Ring 021 555 0123 about ZAC5361 now")
        .await;
    author
        .finds("//*[@role='textbox']//span[contains(@class, 'blocks') and .='ZAC5361']")
        .await;
    author
        .finds("//*[@role='textbox']//span[contains(@class, 'telling') and .='021 555 0123']")
        .await;
    author
        .sees("“ZAC5361” in the text looks like a patient’s NHI number. It cannot be published with it.")
        .await;
    author.presses("Save").await;
    author.finds("//mark[.='ZAC5361']").await;
}

#[tokio::test]
async fn on_the_way_back_to_the_form_all_that_was_typed_is_seen_again() {
    let here = Installation::start(Database::Sqlite).await;
    let Some((_service, owner)) = at_a_new_article(&here, View::DESKTOP).await else {
        return;
    };
    clicks_into_the_text(&owner).await;
    owner.types_there("Begun").await;
    owner.sees("for you alone").await;
    owner.opens("/staff/images").await;
    owner.browser().back().await.unwrap();
    owner
        .finds("//*[@role='textbox'][contains(., 'Begun')]")
        .await;
    // What is typed next goes on into the same copy.
    clicks_into_the_text(&owner).await;
    owner.hits(Key::End).await;
    owner.types_there(" again").await;
    comes_to(&owner, "Begun again\n").await;
    owner.sees("for you alone").await;
    owner.opens("/staff/articles").await;
    let copies = "document.querySelectorAll('.notice li').length";
    assert_eq!(evaluate(&owner, copies).await, 1);
    owner.presses("Throw it away").await;
    owner.sees("What you had not saved is thrown away.").await;
}
