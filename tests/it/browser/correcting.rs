//! A bulletin that was wrong is set right with precisely those who received it, and one that did not arrive is sent again.

use std::time::Duration;

use fantoccini::Locator;
use practice_points::domain::staff_member::StaffRole;
use practice_points::worker::Worker;

use crate::app::{PASSWORD, TestApp};
use crate::both_databases::Database;
use crate::bulletins::mailing::Mailing;
use crate::bulletins::{SURE, add_readers, until_page_says};
use crate::desk::Desk;
use crate::smtp_sink::{Act, At};

use super::colleague::Colleague;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_correction_goes_by_keyboard_to_precisely_those_who_received_what_was_wrong() {
    let app = TestApp::start(Database::Sqlite).await;
    let desk = Desk::open(&app).await;
    add_readers(&app, 3).await;
    let path = desk.approved_bulletin("The dose", &["news"]).await;
    let send = format!("{path}/send");
    desk.publisher.post_form(&send, &SURE).await.expect(303);
    let worker = Worker::start(&app.app).unwrap();
    until_page_says(&desk.author, &format!("{path}/progress"), "3 of 3 done.").await;
    // One comes later and would get the next bulletin; one leaves.
    app.subscribe("newcomer@practice.example").await;
    let leave = app.unsubscribe_path("gp3@practice.example").await;
    app.post_form(&leave, &[]).await.expect(200);

    let Some(publisher) = Colleague::signs_in(&app, StaffRole::Publisher).await else {
        return;
    };
    publisher.opens(&path).await;
    publisher.enters("form[action$='/correct'] button").await;
    publisher.sees("This is the correction, as a draft.").await;
    publisher.sees("2 people at present").await;
    publisher
        .sees("Not to be reached of them: 1 unsubscribed")
        .await;
    publisher.is_served_well().await;
    publisher
        .fills_by_key("#preheader", "The dose in our last bulletin was wrong")
        .await;
    publisher.tabs_to(".writing-bar button").await;
    publisher.tabs_to(".writing-text").await;
    publisher.types_there("It is 5 mg, and not 50. ").await;
    publisher
        .enters("button[name='action'][value='save']")
        .await;
    publisher.sees("The bulletin is saved.").await;
    publisher.is_served_well().await;
    let correction = publisher.browser().current_url().await.unwrap();
    let correction = correction.path().to_owned();
    assert_ne!(correction, path);
    publisher.enters("form[action$='/submit'] button").await;
    publisher.sees("A second person has to approve it.").await;
    publisher.is_not_offered("Send now").await;

    let page = desk.reviewer.get(&correction).await.expect(200);
    let version = page.attribute("form[action$='/approve'] input[name=version]", "value");
    let approve = format!("{correction}/approve");
    let approved = desk
        .reviewer
        .post_form(&approve, &[("version", &version)])
        .await;
    approved.expect(303);
    publisher.opens(&correction).await;
    publisher.ticks_by_key("#confirm_send").await;
    publisher.enters("button[formaction$='/send']").await;
    publisher.sees("2 of 2 done.").await;
    publisher.finds("//h1/*[.='Sent']").await;
    publisher.is_served_well().await;

    // It came to the two, and to nobody else; and it says what is right.
    publisher.enters("nav a[href='/staff/mailbox']").await;
    publisher.sees("newcomer@practice.example").await;
    for (reader, count) in [("gp1", 2), ("gp2", 2), ("gp3", 1)] {
        let messages = publisher.text().await;
        let messages = messages
            .matches(&format!("{reader}@practice.example"))
            .count();
        assert_eq!(messages, count, "{reader}");
    }
    let message = publisher
        .finds("//tbody//a[starts-with(., 'Correction')]")
        .await;
    let message = message.attr("href").await.unwrap().unwrap();
    publisher.enters(&format!("a[href='{message}']")).await;
    publisher.sees("Links in this message").await;
    publisher.enters("a[href$='?view=text']").await;
    publisher.sees("It is 5 mg, and not 50.").await;
    worker.stop().await;

    // Whoever looks at the wrong one is led to the right one.
    publisher.opens(&path).await;
    publisher.sees("A correction was sent on").await;
    publisher
        .enters(&format!("#corrections a[href='{correction}']"))
        .await;
    publisher.sees("This is the correction of The dose").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_did_not_arrive_is_sent_again_from_the_report_to_those_it_did_not_reach() {
    let here = Mailing::start(Database::Sqlite).await;
    let desk = Desk::open(&here.app).await;
    // What staff are told themselves would come to the same server.
    for who in [&desk.author, &desk.reviewer, &desk.publisher] {
        let told = who.post_form("/staff/account/mails", &[]).await;
        told.expect(303);
    }
    here.sink
        .set_behaviour(|moment| match (moment.at, moment.address) {
            (At::Rcpt, "gp1@practice.example") => Act::reply("550 5.1.1 No such user"),
            (At::Rcpt, "gp2@practice.example") => Act::reply("452 4.2.2 The mailbox is full"),
            _ => None,
        });
    let path = here.send(&desk, 4).await;
    let worker = Worker::start(&here.app.app).unwrap();
    let progress = format!("{path}/progress");
    until_page_says(&desk.author, &progress, "3 of 4 done").await;
    let Some(publisher) = Colleague::signs_in(&here.app, StaffRole::Publisher).await else {
        return;
    };
    publisher.opens(&format!("{path}/report")).await;
    publisher.sees("Not all of it has gone yet").await;
    publisher.is_served_well().await;
    // It is tried five times in all, until two days are over. The time moves on when the last try is written down.
    let in_hand = "delivery WHERE state IN ('queued', 'claimed')";
    for _ in 0..4 {
        let next = async {
            while here.app.count(in_hand).await > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            let tries = here.sink.count(At::Rcpt);
            here.app
                .app
                .clock
                .advance(Duration::from_secs(13 * 60 * 60));
            while here.sink.count(At::Rcpt) == tries {
                here.app.app.wake.notify_one();
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let tried = tokio::time::timeout(Duration::from_secs(30), next).await;
        tried.expect("it is tried again");
    }
    desk.author
        .sign_in("author@clinic.example", PASSWORD)
        .await
        .expect(303);
    until_page_says(&desk.author, &progress, "4 of 4 done.").await;
    here.sink.behave();
    publisher.comes_back().await;
    publisher.opens(&format!("{path}/report")).await;
    publisher.finds("//h1/*[.='Sent']").await;
    publisher.is_served_well().await;
    publisher.enters("a[href$='/send-again']").await;
    publisher
        .sees("Given up after the last try: 1 person")
        .await;
    publisher.is_served_well().await;
    publisher.enters("form[action$='/send-again'] button").await;
    publisher.sees("Please look at this again").await;
    publisher.is_served_well().await;
    publisher.tabs_to("#which-failed").await;
    if publisher
        .browser()
        .find(Locator::Css("#which-failed:checked"))
        .await
        .is_err()
    {
        publisher.types_there(" ").await;
    }
    publisher.ticks_by_key("#confirm").await;
    publisher.enters("form[action$='/send-again'] button").await;
    publisher.sees("It is on its way again to 1 person.").await;
    publisher.sees("4 of 4 done.").await;
    publisher.finds("//h1/*[.='Sent']").await;
    worker.stop().await;
    let mut to: Vec<_> = here
        .sink
        .messages()
        .into_iter()
        .flat_map(|message| message.to)
        .collect();
    to.sort();
    let expected = [2, 3, 4].map(|number| format!("gp{number}@practice.example"));
    assert_eq!(to, expected, "each once");
    // There is nobody left to send it to but the one whose address does not exist.
    publisher.opens(&format!("{path}/send-again")).await;
    publisher.sees("None of them can get it at present.").await;
    publisher.is_served_well().await;
}
