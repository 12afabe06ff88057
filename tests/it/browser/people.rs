//! The list of people at a browser: found as one types, ticked, changed, and taken back.

use crate::both_databases::Database;
use crate::chromium::View;
use crate::pages::visitor::evaluate;
use crate::process::Installation;

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
