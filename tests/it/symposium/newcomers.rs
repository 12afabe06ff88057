//! Newcomers sign up and register in one go: one confirmation stands for both.

use practice_points::domain::subscriber::SubscriberStatus;

use crate::app::{TestApp, sign_up_form};
use crate::both_databases::on_both_databases;

use super::{Event, about, delivered, evening, news};

const GP: &str = "aroha@practice.example";

async fn sign_up(app: &TestApp, email: &str, slug: &str) -> crate::app::Answer {
    let mut form = sign_up_form(email).to_vec();
    form.push(("symposium", slug));
    app.post_form("/subscribe", &form).await
}

on_both_databases! {
    async fn confirming_registers_and_says_so(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        let page = app.get(&event.page()).await.expect(200);
        let link = page.attribute("a[href^='/subscribe?symposium=']", "href");
        let form = app.get(&link).await.expect(200);
        assert_eq!(form.attribute("#symposium", "value"), event.slug);
        assert!(form.text("form.card").contains("Register me for Hearts in Practice"));

        let sent = sign_up(&app, GP, &event.slug).await.expect(303);
        let sent = app.get(sent.location()).await.expect(200).text("main");
        assert!(sent.contains("Hearts in Practice") && sent.contains("nothing more is sent"), "{sent}");
        assert_eq!(app.count("registration").await, 0, "nothing before the confirmation");
        let messages = delivered(&app, GP).await;
        assert!(about(&messages, "Please confirm").text.clone().unwrap().contains("you also register"));
        let confirm = app.confirm_path(GP).await;
        assert!(app.get(&confirm).await.expect(200).text("main").contains("register for Hearts in Practice"));
        let confirmed = app.post_form(&confirm, &[]).await.expect(200);
        assert!(confirmed.text(".notice").contains("You have a place at Hearts in Practice"));
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Active);
        assert_eq!(news(&app, GP).await, ["symposium-registered"]);
        app.get(&confirmed.attribute(".notice a", "href")).await.expect(200);
    }

    async fn who_comes_too_late_waits_or_is_told(app: TestApp) {
        let event = Event::publish(&app, &crate::desk::with(evening(), "capacity", "1")).await;
        event.newcomer(&app, "first@practice.example").await;
        sign_up(&app, GP, &event.slug).await.expect(303);
        sign_up(&app, "late@practice.example", &event.slug).await.expect(303);
        let confirm = app.confirm_path(GP).await;
        let confirmed = app.post_form(&confirm, &[]).await.expect(200);
        assert!(confirmed.text(".notice").contains("number 1 on the waiting list"));

        event.publisher.post_form(&format!("{}/cancel", event.path), &[("confirm", "yes")]).await.expect(303);
        let confirm = app.confirm_path("late@practice.example").await;
        let confirmed = app.post_form(&confirm, &[]).await.expect(200);
        assert!(confirmed.text(".notice").contains("You are not registered"));
        assert!(confirmed.text(".notice").contains("cancelled"));
        assert_eq!(app.subscriber("late@practice.example").await.status, SubscriberStatus::Active);
    }

    async fn an_event_that_a_newer_sign_up_left_out_is_not_lost_without_a_word(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        sign_up(&app, GP, &event.slug).await.expect(303);
        let older = app.confirm_path(GP).await;
        app.post_form("/subscribe", &sign_up_form(GP)).await.expect(303);
        let newer = app.confirm_path(GP).await;
        assert_ne!(older, newer);
        app.post_form(&newer, &[]).await.expect(200);
        for page in [app.get(&older).await, app.post_form(&older, &[]).await] {
            let page = page.expect(410);
            assert!(page.text(".notice").contains("you have no place there yet"), "{}", page.text("main"));
            assert_eq!(page.attribute(".notice a", "href"), event.page());
        }
        // Of the newer one there is nothing to tell; nor of the older once they have a place.
        assert_eq!(app.get(&newer).await.expect(410).text(".notice"), "");
        event.newcomer(&app, "other@practice.example").await;
        assert_eq!(app.count("registration").await, 1);
    }

    async fn a_subscriber_who_signs_up_for_an_event_gets_the_link_for_it(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        app.subscribe(GP).await;
        assert_eq!(sign_up(&app, GP, &event.slug).await.expect(303).location(), format!("/subscribe/sent?symposium={}", event.slug));
        assert_eq!(news(&app, GP).await, ["symposium-link"]);
    }

    async fn an_unknown_or_closed_event_is_told_and_the_form_kept(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        let page = sign_up(&app, GP, "no-such-event").await.expect(422);
        assert!(page.text(".error-summary").contains("There is no such event."));
        assert_eq!(page.attribute("#email", "value"), GP);
        app.app.clock.advance(std::time::Duration::from_secs(365 * 86_400));
        let page = sign_up(&app, GP, &event.slug).await.expect(422);
        assert!(page.text(".error-summary").contains("sign up for the newsletter without it"));
        assert!(app.find_subscriber(GP).await.is_none());
    }
}
