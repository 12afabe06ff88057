//! A bulletin is looked at before it goes out, and watched while it does, with a script.

use std::time::{Duration, Instant};

use crate::app::PASSWORD;
use crate::both_databases::Database;
use crate::chromium::View;
use crate::pages::visitor::evaluate;
use crate::process::{Installation, Service};
use crate::sample_bulletin;

use super::person::Person;

/// A member of staff of the demo or of a service of samples, signed in.
async fn signed_in(here: &Installation, email: &str, password: &str) -> Option<Person> {
    let person = Person::with("the publisher", here, View::DESKTOP).await?;
    person.opens("/staff/sign-in").await;
    person.types("E-mail address", email).await;
    person.types("Password", password).await;
    person.presses("Sign in").await;
    person.sees("Signed in as").await;
    Some(person)
}

/// What a script finds, as text.
async fn found(person: &Person, script: &str) -> String {
    evaluate(person, script)
        .await
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

/// The password that the demo tells.
fn password(service: &Service) -> String {
    let said = service.said();
    let mut lines = said.lines();
    let line = lines.find_map(|line| line.trim().strip_prefix("password"));
    line.expect("the demo says its password").trim().to_owned()
}

#[tokio::test]
async fn the_preview_is_switched_without_leaving_the_page() {
    let here = Installation::start(Database::Sqlite).await;
    let service = here.service(&["demo"]).await;
    let email = "hine.sample@clinic.example";
    let Some(owner) = signed_in(&here, email, &password(&service)).await else {
        return;
    };
    owner.opens("/staff/bulletins/1/preview").await;
    evaluate(&owner, "window.stays = 'here'; null").await;
    owner.is_not_offered("Show it so").await;
    for (label, expected) in [
        ("Phone", "mail phone "),
        ("Dark", "mail phone dark colours=dark&images=on"),
        ("Off", "mail phone dark colours=dark&images=off"),
        ("Computer", "mail dark colours=dark&images=off"),
        ("Light", "mail colours=light&images=off"),
    ] {
        let choice = format!("//label[normalize-space(.)='{label}']");
        owner.finds(&choice).await.click().await.unwrap();
        let shown = "(() => { const frame = document.getElementById('mail-frame'); \
                     return frame.className + ' ' + new URL(frame.src).search.slice(1); })()";
        let shown = found(&owner, shown).await;
        assert!(shown.starts_with(expected), "{label}: {shown}");
    }
    assert_eq!(found(&owner, "window.stays").await, "here");
    // What is shown is what the address says, for whoever is sent it.
    assert!(
        found(&owner, "location.search")
            .await
            .contains("images=off")
    );
}

#[tokio::test]
async fn progress_moves_without_loading_the_page_and_says_how_fast() {
    let mut here = Installation::start(Database::Sqlite).await;
    here.set("delivery.per_second", "4");
    here.add_staff(sample_bulletin::WRITER, "author");
    here.add_staff(sample_bulletin::PUBLISHER, "publisher");
    sample_bulletin::import_people(&here, 0..200);
    let _service = here.service(&[]).await;
    let Some(publisher) = signed_in(&here, sample_bulletin::PUBLISHER, PASSWORD).await else {
        return;
    };
    sample_bulletin::send(&here, &[]);
    publisher.opens("/staff/bulletins/1").await;
    evaluate(&publisher, "window.stays = 'here'; null").await;
    let start = Instant::now();
    let number = "document.querySelector('#progress progress').getAttribute('value')";
    let first = found(&publisher, number).await;
    while found(&publisher, number).await == first || !publisher.text().await.contains("left.") {
        assert!(
            start.elapsed() < Duration::from_secs(40),
            "{}",
            publisher.text().await
        );
        // The page moves by itself: nothing tells when.
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(found(&publisher, "window.stays").await, "here");
    publisher.sees(" a second; ").await;
    assert!(
        !publisher.text().await.contains("Look again"),
        "that is for pages without a script"
    );
    let said = found(&publisher, "document.querySelector('#progress progress').ariaValueText ?? \
                                  document.querySelector('#progress progress').getAttribute('aria-valuetext')").await;
    assert!(said.contains("of 200 done"), "{said}");
    // Held, it says so; and the buttons are those of its new state.
    publisher.presses("Pause").await;
    publisher.sees("paused.").await;
    publisher.presses("Resume").await;
    publisher.sees("of 200 done; sending.").await;
}
