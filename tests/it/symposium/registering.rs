//! A subscriber registers: by a mailed link, and on their own page.

use std::time::Duration;

use practice_points::domain::subscriber::SubscriberStatus;

use crate::app::{TestApp, path_of};
use crate::both_databases::on_both_databases;

use super::{Event, GIVE_UP, about, delivered, evening, news, registration_path};

const GP: &str = "aroha@practice.example";

on_both_databases! {
    async fn a_mailed_link_leads_to_a_place(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        app.subscribe(GP).await;
        let asked = app.post_form(&format!("{}/link", event.page()), &[("email", " Aroha@Practice.example ")]).await.expect(200);
        assert!(asked.text("h1").contains("look in your inbox"));
        assert!(asked.text("main").contains("nothing more is sent to an address for a while"));
        let messages = delivered(&app, GP).await;
        let text = about(&messages, "Register for Hearts").text.clone().unwrap();
        let link = text.split_whitespace().find(|word| word.contains("/register/")).unwrap();
        let link = path_of(link);

        let page = app.get(&link).await.expect(200);
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert!(page.text("form.card").contains(GP) && page.text("form.card").contains("Two places are left."));
        assert_eq!(app.count("registration").await, 0, "looking changes nothing");

        let needs = [("dietary", "no nuts"), ("access", "a seat near the front")];
        let registered = app.post_form(&link, &needs).await.expect(303);
        let page = app.get(registered.location()).await.expect(200);
        assert_eq!(page.text("h1"), "You have a place");
        assert!(page.text(".flash").contains("You are registered."));
        assert_eq!(page.attribute("#dietary", "value"), "no nuts");
        assert_eq!(news(&app, GP).await, ["symposium-link", "symposium-registered"]);
        assert!(app.get(&event.page()).await.text("#register").contains("One place is left."));
        assert!(app.get(&link).await.expect(200).text(".notice").contains("registered already"));
    }

    async fn a_second_press_of_the_button_changes_nothing(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        let first = event.newcomer(&app, GP).await;
        assert_eq!(event.register(&app, GP).await, first);
        assert_eq!(app.count("registration").await, 1);
        assert_eq!(news(&app, GP).await, ["symposium-registered"]);
    }

    async fn the_answer_does_not_tell_who_is_known(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        let ask = format!("{}/link", event.page());
        app.subscribe(GP).await;
        app.sign_up("pending@practice.example").await.expect(303);
        app.subscribe("left@practice.example").await;
        let leave = app.unsubscribe_path("left@practice.example").await;
        app.post_form(&leave, &[]).await.expect(200);
        let known = app.post_form(&ask, &[("email", GP)]).await.expect(200).text("main");
        for other in ["nobody@practice.example", "pending@practice.example", "left@practice.example"] {
            let answer = app.post_form(&ask, &[("email", other)]).await.expect(200);
            assert_eq!(answer.text("main"), known);
            assert_eq!(news(&app, other).await, Vec::<String>::new(), "{other}");
        }
        let robot = [("email", GP), ("website", "https://spam.example")];
        assert_eq!(app.post_form(&ask, &robot).await.expect(200).text("main"), known);
        assert_eq!(news(&app, GP).await, ["symposium-link"]);
        app.post_form(&ask, &[("email", "no address")]).await.expect(422);
    }

    async fn nobody_can_fill_an_inbox_with_links(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        app.subscribe(GP).await;
        let ask = format!("{}/link", event.page());
        for _ in 0..6 {
            app.post_form(&ask, &[("email", GP)]).await.expect(200);
        }
        assert_eq!(news(&app, GP).await.len(), 3, "the database's cap on a day");
        let real = app.with_real_limits();
        let mut statuses = Vec::new();
        for number in 0..6 {
            let email = format!("gp{number}@practice.example");
            statuses.push(real.post_form(&ask, &[("email", &email)]).await.status.as_u16());
        }
        assert_eq!(statuses, [200, 200, 200, 200, 200, 429], "a network's limit counts them too");
    }

    async fn a_link_works_for_its_person_and_a_short_time(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        app.subscribe(GP).await;
        let link = event.register_path(&app, GP).await;
        let registered = event.register(&app, GP).await;
        app.app.clock.advance(Duration::from_secs(2 * 60 * 60 + 1));
        let page = app.get(&link).await.expect(410);
        assert_eq!(page.attribute("main a.button", "href"), format!("{}#register", event.page()));
        app.post_form(&link, &[]).await.expect(410);
        app.get(&registered).await.expect(200);
        // No link is good for another purpose.
        let manage = app.manage_path(GP).await;
        app.get(&manage.replace("/manage/", &format!("{}/register/", event.page()))).await.expect(404);
        app.get(&manage.replace("/manage/", "/registration/")).await.expect(404);
        app.get(&registered.replace("/registration/", "/manage/")).await.expect(404);
        app.post_form(&registered.replace("/registration/", "/u/"), &[]).await.expect(200);
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Active);
        app.get(&format!("/symposium/another/register/{}", link.rsplit('/').next().unwrap())).await.expect(410);
    }

    async fn the_own_page_shows_events_and_registrations(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        app.subscribe(GP).await;
        let manage = app.manage_path(GP).await;
        let page = app.get(&manage).await.expect(200);
        let link = page.attribute("a[href*='/register/']", "href");
        let registration = app.post_form(&link, &[]).await.expect(303).location().to_owned();
        let page = app.get(&manage).await.expect(200);
        assert!(page.text("main").contains("You have a place"));
        assert_eq!(page.attribute("a[href^='/registration/']", "href"), registration);
        app.post_form(&format!("{registration}/cancel"), GIVE_UP).await.expect(303);
        assert!(app.get(&manage).await.expect(200).body.contains(&format!("{}/register/", event.page())));
    }

    async fn needs_are_changed_bounded_and_let_go_of(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        let path = event.newcomer(&app, GP).await;
        let needs = format!("{path}/needs");
        app.post_form(&needs, &[("dietary", "vegan"), ("access", "")]).await.expect(303);
        assert_eq!(app.get(&path).await.attribute("#dietary", "value"), "vegan");
        let long = "x".repeat(301);
        let page = app.post_form(&needs, &[("dietary", &long)]).await.expect(422);
        assert!(!page.text("#dietary-error").is_empty());
        assert_eq!(page.attribute("#dietary", "value"), long);

        let link = app.manage_path(GP).await;
        let data = app.get(&format!("{link}/data.json")).await.expect(200);
        let data: serde_json::Value = serde_json::from_str(&data.body).unwrap();
        assert_eq!(data["symposia"][0]["dietary"], "vegan");

        assert_eq!(app.count("registration WHERE dietary IS NOT NULL").await, 1);
        app.app.clock.advance(Duration::from_secs(365 * 86_400));
        practice_points::app::retain::let_go(&app.app).await.unwrap();
        assert_eq!(app.count("registration WHERE dietary IS NOT NULL OR access IS NOT NULL").await, 0);
        assert_eq!(app.count("registration WHERE state = 'registered'").await, 1);
        app.post_form(&needs, &[("dietary", "late")]).await.expect(409);
    }

    async fn cancelling_is_a_page_with_a_button(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        event.newcomer(&app, GP).await;
        let path = registration_path(&app, GP).await;
        let messages = delivered(&app, GP).await;
        let text = about(&messages, "You have a place").text.clone().unwrap();
        assert!(text.contains(&path), "{text}");
        app.get(&path).await.expect(200);
        let asked = app.post_form(&format!("{path}/cancel"), &[]).await.expect(422);
        assert!(asked.text("#confirm-error").contains("tick the box"));
        assert_eq!(app.count("registration WHERE state = 'registered'").await, 1);
        for _ in 0..2 {
            app.post_form(&format!("{path}/cancel"), GIVE_UP).await.expect(303);
        }
        let page = app.get(&path).await.expect(200);
        assert_eq!(page.text("h1"), "This registration is cancelled");
        assert_eq!(news(&app, GP).await, ["symposium-registered", "symposium-given-up"], "told once");
        assert_eq!(app.count("registration WHERE state = 'cancelled'").await, 1);
        assert!(app.get(&event.page()).await.text("#register").contains("Two places are left."));
    }

    async fn who_has_left_the_newsletter_keeps_the_place_and_registers_no_more(app: TestApp) {
        let event = Event::publish(&app, &evening()).await;
        let path = event.newcomer(&app, GP).await;
        let link = event.register_path(&app, GP).await;
        let leave = app.unsubscribe_path(GP).await;
        app.post_form(&leave, &[]).await.expect(200);
        assert_eq!(app.get(&path).await.expect(200).text("h1"), "You have a place");
        app.post_form(&link, &[]).await.expect(404);
        let messages = delivered(&app, GP).await;
        about(&messages, "You have a place");
    }
}
