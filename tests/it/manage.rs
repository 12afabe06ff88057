//! A GP looks after their own subscription.

use std::time::Duration;

use practice_points::domain::subscriber::{Region, SubscriberStatus};

use crate::app::{NOW, TestApp};
use crate::both_databases::on_both_databases;

const GP: &str = "aroha@practice.example";

on_both_databases! {
    async fn a_link_is_mailed_to_known_addresses_and_the_page_tells_nobody_which_are_known(app: TestApp) {
        app.subscribe(GP).await;
        let known = app.post_form("/manage", &[("email", GP)]).await.expect(200);
        let unknown = app.post_form("/manage", &[("email", "nobody@practice.example")]).await.expect(200);
        assert_eq!(known.text("main"), unknown.text("main"));
        assert!(known.text("main").contains("nothing more is sent to an address for a while"));
        assert_eq!(app.notice_kinds(GP).await.last().map(String::as_str), Some("manage-link"));
        assert!(app.notices("nobody@practice.example").await.is_empty());
        app.post_form("/manage", &[("email", "no address")]).await.expect(422);
    }

    async fn the_page_shows_what_is_stored(app: TestApp) {
        app.subscribe(GP).await;
        let page = app.get(&app.manage_path(GP).await).await.expect(200);
        assert!(page.text("main").contains(GP));
        assert_eq!(page.attribute("#name", "value"), "Āroha Sample");
        assert!(page.body.contains("value=\"calcium-score\" checked"));
        assert!(!page.body.contains("value=\"symposium\" checked"));
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("cache-control"), "no-store");
    }

    async fn the_link_ends_after_half_an_hour(app: TestApp) {
        app.subscribe(GP).await;
        let link = app.manage_path(GP).await;
        app.app.clock.advance(Duration::from_secs(31 * 60));
        let page = app.get(&link).await.expect(410);
        assert_eq!(page.attribute("main a.button", "href"), "/manage");
        app.post_form(&format!("{link}/leave"), &[]).await.expect(410);
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Active);
        app.get(&app.unsubscribe_path(GP).await.replace("/u/", "/manage/")).await.expect(404);
    }

    async fn topics_and_details_are_changed_and_said_so_once(app: TestApp) {
        app.subscribe(GP).await;
        let link = app.manage_path(GP).await;
        let answer = app.post_form(&format!("{link}/topics"), &[("topics", "symposium")]).await.expect(303);
        assert_eq!(answer.location(), link);
        let page = app.get(&link).await.expect(200);
        assert_eq!(page.text(".flash"), "Your topics are saved.");
        assert!(page.body.contains("value=\"symposium\" checked") && !page.body.contains("value=\"news\" checked"));
        assert_eq!(app.get(&link).await.text(".flash"), "");

        let details = [("name", "Aroha Sample-Ngata"), ("region", "te-waipounamu"), ("mcnz_number", "12345")];
        app.post_form(&format!("{link}/details"), &details).await.expect(303);
        let subscriber = app.subscriber(GP).await;
        assert_eq!(subscriber.name, "Aroha Sample-Ngata");
        assert_eq!(subscriber.region, Some(Region::TeWaipounamu));
        assert_eq!(subscriber.mcnz_number.as_deref(), Some("12345"));
    }

    async fn wrong_details_come_back_with_what_was_typed(app: TestApp) {
        app.subscribe(GP).await;
        let link = app.manage_path(GP).await;
        let page = app.post_form(&format!("{link}/details"), &[("name", "www.spam.example"), ("practice", "Mine")]).await.expect(422);
        assert!(!page.text("#name-error").is_empty());
        assert_eq!(page.attribute("#practice", "value"), "Mine");
        assert_eq!(app.subscriber(GP).await.name, "Āroha Sample");
    }

    async fn bulletins_are_paused_until_a_day_and_resumed(app: TestApp) {
        app.subscribe(GP).await;
        let link = app.manage_path(GP).await;
        app.post_form(&format!("{link}/pause"), &[("until", "2026-12-24")]).await.expect(303);
        let until = app.subscriber(GP).await.paused_until.unwrap();
        assert_eq!(practice_points::domain::local_time::input_value(until), "2026-12-24T00:00");
        assert!(app.get(&link).await.text(".notice").contains("24 December 2026"));
        app.post_form(&format!("{link}/resume"), &[]).await.expect(303);
        assert_eq!(app.subscriber(GP).await.paused_until, None);
        for wrong in ["", "yesterday", "2026-11-22", "2029-01-01", "2026-02-30"] {
            let page = app.post_form(&format!("{link}/pause"), &[("until", wrong)]).await.expect(422);
            assert!(!page.text("#until-error").is_empty(), "{wrong}");
            assert_eq!(page.attribute("#until", "value"), wrong);
        }
        assert!(NOW < until);
    }

    async fn who_wants_no_topic_at_all_is_asked_whether_to_leave(app: TestApp) {
        app.subscribe(GP).await;
        let link = app.manage_path(GP).await;
        let page = app.post_form(&format!("{link}/topics"), &[]).await.expect(422);
        assert!(page.text("#topics-error").contains("or unsubscribe"), "{}", page.text("main"));
        assert!(!page.body.contains("value=\"news\" checked"), "what was unticked stays so");
        assert_eq!(page.attribute("section.card form[action$='/leave']", "action"), format!("{link}/leave"));
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Active);
        assert!(app.get(&link).await.body.contains("value=\"news\" checked"), "and nothing is saved");
        app.post_form(&format!("{link}/topics"), &[("topics", "no-such-topic")]).await.expect(422);
    }

    async fn who_has_left_chooses_topics_by_signing_up_again(app: TestApp) {
        app.subscribe(GP).await;
        let link = app.manage_path(GP).await;
        app.post_form(&format!("{link}/leave"), &[]).await.expect(303);
        let page = app.get(&link).await.expect(200);
        assert_eq!(page.attribute("form[action$='/topics']", "action"), "");
        assert_eq!(page.attribute("section.card a.button", "href"), "/#sign-up");
        let refused = app.post_form(&format!("{link}/topics"), &[("topics", "news")]).await.expect(409);
        assert!(refused.text("main").contains("sign up again"), "{}", refused.text("main"));
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Unsubscribed);
    }

    async fn leaving_is_undone_for_an_hour(app: TestApp) {
        app.subscribe(GP).await;
        let link = app.manage_path(GP).await;
        let undo = format!("{link}/undo");
        assert_eq!(app.get(&link).await.attribute("form[action$='/undo']", "action"), "");
        app.post_form(&format!("{link}/leave"), &[]).await.expect(303);
        assert_eq!(app.get(&link).await.expect(200).attribute("form[action$='/undo']", "action"), undo);
        app.post_form(&undo, &[]).await.expect(303);
        assert!(app.get(&link).await.text(".flash").contains("bulletins come again"));
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Active);

        app.post_form(&format!("{link}/leave"), &[]).await.expect(303);
        app.app.clock.advance(Duration::from_secs(61 * 60));
        let link = app.manage_path(GP).await;
        assert_eq!(app.get(&link).await.expect(200).attribute("form[action$='/undo']", "action"), "");
        app.post_form(&format!("{link}/undo"), &[]).await.expect(303);
        assert!(app.get(&link).await.text(".flash").contains("no longer be undone"));
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Unsubscribed);
    }

    async fn everything_stored_can_be_downloaded(app: TestApp) {
        app.subscribe(GP).await;
        let link = app.manage_path(GP).await;
        let answer = app.get(&format!("{link}/data.json")).await.expect(200);
        assert!(answer.header("content-disposition").starts_with("attachment"));
        let data: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(data["email"], GP);
        assert_eq!(data["topics"], serde_json::json!(["News", "Calcium score"]));
        assert_eq!(data["consent"].as_array().unwrap().len(), 2);
        assert_eq!(data["messages"].as_array().unwrap().len(), 2);
    }

    async fn leaving_needs_one_click_and_erasing_a_tick(app: TestApp) {
        app.subscribe(GP).await;
        let link = app.manage_path(GP).await;
        app.post_form(&format!("{link}/leave"), &[]).await.expect(303);
        assert_eq!(app.subscriber(GP).await.status, SubscriberStatus::Unsubscribed);
        let page = app.post_form(&format!("{link}/erase"), &[]).await.expect(422);
        assert!(!page.text("#confirm-error").is_empty());
        let id = app.subscriber(GP).await.id;
        app.post_form(&format!("{link}/erase"), &[("confirm", "yes")]).await.expect(200);
        assert!(app.find_subscriber(GP).await.is_none());
        let stored = app.app.store.read(move |db| practice_points::store::subscribers::get(db, id)).await.unwrap();
        assert_eq!((stored.name.as_str(), stored.email.as_str()), ("", ""));
        app.get(&link).await.expect(404);
    }
}
