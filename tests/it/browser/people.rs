//! The list of people at a browser: found as one types, ticked, changed, and taken back.

use practice_points::domain::staff_member::StaffRole;

use fantoccini::key::Key;

use crate::app::TestApp;
use crate::both_databases::Database;
use crate::chromium::View;
use crate::desk::Desk;
use crate::pages::visitor::evaluate;
use crate::people::list_of;
use crate::process::Installation;

use super::colleague::Colleague;
use super::person::Person;
use super::steps;

/// How many rows the list shows.
const ROWS: &str = "document.querySelectorAll('#many tbody tr').length";

/// Waits until the script's answer is this: what is typed is asked for a moment later.
async fn comes_to(person: &Person, script: &str, expected: serde_json::Value) {
    for _ in 0..100 {
        if evaluate(person, script).await == expected {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(evaluate(person, script).await, expected, "{script}");
}

#[tokio::test]
async fn people_are_found_as_one_types_ticked_and_changed_together() {
    let here = Installation::start(Database::Sqlite).await;
    let mut file = String::from("email,name\n");
    for number in 0..60 {
        let name = if number % 20 == 0 { "Āroha" } else { "Hēmi" };
        file.push_str(&format!(
            "gp{number}@practice.example,{name} Sample {number}\n"
        ));
    }
    let file = here.write("people.csv", file);
    here.run(&[
        "subscribers",
        "import",
        &file,
        "--source",
        "A sample list",
        "--basis",
        "express",
        "--evidence",
        "A sample",
    ])
    .succeeded();
    let service = here.service(&["serve"]).await;
    let Some(owner) = Person::with("the owner", &here, View::DESKTOP).await else {
        return;
    };
    steps::becomes_the_owner(&owner, &service.code().expect("it prints a code")).await;
    owner.follows("Subscribers").await;
    comes_to(&owner, ROWS, 50.into()).await;

    let search = owner.finds("//input[@id='q']").await;
    search.click().await.unwrap();
    owner.types_there("aroh").await;
    comes_to(&owner, ROWS, 3.into()).await;
    let has_focus = "document.activeElement.id + ' ' + location.search";
    assert_eq!(evaluate(&owner, has_focus).await, "q ?q=aroh");
    let told = "document.getElementById('found-status').textContent";
    assert_eq!(evaluate(&owner, told).await, "3 found");

    evaluate(&owner, "document.getElementById('tick-all').click()").await;
    comes_to(
        &owner,
        "document.querySelector('[data-ticked]').textContent",
        ": 3".into(),
    )
    .await;
    let is_in_sight =
        "document.getElementById('bulk').getBoundingClientRect().bottom <= innerHeight";
    comes_to(&owner, is_in_sight, true.into()).await;
    // Until one scrolls to its place, it may lie over the last rows.
    evaluate(&owner, "scrollTo(0, document.body.scrollHeight)").await;
    let one = owner
        .finds("//input[@aria-label='Tick Āroha Sample 20']")
        .await;
    one.click().await.unwrap();
    comes_to(
        &owner,
        "document.getElementById('tick-all').indeterminate",
        true.into(),
    )
    .await;
    owner.chooses("What to do", "Unsubscribe").await;
    owner.presses("Go on").await;
    owner.sees("Unsubscribe 2 people?").await;
    owner.presses("Unsubscribe 2 people").await;
    owner.reloads_until("Done: all 2.").await;
    owner.presses("Take it back").await;
    owner.reloads_until("It is taken back.").await;
}

/// Keeps a filter, changes all whom it finds, and changes them back, without a mouse.
async fn changes_many(app: &TestApp, publisher: &Colleague) {
    publisher.opens("/staff/subscribers?q=walrus").await;
    publisher.sees("Nobody matches.").await;
    publisher.opens("/staff/subscribers").await;
    publisher.tabs_to("#region").await;
    publisher.types_there("Nor").await;
    publisher.sees("30 found.").await;
    publisher.enters("#found details summary").await;
    publisher.is_served_well().await;
    publisher.tabs_to("#name").await;
    publisher.hits(Key::Enter).await;
    publisher.sees("Please look at this again").await;
    publisher.is_served_well().await;
    publisher.fills_by_key("#name", "From the north").await;
    publisher.hits(Key::Enter).await;
    publisher.sees("The filter is saved.").await;
    publisher.is_served_well().await;
    publisher.opens("/staff/subscribers").await;
    publisher.enters("nav[aria-label='Saved filters'] a").await;
    publisher.sees("30 found.").await;
    publisher
        .finds("//nav[@aria-label='Saved filters']//a[@aria-current and .='From the north']")
        .await;

    // The ticks of a page lie on the way; whoever goes the other way round comes to the buttons at once.
    publisher.goes_back_to("#action").await;
    publisher.types_there("Sus").await;
    publisher.goes_back().await;
    publisher.hits(Key::Down).await;
    assert!(publisher.has_focus("#scope-all:checked").await);
    publisher.enters("#bulk button").await;
    publisher.sees("Suspend 30 people?").await;
    publisher.is_served_well().await;
    publisher.enters("form.card button.danger").await;
    publisher.sees("Please look at this again").await;
    publisher.is_served_well().await;
    publisher
        .fills_by_key("#reason", "The practice has closed")
        .await;
    publisher.hits(Key::Enter).await;
    publisher.sees("Done: all 30.").await;
    publisher.is_served_well().await;
    assert_eq!(app.count("subscriber WHERE status = 'suspended'").await, 30);
    publisher.enters("form[action$='/undo'] button").await;
    publisher.sees("It is taken back.").await;
    publisher.is_served_well().await;
    assert_eq!(app.count("subscriber WHERE status = 'active'").await, 60);
}

/// Makes one of two records of the same person.
async fn merges_two_records(app: &TestApp, publisher: &Colleague) {
    publisher.opens("/staff/subscribers?q=p0000").await;
    publisher.follows("Person 0000 Sample").await;
    publisher.follows("Merge with another").await;
    publisher.sees("No other record has this name.").await;
    publisher.is_served_well().await;
    publisher.types("Name, address or practice", "p0001").await;
    publisher.presses("Search").await;
    publisher.is_served_well().await;
    publisher
        .leaves_by("//a[starts-with(@aria-label, 'Compare with ')]")
        .await;
    publisher.sees("Which record stays?").await;
    publisher.is_served_well().await;
    publisher.presses("Merge the two records").await;
    publisher.sees("Please look at this again").await;
    publisher.is_served_well().await;
    let keep = publisher
        .finds("//fieldset[@id='keep']//label[contains(., 'p0000@')]")
        .await;
    keep.click().await.unwrap();
    let address = publisher
        .finds("//fieldset[@id='address']//label[contains(., 'p0001@')]")
        .await;
    address.click().await.unwrap();
    publisher
        .ticks("Yes, both records are of the same person.")
        .await;
    publisher.presses("Merge the two records").await;
    publisher.sees("The two records are one now.").await;
    publisher.sees("p0001@practice.example").await;
    publisher
        .finds("//h1[contains(., 'Person 0000 Sample')]")
        .await;
    publisher.is_served_well().await;
    let other = app.find_subscriber("p0000@practice.example").await;
    assert!(other.is_none(), "its address is forgotten");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_a_kept_filter_finds_is_changed_and_changed_back_and_two_records_become_one() {
    let app = TestApp::start(Database::Sqlite).await;
    let desk = Desk::open(&app).await;
    list_of(&desk.publisher, 60).await;
    let Some(publisher) = Colleague::signs_in(&app, StaffRole::Publisher).await else {
        return;
    };
    changes_many(&app, &publisher).await;
    merges_two_records(&app, &publisher).await;
}
