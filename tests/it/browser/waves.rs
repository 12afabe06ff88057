//! A bulletin goes out in waves, is held, released and given up, without a mouse.

use fantoccini::key::Key;
use practice_points::domain::staff_member::StaffRole;
use practice_points::worker::Worker;

use crate::app::TestApp;
use crate::both_databases::Database;
use crate::bulletins::add_readers;
use crate::desk::Desk;

use super::colleague::Colleague;

/// Chooses two waves in the form of the bulletin on the page.
async fn divides(publisher: &Colleague, first: &str, hours: &str) {
    publisher.tabs_to("[name='waves']").await;
    if publisher.has_focus("#waves-one").await {
        publisher.hits(Key::Down).await;
    }
    publisher.fills_by_key("#first", first).await;
    publisher.fills_by_key("#wait", hours).await;
    publisher.enters("button[formaction$='/waves']").await;
}

/// Ticks that it is meant, and presses the button below, which does this.
async fn agrees(publisher: &Colleague, action: &str) {
    publisher.ticks_by_key(&format!("#confirm_{action}")).await;
    let button = format!(
        "button[formaction$='/{action}'], form[action$='/{action}'] button:not([formaction])"
    );
    publisher.enters(&button).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waves_are_chosen_watched_held_released_and_given_up_by_keyboard() {
    let app = TestApp::start(Database::Sqlite).await;
    let desk = Desk::open(&app).await;
    add_readers(&app, 5).await;
    let path = desk.approved_bulletin("In waves", &["news"]).await;
    let other = desk.approved_bulletin("Given up", &["news"]).await;
    let Some(publisher) = Colleague::signs_in(&app, StaffRole::Publisher).await else {
        return;
    };
    let worker = Worker::start(&app.app).unwrap();
    publisher.opens(&path).await;
    divides(&publisher, "some", "1").await;
    publisher.sees("Please look at this again").await;
    publisher.sees("as a number from 1 on").await;
    publisher.is_served_well().await;
    divides(&publisher, "2", "1").await;
    publisher
        .sees("In two waves: first 2 people, then 1 hour later the rest.")
        .await;

    publisher.enters("button[formaction$='/send']").await;
    publisher
        .sees("Please tick that it is to go out now.")
        .await;
    agrees(&publisher, "send").await;
    // The page moves by itself from here on.
    publisher
        .sees("2 of 5 done; waiting for the second wave.")
        .await;
    publisher
        .sees("The second wave, 3 people, goes out at")
        .await;
    publisher.is_served_well().await;
    publisher.enters("form[action$='/pause'] button").await;
    publisher.sees("2 of 5 done; paused.").await;
    publisher.is_served_well().await;
    publisher.enters("form[action$='/resume'] button").await;
    publisher
        .sees("2 of 5 done; waiting for the second wave.")
        .await;
    publisher.enters("form[action$='/release'] button").await;
    publisher
        .sees("Please tick that the rest is to go out now.")
        .await;
    publisher.is_served_well().await;
    agrees(&publisher, "release").await;
    publisher.sees("5 of 5 done.").await;
    publisher.finds("//h1/*[.='Sent']").await;
    publisher.is_served_well().await;

    publisher.opens(&other).await;
    divides(&publisher, "1", "2").await;
    publisher
        .sees("In two waves: first 1 person, then 2 hours later the rest.")
        .await;
    agrees(&publisher, "send").await;
    publisher
        .sees("1 of 5 done; waiting for the second wave.")
        .await;
    publisher.enters("form[action$='/cancel'] button").await;
    publisher
        .sees("Please tick that it is to be given up.")
        .await;
    agrees(&publisher, "cancel").await;
    publisher.sees("Nothing more of it is sent.").await;
    publisher.sees("the rest was cancelled.").await;
    publisher.finds("//h1/*[.='Cancelled']").await;
    for button in [
        "Pause",
        "Resume",
        "Send the rest now",
        "Cancel this bulletin",
    ] {
        publisher.is_not_offered(button).await;
    }
    publisher.is_served_well().await;
    worker.stop().await;
    let accepted = "delivery WHERE kind = 'bulletin' AND state = 'accepted'";
    assert_eq!(app.count(accepted).await, 6);
}
