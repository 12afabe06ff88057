//! What staff look things up in: the overview with its pictures, and the audit.

use std::time::Duration;

use fantoccini::Locator;
use fantoccini::key::Key;
use practice_points::domain::staff_member::StaffRole;

use crate::app::TestApp;
use crate::both_databases::Database;
use crate::desk::Desk;
use crate::pages::visitor::evaluate;
use crate::people::list_of;

use super::colleague::Colleague;
use super::importing::{saved, saves_into};

/// Opens the numbers of each picture as a table, without a mouse.
async fn reads_the_pictures(desk: &Desk, owner: &Colleague) {
    owner.opens("/staff").await;
    owner.sees("Nobody has joined yet.").await;
    owner.is_served_well().await;
    list_of(&desk.publisher, 6).await;
    // Where counting takes long, the page shows for a moment what it was before.
    let counting = async {
        let is_counted =
            "[...document.querySelectorAll('th')].some(one => one.textContent === 'Central')";
        while evaluate(owner, is_counted).await != true {
            owner.opens("/staff").await;
        }
    };
    let counted = tokio::time::timeout(Duration::from_secs(20), counting).await;
    counted.expect("the six are counted");
    owner
        .finds("//section[h2[.='Subscribers']]//*[name()='svg']")
        .await;
    owner.is_served_well().await;
    for (nth, label) in [(1, "Growth"), (2, "Central")] {
        let details = format!("//section[h2[.='Subscribers']]/details[{nth}]");
        let table = format!("{details}//table[contains(., '6') or contains(., '3')]");
        let shown = owner.browser().find(Locator::XPath(&table)).await;
        assert!(!shown.unwrap().is_displayed().await.unwrap(), "{label}");
        owner
            .enters(&format!("section details:nth-of-type({nth}) > summary"))
            .await;
        owner.finds(&table).await;
        owner.sees(label).await;
    }
    owner.is_served_well().await;
    // What a picture says to those who do not see it.
    let names = "[...document.querySelectorAll('svg[role=img]')].every(one => one.querySelector('title')?.textContent.trim())";
    assert_eq!(evaluate(owner, names).await, true);
    owner.goes_back_to("a[href='/staff?by=month']").await;
    owner.hits(Key::Enter).await;
    owner.finds("//a[@aria-current and .='By month']").await;
    owner.is_served_well().await;
}

/// Searches the audit, and takes what is found along.
async fn searches_the_audit(desk: &Desk, owner: &Colleague) {
    desk.publish("Whom to refer").await;
    desk.write("Another one").await;
    owner.follows("Audit").await;
    owner.types("Words", "walrus").await;
    owner.presses("Show").await;
    owner.sees("Nothing matches.").await;
    owner.fills_by_key("#q", "refer").await;
    owner.tabs_to("#what").await;
    owner.types_there("Articles: all").await;
    owner.enters("form[role='search'] button").await;
    owner.finds("//td/a[contains(., 'Whom to refer')]").await;
    assert!(!owner.text().await.contains("Another one"));
    owner.is_served_well().await;
    let shown = evaluate(owner, "document.querySelectorAll('main tbody tr').length").await;
    let folder = tempfile::tempdir().unwrap();
    saves_into(owner, folder.path()).await;
    owner.uses_the_link("Export these").await;
    let file = saved(folder.path()).await;
    assert!(!file.contains("Another one"), "{file}");
    assert_eq!(
        Some(file.lines().count() as u64 - 1),
        shown.as_u64(),
        "{file}"
    );
    owner.leaves_by("(//a[starts-with(., 'History')])[1]").await;
    owner.sees("alone.").await;
    owner.is_served_well().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happened_is_seen_in_pictures_and_tables_and_looked_up_in_the_audit() {
    let app = TestApp::start(Database::Sqlite).await;
    let desk = Desk::open(&app).await;
    let Some(owner) = Colleague::joins(&app, StaffRole::Owner).await else {
        return;
    };
    reads_the_pictures(&desk, &owner).await;
    searches_the_audit(&desk, &owner).await;
}
