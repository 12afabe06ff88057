//! What people are told of the event to which they come.

use std::time::Duration;

use futures_util::future::join_all;
use practice_points::app::remind;

use crate::app::TestApp;
use crate::both_databases::on_both_databases;
use crate::desk::with;

use super::{Event, GIVE_UP, about, delivered, evening, news};

const GP: &str = "aroha@practice.example";
const NEXT: &str = "hemi@practice.example";

/// From now, 23 November 2026, 10 am, to so many hours before the evening of 6 April 2027, 6:30 pm. The clocks go back in
/// between.
fn until_hours_before(hours: u64) -> Duration {
    Duration::from_secs((134 * 24 + 9) * 3600 + 1800 - hours * 3600)
}

on_both_databases! {
    async fn another_time_or_place_is_told_to_all_who_come_or_wait(app: TestApp) {
        let event = Event::publish(&app, &with(evening(), "capacity", "1")).await;
        event.newcomer(&app, GP).await;
        event.newcomer(&app, NEXT).await;
        event.save(&with(evening(), "capacity", "1")).await.expect(303);
        event.save(&with(with(evening(), "capacity", "1"), "speakers", "Dr Tāne Sample")).await.expect(303);
        assert_eq!(app.count("delivery WHERE kind = 'symposium-changed'").await, 0, "a speaker is no reason to write");
        let elsewhere = with(with(evening(), "capacity", "1"), "place", "Remuera Hall");
        event.save(&elsewhere).await.expect(303);
        assert!(event.publisher.get(&event.path).await.text(".flash").contains("2 people are told"));
        let messages = delivered(&app, GP).await;
        let changed = about(&messages, "Changed: Hearts in Practice");
        let text = changed.text.clone().unwrap();
        assert!(text.contains("Where: Remuera Hall") && text.contains("You keep your place"), "{text}");
        assert!(String::from_utf8_lossy(&changed.raw).contains("method=PUBLISH"));
        let messages = delivered(&app, NEXT).await;
        let changed = about(&messages, "Changed");
        assert!(changed.text.clone().unwrap().contains("place on the waiting list stays"));
        assert!(!String::from_utf8_lossy(&changed.raw).contains("text/calendar"), "who waits has nothing to put into a calendar");
    }

    async fn a_cancelled_event_is_told_to_all_and_its_page_says_so(app: TestApp) {
        let event = Event::publish(&app, &with(evening(), "capacity", "1")).await;
        let registration = event.newcomer(&app, GP).await;
        event.newcomer(&app, NEXT).await;
        let cancel = format!("{}/cancel", event.path);
        let asked = event.publisher.post_form(&cancel, &[]).await.expect(422);
        assert!(!asked.text("#confirm_cancel-error").is_empty());
        event.publisher.post_form(&cancel, &[("confirm", "yes")]).await.expect(303);
        assert!(event.publisher.get(&event.path).await.text(".flash").contains("2 people are told"));
        for email in [GP, NEXT] {
            let messages = delivered(&app, email).await;
            assert!(about(&messages, "Cancelled: Hearts").text.clone().unwrap().contains("does not take place"));
        }
        let messages = delivered(&app, GP).await;
        assert!(String::from_utf8_lossy(&about(&messages, "Cancelled").raw).contains("method=CANCEL"));
        assert!(app.get(&event.page()).await.expect(200).text(".notice").contains("This event is cancelled"));
        assert_eq!(app.get(&registration).await.expect(200).text("h1"), "This event is cancelled");
        event.publisher.post_form(&cancel, &[("confirm", "yes")]).await.expect(409);
        event.save(&evening()).await.expect(409);
    }

    async fn a_reminder_comes_once_before_the_day_whoever_sends_it(app: TestApp) {
        let event = Event::publish(&app, &with(evening(), "capacity", "1")).await;
        event.newcomer(&app, GP).await;
        event.newcomer(&app, NEXT).await;
        app.app.clock.advance(until_hours_before(31));
        assert_eq!(remind::remind_due(&app.app).await.unwrap(), 0, "too early");
        app.app.clock.advance(Duration::from_secs(2 * 3600));
        let sent = join_all((0..4).map(|_| remind::remind_due(&app.app))).await;
        let sent: usize = sent.into_iter().map(Result::unwrap).sum();
        assert_eq!(sent, 1, "who waits is not reminded");
        app.app.clock.advance(Duration::from_secs(3600));
        assert_eq!(remind::remind_due(&app.app).await.unwrap(), 0, "nor after a restart");
        assert_eq!(news(&app, GP).await, ["symposium-registered", "symposium-reminder"]);
        let messages = delivered(&app, GP).await;
        let reminder = about(&messages, "Reminder: Hearts in Practice").text.clone().unwrap();
        assert!(reminder.contains("Tuesday 6 April 2027, 6:30 pm to 8:30 pm NZST"), "{reminder}");
    }

    async fn an_event_that_moves_to_another_day_is_reminded_of_anew(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        event.newcomer(&app, GP).await;
        app.app.clock.advance(until_hours_before(20));
        assert_eq!(remind::remind_due(&app.app).await.unwrap(), 1);
        let later = with(with(evening(), "starts", "2027-04-13T18:30"), "ends", "2027-04-13T20:30");
        event.publisher.sign_in("publisher@clinic.example", crate::app::PASSWORD).await.expect(303);
        event.save(&later).await.expect(303);
        assert_eq!(remind::remind_due(&app.app).await.unwrap(), 0);
        app.app.clock.advance(Duration::from_secs(7 * 86_400));
        assert_eq!(remind::remind_due(&app.app).await.unwrap(), 1);
    }

    async fn nobody_is_told_what_does_not_hold_any_more(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        let path = event.newcomer(&app, GP).await;
        app.post_form(&format!("{path}/cancel"), GIVE_UP).await.expect(303);
        let messages = delivered(&app, GP).await;
        assert!(messages.iter().all(|message| !message.subject.contains("place")));
        assert_eq!(app.count("delivery WHERE kind = 'symposium-registered' AND state = 'skipped'").await, 1);
    }

    async fn who_leaves_the_waiting_list_is_told_without_a_file(app: TestApp) {
        let event = Event::publish(&app, &with(evening(), "capacity", "1")).await;
        event.newcomer(&app, GP).await;
        let waits = event.newcomer(&app, NEXT).await;
        app.post_form(&format!("{waits}/cancel"), GIVE_UP).await.expect(303);
        let messages = delivered(&app, NEXT).await;
        let told = about(&messages, "Your registration is cancelled: Hearts in Practice");
        let text = told.text.clone().unwrap();
        assert!(text.contains("as you asked") && text.contains("off the waiting list"), "{text}");
        assert!(!String::from_utf8_lossy(&told.raw).contains("text/calendar"));
        assert!(app.get(&waits).await.text(".lede").contains("at the end of the waiting list"));
    }

    async fn who_is_cancelled_by_the_clinic_is_told_that_it_was_the_clinic(app: TestApp) {
        let event = Event::publish(&app, &with(evening(), "capacity", "1")).await;
        event.newcomer(&app, GP).await;
        event.newcomer(&app, NEXT).await;
        let people = format!("{}/people", event.path);
        // First the one who waits, so that nobody moves up.
        for (email, standing) in [(NEXT, "off the waiting list"), (GP, "no longer have a place")] {
            let page = event.publisher.get(&people).await.expect(200);
            let section = if email == NEXT { "waiting" } else { "registered" };
            let cancel = page.attribute(&format!("section[aria-labelledby={section}-heading] form[action$='/cancel']"), "action");
            event.publisher.post_form(&cancel, &[]).await.expect(303);
            let messages = delivered(&app, email).await;
            let told = about(&messages, "Your registration is cancelled");
            let text = told.text.clone().unwrap();
            assert!(text.contains("The clinic has cancelled") && text.contains(standing), "{text}");
            let raw = String::from_utf8_lossy(&told.raw).into_owned();
            assert_eq!(raw.contains("method=CANCEL"), email == GP, "only a place stands in a calendar");
        }
    }

    async fn who_comes_back_before_the_message_went_is_not_told_to_have_cancelled(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        let path = event.newcomer(&app, GP).await;
        app.post_form(&format!("{path}/cancel"), GIVE_UP).await.expect(303);
        event.register(&app, GP).await;
        let messages = delivered(&app, GP).await;
        about(&messages, "You have a place");
        assert!(messages.iter().all(|message| !message.subject.contains("cancelled")));
    }

    async fn messages_about_an_event_lead_out_of_the_event_and_not_of_the_newsletter(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        event.newcomer(&app, GP).await;
        let messages = delivered(&app, GP).await;
        let place = about(&messages, "You have a place");
        assert!(!place.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("List-Unsubscribe")));
        assert!(!place.text.clone().unwrap().contains("/u/"));
        assert!(place.html.clone().unwrap().contains("/registration/"));
    }
}
