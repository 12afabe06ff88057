//! A GP signs up and confirms.

use std::time::Duration;

use practice_points::domain::subscriber::SubscriberStatus;
use practice_points::store::consent_events;

use crate::app::{TestApp, sign_up_form};
use crate::both_databases::on_both_databases;

const GP: &str = "aroha@practice.example";

/// The form with one field changed.
fn form_with<'a>(field: &'static str, value: &'a str) -> Vec<(&'static str, &'a str)> {
    let mut form: Vec<_> = sign_up_form(GP)
        .into_iter()
        .filter(|(name, _)| *name != field)
        .collect();
    form.push((field, value));
    form
}

on_both_databases! {
    async fn the_home_page_holds_the_form_with_the_notice_and_the_wording(app: TestApp) {
        let home = app.get("/").await.expect(200);
        for field in ["email", "name", "practice", "region", "role", "mcnz_number", "topics", "consent"] {
            let there = home.attribute(&format!("form [name='{field}']"), "name");
            assert_eq!(there, field);
        }
        assert_eq!(home.attribute("form[action='/subscribe']", "method"), "post");
        let wording = practice_points::domain::consent::CURRENT_WORDING.text;
        assert!(home.text("main form").contains(wording));
        assert!(home.text(".collection-notice").contains("have them corrected"));
        for offer in ["Latest news", "Case studies", "Symposium information", "Calcium score guidance"] {
            assert!(home.body.contains(offer), "{offer}");
        }
    }

    async fn a_sign_up_waits_for_its_confirmation_which_is_queued_with_it(app: TestApp) {
        let answer = app.sign_up(GP).await.expect(303);
        assert_eq!(answer.location(), "/subscribe/sent");
        assert!(app.get(answer.location()).await.expect(200).text("h1").contains("inbox"));
        let subscriber = app.subscriber(GP).await;
        assert_eq!(subscriber.status, SubscriberStatus::Pending);
        assert_eq!(subscriber.name, "Āroha Sample");
        assert_eq!(app.notice_kinds(GP).await, ["confirmation"]);
    }

    async fn opening_the_link_changes_nothing_and_the_button_confirms(app: TestApp) {
        app.sign_up(GP).await.expect(303);
        let link = app.confirm_path(GP).await;
        for _ in 0..2 {
            let page = app.get(&link).await.expect(200);
            assert!(page.text("main").contains("a…@practice.example"));
            assert_eq!(page.attribute("main form", "action"), link);
        }
        app.send(app.request(reqwest::Method::HEAD, &link)).await.expect(200);
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Pending);

        let done = app.post_form(&link, &[]).await.expect(200);
        assert!(done.text("main").contains("Calcium score"), "{}", done.text("main"));
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Active);
        assert_eq!(app.notice_kinds(GP).await, ["confirmation", "welcome"]);
    }

    async fn the_version_of_the_wording_is_kept_with_the_consent(app: TestApp) {
        let id = app.subscribe(GP).await.id;
        let events = app.app.store.read(move |db| consent_events::of(db, id)).await.unwrap();
        let version = practice_points::domain::consent::CURRENT_WORDING.version;
        assert_eq!(events.len(), 2);
        for event in events {
            assert_eq!(event.wording_version.as_deref(), Some(version));
            assert_eq!(event.topics.as_deref(), Some("news,calcium-score"));
        }
    }

    async fn a_used_link_says_so_and_offers_the_next_step(app: TestApp) {
        app.sign_up(GP).await.expect(303);
        let link = app.confirm_path(GP).await;
        app.post_form(&link, &[]).await.expect(200);
        for answer in [app.get(&link).await, app.post_form(&link, &[]).await] {
            let answer = answer.expect(410);
            assert!(answer.text("h1").contains("confirmed already"));
            assert_eq!(answer.attribute("main a.button", "href"), "/manage");
        }
        assert_eq!(app.notice_kinds(GP).await, ["confirmation", "welcome"]);
    }

    async fn an_older_link_ends_when_a_newer_one_is_used_or_topics_are_chosen(app: TestApp) {
        app.sign_up(GP).await.expect(303);
        let older = app.confirm_path(GP).await;
        app.post_form("/subscribe", &form_with("topics", "symposium")).await.expect(303);
        let newer = app.confirm_path(GP).await;
        assert_ne!(older, newer);
        app.get(&older).await.expect(200);
        app.post_form(&newer, &[]).await.expect(200);
        for answer in [app.get(&older).await, app.post_form(&older, &[]).await] {
            let answer = answer.expect(410);
            assert!(answer.text("h1").contains("confirmed already"));
            assert_eq!(answer.attribute("main a.button", "href"), "/manage");
        }
        let chosen = app.get(&app.manage_path(GP).await).await.expect(200);
        assert!(chosen.body.contains("value=\"symposium\" checked") && !chosen.body.contains("value=\"news\" checked"));

        // The other way round the newer one stands, until topics are chosen elsewhere.
        const ANOTHER: &str = "hemi@practice.example";
        app.sign_up(ANOTHER).await.expect(303);
        let older = app.confirm_path(ANOTHER).await;
        app.sign_up(ANOTHER).await.expect(303);
        let newer = app.confirm_path(ANOTHER).await;
        app.post_form(&older, &[]).await.expect(200);
        app.get(&newer).await.expect(200);
        let manage = app.manage_path(ANOTHER).await;
        app.post_form(&format!("{manage}/topics"), &[("topics", "symposium")]).await.expect(303);
        app.post_form(&newer, &[]).await.expect(410);
        assert!(!app.get(&manage).await.expect(200).body.contains("value=\"news\" checked"));
    }

    async fn an_expired_link_says_so_and_offers_the_next_step(app: TestApp) {
        app.sign_up(GP).await.expect(303);
        let link = app.confirm_path(GP).await;
        app.app.clock.advance(Duration::from_secs(8 * 24 * 60 * 60));
        for answer in [app.get(&link).await, app.post_form(&link, &[]).await] {
            let answer = answer.expect(410);
            assert!(answer.text("h1").contains("expired"));
            assert_eq!(answer.attribute("main a.button", "href"), "/#sign-up");
        }
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Pending);
    }

    async fn a_link_that_was_cut_off_or_made_for_something_else_does_nothing(app: TestApp) {
        app.subscribe(GP).await;
        let link = app.confirm_path(GP).await;
        let unsubscribe = app.unsubscribe_path(GP).await.replace("/u/", "/confirm/");
        for link in [&link[..link.len() - 2], "/confirm/x", unsubscribe.as_str()] {
            assert!(app.get(link).await.expect(404).text("h1").contains("does not work"));
            app.post_form(link, &[]).await.expect(404);
        }
    }

    async fn a_known_address_gets_the_same_page_and_a_message_that_fits(app: TestApp) {
        let new = app.sign_up("somebody@practice.example").await.expect(303);
        app.subscribe(GP).await;
        let known = app.sign_up("Aroha@Practice.example").await.expect(303);
        assert_eq!(new.location(), known.location());
        assert_eq!(new.body, known.body);
        assert_eq!(app.notice_kinds(GP).await, ["confirmation", "welcome", "already-subscribed"]);
        assert_eq!(app.count("subscriber").await, 2);
    }

    async fn what_is_wrong_stands_beside_the_field_and_what_was_typed_is_kept(app: TestApp) {
        let form = [
            ("email", "aroha.practice.example"),
            ("name", "Āroha & Co"),
            ("practice", "Sample “Practice”"),
            ("mcnz_number", "12a"),
            ("region", "northern"),
        ];
        let page = app.post_form("/subscribe", &form).await.expect(422);
        for field in ["email", "mcnz_number", "topics", "consent"] {
            assert!(!page.text(&format!("#{field}-error")).is_empty(), "{field}");
            assert_eq!(page.attribute(&format!(".error-summary a[href='#{field}']"), "href"), format!("#{field}"));
        }
        for (field, value) in &form[..4] {
            assert_eq!(page.attribute(&format!("input[name='{field}']"), "value"), *value);
        }
        assert_eq!(page.attribute("#region option[selected]", "value"), "northern");
        assert_eq!(page.attribute("#email", "aria-invalid"), "true");
        assert_eq!(app.count("subscriber").await, 0);
    }

    async fn names_are_taken_as_their_owners_write_them(app: TestApp) {
        for (number, name) in ["Hinewai", "O’Brien-Ngātā", "Te Rangi Hīroa", "Nguyễn Văn A"].iter().enumerate() {
            let email = format!("gp{number}@practice.example");
            let mut form = form_with("name", name);
            form.retain(|(field, _)| *field != "email");
            form.push(("email", &email));
            app.post_form("/subscribe", &form).await.expect(303);
            assert_eq!(app.subscriber(&email).await.name, *name);
        }
    }

    async fn a_domain_with_macrons_is_kept_as_mail_needs_it(app: TestApp) {
        app.sign_up("info@tepūkenga.ac.nz").await.expect(303);
        assert_eq!(app.subscriber("info@tepūkenga.ac.nz").await.email, "info@xn--tepkenga-szb.ac.nz");
    }

    async fn a_local_part_with_macrons_is_refused_with_an_explanation(app: TestApp) {
        let page = app.post_form("/subscribe", &form_with("email", "āroha@practice.example")).await.expect(422);
        let words = page.text("#email-error");
        assert!(words.contains('@') && words.len() > 40, "{words}");
    }

    async fn a_line_break_in_any_field_is_refused(app: TestApp) {
        let attacks = [
            ("email", "aroha@practice.example\r\nBcc: x@evil.example"),
            ("name", "Āroha\r\nBcc: x@evil.example"),
            ("name", "Āroha\n"),
            ("practice", "Sample\nPractice"),
            ("region", "northern\n"),
            ("role", "gp\r"),
            ("mcnz_number", "123\n45"),
            ("topics", "news\n"),
        ];
        for (field, value) in attacks {
            let page = app.post_form("/subscribe", &form_with(field, value)).await.expect(422);
            assert!(!page.text(&format!("#{field}-error")).is_empty(), "{field}");
        }
        assert_eq!(app.count("subscriber").await, 0);
        assert_eq!(app.count("delivery").await, 0);
    }

    async fn what_is_typed_is_shown_as_text_and_never_as_markup(app: TestApp) {
        let evil = "\"><script>alert(1)</script>";
        let page = app.post_form("/subscribe", &form_with("practice", evil)).await;
        assert!(!page.body.contains("<script>alert"));
        let mut form = form_with("practice", evil);
        form.retain(|(field, _)| *field != "consent");
        let page = app.post_form("/subscribe", &form).await.expect(422);
        assert_eq!(page.attribute("#practice", "value"), evil);
    }

    async fn a_program_that_fills_in_the_hidden_field_gets_the_same_answer_and_nothing_happens(app: TestApp) {
        let mut form = sign_up_form(GP).to_vec();
        form.push(("website", "https://spam.example"));
        assert_eq!(app.post_form("/subscribe", &form).await.expect(303).location(), "/subscribe/sent");
        assert_eq!(app.count("subscriber").await, 0);
    }

    async fn somebody_who_left_comes_back_by_the_form(app: TestApp) {
        app.subscribe(GP).await;
        app.post_form(&app.unsubscribe_path(GP).await, &[]).await.expect(200);
        app.sign_up(GP).await.expect(303);
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Unsubscribed);
        app.post_form(&app.confirm_path(GP).await, &[]).await.expect(200);
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Active);
    }
}
