//! Staff who sign in, or choose a new password, by a link in a message.

use std::time::Duration;

use practice_points::app::sign_in::by_mail::Wish;
use practice_points::domain::staff_member::{StaffLinkId, StaffRole};
use practice_points::store::staff_links;
use practice_points::worker::Worker;

use crate::app::{PASSWORD, TestApp, path_of};
use crate::authenticator::set_up;
use crate::both_databases::{Database, on_both_databases};
use crate::messages_and_links::{link, message_with};

const OWNER: &str = "owner@clinic.example";
const NEW: &str = "kereru in the puriri";

/// A browser that asked for a link, and the link's path.
async fn asked(app: &TestApp, wish: Wish) -> (TestApp, String) {
    let browser = app.other_browser();
    let page = match wish {
        Wish::SignIn => "/staff/sign-in/link",
        Wish::NewPassword => "/staff/sign-in/password",
    };
    browser.get(page).await.expect(200);
    browser
        .post_form(page, &[("email", OWNER)])
        .await
        .expect(200);
    let newest = app.notices(OWNER).await.pop().unwrap();
    let id = StaffLinkId(newest.reference_id.unwrap());
    let found = app
        .app
        .store
        .read(move |db| staff_links::get(db, id))
        .await
        .unwrap();
    (
        browser,
        path_of(&app.app.staff_link_url(wish, id, found.expires_at)),
    )
}

on_both_databases! {
    async fn a_link_signs_in_once_in_the_browser_that_asked(app: TestApp) {
        let _worker = Worker::start(&app.app).unwrap();
        app.add_staff(OWNER, StaffRole::Owner).await;
        let (browser, path) = asked(&app, Wish::SignIn).await;
        assert_eq!(link(&message_with(&app, "/sign-in/").await, "/sign-in/"), path);

        // A scanner, or somebody to whom the message was forwarded.
        let other = app.other_browser();
        let page = other.get(&path).await.expect(200);
        assert!(page.text("h1").contains("other browser") && !page.body.contains("<form method=\"post\" action=\"/sign-in/"));
        other.post_form(&path, &[]).await.expect(404);
        other.get("/staff").await.expect(303);

        for _ in 0..2 {
            assert!(browser.get(&path).await.expect(200).text("h1").contains("Sample Owner"));
        }
        assert_eq!(browser.post_form(&path, &[]).await.expect(303).location(), "/staff");
        browser.get("/staff").await.expect(200);
        browser.post_form(&path, &[]).await.expect(410);
        // Without the password, what changes accounts asks for it.
        assert!(browser.get("/staff/account/second-factor").await.expect(303).location().contains("/confirm?"));
    }

    async fn the_answer_is_the_same_for_everybody(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        for page in ["/staff/sign-in/link", "/staff/sign-in/password"] {
            let known = app.other_browser().post_form(page, &[("email", OWNER)]).await.expect(200);
            let unknown = app.other_browser().post_form(page, &[("email", "nobody@clinic.example")]).await.expect(200);
            assert_eq!(known.text("main"), unknown.text("main"));
            assert_eq!(known.header("set-cookie").len(), unknown.header("set-cookie").len());
            assert!(!app.post_form(page, &[("email", "x")]).await.expect(422).text("#email-error").is_empty());
        }
        assert_eq!(app.notice_kinds(OWNER).await, ["staff-sign-in-link", "staff-password-link"]);
        assert!(app.notices("nobody@clinic.example").await.is_empty());
    }

    async fn a_second_factor_is_still_asked_for(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        app.sign_in(OWNER, PASSWORD).await.expect(303);
        let (phone, _) = set_up(&app).await;
        app.app.clock.advance(Duration::from_secs(30));
        let (browser, path) = asked(&app, Wish::SignIn).await;
        assert_eq!(browser.post_form(&path, &[]).await.expect(303).location(), "/staff/sign-in/code");
        browser.get("/staff").await.expect(303);
        browser.post_form("/staff/sign-in/code", &[("code", &phone.now(&app))]).await.expect(303);
        browser.get("/staff").await.expect(200);
    }

    async fn a_forgotten_password_is_chosen_anew(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        app.sign_in(OWNER, PASSWORD).await.expect(303);
        let (browser, path) = asked(&app, Wish::NewPassword).await;
        assert!(path.starts_with("/new-password/"));
        // One kind of link is not the other.
        browser.post_form(&path.replace("/new-password/", "/sign-in/"), &[]).await.expect(404);
        app.other_browser().post_form(&path, &[("password", NEW)]).await.expect(404);
        let short = browser.post_form(&path, &[("password", "short")]).await.expect(422);
        assert!(!short.text("#password-error").is_empty());
        app.get("/staff").await.expect(200);
        let done = browser.post_form(&path, &[("password", NEW)]).await.expect(303);
        assert_eq!(done.location(), "/staff/sign-in");
        app.get("/staff").await.expect(303);
        browser.post_form(&path, &[("password", PASSWORD)]).await.expect(410);
        browser.sign_in(OWNER, PASSWORD).await.expect(422);
        browser.sign_in(OWNER, NEW).await.expect(303);
        assert!(browser.get("/staff/audit").await.expect(200).text("tbody").contains("Chose a new password by a mailed link"));
    }

    async fn links_end_with_their_time_and_with_a_new_password(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        app.sign_in(OWNER, PASSWORD).await.expect(303);
        let (browser, path) = asked(&app, Wish::SignIn).await;
        app.app.clock.advance(Duration::from_secs(15 * 60 + 1));
        browser.get(&path).await.expect(410);
        browser.post_form(&path, &[]).await.expect(410);
        let (browser, path) = asked(&app, Wish::SignIn).await;
        let form = [("current_password", PASSWORD), ("new_password", NEW)];
        app.post_form("/staff/account/password", &form).await.expect(303);
        browser.post_form(&path, &[]).await.expect(410);
        browser.get("/staff").await.expect(303);
    }

    async fn an_inbox_gets_three_a_day_whoever_asks(app: TestApp) {
        app.add_staff(OWNER, StaffRole::Owner).await;
        for _ in 0..5 {
            app.other_browser().post_form("/staff/sign-in/link", &[("email", OWNER)]).await.expect(200);
        }
        assert_eq!(app.notices(OWNER).await.len(), 3);
    }
}

#[tokio::test]
async fn a_setting_leaves_the_password_alone() {
    let settings = [("staff.sign_in_links", "false")];
    let app =
        TestApp::start_with(Database::Sqlite, "http://points.clinic.example", &settings).await;
    app.add_staff(OWNER, StaffRole::Owner).await;
    assert!(
        !app.get("/staff/sign-in")
            .await
            .expect(200)
            .body
            .contains("/staff/sign-in/link")
    );
    app.get("/staff/sign-in/link").await.expect(404);
    app.post_form("/staff/sign-in/link", &[("email", OWNER)])
        .await
        .expect(404);
    assert!(app.notices(OWNER).await.is_empty());
    app.get("/staff/sign-in/password").await.expect(200);
}
