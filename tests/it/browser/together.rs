//! Two people at one thing at the same time: whoever is second is told, and what they have typed stays theirs.

use practice_points::domain::staff_member::StaffRole;

use crate::app::TestApp;
use crate::both_databases::Database;
use crate::desk::Desk;
use crate::pages::visitor::evaluate;

use super::colleague::Colleague;
use super::writing::clicks_into_the_text;

/// The box with which somebody says that they have looked at what another has saved.
const LOOKED: &str = "//label[@for='over']";

/// What the form would send as the introduction, as soon as it holds these words.
async fn introduction_with(who: &Colleague, words: &str) {
    let script = "document.getElementById('introduction').value";
    for _ in 0..100 {
        let found = evaluate(who, script).await;
        if found.as_str().is_some_and(|text| text.contains(words)) {
            return;
        }
        // The editor writes a moment after the last key, and tells nobody outside.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    who.is_stuck(&format!("does not find “{words}” in the introduction"))
        .await;
}

/// Both write at one bulletin: the second is told, and neither text is lost.
async fn write_one_bulletin(desk: &Desk, reviewer: &Colleague, publisher: &Colleague) {
    let path = desk.assemble("Hearts this month", &["news"]).await;
    let edit = format!("{path}/edit");
    for person in [reviewer, publisher] {
        person.opens(&edit).await;
        person.finds("//*[@role='textbox']").await;
    }
    publisher.types("Subject", "Hearts in spring").await;
    publisher.presses("Save").await;
    publisher.sees("The bulletin is saved.").await;

    reviewer.types("Subject", "Hearts in summer").await;
    clicks_into_the_text(reviewer).await;
    reviewer.types_there("Mine too.").await;
    introduction_with(reviewer, "Mine too.").await;
    reviewer.presses("Save").await;
    // Who it was and what they saved is said; theirs stands, mine is in the form.
    reviewer.finds(LOOKED).await;
    reviewer
        .finds("//main//*[self::p or self::li][contains(., 'ersion 2') and contains(., 'Sample Publisher')]")
        .await;
    assert_eq!(reviewer.value("Subject").await, "Hearts in summer");
    introduction_with(reviewer, "Mine too.").await;
    reviewer.is_served_well().await;
    publisher.opens(&path).await;
    publisher
        .finds("//h1[contains(., 'Hearts in spring')]")
        .await;

    // Without having looked, nothing is put in the place of theirs.
    reviewer.presses("Save").await;
    reviewer.finds(LOOKED).await;
    assert_eq!(reviewer.value("Subject").await, "Hearts in summer");
    publisher.opens(&path).await;
    publisher
        .finds("//h1[contains(., 'Hearts in spring')]")
        .await;
    reviewer.finds(LOOKED).await.click().await.unwrap();
    reviewer.presses("Save").await;
    reviewer.sees("The bulletin is saved.").await;
    reviewer
        .finds("//h1[contains(., 'Hearts in summer')]")
        .await;
    publisher.opens(&path).await;
    publisher
        .finds("//h1[contains(., 'Hearts in summer')]")
        .await;
}

/// Both decide on one article: the second is told, and what they have written is kept.
async fn decide_on_one_article(desk: &Desk, reviewer: &Colleague, publisher: &Colleague) {
    let (approved, returned) = (desk.write("Of two minds").await, desk.write("Undone").await);
    for path in [&approved, &returned] {
        let submit = format!("{path}/submit");
        desk.author.post_form(&submit, &[]).await.expect(303);
    }

    // One approves while the other is writing what is to be changed.
    for person in [reviewer, publisher] {
        person.opens(&approved).await;
        person.is_served_well().await;
    }
    reviewer
        .types("Your remark", "Point 2 is for adults only.")
        .await;
    publisher.presses("Approve").await;
    publisher.sees("You have approved this text.").await;
    reviewer.presses("Ask for changes").await;
    reviewer.sees("That is not possible now").await;
    reviewer.sees("What you have written is still here.").await;
    assert_eq!(
        reviewer.value("Your remark").await,
        "Point 2 is for adults only."
    );
    reviewer.finds("//h1/*[.='Approved']").await;
    reviewer.sees("approved by Sample Publisher").await;
    reviewer.is_served_well().await;
    // What they know now is the way on: the words reach the others as a remark.
    reviewer.presses("Add the remark").await;
    reviewer.sees("Your remark is kept.").await;
    publisher.opens(&approved).await;
    publisher.sees("Point 2 is for adults only.").await;

    // The other way round: what was given back is not approved by who has not seen it.
    publisher.opens(&returned).await;
    reviewer.opens(&returned).await;
    reviewer.types("Your remark", "The dose is missing.").await;
    reviewer.presses("Ask for changes").await;
    reviewer.sees("It is a draft again").await;
    publisher.presses("Approve").await;
    publisher.sees("It is not waiting for approval.").await;
    publisher.is_served_well().await;
    publisher.opens(&returned).await;
    publisher.finds("//h1/*[.='Draft']").await;
    publisher.sees("Sample Reviewer asked for changes").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_at_one_thing_the_second_is_told_and_nothing_typed_is_lost() {
    let app = TestApp::start(Database::Sqlite).await;
    let desk = Desk::open(&app).await;
    let Some(reviewer) = Colleague::signs_in(&app, StaffRole::Reviewer).await else {
        return;
    };
    let publisher = Colleague::signs_in(&app, StaffRole::Publisher)
        .await
        .unwrap();
    write_one_bulletin(&desk, &reviewer, &publisher).await;
    decide_on_one_article(&desk, &reviewer, &publisher).await;
}
