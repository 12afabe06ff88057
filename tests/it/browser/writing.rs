//! The form of an article around its text: what is typed is kept, and two at one text are told of one another; practice
//! points, references and authors.

use fantoccini::key::Key;

use crate::both_databases::Database;
use crate::chromium::View;
use crate::pages::visitor::evaluate;
use crate::process::{Installation, Service};

use super::person::Person;
use super::steps;

/// A service, and its owner at the form of a new article.
pub(super) async fn at_a_new_article(here: &Installation, view: View) -> Option<(Service, Person)> {
    let service = here.service(&["serve"]).await;
    let author = Person::with("the author", here, view).await?;
    steps::becomes_the_owner(&author, &service.code().expect("it prints a code")).await;
    steps::begins_an_article(&author, "News", "Saturday clinics").await;
    Some((service, author))
}

/// What the form would send as the text: waits until the editor has written it.
pub(super) async fn comes_to(author: &Person, expected: &str) {
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

/// Puts the cursor into the text.
pub(super) async fn clicks_into_the_text(author: &Person) {
    let text = author.finds("//*[@role='textbox']").await;
    text.click().await.unwrap();
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
