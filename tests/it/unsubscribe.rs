//! A GP leaves, by the page and by the button of a mail program.

use std::time::Duration;

use practice_points::domain::consent::{Channel, ConsentKind};
use practice_points::domain::staff_member::StaffRole;
use practice_points::domain::subscriber::SubscriberStatus;
use practice_points::store::{consent_events, topics};
use reqwest::Method;

use crate::app::TestApp;
use crate::both_databases::on_both_databases;

const GP: &str = "aroha@practice.example";

async fn status(app: &TestApp) -> SubscriberStatus {
    app.subscriber(GP).await.status
}

async fn leavings(app: &TestApp) -> Vec<Channel> {
    let id = app.subscriber(GP).await.id;
    let events = app
        .app
        .store
        .read(move |db| consent_events::of(db, id))
        .await
        .unwrap();
    let left = events
        .into_iter()
        .filter(|event| event.kind == ConsentKind::Unsubscribed);
    left.map(|event| event.channel).collect()
}

async fn chosen(app: &TestApp) -> Vec<String> {
    let id = app.subscriber(GP).await.id;
    let chosen = app
        .app
        .store
        .read(move |db| topics::chosen_by(db, id))
        .await
        .unwrap();
    chosen.into_iter().map(|topic| topic.slug).collect()
}

on_both_databases! {
    async fn opening_the_link_changes_nothing_and_shows_a_masked_address(app: TestApp) {
        app.subscribe(GP).await;
        let link = app.unsubscribe_path(GP).await;
        let page = app.get(&link).await.expect(200);
        assert!(page.text("main").contains("a…@practice.example"));
        assert!(!page.body.contains(GP), "the whole address is on the page");
        app.send(app.request(Method::HEAD, &link)).await.expect(200);
        assert_eq!(status(&app).await, SubscriberStatus::Active);
    }

    async fn the_button_unsubscribes_and_the_page_offers_to_undo(app: TestApp) {
        app.subscribe(GP).await;
        let link = app.unsubscribe_path(GP).await;
        let page = app.post_form(&link, &[]).await.expect(200);
        assert_eq!(page.text("h1"), "You are unsubscribed");
        assert_eq!(page.attribute("main form", "action"), format!("{link}/undo"));
        assert_eq!(status(&app).await, SubscriberStatus::Unsubscribed);
        assert_eq!(leavings(&app).await, [Channel::MailedLink]);
        assert!(app.get(&link).await.expect(200).text("h1").contains("left already"));
    }

    /// The Act wants it acted on whatever the state of the address is (Unsolicited Electronic Messages Act 2007, s 9).
    async fn who_leaves_while_suspended_has_left_when_the_suspension_is_lifted(app: TestApp) {
        let id = app.subscribe(GP).await.id;
        let link = app.unsubscribe_path(GP).await;
        let staff = app.other_browser();
        staff.sign_in_as(StaffRole::Publisher).await;
        let path = format!("/staff/subscribers/{id}");
        staff.post_form(&format!("{path}/suspend"), &[("reason", "The mailbox is full")]).await.expect(303);
        for _ in 0..2 {
            assert_eq!(app.post_form(&link, &[]).await.expect(200).text("h1"), "You are unsubscribed");
        }
        assert_eq!(leavings(&app).await.len(), 1);
        staff.post_form(&format!("{path}/reinstate"), &[]).await.expect(303);
        assert_eq!(status(&app).await, SubscriberStatus::Unsubscribed);
    }

    async fn what_staff_ended_is_not_begun_again_by_a_link(app: TestApp) {
        let id = app.subscribe(GP).await.id;
        let link = app.unsubscribe_path(GP).await;
        let staff = app.other_browser();
        staff.sign_in_as(StaffRole::Publisher).await;
        staff.post_form(&format!("/staff/subscribers/{id}/unsubscribe"), &[]).await.expect(303);
        app.post_form(&format!("{link}/undo"), &[]).await.expect(200);
        assert_eq!(status(&app).await, SubscriberStatus::Unsubscribed);
    }

    async fn a_second_click_on_unsubscribe_changes_nothing(app: TestApp) {
        app.subscribe(GP).await;
        let link = app.unsubscribe_path(GP).await;
        for _ in 0..3 {
            app.post_form(&link, &[]).await.expect(200);
        }
        assert_eq!(leavings(&app).await.len(), 1);
    }

    async fn one_click_works_urlencoded_and_as_multipart_without_cookie_or_origin(app: TestApp) {
        let multipart = "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n";
        let bodies = [
            ("application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"),
            ("multipart/form-data; boundary=b", multipart),
        ];
        for (content_type, body) in bodies {
            app.subscribe(GP).await;
            let link = app.unsubscribe_path(GP).await;
            let request = app.request(Method::POST, &link).header("Content-Type", content_type).body(body);
            let answer = app.send(request).await.expect(200);
            assert!(answer.headers.get("set-cookie").is_none());
            assert_eq!(answer.location(), "");
            assert_eq!(status(&app).await, SubscriberStatus::Unsubscribed, "{content_type}");
            assert_eq!(leavings(&app).await.last(), Some(&Channel::OneClick));
        }
    }

    async fn one_click_takes_any_body_and_any_place_it_comes_from(app: TestApp) {
        let garbage = vec![0xFF_u8; 200_000];
        for (content_type, body) in [("", vec![]), ("application/json", b"{".to_vec()), ("multipart/form-data", garbage)] {
            app.subscribe(GP).await;
            let link = app.unsubscribe_path(GP).await;
            let request = app
                .request(Method::POST, &link)
                .header("Content-Type", content_type)
                .header("Origin", "https://mail.example")
                .header("Sec-Fetch-Site", "cross-site")
                .body(body);
            app.send(request).await.expect(200);
            assert_eq!(status(&app).await, SubscriberStatus::Unsubscribed, "{content_type}");
        }
    }

    async fn an_unknown_token_is_answered_neutrally_and_with_200(app: TestApp) {
        let answers = [
            app.get("/u/nonsense").await,
            app.post_form("/u/nonsense", &[]).await,
            app.send(app.request(Method::POST, "/u/nonsense").body("List-Unsubscribe=One-Click")).await,
        ];
        for answer in answers {
            assert!(answer.expect(200).text("main").contains("No subscription belongs to this link"));
        }
    }

    async fn a_link_for_another_purpose_unsubscribes_nobody(app: TestApp) {
        app.subscribe(GP).await;
        let manage = app.manage_path(GP).await.replace("/manage/", "/u/");
        app.post_form(&manage, &[]).await.expect(200);
        assert_eq!(status(&app).await, SubscriberStatus::Active);
    }

    async fn leaving_can_be_undone_for_an_hour(app: TestApp) {
        app.subscribe(GP).await;
        let link = app.unsubscribe_path(GP).await;
        app.post_form(&link, &[]).await.expect(200);
        assert_eq!(app.post_form(&format!("{link}/undo"), &[]).await.expect(200).text("h1"), "Welcome back");
        assert_eq!(status(&app).await, SubscriberStatus::Active);
        assert_eq!(chosen(&app).await, ["news", "calcium-score"]);

        app.post_form(&link, &[]).await.expect(200);
        app.app.clock.advance(Duration::from_secs(2 * 60 * 60));
        let page = app.post_form(&format!("{link}/undo"), &[]).await.expect(200);
        assert!(page.text("h1").contains("left already"));
        assert_eq!(status(&app).await, SubscriberStatus::Unsubscribed);
    }

    async fn some_topics_can_be_kept_and_none_be_added(app: TestApp) {
        app.subscribe(GP).await;
        let link = app.unsubscribe_path(GP).await;
        let page = app.get(&link).await.expect(200);
        assert_eq!(page.attribute("form[action$='/keep']", "action"), format!("{link}/keep"));
        let keep = [("topics", "calcium-score"), ("topics", "symposium")];
        let page = app.post_form(&format!("{link}/keep"), &keep).await.expect(200);
        assert!(page.text("main").contains("Calcium score"));
        assert_eq!(chosen(&app).await, ["calcium-score"]);
        assert_eq!(status(&app).await, SubscriberStatus::Active);
        app.post_form(&format!("{link}/keep"), &[]).await.expect(200);
        assert_eq!(status(&app).await, SubscriberStatus::Unsubscribed);
    }

    async fn the_page_is_for_nobody_elses_eyes(app: TestApp) {
        app.subscribe(GP).await;
        let page = app.get(&app.unsubscribe_path(GP).await).await.expect(200);
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
        assert_eq!(page.header("x-robots-tag"), "noindex");
    }
}
